#include "api/cli/json.h"

#include <fmt/format.h>

#include "api/cli/format.h"

namespace lumbung::cli {
namespace {

// The money fields of a message that may be absent.
void PutOptionalMoney(Json& json, const std::string& key, bool present, int64_t minor_units) {
  if (present) PutMoney(json, key, minor_units);
}

void PutText(Json& json, const std::string& key, const std::string& text) {
  if (!text.empty()) json[key] = text;
}

Json NullIfEmpty(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

std::string Hex(const std::string& bytes) {
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

void PutFact(Json& json, const v1::Entry& entry) {
  json["fact"] = NameOf(entry.fact());
  json["account"] = FormatAccount(entry.debit_account());
  PutText(json, "name", entry.name());
  if (entry.has_limits()) json["limits"] = ToJson(entry.limits());
  if (entry.has_policy()) json["policy"] = ToJson(entry.policy());
  if (entry.fact() == v1::FACT_ACCOUNT_STATUS_SET) json["status"] = NameOf(entry.status());
}

void PutLeg(Json& json, const v1::Entry& entry) {
  json["kind"] = NameOf(entry.kind());
  json["debit_account"] = NullIfEmpty(FormatAccount(entry.debit_account()));
  json["credit_account"] = NullIfEmpty(FormatAccount(entry.credit_account()));
  PutMoney(json, "amount", entry.amount());
  PutMoney(json, "debit_balance", entry.debit_balance());
  PutMoney(json, "credit_balance", entry.credit_balance());
  json["debit_previous"] = entry.debit_previous();
  json["credit_previous"] = entry.credit_previous();
  json["leg_index"] = entry.leg_index();
  json["leg_count"] = entry.leg_count();
  if (entry.related_sequence() != 0) json["related_sequence"] = entry.related_sequence();
  if (entry.has_related_id()) json["related_id"] = FormatId(entry.related_id());
  if (entry.deadline_s() != 0) PutTime(json, "deadline", entry.deadline_s() * 1'000'000'000LL);
  for (const auto& [key, set] : {std::pair{"by_rule", entry.by_rule()},
                                 {"fee", entry.fee()},
                                 {"part", entry.part()},
                                 {"clearing", entry.clearing()},
                                 {"cause", entry.cause()}}) {
    if (set) json[key] = true;
  }
}

}  // namespace

void PutMoney(Json& json, const std::string& key, int64_t minor_units) {
  json[key] = minor_units;
  json[key + "_text"] = FormatMoney(Amount{minor_units});
}

void PutTime(Json& json, const std::string& key, int64_t nanoseconds) {
  json[key] = NullIfEmpty(FormatTimeUtc(Timestamp{nanoseconds}));
  json[key + "_ns"] = nanoseconds == 0 ? Json(nullptr) : Json(nanoseconds);
}

Json ToJson(const v1::TransactionResult& result) {
  Json json;
  json["outcome"] = NameOf(result.outcome());
  json["outcome_number"] = static_cast<int>(result.outcome());
  json["duplicate"] = result.duplicate();
  json["sequence"] = result.sequence();
  json["leg_count"] = result.leg_count();
  PutTime(json, "timestamp", result.timestamp_ns());
  PutText(json, "field", result.field());
  PutText(json, "message", result.message());
  return json;
}

Json ToJson(const v1::Entry& entry) {
  Json json;
  json["sequence"] = entry.sequence();
  PutTime(json, "timestamp", entry.timestamp_ns());
  json["id"] = NullIfEmpty(FormatId(entry.id()));
  json["step"] = NameOf(entry.step());
  json["outcome"] = NameOf(entry.outcome());
  if (entry.step() == v1::STEP_FACT) {
    PutFact(json, entry);
  } else {
    PutLeg(json, entry);
  }
  if (entry.reference() != 0) json["reference"] = entry.reference();
  PutText(json, "text", entry.text());
  if (entry.has_evidence()) json["evidence"] = ToJson(entry.evidence());
  return json;
}

Json ToJson(const v1::Account& account) {
  Json json;
  json["account"] = FormatAccount(account.account());
  json["name"] = account.name();
  json["asset"] = account.asset();
  json["status"] = NameOf(account.status());
  json["normal_side"] = account.credit_normal() ? "CREDIT" : "DEBIT";
  PutMoney(json, "balance", account.balance());
  PutMoney(json, "held", account.held());
  PutMoney(json, "available", account.available());
  PutMoney(json, "debits_posted", account.debits_posted());
  PutMoney(json, "credits_posted", account.credits_posted());
  json["limits"] = ToJson(account.limits());
  json["last_sequence"] = account.last_sequence();
  PutTime(json, "last_timestamp", account.last_timestamp_ns());
  json["last_business_date"] = NullIfEmpty(account.last_business_date());
  return json;
}

Json ToJson(const v1::Limits& limits) {
  Json json = Json::object();
  PutOptionalMoney(json, "floor", limits.has_floor(), limits.floor());
  PutOptionalMoney(json, "ceiling", limits.has_ceiling(), limits.ceiling());
  PutOptionalMoney(json, "per_transaction", limits.has_per_transaction(), limits.per_transaction());
  PutOptionalMoney(json, "per_day", limits.has_per_day(), limits.per_day());
  return json;
}

Json ToJson(const v1::Policy& policy) {
  Json json;
  json["vat_basis_points"] = policy.vat_basis_points();
  json["platform_fee_basis_points"] = policy.platform_fee_basis_points();
  json["mdr_basis_points"] = policy.mdr_basis_points();
  PutMoney(json, "mdr_free_up_to", policy.mdr_free_up_to());
  PutMoney(json, "transfer_fee", policy.transfer_fee());
  return json;
}

Json ToJson(const v1::Evidence& evidence) {
  Json json = Json::object();
  json["branch"] = evidence.branch();
  json["terminal"] = evidence.terminal();
  json["operator_id"] = evidence.operator_id();
  json["terminal_sequence"] = evidence.terminal_sequence();
  json["device_time_s"] = evidence.device_time_s();
  return json;
}

Json ToJson(const v1::OpenResult& result) {
  Json json;
  json["outcome"] = NameOf(result.outcome());
  PutText(json, "message", result.message());
  return json;
}

Json ToJson(const v1::Cooperative& cooperative) {
  Json json;
  json["cooperative"] = cooperative.number();
  json["name"] = cooperative.name();
  json["zone"] = ZoneName(static_cast<int16_t>(cooperative.zone_minutes()));
  json["zone_minutes"] = cooperative.zone_minutes();
  json["policy"] = ToJson(cooperative.policy());
  json["opened_sequence"] = cooperative.opened_sequence();
  PutTime(json, "opened", cooperative.opened_ns());
  return json;
}

Json ToJson(const v1::Branch& branch) {
  Json json;
  json["cooperative"] = branch.cooperative();
  json["branch"] = branch.number();
  json["name"] = branch.name();
  json["opened_sequence"] = branch.opened_sequence();
  return json;
}

Json ToJson(const v1::Terminal& terminal) {
  Json json;
  json["cooperative"] = terminal.cooperative();
  json["terminal"] = terminal.number();
  json["branch"] = terminal.branch();
  json["name"] = terminal.name();
  json["opened_sequence"] = terminal.opened_sequence();
  return json;
}

Json ToJson(const v1::StatementLine& line) {
  Json json;
  json["side"] = line.debit() ? "DEBIT" : "CREDIT";
  PutMoney(json, "change", line.change());
  PutMoney(json, "balance", line.balance());
  json["entry"] = ToJson(line.entry());
  return json;
}

Json ToJson(const v1::GetTrialBalanceReply& reply) {
  Json json;
  json["cooperative"] = reply.cooperative();
  json["name"] = reply.name();
  PutTime(json, "timestamp", reply.timestamp_ns());
  json["as_of_sequence"] = reply.as_of_sequence();
  json["lines"] = Json::array();
  for (const v1::TrialBalanceLine& line : reply.lines()) {
    Json row;
    row["code"] = line.code();
    row["name"] = line.name();
    row["name_id"] = line.name_id();
    row["asset"] = line.asset();
    row["accounts"] = line.accounts();
    PutMoney(row, "debit", line.debit());
    PutMoney(row, "credit", line.credit());
    json["lines"].push_back(std::move(row));
  }
  PutMoney(json, "total_debit", reply.total_debit());
  PutMoney(json, "total_credit", reply.total_credit());
  json["balanced"] = reply.total_debit() == reply.total_credit();
  return json;
}

Json ToJson(const v1::GetStatusReply& reply) {
  Json json;
  json["version"] = reply.version();
  json["uptime_ns"] = reply.uptime_ns();
  json["claimed"] = reply.claimed();
  json["published"] = reply.published();
  json["applied"] = reply.applied();
  json["durable"] = reply.durable();
  json["replied"] = reply.replied();
  json["ring_slots"] = reply.ring_slots();
  json["last_sequence"] = reply.last_sequence();
  PutTime(json, "last_timestamp", reply.last_timestamp_ns());
  json["accounts"] = reply.accounts();
  json["open_holds"] = reply.open_holds();
  json["cooperatives"] = reply.cooperatives();
  json["checkpoint_sequence"] = reply.checkpoint_sequence();
  json["id_window_size"] = reply.id_window_size();
  json["id_generations"] = reply.id_generations();
  json["synced_writes"] = reply.synced_writes();
  json["disk_bytes"] = reply.disk_bytes();
  json["state_hash"] = NullIfEmpty(Hex(reply.state_hash()));
  json["data_folder"] = reply.data_folder();
  json["tree_size"] = reply.tree_size();
  json["signed_tree_size"] = reply.signed_tree_size();
  return json;
}

std::string ToLine(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lumbung::cli
