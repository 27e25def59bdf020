#include "bench/day/report.h"

#include <string>

#include <fmt/format.h>

#include "bench/day/ledger_check.h"
#include "bench/day/patient_call.h"
#include "bench/day/record_line.h"
#include "bench/day/rupiah.h"

namespace lumbung {

namespace {

void PrintLine(std::string_view name, const std::string& value) {
  fmt::print("  {:<24}{:>12}\n", name, value);
}

void PrintLatency(std::string_view name, const LatencyHistogram& histogram) {
  if (histogram.count() == 0) return;
  fmt::print("  {:<24}{:>12}   p50 {:.2f} ms, p99 {:.2f} ms\n", name,
             FormatCount(histogram.count()),
             static_cast<double>(histogram.PercentileNs(0.50)) / 1e6,
             static_cast<double>(histogram.PercentileNs(0.99)) / 1e6);
}

absl::Status ReadTrialBalance(Transport& transport, CooperativeId cooperative,
                              std::chrono::seconds reconnect, v1::GetTrialBalanceReply& reply) {
  v1::GetTrialBalanceRequest request;
  request.set_cooperative(cooperative.value());
  return CallPatiently(transport, reconnect, "reading a trial balance",
                       [&](grpc::ClientContext& context) {
                         return transport.ledger().GetTrialBalance(&context, request, &reply);
                       });
}

// Empty where there is nothing, as books are written.
std::string Column(int64_t amount) { return amount == 0 ? "" : FormatRupiah(Amount{amount}); }

void PrintLines(const v1::GetTrialBalanceReply& balance) {
  fmt::print("\nNeraca saldo (trial balance) of {} after entry {}\n\n", balance.name(),
             balance.as_of_sequence());
  fmt::print("  {:<5} {:<38} {:>22} {:>22}\n", "Kode", "Akun", "Debit", "Kredit");
  for (const v1::TrialBalanceLine& line : balance.lines()) {
    if (line.debit() == 0 && line.credit() == 0) continue;
    fmt::print("  {:<5} {:<38} {:>22} {:>22}\n", line.code(), line.name_id(), Column(line.debit()),
               Column(line.credit()));
  }
  fmt::print("  {:<5} {:<38} {:>22} {:>22}\n", "", "Jumlah",
             FormatRupiah(Amount{balance.total_debit()}),
             FormatRupiah(Amount{balance.total_credit()}));
}

}  // namespace

void PrintTally(const Tally& tally, int64_t duration_ns) {
  const double seconds = static_cast<double>(duration_ns) / 1e9;
  const uint64_t answered = tally.accepted + tally.declined_in_all();
  fmt::print("\nWhat happened\n\n");
  PrintLine("accepted", FormatCount(tally.accepted));
  PrintLine("declined", FormatCount(tally.declined_in_all()));
  for (const auto& [outcome, count] : tally.declined) {
    PrintLine(fmt::format("  {}", OutcomeName(outcome)), FormatCount(count));
  }
  PrintLine("duplicates", FormatCount(tally.duplicates));
  PrintLine("conflicts", FormatCount(tally.conflicts));
  PrintLine("reads", FormatCount(tally.reads));
  if (tally.times_away > 0) {
    PrintLine("server went away", FormatCount(tally.times_away));
    PrintLine("sent again", FormatCount(tally.sent_again));
  }
  if (tally.full > 0) PrintLine("server was full", FormatCount(tally.full));
  fmt::print("  {:<24}{:>12.0f}   in {:.1f} s\n", "transactions/s",
             static_cast<double>(answered) / seconds, seconds);
  PrintLatency("calls of one", tally.unary);
  PrintLatency("batches", tally.batch);
  PrintLatency("look-ups", tally.read);
  for (const std::string& problem : tally.problems) fmt::print("  WRONG: {}\n", problem);
  if (tally.problem_count > tally.problems.size()) {
    fmt::print("  WRONG: {} more\n", tally.problem_count - tally.problems.size());
  }
}

void PrintAudit(const AuditResult& result) {
  if (result.sent_again > 0) {
    fmt::print("  {} transactions were never answered; sent again under the same ids\n",
               FormatCount(result.sent_again));
  }
  fmt::print("  {} transactions in the ledger, {}; {} of {} in the record confirmed\n",
             FormatCount(result.in_ledger), TwiceText(result.twice), FormatCount(result.confirmed),
             FormatCount(result.recorded));
  for (const std::string& message : result.messages) fmt::print("  WRONG: {}\n", message);
  if (result.differences > 0) {
    fmt::print("  the ledger and the record differ in {} places\n",
               FormatCount(result.differences));
  }
}

absl::Status PrintTrialBalances(Transport& transport, const std::vector<CooperativePlan>& region,
                                std::chrono::seconds reconnect) {
  std::vector<std::string> unbalanced;
  for (const CooperativePlan& plan : region) {
    v1::GetTrialBalanceReply balance;
    const absl::Status status = ReadTrialBalance(transport, plan.id, reconnect, balance);
    if (!status.ok()) return status;
    int64_t debit = 0;
    int64_t credit = 0;
    for (const v1::TrialBalanceLine& line : balance.lines()) {
      debit += line.debit();
      credit += line.credit();
    }
    if (&plan == &region.front()) {
      PrintLines(balance);
      fmt::print("\nDebits and credits of each cooperative\n\n");
    }
    const bool balanced =
        debit == credit && debit == balance.total_debit() && credit == balance.total_credit();
    fmt::print("  {:<5} {:<20} {:>22} {} {:>22}\n", plan.id.value(), plan.name,
               FormatRupiah(Amount{debit}), balanced ? "=" : "≠", FormatRupiah(Amount{credit}));
    if (!balanced) unbalanced.push_back(plan.name);
  }
  if (unbalanced.empty()) return absl::OkStatus();
  return absl::DataLossError(fmt::format("the books of {} cooperatives don't balance, of {} first",
                                         unbalanced.size(), unbalanced.front()));
}

absl::Status PrintStateHash(Transport& transport, std::chrono::seconds reconnect) {
  v1::GetStatusRequest request;
  request.set_state_hash(true);
  v1::GetStatusReply reply;
  const absl::Status status = CallPatiently(
      transport, reconnect, "asking for the status", [&](grpc::ClientContext& context) {
        return transport.admin().GetStatus(&context, request, &reply);
      });
  if (!status.ok()) return status;
  std::string hex;
  for (const unsigned char byte : reply.state_hash()) hex += fmt::format("{:02x}", byte);
  fmt::print("\nState after entry {}: {}\n", reply.last_sequence(), hex);
  return absl::OkStatus();
}

}  // namespace lumbung
