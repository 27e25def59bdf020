#include "bench/workload/day_generator.h"

#include <algorithm>
#include <utility>

#include "bench/workload/amount_draw.h"
#include "bench/workload/build_transaction.h"
#include "engine/chart.h"

namespace lumbung {

namespace {

using Action = PlannedCall::Action;
using Channel = PlannedCall::Channel;
using Fault = PlannedCall::Fault;

constexpr size_t kMaxRecentIds = 1'024;
constexpr int64_t kNanosecondsOfSecond = 1'000'000'000;
constexpr uint64_t kLongestOffline = uint64_t{72} * 3'600;  // seconds
// Devices without a good clock make random ids, of 10,000 transactions.
constexpr uint32_t kVersion4Parts = 100;
// All declines are payments from wallets, so among these they are more frequent.
constexpr uint32_t kWalletPaymentParts = 3'700;

uint32_t SecondsOf(Timestamp time) {
  return static_cast<uint32_t>(time.value() / kNanosecondsOfSecond);
}

}  // namespace

DayGenerator::DayGenerator(const std::vector<CooperativePlan>& region, ExpectedBooks& books,
                           const DayOptions& options, Now now)
    : region_(region),
      options_(options),
      now_(std::move(now)),
      random_(options.seed),
      ids_(options.id_seed),
      maker_(region, books, random_) {}

std::optional<PlannedCall> DayGenerator::Next() {
  while (next_.empty()) {
    if (made_ < options_.transactions) {
      MakeNext();
    } else if (!later_.empty()) {
      next_.push_back(later_.top().call);
      later_.pop();
    } else {
      return std::nullopt;
    }
  }
  PlannedCall call = std::move(next_.front());
  next_.pop_front();
  return call;
}

void DayGenerator::MakeNext() {
  const double fraction = static_cast<double>(made_) / static_cast<double>(options_.transactions);
  const int32_t second = SecondOfDay(fraction);
  while (!later_.empty() && later_.top().second_of_day <= second) {
    next_.push_back(later_.top().call);
    later_.pop();
  }
  MakeReads(second);
  const uint64_t left = options_.transactions - made_;
  // An upload brings several, so it begins that much less often.
  if (left >= kUploadSize && random_.Below(uint64_t{10'000} * kUploadSize) < kOfflineParts) {
    MakeUpload(second);
    return;
  }
  ++made_;
  if (random_.Chance(kFenceFirstParts)) {
    MakeFencedOriginal(second);
    return;
  }
  const Activity activity = DrawActivity(random_);
  const Occasion occasion = Now7(second);
  const bool decline =
      activity == Activity::kWalletPayment && random_.Below(kWalletPaymentParts) < kDeclineParts;
  PlannedCall call = decline ? maker_.MakeDecline(occasion) : maker_.Make(activity, occasion);
  if (recent_ids_.size() < kMaxRecentIds) {
    recent_ids_.push_back(occasion.id);
  } else if (random_.Chance(1'000)) {
    recent_ids_[random_.Below(kMaxRecentIds)] = occasion.id;
  }
  next_.push_back(call);
  AddFaults(call);
}

// A terminal that lost its link sold on for cash; its ids are as old as the sales.
void DayGenerator::MakeUpload(int32_t second_of_day) {
  const CooperativePlan& plan = maker_.picker().Cooperative();
  const TerminalPlan& terminal = maker_.picker().SalesTerminal(plan);
  const uint32_t upload = ++uploads_;
  const Timestamp now = now_();
  uint64_t seconds_ago = kUploadSize + random_.Below(kLongestOffline - kUploadSize);
  for (uint32_t i = 0; i < kUploadSize; ++i) {
    const Timestamp then{now.value() - static_cast<int64_t>(seconds_ago) * kNanosecondsOfSecond};
    PlannedCall call = maker_.MakeCashSale(plan, terminal,
                                           {.id = ids_.Version7(then),
                                            .second_of_day = second_of_day,
                                            .device_time = SecondsOf(then)});
    call.activity = Activity::kCashSale;
    call.channel = Channel::kUpload;
    call.upload = upload;
    next_.push_back(std::move(call));
    seconds_ago -= random_.Below(seconds_ago / kUploadSize + 1);
    ++made_;
  }
}

// The cashier gave up on a sale and reversed it, before the sale itself got through: the reversal
// finds nothing, the id is fenced, and the late original is refused.
void DayGenerator::MakeFencedOriginal(int32_t second_of_day) {
  const CooperativePlan& plan = maker_.picker().Cooperative();
  const TerminalPlan& terminal = maker_.picker().SalesTerminal(plan);
  v1::Transaction sale =
      ByRule(v1::KIND_CASH_SALE, {.payer = plan.Of(code::kTill, terminal.id.value()),
                                  .payee = plan.Of(code::kSales, terminal.branch.value()),
                                  .amount = DrawPayment(random_)});
  const TransactionId original = Now7(second_of_day).id;
  const TransactionId reversal = Now7(second_of_day).id;
  SetId(*sale.mutable_id(), original);

  PlannedCall call;
  call.second_of_day = second_of_day;
  call.meant_to_decline = true;
  call.expected = v1::OUTCOME_RELATED_UNKNOWN;
  call.activity = Activity::kRefund;
  call.transaction = FollowUp(v1::STEP_REVERSE, original);
  SetId(*call.transaction.mutable_id(), reversal);
  next_.push_back(call);

  call.action = Action::kFence;
  call.after = reversal;
  call.transaction = sale;
  next_.push_back(call);

  call.action = Action::kTransaction;
  call.activity = Activity::kCashSale;
  call.fault = Fault::kLateOriginal;
  call.expected = v1::OUTCOME_FENCED;
  call.after = original;
  next_.push_back(std::move(call));
}

void DayGenerator::MakeReads(int32_t second_of_day) {
  uint32_t reads = options_.reads_per_hundred / 100;
  if (random_.Below(100) < options_.reads_per_hundred % 100) ++reads;
  for (uint32_t i = 0; i < reads; ++i) {
    PlannedCall call;
    call.second_of_day = second_of_day;
    const uint64_t point = random_.Below(100);
    if (point >= 90 && !recent_ids_.empty()) {
      const TransactionId id = recent_ids_[random_.Below(recent_ids_.size())];
      call.action = Action::kResolve;
      call.after = id;
      SetId(*call.transaction.mutable_id(), id);
    } else {
      const CooperativePlan& plan = maker_.picker().Cooperative();
      call.action = point >= 70 ? Action::kStatement : Action::kBalance;
      call.account = plan.Of(code::kWallet, maker_.picker().Member(plan));
    }
    next_.push_back(std::move(call));
  }
}

void DayGenerator::AddFaults(const PlannedCall& call) {
  if (random_.Chance(kResendParts)) CopyLater(call, Fault::kResend);
  if (random_.Chance(kAlteredCopyParts) && call.transaction.amount() > 0) {
    CopyLater(call, Fault::kAlteredCopy);
  }
  if (random_.Chance(kConcurrentCopyParts)) {
    PlannedCall copy = call;
    copy.fault = Fault::kConcurrentCopy;
    next_.push_back(std::move(copy));
  }
}

void DayGenerator::CopyLater(const PlannedCall& call, Fault fault) {
  PlannedCall copy = call;
  copy.fault = fault;
  copy.channel = Channel::kTerminal;
  copy.after = IdOf(call.transaction.id());
  copy.second_of_day = call.second_of_day + static_cast<int32_t>(1 + random_.Below(30));
  if (fault == Fault::kAlteredCopy) {
    copy.transaction.set_amount(copy.transaction.amount() + Rupiah(1'000).value());
  }
  later_.push(
      {.second_of_day = copy.second_of_day, .order = ++scheduled_count_, .call = std::move(copy)});
}

Occasion DayGenerator::Now7(int32_t second_of_day) {
  const Timestamp now = now_();
  return {.id = random_.Chance(kVersion4Parts) ? ids_.Version4() : ids_.Version7(now),
          .second_of_day = second_of_day,
          .device_time = SecondsOf(now)};
}

}  // namespace lumbung
