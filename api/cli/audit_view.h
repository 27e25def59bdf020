// An audit's report (storage/audit/report.h) laid out for people: a verdict, and sections of rows.
// Text, the HTML page and JSON are made of it or beside it. Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "api/cli/json.h"
#include "api/cli/table.h"
#include "storage/audit/report.h"

namespace lumbung::cli {

struct AuditSection {
  std::string title;
  std::string note;  // below the title; may be empty
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

struct AuditView {
  bool all_well = false;  // nothing was found, and all could be read
  std::string verdict;    // one sentence
  std::string subject;    // what was audited, and how far
  std::vector<AuditSection> sections;
};

// `name` is that of the ledger (a folder, a file, a server). Lists are cut after `most_rows`, which
// their notes say.
AuditView ViewOf(const audit::Report& report, const std::string& name, size_t most_rows);

std::string AuditAsText(const AuditView& view);
// A page that needs nothing else: no network, no script; it can be printed.
std::string AuditAsHtml(const AuditView& view);
Json AuditAsJson(const audit::Report& report, const std::string& name);

// `chain`, `rules`, …: the names of the checks in JSON, and in words.
std::string NameOf(audit::Check check);
std::string NameOf(audit::CheckEnd end);

}  // namespace lumbung::cli
