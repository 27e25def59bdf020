// Journals of plain-text accounting: what moved money, two postings a leg, debits positive. The
// period's opening balances are its first transaction, and its end asserts every account's balance
// as the ledger's entries have it, so that the reader's own sums are compared with the ledger's.
#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <iterator>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "api/cli/book_form.h"
#include "api/cli/book_words.h"
#include "api/cli/format.h"
#include "engine/business_date.h"
#include "engine/chart.h"

namespace lumbung::cli {
namespace {

constexpr auto kClasses = {AccountClass::kAsset, AccountClass::kLiability, AccountClass::kEquity,
                           AccountClass::kIncome, AccountClass::kExpense};

// What both forms share: the order of things.
class JournalForm : public BookForm {
 public:
  void Begin(const BookScope& scope, std::span<const StandingAccount> opening,
             std::string& out) final {
    scope_ = scope;
    if (scope.from) date_ = DateOf(*scope.from, scope.zone_minutes);
    Head(out);
    if (opening.empty()) return;
    for (const StandingAccount& account : opening) Declare(account.id, account.asset, out);
    Title(Say("Opening balances", "Saldo awal"), "", out);
    for (const StandingAccount& account : opening) {
      Posting(account.id, account.balance, account.asset, out);
    }
  }

  void Add(const BookTransaction& transaction, std::string& out) final {
    const auto moves = [](const BookLeg& leg) { return MovesMoney(leg.entry); };
    if (std::none_of(transaction.legs.begin(), transaction.legs.end(), moves)) return;
    const Entry& first = transaction.legs.front().entry;
    date_ = DateOf(first.timestamp, scope_.zone_minutes);
    for (const BookLeg& leg : transaction.legs) {
      Declare(leg.entry.debit_account, leg.asset, out);
      Declare(leg.entry.credit_account, leg.asset, out);
    }
    Title(KindWords(first.kind, scope_.language), Printable(transaction.attachment.text), out);
    Evidence(transaction, out);
    for (const BookLeg& leg : transaction.legs) {
      Posting(leg.entry.debit_account, leg.entry.amount, leg.asset, out);
      Posting(leg.entry.credit_account, Negative(leg.entry.amount), leg.asset, out);
    }
  }

  void End(std::span<const StandingAccount> closing, std::string& out) final {
    if (!closing.empty()) Assert(closing, out);
  }

 protected:
  const BookScope& scope() const { return scope_; }
  // Of the transaction at hand.
  BusinessDate date() const { return date_; }
  std::string_view Say(std::string_view english, std::string_view indonesian) const {
    return scope_.language == Language::kEnglish ? english : indonesian;
  }

  virtual void Head(std::string& out) = 0;
  // The account's declaration, before it is used first.
  virtual void DeclareAccount(AccountId account, AssetCode asset, std::string& out) = 0;
  // The first line of a transaction.
  virtual void Title(std::string_view what, std::string_view text, std::string& out) = 0;
  virtual void Evidence(const BookTransaction& transaction, std::string& out) = 0;
  virtual void Posting(AccountId account, Amount amount, AssetCode asset, std::string& out) = 0;
  virtual void Assert(std::span<const StandingAccount> closing, std::string& out) = 0;

 private:
  void Declare(AccountId account, AssetCode asset, std::string& out) {
    if (declared_.insert(account).second) DeclareAccount(account, asset, out);
  }

  BookScope scope_;
  BusinessDate date_;
  absl::flat_hash_set<AccountId> declared_;
};

class HledgerForm final : public JournalForm {
 private:
  void Head(std::string& out) override {
    fmt::format_to(std::back_inserter(out),
                   "; {} {}\n; {}\n\ndecimal-mark .\ncommodity IDR 1000.00\n",
                   scope().cooperative.value(), Harmless(Printable(scope().name)),
                   Say("exported from the ledger; one transaction of it is one here",
                       "diekspor dari buku besar; satu transaksinya satu transaksi di sini"));
    constexpr std::string_view kTypes = "ALERX";
    size_t type = 0;
    for (const AccountClass account_class : kClasses) {
      fmt::format_to(std::back_inserter(out), "account {}  ; type:{}\n",
                     ClassName(account_class, scope().language), kTypes[type++]);
    }
  }
  void DeclareAccount(AccountId account, AssetCode, std::string& out) override {
    fmt::format_to(std::back_inserter(out), "account {}  ; account:{}\n", NameOf(account),
                   account.ToString());
  }
  void Title(std::string_view what, std::string_view text, std::string& out) override {
    fmt::format_to(std::back_inserter(out), "\n{} * {}{}{}\n", ToString(date()), what,
                   text.empty() ? "" : " | ", Harmless(std::string(text)));
  }
  void Evidence(const BookTransaction& transaction, std::string& out) override {
    const Entry& entry = transaction.legs.front().entry;
    fmt::format_to(std::back_inserter(out), "    ; sequence:{}, id:{}, time:{}",
                   transaction.first.value(), entry.id.ToString(),
                   LocalTime(entry.timestamp, scope().zone_minutes));
    const auto tag = [&out](std::string_view name, uint64_t number) {
      if (number != 0) fmt::format_to(std::back_inserter(out), ", {}:{}", name, number);
    };
    tag("related", entry.related.value());
    tag("reference", entry.reference);
    tag("branch", entry.branch.value());
    tag("terminal", entry.terminal.value());
    tag("operator", entry.operator_id.value());
    out += '\n';
  }
  void Posting(AccountId account, Amount amount, AssetCode asset, std::string& out) override {
    fmt::format_to(std::back_inserter(out), "    {}  {} {}\n", NameOf(account), Quoted(asset),
                   PlainAmount(amount, asset));
  }
  void Assert(std::span<const StandingAccount> closing, std::string& out) override {
    Title(Say("Closing balances, asserted", "Saldo akhir, diperiksa"), "", out);
    for (const StandingAccount& account : closing) {
      fmt::format_to(std::back_inserter(out), "    {}  {} {} = {} {}\n", NameOf(account.id),
                     Quoted(account.asset), PlainAmount(Amount{0}, account.asset),
                     Quoted(account.asset), PlainAmount(account.balance, account.asset));
    }
  }

  // hledger wants quotes around a commodity with digits.
  static std::string Quoted(AssetCode asset) {
    return asset == kIdr ? CommodityName(asset) : fmt::format("\"{}\"", CommodityName(asset));
  }
  std::string NameOf(AccountId account) const {
    return fmt::format("{}", fmt::join(AccountPath(account, scope().language), ":"));
  }
  // A semicolon would begin a comment.
  static std::string Harmless(std::string text) {
    std::replace(text.begin(), text.end(), ';', ',');
    return text;
  }
};

class BeancountForm final : public JournalForm {
 private:
  void Head(std::string& out) override {
    const auto to = std::back_inserter(out);
    fmt::format_to(
        to, "option \"title\" {}\noption \"operating_currency\" \"IDR\"\n",
        Quoted(fmt::format("{} {}", scope().cooperative.value(), Printable(scope().name))));
    const auto option = kOptions.begin();
    size_t number = 0;
    for (const AccountClass account_class : kClasses) {
      fmt::format_to(to, "option \"name_{}\" \"{}\"\n", option[number++],
                     ClassName(account_class, scope().language));
    }
  }
  void DeclareAccount(AccountId account, AssetCode asset, std::string& out) override {
    fmt::format_to(std::back_inserter(out), "\n{} open {} {}\n  account: \"{}\"\n",
                   ToString(date()), NameOf(account), CommodityName(asset), account.ToString());
  }
  void Title(std::string_view what, std::string_view text, std::string& out) override {
    fmt::format_to(std::back_inserter(out), "\n{} * {} {}\n", ToString(date()), Quoted(what),
                   Quoted(text));
  }
  void Evidence(const BookTransaction& transaction, std::string& out) override {
    const Entry& entry = transaction.legs.front().entry;
    fmt::format_to(std::back_inserter(out), "  sequence: {}\n  id: \"{}\"\n  time: \"{}\"\n",
                   transaction.first.value(), entry.id.ToString(),
                   LocalTime(entry.timestamp, scope().zone_minutes));
    const auto field = [&out](std::string_view name, uint64_t number) {
      if (number != 0) fmt::format_to(std::back_inserter(out), "  {}: {}\n", name, number);
    };
    field("related", entry.related.value());
    field("reference", entry.reference);
    field("branch", entry.branch.value());
    field("terminal", entry.terminal.value());
    field("operator", entry.operator_id.value());
  }
  void Posting(AccountId account, Amount amount, AssetCode asset, std::string& out) override {
    fmt::format_to(std::back_inserter(out), "  {}  {} {}\n", NameOf(account),
                   PlainAmount(amount, asset), CommodityName(asset));
  }
  // A balance is asserted at a day's beginning; the default tolerance would let a sen pass.
  void Assert(std::span<const StandingAccount> closing, std::string& out) override {
    const std::string next = ToString(BusinessDate{date().value() + 1});
    out += '\n';
    for (const StandingAccount& account : closing) {
      fmt::format_to(std::back_inserter(out), "{} balance {}  {} ~ 0.001 {}\n", next,
                     NameOf(account.id), PlainAmount(account.balance, account.asset),
                     CommodityName(account.asset));
    }
  }

  static constexpr auto kOptions = {"assets", "liabilities", "equity", "income", "expenses"};

  // Parts of a name are letters, digits and dashes, and begin with a capital or a digit.
  std::string NameOf(AccountId account) const {
    std::string name;
    for (const std::string& part : AccountPath(account, scope().language)) {
      std::string fit;
      for (const char c : part) {
        const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
        if (letter) fit += c;
        if (!letter && !fit.empty() && fit.back() != '-') fit += '-';
      }
      if (!fit.empty())
        fit[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(fit[0])));
      name += (name.empty() ? "" : ":") + fit;
    }
    return name;
  }
  static std::string Quoted(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    return quoted + '"';
  }
};

}  // namespace

std::unique_ptr<BookForm> MakeHledgerForm() { return std::make_unique<HledgerForm>(); }
std::unique_ptr<BookForm> MakeBeancountForm() { return std::make_unique<BeancountForm>(); }

}  // namespace lumbung::cli
