#include "bench/workload/opening.h"

#include "bench/workload/amount_draw.h"
#include "bench/workload/build_transaction.h"
#include "bench/workload/id_maker.h"
#include "engine/chart.h"

namespace lumbung {

namespace {

// The second part of each id (SetUpStep::what).
enum What : uint16_t { kLoanOfBank = 1, kCash, kStock, kFloat, kMember };

constexpr Amount kBankLoan = Rupiah(3'000'000'000);  // what the state's banks lend a KDMP at most
constexpr Amount kMainCash = Rupiah(150'000'000);
constexpr Amount kStockOfBranch = Rupiah(60'000'000);
constexpr Amount kTillFloat = Rupiah(10'000'000);
constexpr Amount kPokok = Rupiah(100'000);
constexpr Amount kWajibAMonth = Rupiah(10'000);

class OpeningBooks {
 public:
  explicit OpeningBooks(const CooperativePlan& plan)
      : plan_(plan), random_(uint64_t{plan.id.value()} * 0x9E3779B97F4A7C15) {}

  std::vector<v1::Transaction> Write() {
    const AccountId bank = plan_.Own(code::kBank);
    Add(kLoanOfBank, 0,
        Explicit(v1::KIND_GENERAL,
                 {.payer = bank, .payee = plan_.Own(code::kBankLoan), .amount = kBankLoan}));
    Add(kCash, 0,
        Explicit(v1::KIND_GENERAL,
                 {.payer = plan_.Own(code::kMainCash), .payee = bank, .amount = kMainCash}));
    for (const BranchPlan& branch : plan_.branches) {
      const AccountId stock = plan_.Of(code::kStock, branch.id.value());
      Add(kStock, branch.id.value(),
          Explicit(v1::KIND_GENERAL, {.payer = stock, .payee = bank, .amount = kStockOfBranch}));
    }
    for (const TerminalPlan& terminal : plan_.terminals) {
      const AccountId till = plan_.Of(code::kTill, terminal.id.value());
      Add(kFloat, terminal.id.value(),
          ByRule(v1::KIND_MAIN_CASH_TO_TILL,
                 {.payer = till, .payee = plan_.Own(code::kMainCash), .amount = kTillFloat}));
    }
    for (uint32_t member = 1; member <= plan_.members; ++member) AddMember(member);
    return std::move(transactions_);
  }

 private:
  // Share capital, a year or less of compulsory savings, voluntary savings, and perhaps a loan.
  void AddMember(uint32_t member) {
    const AccountId bank = plan_.Own(code::kBank);
    const int64_t months = static_cast<int64_t>(1 + random_.Below(12));
    v1::Transaction opening =
        Explicit(v1::KIND_GENERAL,
                 {.payer = bank, .payee = plan_.Of(code::kPokok, member), .amount = kPokok});
    AddLeg(opening, {.payer = bank,
                     .payee = plan_.Of(code::kWajib, member),
                     .amount = Amount{kWajibAMonth.value() * months}});
    AddLeg(opening, {.payer = bank,
                     .payee = plan_.Of(code::kWallet, member),
                     .amount = DrawOpeningSavings(random_)});
    if (HasLoan(member)) {
      AddLeg(opening,
             {.payer = plan_.Of(code::kLoan, member), .payee = bank, .amount = DrawLoan(random_)});
    }
    Add(kMember, member, std::move(opening));
  }

  void Add(What what, uint32_t number, v1::Transaction transaction) {
    SetId(*transaction.mutable_id(),
          SetUpId({.cooperative = plan_.id, .what = what, .number = number}));
    transaction.set_text("opening balance");
    transactions_.push_back(std::move(transaction));
  }

  const CooperativePlan& plan_;
  Random random_;
  std::vector<v1::Transaction> transactions_;
};

}  // namespace

std::vector<v1::Transaction> OpeningTransactions(const CooperativePlan& plan) {
  return OpeningBooks(plan).Write();
}

}  // namespace lumbung
