#include "tests/crash/client.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "bench/measure/clocks.h"

namespace lumbung {

namespace {

constexpr size_t kMostInStream = 200;
constexpr size_t kMostInFrozenStream = 3'000;  // more than the connection's buffers hold
constexpr size_t kMostUnary = 20;

bool IsRefused(v1::Outcome outcome) { return outcome >= 100 && outcome < 200; }

std::string TextOf(const Answer& answer) {
  return v1::Outcome_Name(answer.outcome) + (answer.duplicate ? ", duplicate" : "") + ", at " +
         std::to_string(answer.sequence) + ", time " + std::to_string(answer.timestamp_ns);
}

}  // namespace

Client::Client(const Plan& plan, Shared& shared)
    : plan_(plan), shared_(shared), random_(plan.seed), maker_(~plan.seed, plan.number) {}

void Client::Run() {
  while (!shared_.stop && !shared_.findings.any()) {
    if (!Connect()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    } else if (!unknown_.empty()) {
      ResolveUnknown();
    } else {
      SendNew();
    }
  }
}

absl::Status Client::Settle(std::chrono::seconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!unknown_.empty() && !shared_.findings.any()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return absl::UnavailableError("client " + std::to_string(plan_.number) + " still waits for " +
                                    std::to_string(unknown_.size()) + " answers");
    }
    if (Connect()) {
      ResolveUnknown();
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  Disconnect();
  return absl::OkStatus();
}

bool Client::Connect() {
  if (connection_ != nullptr) return true;
  const std::string address = shared_.server.address();
  if (address.empty()) return false;
  auto connection = Connection::Open(address);
  const std::lock_guard lock(mutex_);
  connection_ = std::move(connection);
  return connection_ != nullptr;
}

void Client::Disconnect() {
  const std::lock_guard lock(mutex_);
  connection_.reset();
}

bool Client::Cut() {
  const std::lock_guard lock(mutex_);
  if (connection_ == nullptr) return false;
  connection_->Cut();
  return true;
}

void Client::SendNew() {
  const uint64_t drawn = random_.Below(100);
  if (random_.Chance(30)) return SendInForm(Form::kFrozenStream, DrawAsks(kMostInFrozenStream));
  if (random_.Chance(300)) return SendTwice(1 + random_.Below(kMostInStream));
  if (drawn < 15) return SendInForm(Form::kUnary, DrawAsks(1 + random_.Below(kMostUnary)));
  if (drawn < 30) return SendInForm(Form::kStream, DrawAsks(1 + random_.Below(kMostInStream)));
  // As many small batches as large ones.
  const double exponent = random_.Unit() * std::log(static_cast<double>(plan_.most_rows));
  SendInForm(Form::kBatch, DrawAsks(static_cast<size_t>(std::exp(exponent))));
}

void Client::ResolveUnknown() {
  const uint64_t drawn = random_.Below(100);
  const size_t most = drawn < 40 ? kMostUnary : plan_.most_rows;
  const size_t count = std::min(unknown_.size(), most);
  const std::vector<uint32_t> numbers(unknown_.begin(),
                                      unknown_.begin() + static_cast<std::ptrdiff_t>(count));
  unknown_.erase(unknown_.begin(), unknown_.begin() + static_cast<std::ptrdiff_t>(count));
  if (drawn < 20) return AskFor(numbers);
  std::vector<Ask> asks;
  for (const uint32_t number : numbers) asks.push_back({.number = number, .way = Way::kFirst});
  if (drawn < 40) return SendInForm(Form::kUnary, asks);
  const bool stream = asks.size() <= kMostInStream && random_.Chance(5'000);
  SendInForm(stream ? Form::kStream : Form::kBatch, asks);
}

// Resolve, and for some of those that are not known a fence.
void Client::AskFor(const std::vector<uint32_t>& numbers) {
  for (const uint32_t number : numbers) {
    Sent& sent = record_.sent[number];
    const bool fence = random_.Chance(2'000);
    if (connection_ == nullptr) {
      unknown_.push_back(number);
      continue;
    }
    sent.fence_asked = sent.fence_asked || fence;
    if (sent.first_invoked_ns == 0) sent.first_invoked_ns = SteadyNowNs();
    ++shared_.calls_under_way;
    const CallResult result =
        ResolveOne(connection_->payments(), sent.payment.id,
                   fence ? IfUnknown::kFence : IfUnknown::kReport, plan_.patience);
    --shared_.calls_under_way;
    if (result.ending != Ending::kComplete) {
      LeaveUnknown(number, result.ending);
      Disconnect();
    } else if (result.answers.front().outcome == v1::OUTCOME_UNSPECIFIED) {
      unknown_.push_back(number);
    } else {
      JudgeFirst(sent, result.answers.front());
    }
  }
}

std::vector<Client::Ask> Client::DrawAsks(size_t count) {
  const size_t first_new = record_.sent.size();
  std::vector<Ask> asks;
  for (size_t i = 0; i < count; ++i) asks.push_back(DrawAsk(first_new));
  return asks;
}

Client::Ask Client::DrawAsk(size_t first_new) {
  const uint64_t drawn = random_.Below(1'000);
  const size_t known = record_.sent.size();
  if (drawn < 25 && known > 0) {
    constexpr size_t kRecent = 50;
    const size_t back = random_.Below(drawn < 8 ? std::min(known, kRecent) : known);
    const auto number = static_cast<uint32_t>(known - 1 - back);
    if (number >= first_new) return {.number = number, .way = Way::kAgain};
    if (record_.sent[number].fate == Fate::kAnswered) {
      return {.number = number, .way = drawn % 5 == 0 ? Way::kAltered : Way::kAgain};
    }
  }
  const auto number = static_cast<uint32_t>(known);
  record_.sent.push_back({.payment = maker_.Next(number, SystemNow())});
  return {.number = number, .way = Way::kFirst};
}

// The same new transactions over two connections at once: each may be recorded once.
void Client::SendTwice(size_t count) {
  const std::unique_ptr<Connection> second = Connection::Open(shared_.server.address());
  if (second == nullptr) return;
  std::vector<uint32_t> numbers;
  std::vector<Payment> rows;
  for (size_t i = 0; i < count; ++i) {
    const auto number = static_cast<uint32_t>(record_.sent.size());
    record_.sent.push_back(
        {.payment = maker_.Next(number, SystemNow()), .first_invoked_ns = SteadyNowNs()});
    numbers.push_back(number);
    rows.push_back(record_.sent.back().payment);
  }
  CallResult other;
  ++shared_.calls_under_way;
  std::thread twin([&] { other = SubmitBatch(second->payments(), rows, plan_.patience); });
  const CallResult one = SubmitBatch(connection_->payments(), rows, plan_.patience);
  twin.join();
  --shared_.calls_under_way;
  for (size_t i = 0; i < count; ++i) {
    JudgeTwins(numbers[i], one.answers.empty() ? nullptr : &one.answers[i],
               other.answers.empty() ? nullptr : &other.answers[i]);
  }
  record_.tally.twins += count;
  answered_.fetch_add(count, std::memory_order_relaxed);
  if (one.ending != Ending::kComplete) Disconnect();
  Pace(count);
}

void Client::JudgeTwins(uint32_t number, const Answer* one, const Answer* other) {
  if (one == nullptr || (other != nullptr && one->duplicate)) std::swap(one, other);
  Sent& sent = record_.sent[number];
  if (other == nullptr) LeaveUnknown(number, Ending::kUnknown);
  if (one == nullptr) return;
  if (other == nullptr) unknown_.pop_back();
  JudgeFirst(sent, *one);
  if (other == nullptr) return;
  if (sent.fate == Fate::kAnswered) return JudgeAgain(sent, *other);
  JudgeFirst(sent, *other);
}

void Client::SendInForm(Form form, const std::vector<Ask>& asks) {
  if (form != Form::kUnary) return Send(form, asks);
  for (const Ask& ask : asks) Send(form, {ask});
}

void Client::Send(Form form, const std::vector<Ask>& asks) {
  std::vector<Payment> rows;
  for (const Ask& ask : asks) {
    Sent& sent = record_.sent[ask.number];
    if (sent.first_invoked_ns == 0) sent.first_invoked_ns = SteadyNowNs();
    rows.push_back(ask.way == Way::kAltered ? Altered(sent.payment) : sent.payment);
  }
  CallResult result{.ending = Ending::kNotTaken};
  if (connection_ != nullptr) {
    ++shared_.calls_under_way;
    result = Call(form, rows);
    --shared_.calls_under_way;
  }
  Take(asks, result);
  if (result.ending == Ending::kUnknown) Disconnect();
  Pace(asks.size());
}

CallResult Client::Call(Form form, const std::vector<Payment>& rows) {
  v1::PaymentService::Stub& stub = connection_->payments();
  switch (form) {
    case Form::kUnary:
      return SubmitOne(stub, rows.front(), plan_.patience);
    case Form::kBatch:
      return SubmitBatch(stub, rows, plan_.patience);
    case Form::kStream:
      return SubmitStream(stub, rows, plan_.patience, Reading::kAtOnce);
    case Form::kFrozenStream:
      ++record_.tally.frozen_streams;
      return SubmitStream(stub, rows, plan_.patience,
                          random_.Chance(5'000) ? Reading::kLate : Reading::kNever);
  }
  return {};
}

void Client::Take(const std::vector<Ask>& asks, const CallResult& result) {
  for (size_t i = 0; i < result.answers.size(); ++i) Judge(asks[i], result.answers[i]);
  answered_.fetch_add(result.answers.size(), std::memory_order_relaxed);
  if (result.ending == Ending::kComplete) return;
  if (result.ending == Ending::kUnheard) {
    shared_.findings.Add(Findings::Sort::kWrong, "a call ended with " + result.message);
  }
  ++record_.tally.broken_calls;
  for (size_t i = result.answers.size(); i < asks.size(); ++i) {
    if (asks[i].way == Way::kFirst) LeaveUnknown(asks[i].number, result.ending);
  }
}

void Client::LeaveUnknown(uint32_t number, Ending ending) {
  Sent& sent = record_.sent[number];
  unknown_.push_back(number);
  if (ending == Ending::kNotTaken) {
    ++record_.tally.not_taken;
    return;
  }
  sent.may_be_taken = true;
  if (sent.fate == Fate::kUnsent) ++record_.tally.unknown;
  sent.fate = Fate::kUnknown;
}

void Client::Judge(const Ask& ask, const Answer& answer) {
  Sent& sent = record_.sent[ask.number];
  // Sent twice in one call, and the first of the two was refused.
  if (sent.fate != Fate::kAnswered) return JudgeFirst(sent, answer);
  if (ask.way == Way::kAltered) return JudgeAltered(sent, answer);
  JudgeAgain(sent, answer);
}

bool Client::IsFromTheFuture(const Answer& answer) {
  if (!shared_.clock_jumps || answer.outcome != v1::OUTCOME_ID_FROM_THE_FUTURE) return false;
  ++record_.tally.refused;
  return true;
}

void Client::JudgeFirst(Sent& sent, const Answer& answer) {
  // Refused, the id is free and given up; unless an earlier one under it may have been taken.
  if (IsFromTheFuture(answer)) {
    if (sent.may_be_taken) unknown_.push_back(NumberOf(sent));
    return;
  }
  if (IsRefused(answer.outcome) || answer.outcome == v1::OUTCOME_UNSPECIFIED ||
      answer.sequence == 0) {
    return Find(Findings::Sort::kWrong, sent, answer, "is not what may be answered");
  }
  const bool fenced = answer.outcome == v1::OUTCOME_FENCED;
  if (fenced && !sent.fence_asked) {
    return Find(Findings::Sort::kWrong, sent, answer, "but nobody fenced it");
  }
  if (answer.duplicate && !sent.may_be_taken && !fenced) {
    return Find(Findings::Sort::kWrong, sent, answer, "but it was never sent before");
  }
  Tally& tally = record_.tally;
  ++(answer.outcome == v1::OUTCOME_ACCEPTED ? tally.accepted : tally.declined);
  if (sent.may_be_taken) {
    ++(fenced ? tally.never : answer.duplicate ? tally.survived : tally.sent_anew);
  }
  sent.fate = Fate::kAnswered;
  sent.answer = answer;
  if (answer.duplicate || fenced) sent.answer.invoked_ns = sent.first_invoked_ns;
}

void Client::JudgeAgain(const Sent& sent, const Answer& answer) {
  if (IsFromTheFuture(answer)) return;
  const bool fenced = sent.answer.outcome == v1::OUTCOME_FENCED;
  if (answer.outcome == sent.answer.outcome && answer.sequence == sent.answer.sequence &&
      answer.timestamp_ns == sent.answer.timestamp_ns && (answer.duplicate || fenced)) {
    ++record_.tally.repeated;
    return;
  }
  Find(Findings::Sort::kLost, sent, answer, "but before it was answered " + TextOf(sent.answer));
}

void Client::JudgeAltered(const Sent& sent, const Answer& answer) {
  if (IsFromTheFuture(answer)) return;
  const bool fenced = sent.answer.outcome == v1::OUTCOME_FENCED;
  const bool conflict = answer.outcome == v1::OUTCOME_ID_CONFLICT && answer.sequence == 0;
  if (fenced ? answer.outcome == v1::OUTCOME_FENCED : conflict) {
    ++record_.tally.conflicts;
    return;
  }
  Find(Findings::Sort::kLost, sent, answer,
       "although the content was altered; before: " + TextOf(sent.answer));
}

void Client::Find(Findings::Sort sort, const Sent& sent, const Answer& answer,
                  const std::string& what) {
  shared_.findings.Add(sort, "client " + std::to_string(plan_.number) + ", transaction " +
                                 sent.payment.id.ToString() + " of number " +
                                 std::to_string(NumberOf(sent)) + ": " + TextOf(answer) + ": " +
                                 what);
}

void Client::Pace(size_t rows) {
  const int64_t now_ns = SteadyNowNs();
  constexpr int64_t kMostBehindNs = 1'000'000'000;
  next_call_ns_ = std::max(next_call_ns_, now_ns - kMostBehindNs) +
                  static_cast<int64_t>(1e9 * static_cast<double>(rows) / plan_.rate);
  while (SteadyNowNs() < next_call_ns_ && !shared_.stop) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace lumbung
