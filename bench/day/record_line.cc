#include "bench/day/record_line.h"

#include <charconv>
#include <vector>

#include "bench/workload/build_transaction.h"
#include "engine/account_id.h"

namespace lumbung {

namespace {

constexpr std::string_view kStepPrefix = "STEP_";
constexpr std::string_view kKindPrefix = "KIND_";
constexpr std::string_view kOutcomePrefix = "OUTCOME_";

// --- writing ---

// Letters, digits and a few marks stay; every other byte becomes %XX.
std::string Escape(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '.' || byte == '_';
    if (plain) {
      escaped += c;
    } else {
      escaped += '%';
      escaped += kDigits[byte >> 4];
      escaped += kDigits[byte & 0xF];
    }
  }
  return escaped;
}

std::string LegText(uint64_t debit, uint64_t credit, int64_t amount) {
  return AccountId{debit}.ToString() + ">" + AccountId{credit}.ToString() + "=" +
         std::to_string(amount);
}

std::string TransactionText(std::string_view event, const v1::Transaction& transaction) {
  std::string line(event);
  line += " " + IdOf(transaction.id()).ToString();
  line += " step=" + v1::Step_Name(transaction.step()).substr(kStepPrefix.size());
  if (transaction.kind() != v1::KIND_UNSPECIFIED) {
    line += " kind=" + v1::Kind_Name(transaction.kind()).substr(kKindPrefix.size());
  }
  if (transaction.by_rule()) line += " by=rule";
  if (transaction.debit_account() != 0) {
    line += " legs=" + LegText(transaction.debit_account(), transaction.credit_account(),
                               transaction.amount());
    for (const v1::Leg& leg : transaction.further_legs()) {
      line += "," + LegText(leg.debit_account(), leg.credit_account(), leg.amount());
    }
  } else if (transaction.amount() != 0) {
    line += " amount=" + std::to_string(transaction.amount());
  }
  if (transaction.has_related_id()) {
    line += " related=" + IdOf(transaction.related_id()).ToString();
  }
  if (transaction.hold_seconds() != 0)
    line += " hold=" + std::to_string(transaction.hold_seconds());
  if (transaction.reference() != 0) line += " reference=" + std::to_string(transaction.reference());
  if (transaction.has_evidence()) {
    const v1::Evidence& evidence = transaction.evidence();
    line += " at=" + std::to_string(evidence.branch()) + "/" + std::to_string(evidence.terminal()) +
            "/" + std::to_string(evidence.operator_id()) + "/" +
            std::to_string(evidence.device_time_s()) + "/" +
            std::to_string(evidence.terminal_sequence());
  }
  if (!transaction.text().empty()) line += " text=" + Escape(transaction.text());
  line += '\n';
  return line;
}

// --- reading ---

// Takes what stands before the next separator, or all of the text.
std::string_view Take(std::string_view& text, char separator) {
  const size_t end = text.find(separator);
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

// Only as it is written: without zeros in front.
template <typename Number>
bool ReadNumber(std::string_view text, Number& number) {
  const std::errc error = std::from_chars(text.data(), text.data() + text.size(), number).ec;
  return error == std::errc() && std::to_string(number) == text;
}

std::optional<std::string> Unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    unsigned byte = 0;
    if (i + 2 >= text.size()) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
    if (error != std::errc() || end != text.data() + i + 3) return std::nullopt;
    plain += static_cast<char>(byte);
    i += 2;
  }
  return plain;
}

bool ReadLegs(std::string_view text, v1::Transaction& transaction) {
  for (bool first = true; !text.empty(); first = false) {
    std::string_view leg = Take(text, ',');
    const auto debit = AccountId::Parse(Take(leg, '>'));
    const auto credit = AccountId::Parse(Take(leg, '='));
    int64_t amount = 0;
    if (!debit || !credit || !ReadNumber(leg, amount)) return false;
    if (first) {
      transaction.set_debit_account(debit->value());
      transaction.set_credit_account(credit->value());
      transaction.set_amount(amount);
    } else {
      AddLeg(transaction, {.payer = *debit, .payee = *credit, .amount = Amount{amount}});
    }
  }
  return transaction.debit_account() != 0;
}

bool ReadEvidence(std::string_view text, v1::Evidence& evidence) {
  uint32_t numbers[5] = {};
  for (uint32_t& number : numbers) {
    if (!ReadNumber(Take(text, '/'), number)) return false;
  }
  evidence.set_branch(numbers[0]);
  evidence.set_terminal(numbers[1]);
  evidence.set_operator_id(numbers[2]);
  evidence.set_device_time_s(numbers[3]);
  evidence.set_terminal_sequence(numbers[4]);
  return text.empty();
}

bool ReadNames(std::string_view key, std::string_view value, v1::Transaction& transaction) {
  v1::Step step = v1::STEP_UNSPECIFIED;
  v1::Kind kind = v1::KIND_UNSPECIFIED;
  if (key == "step") {
    if (!v1::Step_Parse(std::string(kStepPrefix) + std::string(value), &step)) return false;
    transaction.set_step(step);
    return true;
  }
  if (!v1::Kind_Parse(std::string(kKindPrefix) + std::string(value), &kind)) return false;
  transaction.set_kind(kind);
  return true;
}

// The fields that are one number each, of the field's own type.
bool ReadNumberField(std::string_view key, std::string_view value, v1::Transaction& transaction) {
  if (key == "amount") {
    int64_t amount = 0;
    if (!ReadNumber(value, amount)) return false;
    transaction.set_amount(amount);
    return true;
  }
  if (key == "hold") {
    uint32_t seconds = 0;
    if (!ReadNumber(value, seconds)) return false;
    transaction.set_hold_seconds(seconds);
    return true;
  }
  uint64_t reference = 0;
  if (key != "reference" || !ReadNumber(value, reference)) return false;
  transaction.set_reference(reference);
  return true;
}

bool ReadField(std::string_view key, std::string_view value, v1::Transaction& transaction) {
  if (key == "step" || key == "kind") return ReadNames(key, value, transaction);
  if (key == "legs") return ReadLegs(value, transaction);
  if (key == "at") return ReadEvidence(value, *transaction.mutable_evidence());
  if (key == "by") {
    transaction.set_by_rule(true);
    return value == "rule";
  }
  if (key == "related") {
    const auto related = TransactionId::Parse(value);
    if (!related) return false;
    SetId(*transaction.mutable_related_id(), *related);
    return true;
  }
  if (key == "text") {
    std::optional<std::string> text = Unescape(value);
    if (!text) return false;
    transaction.set_text(std::move(*text));
    return true;
  }
  return ReadNumberField(key, value, transaction);
}

std::optional<v1::Transaction> ReadTransaction(TransactionId id, std::string_view rest) {
  v1::Transaction transaction;
  SetId(*transaction.mutable_id(), id);
  while (!rest.empty()) {
    std::string_view field = Take(rest, ' ');
    const std::string_view key = Take(field, '=');
    if (!ReadField(key, field, transaction)) return std::nullopt;
  }
  if (transaction.step() == v1::STEP_UNSPECIFIED) return std::nullopt;
  return transaction;
}

std::optional<AnsweredLine> ReadAnswered(TransactionId id, std::string_view rest) {
  AnsweredLine answered{.id = id};
  const std::string name = std::string(kOutcomePrefix) + std::string(Take(rest, ' '));
  if (!v1::Outcome_Parse(name, &answered.outcome)) return std::nullopt;
  if (!ReadNumber(Take(rest, ' '), answered.sequence)) return std::nullopt;
  if (!rest.empty() && rest != "duplicate") return std::nullopt;
  return answered;
}

}  // namespace

std::string SentText(const v1::Transaction& transaction) {
  return TransactionText("sent", transaction);
}

std::string AlteredText(const v1::Transaction& transaction) {
  return TransactionText("altered", transaction);
}

std::string FencingText(TransactionId id) { return "fencing " + id.ToString() + "\n"; }

std::string AnsweredText(TransactionId id, const v1::TransactionResult& result) {
  std::string line = "answered " + id.ToString() + " ";
  line += OutcomeName(result.outcome());
  line += " " + std::to_string(result.sequence());
  if (result.duplicate()) line += " duplicate";
  line += '\n';
  return line;
}

std::optional<RecordLine> ParseRecordLine(std::string_view line) {
  const std::string_view event = Take(line, ' ');
  const auto id = TransactionId::Parse(Take(line, ' '));
  if (!id) return std::nullopt;
  if (event == "answered") {
    const auto answered = ReadAnswered(*id, line);
    return answered ? std::optional<RecordLine>(*answered) : std::nullopt;
  }
  if (event == "fencing") {
    return line.empty() ? std::optional<RecordLine>(FencingLine{*id}) : std::nullopt;
  }
  std::optional<v1::Transaction> transaction = ReadTransaction(*id, line);
  if (!transaction) return std::nullopt;
  if (event == "sent") return SentLine{std::move(*transaction)};
  if (event == "altered") return AlteredLine{std::move(*transaction)};
  return std::nullopt;
}

std::string_view OutcomeName(v1::Outcome outcome) {
  const std::string_view name = v1::Outcome_Name(outcome);
  return name.size() > kOutcomePrefix.size() ? name.substr(kOutcomePrefix.size()) : "?";
}

}  // namespace lumbung
