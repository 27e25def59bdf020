// CSV and JSON lines: every entry, also those that moved no money.
//
// CSV is that of RFC 4180: a header, lines ended by CR LF, a cell with a quote, a comma or a line's
// end in quotes. Text that people typed is made harmless for programs that take a cell for a
// formula: an apostrophe stands before =, +, -, @ (also their full-width forms). JSON has it as it
// is.
#include <fmt/format.h>
#include <iterator>
#include <string_view>

#include "api/cli/book_form.h"
#include "api/cli/book_words.h"
#include "api/cli/format.h"
#include "api/cli/json.h"
#include "api/server/encode_entry.h"
#include "engine/business_date.h"

namespace lumbung::cli {
namespace {

constexpr std::string_view kHeader =
    "sequence,date,time,id,leg,legs,step,kind,description,outcome,moves_money,debit_account,"
    "debit_name,credit_account,credit_name,amount,currency,debit_balance,credit_balance,"
    "related_sequence,reference,text,branch,terminal,terminal_sequence,operator\r\n";

std::string NumberOrEmpty(uint64_t number) {
  return number == 0 ? std::string() : fmt::format("{}", number);
}

class CsvForm final : public BookForm {
 public:
  void Begin(const BookScope& scope, std::span<const StandingAccount>, std::string& out) override {
    scope_ = scope;
    out += kHeader;
  }
  void Add(const BookTransaction& transaction, std::string& out) override {
    for (const BookLeg& leg : transaction.legs) AddLeg(transaction, leg, out);
  }
  void End(std::span<const StandingAccount>, std::string&) override {}

 private:
  void AddLeg(const BookTransaction& transaction, const BookLeg& leg, std::string& out) const;
  std::string NameOf(AccountId account) const {
    return account.code() == AccountCode{0} ? std::string()
                                            : CsvCell(CodeName(account.code(), scope_.language));
  }
  static std::string Account(AccountId account) {
    return account == AccountId{} ? std::string() : account.ToString();
  }

  BookScope scope_;
};

void CsvForm::AddLeg(const BookTransaction& transaction, const BookLeg& leg,
                     std::string& out) const {
  const Entry& entry = leg.entry;
  const bool fact = entry.kind.step() == Step::kFact;
  const Attachment& attachment = transaction.attachment;
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "{},{},{},{},{},{},{},{},{},{},{},", leg.sequence.value(),
                 ToString(DateOf(entry.timestamp, scope_.zone_minutes)),
                 LocalTime(entry.timestamp, scope_.zone_minutes),
                 entry.id.IsZero() ? std::string() : entry.id.ToString(), entry.leg_index + 1,
                 entry.leg_count, Name(entry.kind.step()),
                 fact ? Name(entry.kind.fact()) : Name(entry.kind.purpose()),
                 CsvCell(KindWords(entry.kind, scope_.language)), Name(entry.outcome),
                 MovesMoney(entry) ? "yes" : "no");
  fmt::format_to(to, "{},{},{},{},", Account(entry.debit_account), NameOf(entry.debit_account),
                 Account(entry.credit_account), NameOf(entry.credit_account));
  if (fact) {
    fmt::format_to(to, ",,,,");
  } else {
    fmt::format_to(to, "{},{},{},{},", PlainAmount(entry.amount, leg.asset),
                   CommodityName(leg.asset), PlainAmount(entry.debit_balance, leg.asset),
                   PlainAmount(entry.credit_balance, leg.asset));
  }
  fmt::format_to(to, "{},{},{},{},{},{},{}\r\n", NumberOrEmpty(entry.related.value()),
                 NumberOrEmpty(entry.reference),
                 TypedCsvCell(fact ? attachment.name : attachment.text),
                 NumberOrEmpty(entry.branch.value()), NumberOrEmpty(entry.terminal.value()),
                 NumberOrEmpty(entry.terminal_sequence), NumberOrEmpty(entry.operator_id.value()));
}

// The same lines as those of `lumbung entries --cooperative N --json`.
class JsonLinesForm final : public BookForm {
 public:
  void Begin(const BookScope&, std::span<const StandingAccount>, std::string&) override {}
  void Add(const BookTransaction& transaction, std::string& out) override {
    for (const BookLeg& leg : transaction.legs) {
      v1::Entry entry;
      EncodeEntry(leg.sequence, leg.entry, leg.attachment, &entry);
      out += ToLine(ToJson(entry)) + "\n";
    }
  }
  void End(std::span<const StandingAccount>, std::string&) override {}
};

}  // namespace

std::unique_ptr<BookForm> MakeCsvForm() { return std::make_unique<CsvForm>(); }
std::unique_ptr<BookForm> MakeJsonLinesForm() { return std::make_unique<JsonLinesForm>(); }

}  // namespace lumbung::cli
