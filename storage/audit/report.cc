#include "storage/audit/report.h"

#include <algorithm>
#include <utility>

namespace lumbung::audit {

bool Report::complete() const {
  return std::ranges::find(checks, CheckEnd::kUnread, &CheckResult::end) == std::end(checks);
}

void Add(Report& report, Finding finding) {
  ++report.finding_count;
  report.of(finding.check).end = CheckEnd::kFailed;
  const auto place = std::ranges::upper_bound(report.findings, finding.first, {}, &Finding::first);
  report.findings.insert(place, std::move(finding));
  if (report.findings.size() > kMostFindings) report.findings.pop_back();
}

void Stop(Report& report, Check check) {
  CheckResult& result = report.of(check);
  if (result.end == CheckEnd::kPassed) result.end = CheckEnd::kStopped;
}

void MarkUnread(Report& report, Check check, std::string reason) {
  CheckResult& result = report.of(check);
  if (result.end != CheckEnd::kFailed) result.end = CheckEnd::kUnread;
  result.note = std::move(reason);
}

}  // namespace lumbung::audit
