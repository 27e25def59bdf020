#include "bench/workload/transaction_maker.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "bench/workload/amount_draw.h"
#include "bench/workload/build_transaction.h"
#include "engine/chart.h"

namespace lumbung {

namespace {

using Channel = PlannedCall::Channel;

constexpr size_t kMaxSales = 4'096;         // that refunds are drawn from
constexpr int32_t kSecondsToFollowUp = 60;  // before a hold is captured, a payout confirmed
constexpr uint32_t kHoldSeconds = 900;
constexpr uint32_t kCashiers = 12;
constexpr Amount kTillFull = Rupiah(15'000'000);
constexpr Amount kTillFloat = Rupiah(10'000'000);

constexpr std::array<std::string_view, 6> kTexts = {
    "belanja harian", "arisan RT 02", "titipan pupuk", "uang sekolah", "gas 3 kg", "iuran warga"};

// Half of it, in whole rupiah, but not nothing.
Amount HalfOf(Amount amount) {
  return Rupiah(std::max<int64_t>(1, amount.value() / (2 * kSenPerRupiah)));
}

Amount AtMost(Amount amount, Amount most) { return std::min(amount, most); }

}  // namespace

TransactionMaker::TransactionMaker(const std::vector<CooperativePlan>& region, ExpectedBooks& books,
                                   Random& random)
    : region_(region),
      books_(books),
      random_(random),
      picker_(region, books, random),
      declines_(books, random, picker_) {
  for (const CooperativePlan& plan : region) {
    terminal_sequences_.emplace_back(plan.terminals.size() + 1);
  }
}

PlannedCall TransactionMaker::Make(Activity activity, const Occasion& occasion) {
  const auto make = [&]() -> PlannedCall {
    switch (activity) {
      case Activity::kWalletPayment:
        return MakeSale(v1::KIND_PAYMENT, occasion);
      case Activity::kCashSale:
        return MakeSale(v1::KIND_CASH_SALE, occasion);
      case Activity::kQrisSale:
        return MakeSale(v1::KIND_QRIS_SALE, occasion);
      case Activity::kMemberTransfer: {
        const CooperativePlan& plan = picker_.Cooperative();
        return MakeTransfer(plan, plan, occasion);
      }
      case Activity::kBetweenCooperatives: {
        const CooperativePlan& plan = picker_.Cooperative();
        return MakeTransfer(plan, picker_.Neighbour(plan), occasion);
      }
      case Activity::kTopUp:
        return MakeTopUp(occasion);
      case Activity::kDeposit:
        return MakeDeposit(occasion);
      case Activity::kWithdrawal:
        return MakeWithdrawal(occasion);
      case Activity::kInstalment:
        return MakeInstalment(occasion);
      case Activity::kHold:
        return MakeHold(occasion);
      case Activity::kDues:
        return MakeFromWallet(v1::KIND_DUES, code::kWajib, DrawDues(random_), occasion);
      case Activity::kBillPayment:
        return MakeFromWallet(v1::KIND_BILL_PAYMENT, code::kPlatformPayable, DrawBill(random_),
                              occasion);
      case Activity::kRefund:
        return MakeRefund(occasion);
      case Activity::kPayout:
        return MakePayout(occasion);
      case Activity::kLoan:
        return MakeLoan(occasion);
      case Activity::kDayEnd:
        return MakeDayEnd(occasion);
    }
    return {};
  };
  PlannedCall call = make();
  call.activity = activity;
  return call;
}

PlannedCall TransactionMaker::MakeSale(v1::Kind kind, const Occasion& occasion) {
  const CooperativePlan& plan = picker_.Cooperative();
  const TerminalPlan& terminal = picker_.SalesTerminal(plan);
  if (kind == v1::KIND_CASH_SALE) return MakeCashSale(plan, terminal, occasion);
  Amount amount = DrawPayment(random_);
  AccountId payer = plan.Own(code::kQrisClearing);
  if (kind == v1::KIND_PAYMENT) {
    const PartyPicker::Payer found = picker_.WhoCanPay(plan, amount, Amount{0});
    payer = found.wallet;
    amount = found.amount;
  }
  v1::Transaction transaction = ByRule(
      kind,
      {.payer = payer, .payee = plan.Of(code::kSales, terminal.branch.value()), .amount = amount});
  AddEvidence(transaction, plan, terminal, occasion);
  Remember(transaction, occasion);
  PlannedCall call = Finish(std::move(transaction), occasion, Channel::kTerminal);
  if (kind == v1::KIND_QRIS_SALE) call.expected = v1::OUTCOME_ACCEPTED;
  return call;
}

PlannedCall TransactionMaker::MakeCashSale(const CooperativePlan& plan,
                                           const TerminalPlan& terminal, const Occasion& occasion) {
  v1::Transaction transaction =
      ByRule(v1::KIND_CASH_SALE, {.payer = plan.Of(code::kTill, terminal.id.value()),
                                  .payee = plan.Of(code::kSales, terminal.branch.value()),
                                  .amount = DrawPayment(random_)});
  AddEvidence(transaction, plan, terminal, occasion);
  Remember(transaction, occasion);
  PlannedCall call = Finish(std::move(transaction), occasion, Channel::kTerminal);
  call.expected = v1::OUTCOME_ACCEPTED;  // a till has room for any of it
  return call;
}

PlannedCall TransactionMaker::MakeTransfer(const CooperativePlan& source,
                                           const CooperativePlan& target,
                                           const Occasion& occasion) {
  const Amount fee = source.policy.transfer_fee;
  const auto [payer, amount] = picker_.WhoCanPay(source, DrawTransfer(random_), fee);
  AccountId payee = picker_.WhoReceives(target, amount);
  while (payee == payer) payee = target.Of(code::kWallet, picker_.Member(target));
  books_.Move(fee, payer, source.Own(code::kTransferFees));
  return Finish(ByRule(v1::KIND_TRANSFER, {.payer = payer, .payee = payee, .amount = amount}),
                occasion, source.id == target.id ? Channel::kTerminal : Channel::kBackend);
}

PlannedCall TransactionMaker::MakeTopUp(const Occasion& occasion) {
  const CooperativePlan& plan = picker_.Cooperative();
  const Amount amount = DrawTopUp(random_);
  return Finish(ByRule(v1::KIND_TOP_UP, {.payer = plan.Own(code::kQrisClearing),
                                         .payee = picker_.WhoReceives(plan, amount),
                                         .amount = amount}),
                occasion, Channel::kBackend);
}

PlannedCall TransactionMaker::MakeDeposit(const Occasion& occasion) {
  const CooperativePlan& plan = picker_.Cooperative();
  const TerminalPlan& terminal = picker_.CashTerminal(plan);
  const AccountId till = plan.Of(code::kTill, terminal.id.value());
  v1::Transaction transaction;
  const uint64_t point = random_.Below(100);
  if (point < 3) {
    transaction =
        ByRule(v1::KIND_DEPOSIT_POKOK, {.payer = till,
                                        .payee = plan.Of(code::kPokok, picker_.Member(plan)),
                                        .amount = Rupiah(100'000)});
  } else if (point < 15) {
    transaction =
        ByRule(v1::KIND_DEPOSIT_WAJIB, {.payer = till,
                                        .payee = plan.Of(code::kWajib, picker_.Member(plan)),
                                        .amount = DrawDues(random_)});
  } else {
    const Amount amount = DrawDeposit(random_);
    transaction =
        ByRule(v1::KIND_DEPOSIT_SUKARELA,
               {.payer = till, .payee = picker_.WhoReceives(plan, amount), .amount = amount});
  }
  AddEvidence(transaction, plan, terminal, occasion);
  return Finish(std::move(transaction), occasion, Channel::kTerminal);
}

PlannedCall TransactionMaker::MakeWithdrawal(const Occasion& occasion) {
  const CooperativePlan& plan = picker_.Cooperative();
  const TerminalPlan& terminal = picker_.CashTerminal(plan);
  const AccountId till = plan.Of(code::kTill, terminal.id.value());
  const Amount in_till = std::max(Rupiah(50'000), books_.Of(till));
  const auto [payer, amount] =
      picker_.WhoCanPay(plan, AtMost(DrawWithdrawal(random_), in_till), Amount{0});
  v1::Transaction transaction =
      ByRule(v1::KIND_WITHDRAWAL, {.payer = payer, .payee = till, .amount = amount});
  AddEvidence(transaction, plan, terminal, occasion);
  return Finish(std::move(transaction), occasion, Channel::kTerminal);
}

PlannedCall TransactionMaker::MakeInstalment(const Occasion& occasion) {
  const CooperativePlan& plan = picker_.Cooperative();
  const uint32_t member = picker_.Borrower(plan);
  const AccountId loan = plan.Of(code::kLoan, member);
  if (member == 0 || books_.Of(loan) < Rupiah(1'000)) return MakeTopUp(occasion);
  const Amount principal = AtMost(DrawPrincipal(random_), books_.Of(loan));
  // A month's interest of 1 % of what is owed, in whole rupiah.
  const Amount interest =
      std::max(Rupiah(500), Amount{books_.Of(loan).value() / 10'000 * kSenPerRupiah});
  const Amount late_fee = random_.Chance(500) ? Rupiah(5'000) : Amount{0};
  const Amount whole{principal.value() + interest.value() + late_fee.value()};
  AccountId payer = plan.Of(code::kWallet, member);
  const bool from_wallet = books_.Of(payer) >= whole && !IsLimited(member);
  const TerminalPlan& terminal = picker_.CashTerminal(plan);
  if (!from_wallet) payer = plan.Of(code::kTill, terminal.id.value());
  v1::Transaction transaction =
      Explicit(v1::KIND_INSTALMENT, {.payer = payer, .payee = loan, .amount = principal});
  AddLeg(transaction,
         {.payer = payer, .payee = plan.Own(code::kInterestIncome), .amount = interest});
  if (late_fee.value() > 0) {
    AddLeg(transaction, {.payer = payer, .payee = plan.Own(code::kLateFees), .amount = late_fee});
  }
  if (!from_wallet) AddEvidence(transaction, plan, terminal, occasion);
  return Finish(std::move(transaction), occasion, Channel::kBackend);
}

PlannedCall TransactionMaker::MakeHold(const Occasion& occasion) {
  const bool due = !holds_.empty() &&
                   holds_.front().second_of_day + kSecondsToFollowUp <= occasion.second_of_day;
  if (due && random_.Chance(6'000)) {
    const OpenHold hold = holds_.front();
    holds_.erase(holds_.begin());
    // One in ten is forgotten, and expires.
    if (!random_.Chance(1'000)) return MakeCaptureOrVoid(hold, occasion);
  }
  const CooperativePlan& plan = picker_.Cooperative();
  const TerminalPlan& terminal = picker_.SalesTerminal(plan);
  const auto [payer, amount] = picker_.WhoCanPay(plan, DrawPayment(random_), Amount{0});
  v1::Transaction transaction = Explicit(
      v1::KIND_PAYMENT,
      {.payer = payer, .payee = plan.Of(code::kSales, terminal.branch.value()), .amount = amount});
  transaction.set_step(v1::STEP_HOLD);
  transaction.set_hold_seconds(kHoldSeconds);
  AddEvidence(transaction, plan, terminal, occasion);
  holds_.push_back({occasion.id, payer, amount, occasion.second_of_day});
  return Finish(std::move(transaction), occasion, Channel::kTerminal);
}

PlannedCall TransactionMaker::MakeCaptureOrVoid(const OpenHold& hold, const Occasion& occasion) {
  v1::Transaction transaction;
  if (random_.Chance(7'500)) {
    transaction = FollowUp(v1::STEP_CAPTURE, hold.id);
    if (random_.Chance(4'000)) {
      const Amount part = HalfOf(hold.amount);
      transaction.set_amount(part.value());
      books_.Move(Amount{hold.amount.value() - part.value()}, AccountId{}, hold.wallet);
    }
  } else {
    transaction = FollowUp(v1::STEP_VOID, hold.id);
    books_.Move(hold.amount, AccountId{}, hold.wallet);
  }
  PlannedCall call = Finish(std::move(transaction), occasion, Channel::kTerminal);
  call.after = hold.id;
  return call;
}

PlannedCall TransactionMaker::MakeFromWallet(v1::Kind kind, AccountCode payee, Amount amount,
                                             const Occasion& occasion) {
  const CooperativePlan& plan = picker_.Cooperative();
  const PartyPicker::Payer payer = picker_.WhoCanPay(plan, amount, Amount{0});
  const uint32_t holder =
      payee == code::kWajib ? payer.wallet.holder().value() : plan.branches.front().id.value();
  return Finish(
      ByRule(kind,
             {.payer = payer.wallet, .payee = plan.Of(payee, holder), .amount = payer.amount}),
      occasion, Channel::kBackend);
}

PlannedCall TransactionMaker::MakeRefund(const Occasion& occasion) {
  constexpr int32_t kSecondsToRefund = 10;
  if (sales_.empty()) return MakeSale(v1::KIND_CASH_SALE, occasion);
  const size_t drawn = random_.Below(sales_.size());
  const Sale sale = sales_[drawn];
  const bool from_till = sale.payer.code() == code::kTill;
  if (sale.second_of_day + kSecondsToRefund > occasion.second_of_day ||
      (from_till && books_.Of(sale.payer) < sale.amount)) {
    return MakeSale(v1::KIND_CASH_SALE, occasion);
  }
  sales_[drawn] = sales_.back();
  sales_.pop_back();
  v1::Transaction transaction = FollowUp(v1::STEP_REVERSE, sale.id);
  Amount amount = sale.amount;
  if (random_.Chance(6'500)) {
    transaction = FollowUp(v1::STEP_REFUND, sale.id);
    if (random_.Chance(5'000)) {
      amount = HalfOf(amount);
      transaction.set_amount(amount.value());
    }
  }
  books_.Move(amount, sale.payee, sale.payer);
  PlannedCall call = Finish(std::move(transaction), occasion, Channel::kTerminal);
  call.after = sale.id;
  return call;
}

PlannedCall TransactionMaker::MakePayout(const Occasion& occasion) {
  const bool due = !payouts_.empty() &&
                   payouts_.front().second_of_day + kSecondsToFollowUp <= occasion.second_of_day;
  if (due && random_.Chance(6'000)) {
    const OpenHold payout = payouts_.front();
    payouts_.erase(payouts_.begin());
    const CooperativePlan& plan =
        region_[payout.wallet.cooperative().value() - region_.front().id.value()];
    const AccountId transit = plan.Own(code::kPayoutInTransit);
    const bool success = random_.Chance(9'500);
    const AccountId payee = success ? plan.Own(code::kBank) : payout.wallet;
    const v1::Kind kind = success ? v1::KIND_PAYOUT_SUCCESS : v1::KIND_PAYOUT_FAILURE;
    PlannedCall call =
        Finish(ByRule(kind, {.payer = transit, .payee = payee, .amount = payout.amount}), occasion,
               Channel::kBackend);
    call.after = payout.id;
    return call;
  }
  const CooperativePlan& plan = picker_.Cooperative();
  const auto [payer, amount] = picker_.WhoCanPay(plan, DrawPayout(random_), Amount{0});
  payouts_.push_back({occasion.id, payer, amount, occasion.second_of_day});
  return Finish(
      ByRule(v1::KIND_PAYOUT_RESERVE,
             {.payer = payer, .payee = plan.Own(code::kPayoutInTransit), .amount = amount}),
      occasion, Channel::kBackend);
}

PlannedCall TransactionMaker::MakeLoan(const Occasion& occasion) {
  const CooperativePlan& plan = picker_.Cooperative();
  const uint32_t member = picker_.Borrower(plan);
  const Amount amount = DrawLoan(random_);
  const AccountId wallet = plan.Of(code::kWallet, member);
  if (member == 0 || IsLimited(member) ||
      books_.Of(wallet).value() + amount.value() > kWalletCeiling.value()) {
    return MakeTopUp(occasion);
  }
  v1::Transaction transaction =
      Explicit(v1::KIND_LOAN_DISBURSEMENT,
               {.payer = plan.Of(code::kLoan, member), .payee = wallet, .amount = amount});
  // A provision of 1 %.
  AddLeg(transaction, {.payer = wallet,
                       .payee = plan.Own(code::kLoanProvision),
                       .amount = Amount{amount.value() / 100}});
  return Finish(std::move(transaction), occasion, Channel::kBackend);
}

PlannedCall TransactionMaker::MakeDayEnd(const Occasion& occasion) {
  const CooperativePlan& plan = picker_.Cooperative();
  const TerminalPlan& terminal = plan.terminals[random_.Below(plan.terminals.size())];
  const AccountId till = plan.Of(code::kTill, terminal.id.value());
  const AccountId main_cash = plan.Own(code::kMainCash);
  const AccountId clearing = plan.Own(code::kQrisClearing);
  v1::Transaction transaction;
  if (books_.Of(till) > kTillFull) {
    transaction = ByRule(v1::KIND_TILL_TO_MAIN_CASH,
                         {.payer = main_cash,
                          .payee = till,
                          .amount = Amount{books_.Of(till).value() - kTillFloat.value()}});
  } else if (books_.Of(till).value() < kTillFloat.value() / 4 &&
             books_.Of(main_cash) > kTillFloat) {
    transaction = ByRule(v1::KIND_MAIN_CASH_TO_TILL,
                         {.payer = till, .payee = main_cash, .amount = kTillFloat});
  } else if (books_.Of(clearing) > Rupiah(1'000'000) && random_.Chance(7'000)) {
    const Amount settled = HalfOf(books_.Of(clearing));
    transaction = ByRule(v1::KIND_SETTLEMENT,
                         {.payer = plan.Own(code::kBank), .payee = clearing, .amount = settled});
  } else {
    const AccountId difference = plan.Of(code::kCashDifference, terminal.id.value());
    const Amount amount = Rupiah(static_cast<int64_t>(1 + random_.Below(20)) * 500);
    transaction =
        random_.Chance(5'000)
            ? ByRule(v1::KIND_CASH_SHORT, {.payer = difference, .payee = till, .amount = amount})
            : ByRule(v1::KIND_CASH_OVER, {.payer = till, .payee = difference, .amount = amount});
  }
  return Finish(std::move(transaction), occasion, Channel::kBackend);
}

PlannedCall TransactionMaker::MakeDecline(const Occasion& occasion) {
  const CooperativePlan& plan = picker_.Cooperative();
  const TerminalPlan& terminal = picker_.SalesTerminal(plan);
  DeclineMaker::Decline decline = declines_.Make(plan, terminal);
  AddEvidence(decline.transaction, plan, terminal, occasion);
  PlannedCall call = Complete(std::move(decline.transaction), occasion, Channel::kTerminal);
  call.meant_to_decline = true;
  call.expected = decline.expected;
  return call;
}

PlannedCall TransactionMaker::Finish(v1::Transaction transaction, const Occasion& occasion,
                                     Channel channel) {
  if (transaction.debit_account() != 0) {
    books_.Move(Amount{transaction.amount()}, AccountId{transaction.debit_account()},
                AccountId{transaction.credit_account()});
  }
  for (const v1::Leg& leg : transaction.further_legs()) {
    books_.Move(Amount{leg.amount()}, AccountId{leg.debit_account()},
                AccountId{leg.credit_account()});
  }
  return Complete(std::move(transaction), occasion, channel);
}

PlannedCall TransactionMaker::Complete(v1::Transaction transaction, const Occasion& occasion,
                                       Channel channel) {
  SetId(*transaction.mutable_id(), occasion.id);
  transaction.set_reference(1 + random_.Below(999'999'999));
  if (random_.Chance(2'000)) {
    transaction.set_text(std::string(kTexts[random_.Below(kTexts.size())]));
  }
  PlannedCall call;
  call.channel = channel;
  call.second_of_day = occasion.second_of_day;
  call.transaction = std::move(transaction);
  return call;
}

void TransactionMaker::AddEvidence(v1::Transaction& transaction, const CooperativePlan& plan,
                                   const TerminalPlan& terminal, const Occasion& occasion) {
  const size_t rank = plan.id.value() - region_.front().id.value();
  v1::Evidence& evidence = *transaction.mutable_evidence();
  evidence.set_branch(terminal.branch.value());
  evidence.set_terminal(terminal.id.value());
  evidence.set_operator_id(1 + terminal.id.value() % kCashiers);
  evidence.set_device_time_s(occasion.device_time);
  evidence.set_terminal_sequence(++terminal_sequences_[rank][terminal.id.value()]);
}

void TransactionMaker::Remember(const v1::Transaction& transaction, const Occasion& occasion) {
  const Sale sale = {occasion.id, AccountId{transaction.debit_account()},
                     AccountId{transaction.credit_account()}, Amount{transaction.amount()},
                     occasion.second_of_day};
  if (sales_.size() < kMaxSales) {
    sales_.push_back(sale);
  } else {
    sales_[random_.Below(kMaxSales)] = sale;
  }
}

}  // namespace lumbung
