#include "tests/simulation/world.h"

#include <algorithm>
#include <stdexcept>

#include "engine/limits.h"
#include "engine/replay.h"
#include "engine/validate.h"
#include "tests/engine/core/map_cold_index.h"
#include "tests/simulation/scheduler.h"

namespace lumbung {

namespace {

constexpr int64_t kStart = int64_t{1'795'496'400} * 1'000'000'000;  // 2026-11-24 05:00 UTC
constexpr int64_t kSecond = 1'000'000'000;
constexpr size_t kReplaySlots = 32768;  // more ids than a world spends
constexpr size_t kIdsCompared = 200;    // in each life, chosen by chance
constexpr int kStepsToEnd = 20'000;     // an engine that is asked to stop needs far fewer
constexpr size_t kMostCommands = 20;    // in one request
constexpr size_t kMostInFlightCalmly = 2;

TransactionId OwnId(const Command& command) {
  return std::visit(
      [](const auto& operation) {
        if constexpr (requires { operation.header; }) return operation.header.id;
        if constexpr (requires { operation.if_unknown; }) return operation.id;
        return TransactionId{};
      },
      command);
}

TransactionId RelatedId(const Command& command) {
  if (const auto* capture = std::get_if<Capture>(&command)) return capture->hold;
  if (const auto* release = std::get_if<Void>(&command)) return release->hold;
  if (const auto* refund = std::get_if<Refund>(&command)) return refund->original;
  if (const auto* reverse = std::get_if<Reverse>(&command)) return reverse->original;
  return {};
}

ColdLookup LookUp(Life& life, const TransactionId& id) {
  ColdLookup lookup = life.ids().NotNeeded();
  if (!id.IsZero() && life.ids().NeedsCold(id)) life.derived().Find({&id, 1}, {&lookup, 1});
  return lookup;
}

std::string Text(const Result& result) {
  return std::string(Name(result.outcome)) + (result.duplicate ? " (duplicate)" : "") +
         " at sequence " + std::to_string(result.sequence.value()) + " with " +
         std::to_string(result.leg_count) + " entries at " +
         std::to_string(result.timestamp.value());
}

}  // namespace

World::World(uint64_t seed, Tally& tally)
    : random_(seed),
      tally_(tally),
      disk_(std::make_shared<SimulatedDisk>()),
      env_(disk_),
      traffic_(seed),
      now_(kStart) {}

void World::Violate(const std::string& what) {
  if (!violation_.empty()) return;
  violation_ = what;
  if (!last_damage_.empty()) violation_ += " (the last damage: " + last_damage_ + ")";
}

bool World::Cycle() {
  if (!must_recover_) {
    if (Chance(12)) Damage();
    ArmFaults();
  }
  {
    Life life(*disk_, env_, now_, written_);
    life_ = &life;
    const absl::Status recovered = life.Recover();
    if (!recovered.ok()) {
      if (!Explained(recovered)) Violate("does not start: " + std::string(recovered.message()));
      disk_->Kill();
    } else {
      JudgeRecovery(life);
      must_recover_ = false;
      if (violation_.empty() && !Dead(life)) {
        life.Start();
        Drive(life);
        life.Stop();
        TakeAnswers(life);
        TakeDeeds(life.deeds());
      }
      disk_->Kill();
    }
    life_ = nullptr;
  }
  sent_.clear();
  DiskFault fault;
  if (disk_->fired(&fault)) {
    ++tally_[std::string("fault: ") + lumbung::Name(fault)];
    // What was damaged on its way to the disk is met at the next start, and then mended.
    damaged_ |= fault == DiskFault::kWriteFlip && Chance(50);
  } else {
    damaged_ = false;
  }
  if (!damaged_) disk_->Mend();
  const auto survival = static_cast<Survival>(Number(4));
  ++tally_[std::string("crash: ") + lumbung::Name(survival)];
  if (disk_->Restart(survival, random_)) {
    damaged_ = true;
    last_damage_ = "zeros";
  }
  ++tally_["cycles"];
  return violation_.empty();
}

void World::TakeDeeds(const Life::Deeds& deeds) {
  const auto add = [&](const char* name, uint64_t count) {
    if (count != 0) tally_[name] += count;
  };
  add(kAppendsByHelper, deeds.appends_by_helper);
  add(kAppendsByPersistThread, deeds.appends_by_persist_thread);
  add(kGenerationsIndexed, deeds.generations_indexed);
  add(kCheckpoints, deeds.checkpoints);
}

// --- faults ---

void World::Damage() {
  const uint64_t kind = Number(10);
  const std::string folder = Chance(50) ? kLedgerFolder : kDerivedFolder;
  const std::vector<std::string> files = disk_->Files(folder);
  if (files.empty()) return;
  const std::string file = files[Number(files.size())];
  if (kind < 5) {
    if (!disk_->FlipBit(file, random_)) return;
    last_damage_ = "a bit of " + file;
    ++tally_["damage: a bit of " + std::string(folder == kLedgerFolder ? "ledger" : "derived")];
    damaged_ = true;
  } else if (kind < 7 && !file.ends_with(".log") && !file.ends_with("LOCK")) {
    disk_->Lose(file);
    last_damage_ = "lost " + file;
    ++tally_["damage: a file of " + std::string(folder == kLedgerFolder ? "ledger" : "derived")];
    damaged_ = true;
  } else if (kind < 9) {
    disk_->RemoveFolder(kDerivedFolder);
    ++tally_["damage: the derived data dropped"];
  }
}

void World::ArmFaults() {
  disk_->Disarm();
  if (Chance(35)) return;
  const auto fault = static_cast<DiskFault>(Number(kDiskFaults));
  static constexpr uint64_t kReach[] = {8, 60, 400};
  disk_->Arm(fault, 1 + Number(kReach[Number(3)]));
}

bool World::MayBeUnreadable() const {
  DiskFault fault;
  if (damaged_ || !disk_->fired(&fault)) return damaged_;
  return fault == DiskFault::kReadError || fault == DiskFault::kShortRead ||
         fault == DiskFault::kReadFlip || fault == DiskFault::kWriteFlip;
}

// Whether what was done to the disk, or its death, is the reason that the engine does not start.
bool World::Explained(const absl::Status& refusal) {
  DiskFault fault;
  if (disk_->dead() || disk_->fired(&fault)) {
    ++tally_["start cut short by a fault"];
    return true;
  }
  if (!damaged_) return false;
  ++tally_["damage refused: " + std::string(absl::StatusCodeToString(refusal.code()))];
  disk_->Mend();
  damaged_ = false;
  must_recover_ = true;  // now that it is mended, everything must be there
  return true;
}

bool World::Dead(Life& life) const {
  return disk_->dead() || life.failed() || !Scheduler::Instance().failed_check().empty();
}

// --- after a death ---

void World::JudgeRecovery(Life& life) {
  const Sequence last = life.ledger().last();
  if (last < acknowledged_up_to_) {
    Violate("acknowledged up to sequence " + std::to_string(acknowledged_up_to_.value()) +
            ", recovered only up to " + std::to_string(last.value()) +
            (damaged_ ? " (after damage that was not noticed)" : ""));
    return;
  }
  CatchUp(last);
  if (violation_.empty()) CompareWithGenesis(life);
  if (violation_.empty()) CompareWithModel(life.state());
  if (violation_.empty()) CompareIds(life);
  last_time_ = life.state().last_timestamp().value();
  ++tally_["recovered"];
}

void World::CatchUp(Sequence last) {
  for (auto& sent : in_flight_) {
    if (sent->applied) ApplyToModel(*sent, last, nullptr);
    for (const Command* command : sent->commands) unresolved_.push_back(command);
  }
  in_flight_.clear();
  const uint64_t reached = model_.next().value() - 1;
  if (reached != last.value()) {
    Violate("recovered up to sequence " + std::to_string(last.value()) +
            ", but the requests lead to " + std::to_string(reached));
  }
}

void World::CompareWithGenesis(Life& life) {
  MapColdIndex cold;
  IdWindow ids({kReplaySlots}, cold);
  State state;
  Replay replay(state, ids, kNoSequence, kNoSequence);
  absl::Status failure;
  const absl::Status read = life.ledger().ReadBlocks(Sequence{1}, [&](const StoredBlock& block) {
    if (!written_.Has(block)) {
      failure = absl::DataLossError("a block that was not written so, at sequence " +
                                    std::to_string(block.first.value()));
      return false;
    }
    failure = replay.Apply(block.first, block.entries, block.attachments);
    return failure.ok();
  });
  DiskFault fault;
  if (!read.ok() && (damaged_ || disk_->fired(&fault))) {
    ++tally_["damage found by reading all"];
    disk_->Kill();
    return;
  }
  if (!read.ok()) return Violate("the ledger can't be read: " + std::string(read.message()));
  if (!failure.ok()) return Violate(std::string(failure.message()));
  written_.CutAfter(life.ledger().last());
  if (state.Hash() != life.state().Hash()) {
    Violate("the recovered state is not that of a replay from genesis");
  }
}

void World::CompareWithModel(const State& state) {
  std::map<CooperativeId, NaiveLedger::Sum> sums;
  if (state.account_count() != model_.accounts().size()) Violate("another number of accounts");
  for (const auto& [id, expected] : model_.accounts()) {
    const Account* const found = state.FindAccount(id);
    if (found == nullptr) return Violate("the account " + id.ToString() + " is gone");
    sums[id.cooperative()] += found->debits_posted.value();
    sums[id.cooperative()] -= found->credits_posted.value();
    if (found->balance().value() != expected.balance() || found->held.value() != expected.held) {
      return Violate(id.ToString() + ": balance " + std::to_string(found->balance().value()) +
                     " held " + std::to_string(found->held.value()) + ", expected " +
                     std::to_string(static_cast<int64_t>(expected.balance())) + " held " +
                     std::to_string(static_cast<int64_t>(expected.held)));
    }
  }
  for (const auto& [cooperative, sum] : sums) {
    if (sum != 0) Violate("the books of a cooperative do not balance");
  }
}

void World::CompareIds(Life& life) {
  for (size_t i = 0; i < std::min(kIdsCompared, acknowledged_.size()); ++i) {
    const Acknowledged& known = acknowledged_[Number(acknowledged_.size())];
    const TransactionId id = OwnId(*known.command);
    if (id.IsZero()) continue;
    const ColdLookup lookup = LookUp(life, id);
    if (lookup.answer == ColdLookup::Answer::kUnreadable) {
      if (!MayBeUnreadable() && !disk_->dead()) Violate("an id can't be looked up");
      disk_->Kill();
      return;
    }
    const std::optional<IdRecord> found = life.ids().Find(id, lookup);
    if (!found || found->sequence != known.result.sequence) {
      return Violate("the acknowledged id " + id.ToString() + " of sequence " +
                     std::to_string(known.result.sequence.value()) + " is forgotten");
    }
  }
}

// --- traffic ---

void World::Drive(Life& life) {
  const uint64_t steps = 20 + Number(Chance(20) ? 1500 : 250);
  calm_ = Chance(40);
  for (uint64_t i = 0; i < steps && !Dead(life) && violation_.empty(); ++i) Act(life);
  const std::string check = Scheduler::Instance().failed_check();
  DiskFault fault;
  const bool faulty = damaged_ || disk_->fired(&fault);
  if (!check.empty()) {
    // The apply thread's own look-up ends the engine if the index can't be read, as it must.
    const bool of_index = check.find("the id index can't be read") != std::string::npos;
    if (!of_index || !(MayBeUnreadable() || disk_->dead())) Violate(check);
    ++tally_["end: a failed check"];
  } else if (disk_->dead()) {
    ++tally_["end: the power went"];
  } else if (life.failed()) {
    if (!faulty) Violate("the engine failed without a reason");
    ++tally_["end: fail-stop"];
  } else if (!faulty && Chance(25)) {
    EndInOrder(life);
    return;
  } else {
    ++tally_["end: killed between two steps"];
  }
  disk_->Kill();
}

void World::Act(Life& life) {
  const uint64_t dice = Number(100);
  if (dice < 22 && !(calm_ && InFlight() >= kMostInFlightCalmly)) {
    Send(life);
  } else if (dice < 25) {
    MoveClock();
  } else if (dice < 26) {
    life.WantCheckpoint();
  } else {
    life.Step(random_);
  }
}

void World::MoveClock() {
  const uint64_t dice = Number(100);
  if (dice < 70) {
    now_ += traffic_.Pause();
  } else if (dice < 80) {
    now_ -= static_cast<int64_t>(Number(3600)) * kSecond;
    ++tally_["fault: the clock jumps back"];
  } else if (dice < 90) {
    now_ += static_cast<int64_t>(Number(48 * 3600)) * kSecond;
    ++tally_["fault: the clock jumps ahead"];
  } else {
    now_ += static_cast<int64_t>(Number(2'000'000'000));
  }
}

size_t World::InFlight() const {
  return static_cast<size_t>(
      std::count_if(sent_.begin(), sent_.end(), [](const auto& sent) { return !sent->answered; }));
}

const Command& World::NextCommand() {
  const uint64_t dice = Number(100);
  if (dice < 15 && !unresolved_.empty()) {
    const Command* const command = unresolved_[Number(unresolved_.size())];
    std::erase(unresolved_, command);
    ++tally_["sent again: unresolved"];
    return *command;
  }
  if (dice < 25 && !acknowledged_.empty()) {
    ++tally_["sent again: acknowledged"];
    return *acknowledged_[Number(acknowledged_.size())].command;
  }
  return traffic_.Next(Timestamp{std::max(now_, last_time_)});
}

void World::Send(Life& life) {
  auto sent = std::make_unique<Sent>();
  sent->world = this;
  Request& request = sent->request;
  const size_t count = Chance(10) ? 0 : (calm_ ? 1 : 1 + Number(Chance(10) ? kMostCommands : 4));
  for (size_t i = 0; i < count; ++i) {
    const Command& command = NextCommand();
    sent->commands.push_back(&command);
    request.commands.push_back(command);
    const auto checked = Validate(command, Timestamp{std::max(now_, last_time_)});
    Result& result = request.results.emplace_back();
    sent->refused.push_back(checked.outcome != Outcome::kAccepted);
    if (sent->refused.back()) result.outcome = checked.outcome;
    const Lookups& lookups = request.lookups.emplace_back(
        Lookups{LookUp(life, OwnId(command)), LookUp(life, RelatedId(command))});
    for (const ColdLookup* lookup : {&lookups.id, &lookups.related}) {
      if (lookup->answer != ColdLookup::Answer::kUnreadable) continue;
      return RefuseUnread(*sent);
    }
  }
  if (count == 0) {
    request.query = [&sent = *sent](State&, Sequence last_applied) { sent.seen = last_applied; };
  }
  request.context = sent.get();
  request.done = [](Request&, void* context) {
    Sent& sent = *static_cast<Sent*>(context);
    sent.world->OnDone(sent);
  };
  sent->slot = life.pipeline().cursors().claimed;
  const Room room = Chance(20) ? Room::kReserved : Room::kOrdinary;
  const Helping helping = Chance(50) ? Helping::kLater : Helping::kNo;
  if (life.Submit(request, room, helping) != SubmitStatus::kTaken) {
    ++tally_["refused: the ring is full"];
    for (const Command* command : sent->commands) unresolved_.push_back(command);
    return;
  }
  sent_.push_back(std::move(sent));
}

// The call ends before it is submitted, as in api/server/submit.cc.
void World::RefuseUnread(const Sent& sent) {
  if (!MayBeUnreadable() && !disk_->dead()) Violate("an id can't be looked up");
  ++tally_["refused: the index of ids can't be read"];
  for (const Command* command : sent.commands) unresolved_.push_back(command);
}

// On the thread that replies, which has the turn.
void World::OnDone(Sent& sent) {
  if (disk_->dead() || sent.request.fate != Request::Fate::kReplied) return;
  sent.answered = true;
  Sequence reach = sent.seen;
  for (const Result& result : sent.request.results) {
    const uint64_t entries = std::max<uint64_t>(result.leg_count, 1);
    if (result.sequence != kNoSequence) {
      reach = std::max(reach, Sequence{result.sequence.value() + entries - 1});
    }
  }
  if (reach > life_->synced()) {
    Violate("a reply shows sequence " + std::to_string(reach.value()) + ", but only " +
            std::to_string(life_->synced().value()) + " is synced");
  }
  Scheduler::Instance().Yield();
}

void World::EndInOrder(Life& life) {
  life.WantCheckpoint();
  int steps = 0;
  for (; steps < kStepsToEnd && !(InFlight() == 0 && life.checkpoint_done()) && !Dead(life);
       ++steps) {
    life.Step(random_);
  }
  DiskFault fault;
  if (!Dead(life) && steps == kStepsToEnd) Violate("the engine stands still: a lost wake-up");
  if (Dead(life)) {
    const std::string check = Scheduler::Instance().failed_check();
    if (!disk_->fired(&fault)) Violate("the engine failed without a reason: " + check);
    ++tally_["end: in the middle of stopping"];
    disk_->Kill();
    return;
  }
  if (life.ledger().synced_writes() > disk_->log_syncs()) Violate("more writes than syncs");
  ++tally_["end: in order"];
}

// --- what the clients know ---

// The background thread's requests have no commands, but holds expire before them too.
void World::AddRequestsOfOthers(Life& life) {
  std::deque<std::unique_ptr<Sent>> all;
  bool answered = false;  // one behind it was, so it was too
  for (uint64_t slot = life.applied_at().size(); slot-- > 0;) {
    while (!sent_.empty() && sent_.back()->slot > slot) {
      all.push_front(std::move(sent_.back()));
      sent_.pop_back();
    }
    if (!sent_.empty() && sent_.back()->slot == slot) {
      all.push_front(std::move(sent_.back()));
      sent_.pop_back();
      answered |= all.front()->answered;
    } else {
      all.push_front(std::make_unique<Sent>());
      all.front()->slot = slot;
      all.front()->answered = answered;
    }
    all.front()->applied = true;
    all.front()->applied_at = life.applied_at()[slot];
  }
  for (auto& sent : sent_) all.push_front(std::move(sent));
  sent_ = std::move(all);
}

void World::TakeAnswers(Life& life) {
  AddRequestsOfOthers(life);
  for (auto& sent : sent_) {
    if (!sent->answered) {
      in_flight_.push_back(std::move(sent));
      continue;
    }
    if (!in_flight_.empty()) Violate("a reply out of order");
    ApplyToModel(*sent, kNoSequence, &sent->request);
    tally_["replies"] += sent->commands.size();
    if (sent->seen > acknowledged_up_to_) acknowledged_up_to_ = sent->seen;
  }
}

void World::ApplyToModel(const Sent& sent, Sequence last, const Request* compare) {
  const auto reached = [&] {
    return compare == nullptr && model_.next().value() - 1 >= last.value();
  };
  const auto next_time = [&] { return std::max(sent.applied_at, last_time_ + 1); };
  if (reached()) return;
  if (model_.Expire(Timestamp{next_time()}) > 0) last_time_ = next_time();
  for (size_t i = 0; i < sent.commands.size() && !reached(); ++i) {
    const Command& command = *sent.commands[i];
    const Result& found = sent.request.results[i];
    if (sent.refused[i]) continue;
    last_time_ = next_time();
    const auto birth = OwnId(command).BirthTime();
    if (found.outcome == Outcome::kIdFromTheFuture && birth &&
        birth->value() > last_time_ + kMaxClockSkewNs) {
      continue;
    }
    if (compare != nullptr && birth && birth->value() > last_time_ + kMaxClockSkewNs &&
        found.leg_count > 0 && !found.duplicate) {
      Violate("an id from the future was taken: " + Text(found));
    }
    if (found.outcome == Outcome::kOriginalUnreadable) {
      if (compare == nullptr) continue;
      if (!MayBeUnreadable()) Violate("an original can't be read");
      ++tally_["refused: the original can't be read"];
      unresolved_.push_back(&command);
      continue;
    }
    const Result expected = model_.Apply(command, Timestamp{last_time_});
    if (compare == nullptr) continue;
    Compare(command, found, expected);
  }
}

void World::Compare(const Command& command, const Result& found, const Result& expected) {
  if (found.outcome != expected.outcome || found.duplicate != expected.duplicate ||
      found.sequence != expected.sequence || found.leg_count != expected.leg_count ||
      found.timestamp != expected.timestamp) {
    Violate("a reply of " + Text(found) + ", expected " + Text(expected) + ", kind " +
            std::to_string(command.index()));
  }
  if (found.sequence == kNoSequence) return;
  const uint64_t entries = std::max<uint64_t>(found.leg_count, 1);
  acknowledged_up_to_ =
      std::max(acknowledged_up_to_, Sequence{found.sequence.value() + entries - 1});
  if (!found.duplicate && found.leg_count > 0) acknowledged_.push_back({&command, found});
  if (found.duplicate) ++tally_["replies: duplicates"];
}

}  // namespace lumbung
