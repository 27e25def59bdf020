#include "bench/day/player.h"

#include <string>
#include <thread>
#include <utility>

#include "bench/day/record_line.h"
#include "bench/day/rupiah.h"
#include "bench/workload/build_transaction.h"
#include "lumbung/v1/payment_service.pb.h"

namespace lumbung {

namespace {

using Action = PlannedCall::Action;
using Channel = PlannedCall::Channel;
using Fault = PlannedCall::Fault;
using Form = Flight::Form;

constexpr size_t kBatchesInFlight = 2;
constexpr std::chrono::milliseconds kPauseWhenFull{5};
constexpr std::chrono::milliseconds kWait{100};

Form FormOf(const PlannedCall& call) {
  switch (call.action) {
    case Action::kTransaction:
      return Form::kSubmit;
    case Action::kFence:
      return Form::kFence;
    case Action::kResolve:
      return Form::kResolve;
    case Action::kBalance:
      return Form::kBalance;
    case Action::kStatement:
      return Form::kStatement;
  }
  return Form::kSubmit;
}

bool IsRead(Form form) {
  return form == Form::kResolve || form == Form::kBalance || form == Form::kStatement;
}

// Whether calls that come after this id have to wait for this one's answer: the originals and the
// fences, not the copies.
bool HoldsItsId(const PlannedCall& call) {
  return (call.action == Action::kTransaction && call.fault == Fault::kNone) ||
         call.action == Action::kFence;
}

}  // namespace

Player::Player(Sender& sender, RecordFile& record, const PlayerOptions& options)
    : sender_(sender), record_(record), options_(options) {}

absl::Status Player::Play(DayGenerator& day) {
  started_ns_ = SteadyNow();
  while (true) {
    absl::Status status = SendWhatFits(day);
    if (!status.ok()) return status;
    const bool idle = unary_in_flight_ + batches_in_flight_ + uploads_in_flight_ == 0;
    if (idle && over_ && ready_.empty() && !away_) break;
    if (idle && away_) {
      status = Reconnect();
    } else if (!idle) {
      status = TakeLandings();
    }
    if (!status.ok()) return status;
    ShowProgress(day);
  }
  finished_ns_ = SteadyNow();
  progress_.End();
  return absl::OkStatus();
}

void Player::Landed(std::unique_ptr<Flight> flight) {
  const std::lock_guard lock(mutex_);
  landed_.push_back(std::move(flight));
  // Under the lock: when the player has taken the last flight, nobody touches it any more.
  if (landed_.size() == 1) has_landed_.notify_one();
}

// --- answers ---

absl::Status Player::TakeLandings() {
  std::vector<std::unique_ptr<Flight>> flights;
  {
    std::unique_lock lock(mutex_);
    has_landed_.wait_for(lock, kWait, [&] { return !landed_.empty(); });
    flights.swap(landed_);
  }
  for (const std::unique_ptr<Flight>& flight : flights) TakeFlight(*flight);
  if (full_) std::this_thread::sleep_for(kPauseWhenFull);
  full_ = false;
  return record_.Flush();
}

void Player::TakeFlight(Flight& flight) {
  const int64_t latency = flight.landed_ns - flight.started_ns;
  switch (flight.form) {
    case Form::kBatch:
      --batches_in_flight_;
      if (flight.status.ok()) tally_.batch.Add(latency);
      break;
    case Form::kUpload:
      --uploads_in_flight_;
      break;
    case Form::kSubmit:
    case Form::kFence:
      --unary_in_flight_;
      if (flight.status.ok()) tally_.unary.Add(latency);
      break;
    case Form::kResolve:
    case Form::kBalance:
    case Form::kStatement:
      --unary_in_flight_;
      if (flight.status.ok()) tally_.read.Add(latency);
      break;
  }
  if (flight.form == Form::kResolve || flight.form == Form::kFence) {
    if (flight.status.ok()) return TakeResolution(flight);
    return TakeFailure(flight, 0);
  }
  if (IsRead(flight.form) && flight.status.ok()) {
    ++tally_.reads;
    return;
  }
  const size_t answered = std::min(flight.results.size(), flight.calls.size());
  for (size_t i = 0; i < answered; ++i) TakeAnswer(flight.calls[i], flight.results[i]);
  if (flight.form == Form::kUpload) judge_.TakeOrder(flight.results);
  if (answered < flight.calls.size() || !flight.status.ok()) TakeFailure(flight, answered);
}

void Player::TakeFailure(Flight& flight, size_t first_unanswered) {
  const grpc::Status& status = flight.status;
  const bool full = status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
  if (full) {
    full_ = true;
    ++tally_.full;
  } else if (IsUnknown(status) || status.ok()) {
    if (!away_) ++tally_.times_away;
    away_ = true;
  } else {
    const PlannedCall& call = flight.calls.front();
    tally_.AddProblem("transaction " + IdOf(call.transaction.id()).ToString() +
                      ": the call failed: " + status.error_message());
  }
  if (IsRead(flight.form)) {
    ++tally_.reads_lost;
    return;
  }
  const bool for_good = !full && !status.ok() && !IsUnknown(status);
  for (size_t i = first_unanswered; i < flight.calls.size(); ++i) {
    PlannedCall& call = flight.calls[i];
    if (for_good) {
      Release(call);
      continue;
    }
    call.channel = Channel::kTerminal;
    ready_.push_back(std::move(call));
    ++tally_.sent_again;
  }
}

void Player::TakeAnswer(const PlannedCall& call, const v1::TransactionResult& result) {
  judge_.Take(call, result);
  if (call.fault == Fault::kAlteredCopy) return;
  if (!IsRefusal(result.outcome())) {
    record_.Add(AnsweredText(IdOf(call.transaction.id()), result));
  }
  Release(call);
}

void Player::TakeResolution(const Flight& flight) {
  const PlannedCall& call = flight.calls.front();
  const v1::TransactionResult& result = flight.results.front();
  if (call.action != Action::kFence) {
    ++tally_.reads;
    return judge_.TakeLookUp(call, flight.resolution);
  }
  judge_.TakeFence(call, flight.resolution, result);
  // An acknowledged fence must be in the ledger, whether its original ever comes or not.
  if (flight.resolution == v1::RESOLUTION_FENCED) {
    record_.Add(AnsweredText(IdOf(call.transaction.id()), result));
  }
  Release(call);
}

void Player::Release(const PlannedCall& call) {
  if (!HoldsItsId(call)) return;
  const auto found = outstanding_.find(IdOf(call.transaction.id()));
  if (found == outstanding_.end() || --found->second.flights > 0) return;
  for (PlannedCall& call : found->second.waiting) ready_.push_back(std::move(call));
  outstanding_.erase(found);
}

// --- sending ---

absl::Status Player::SendWhatFits(DayGenerator& day) {
  while (!away_ && unary_in_flight_ < options_.in_flight && !BatchMustWait()) {
    std::optional<PlannedCall> call = NextCall(day);
    if (!call) break;
    const auto awaited = outstanding_.find(call->after);
    if (awaited != outstanding_.end()) {
      awaited->second.waiting.push_back(std::move(*call));
    } else {
      Prepare(std::move(*call));
    }
  }
  if (!away_) PrepareGathered(over_);
  // Before anything of it is sent.
  const absl::Status status = record_.Flush();
  if (!status.ok()) return status;
  for (std::unique_ptr<Flight>& flight : prepared_) sender_.Start(std::move(flight), *this);
  prepared_.clear();
  return absl::OkStatus();
}

std::optional<PlannedCall> Player::NextCall(DayGenerator& day) {
  if (!ready_.empty()) {
    PlannedCall call = std::move(ready_.front());
    ready_.pop_front();
    return call;
  }
  std::optional<PlannedCall> call = day.Next();
  over_ = !call;
  // From here on, whether it is sent at once or not: what comes after it must wait.
  if (call && HoldsItsId(*call)) ++outstanding_[IdOf(call->transaction.id())].flights;
  return call;
}

bool Player::BatchMustWait() const {
  return for_batch_.size() >= options_.batch_size && batches_in_flight_ >= kBatchesInFlight;
}

void Player::Prepare(PlannedCall call) {
  if (call.action == Action::kTransaction) {
    record_.Add(call.fault == Fault::kAlteredCopy ? AlteredText(call.transaction)
                                                  : SentText(call.transaction));
  } else if (call.action == Action::kFence) {
    record_.Add(FencingText(IdOf(call.transaction.id())));
  }
  if (call.channel == Channel::kBackend) {
    for_batch_.push_back(std::move(call));
    if (for_batch_.size() >= options_.batch_size) PrepareGathered(false);
    return;
  }
  if (call.channel == Channel::kUpload) {
    for_upload_.push_back(std::move(call));
    if (for_upload_.size() >= kUploadSize) {
      PrepareFlight(Form::kUpload, std::exchange(for_upload_, {}));
    }
    return;
  }
  const Form form = FormOf(call);
  std::vector<PlannedCall> calls;
  calls.push_back(std::move(call));
  PrepareFlight(form, std::move(calls));
}

void Player::PrepareGathered(bool day_is_over) {
  const bool fits = batches_in_flight_ < kBatchesInFlight;
  if (fits && (for_batch_.size() >= options_.batch_size || (day_is_over && !for_batch_.empty()))) {
    PrepareFlight(Form::kBatch, std::exchange(for_batch_, {}));
  }
  if (day_is_over && !for_upload_.empty()) {
    PrepareFlight(Form::kUpload, std::exchange(for_upload_, {}));
  }
}

void Player::PrepareFlight(Form form, std::vector<PlannedCall> calls) {
  auto flight = std::make_unique<Flight>();
  flight->form = form;
  flight->calls = std::move(calls);
  switch (form) {
    case Form::kBatch:
      ++batches_in_flight_;
      ++tally_.batches;
      break;
    case Form::kUpload:
      ++uploads_in_flight_;
      ++tally_.uploads;
      break;
    case Form::kSubmit:
    case Form::kResolve:
    case Form::kFence:
    case Form::kBalance:
    case Form::kStatement:
      ++unary_in_flight_;
      break;
  }
  prepared_.push_back(std::move(flight));
}

absl::Status Player::Reconnect() {
  progress_.End();
  std::printf("the server went away with %s calls unanswered; waiting for it, up to %lld s\n",
              FormatCount(ready_.size()).c_str(),
              static_cast<long long>(options_.reconnect.count()));
  std::fflush(stdout);
  const int64_t since = SteadyNow();
  const absl::Status status = sender_.WaitUntilServing(options_.reconnect);
  if (!status.ok()) return status;
  std::printf("it is back after %.1f s; sending them again, under the same ids\n",
              static_cast<double>(SteadyNow() - since) / 1e9);
  std::fflush(stdout);
  away_ = false;
  return absl::OkStatus();
}

void Player::ShowProgress(const DayGenerator& day) {
  progress_.Show([&] {
    const double seconds = static_cast<double>(SteadyNow() - started_ns_) / 1e9;
    const uint64_t answered = tally_.accepted + tally_.declined_in_all();
    const double percent =
        100.0 * static_cast<double>(day.made()) / static_cast<double>(options_.transactions);
    char text[160];
    std::snprintf(text, sizeof(text), "%5.1f %%  %s of %s transactions, %.0f/s, unary p99 %.1f ms",
                  percent, FormatCount(answered).c_str(),
                  FormatCount(options_.transactions).c_str(),
                  static_cast<double>(answered) / seconds,
                  static_cast<double>(tally_.unary.PercentileNs(0.99)) / 1e6);
    return std::string(text);
  });
}

}  // namespace lumbung
