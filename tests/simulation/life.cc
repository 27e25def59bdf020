#include "tests/simulation/life.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "storage/recovery.h"
#include "tests/simulation/scheduler.h"

namespace lumbung {

namespace {

// Small, so that in a life of some hundred transactions everything turns over.
// A block of a full ring spends fewer ids than may come between two turns of the window.
constexpr size_t kIdSlots = 1024;
constexpr size_t kObjectsPerPart = 5;
constexpr Pipeline::Options kPipeline = {
    .ring_slots = 8, .reserved_slots = 2, .blocks = 3, .spin_microseconds = 0};
constexpr size_t kWriteBufferBytes = 64 << 10;
constexpr size_t kHoldsInATable = 4;
// The pipeline's threads in the order of their signals, the background's, and the one that helps.
constexpr size_t kPipelineThreads = 3;
constexpr size_t kBackground = 3;
constexpr size_t kThreads = 5;
// Flushes that may wait before the next append must wait for them.
constexpr size_t kMaxPending = 2;

}  // namespace

void Written::Take(const Block& block) {
  CutAfter(Sequence{block.first().value() - 1});
  size_t offset = 0;
  for (const Entry& entry : block.entries()) {
    entries.push_back(entry);
    const auto bytes = block.attachments().subspan(offset, entry.attachment_length);
    attachments.emplace_back(bytes.begin(), bytes.end());
    offset += entry.attachment_length;
  }
}

bool Written::Has(const StoredBlock& block) const {
  const size_t from = block.first.value() - 1;
  if (entries.size() < from + block.entries.size()) return false;
  const size_t bytes = block.entries.size() * sizeof(Entry);
  if (std::memcmp(&entries[from], block.entries.data(), bytes) != 0) return false;
  std::vector<std::byte> attached;
  for (size_t i = from; i < from + block.entries.size(); ++i) {
    attached.insert(attached.end(), attachments[i].begin(), attachments[i].end());
  }
  return std::ranges::equal(attached, block.attachments);
}

void Written::CutAfter(Sequence last) {
  entries.resize(last.value());
  attachments.resize(last.value());
}

Timestamp Life::TurnClock::Now() {
  Scheduler::Instance().Yield();
  return Timestamp{now_};
}

// A helper asks for the time before it knows whether there is something that it may apply; who
// applies the request after that asks again.
Timestamp Life::ApplyClock::Now() {
  const Timestamp now = turns_.Now();
  life_.applied_at_.resize(life_.pipeline_->cursors().applied);
  life_.applied_at_.push_back(now.value());
  life_.helper_asked_last_ = life_.IsHelping();
  if (!life_.IsHelping()) life_.apply_thread_ = std::this_thread::get_id();
  return now;
}

Life::Life(SimulatedDisk& disk, SimulatedEnv& env, const int64_t& now, Written& written)
    : disk_(disk), env_(env), written_(written), apply_clock_(now, *this), background_clock_(now) {}

Life::~Life() {
  env_.OpenGate();
  background_.reset();
  pipeline_.reset();
  ids_.reset();
  derived_.reset();
  ledger_.reset();
  env_.CloseGate();
  Scheduler::Instance().Forget();
}

absl::Status Life::Recover() {
  env_.OpenGate();
  absl::Status status;
  try {
    status = OpenAndRecover();
  } catch (const std::runtime_error& check) {
    status = absl::InternalError(check.what());
  }
  env_.CloseGate();
  return status;
}

absl::Status Life::OpenAndRecover() {
  const StoreSettings settings{
      .env = &env_, .write_buffer_bytes = kWriteBufferBytes, .holds_in_a_table = kHoldsInATable};
  auto ledger = LedgerStore::Open(kLedgerFolder, Access::kReadWrite, settings);
  if (!ledger.ok()) return ledger.status();
  ledger_ = std::move(*ledger);
  auto derived = DerivedStore::Open(kDerivedFolder, settings);
  if (!derived.ok()) return derived.status();
  derived_ = std::move(*derived);
  ids_ = std::make_unique<IdWindow>(IdWindow::Options{kIdSlots}, *derived_);
  const auto recovered = lumbung::Recover(*ledger_, *derived_, state_, *ids_, {});
  if (!recovered.ok()) return recovered.status();
  judged_ = derived_->watermarks();
  last_ = recovered->last;
  synced_ = last_.value();
  return absl::OkStatus();
}

void Life::Start() {
  const auto ignore = [](const absl::Status&) {};
  pipeline_ = std::make_unique<Pipeline>(kPipeline, state_, *ids_, *this, *this, apply_clock_,
                                         Sequence{last_.value() + 1}, ignore);
  pipeline_->Start();
  Scheduler::Instance().Gather(kPipelineThreads);
  background_ =
      std::make_unique<Background>(Background::Options{.objects_per_part = kObjectsPerPart},
                                   *pipeline_, *ids_, *derived_, background_clock_, ignore);
  background_thread_ = std::thread([this] { RunBackground(); });
  Scheduler::Instance().Gather(kPipelineThreads + 1);
  helper_thread_ = std::thread([this] { RunHelping(); });
  Scheduler::Instance().Gather(kThreads);
}

void Life::RunBackground() {
  for (;;) {
    Scheduler::Instance().Yield();
    if (stop_) return;
    const bool checkpoint = checkpoint_wanted_;
    const absl::Status status = background_->RunOnce(
        checkpoint ? Background::Checkpointing::kIncluded : Background::Checkpointing::kSkipped);
    JudgeDerived();
    if (!status.ok()) return;
    if (checkpoint) checkpoint_wanted_ = false;
  }
}

// What follows from the ledger may never be ahead of it: after a power cut the engine would refuse
// to start.
void Life::JudgeDerived() {
  const Watermarks now = derived_->watermarks();
  const Sequence reached = std::max(now.ids, now.state);
  const Sequence synced_to = synced();
  if (reached > synced_to) {
    Scheduler::Instance().NoteFailedCheck("the derived data reach sequence " +
                                          std::to_string(reached.value()) + ", but only " +
                                          std::to_string(synced_to.value()) + " is synced");
  }
  if (now.ids > judged_.ids) ++deeds_.generations_indexed;
  if (now.state > judged_.state) ++deeds_.checkpoints;
  judged_ = now;
}

// As the thread for gRPC's callbacks: it helps once for all that was submitted until then.
void Life::RunHelping() {
  for (;;) {
    help_signal_.WaitUntil([this] { return help_wanted_ || stop_; });
    if (stop_) return;
    help_wanted_ = false;
    pipeline_->HelpOrNotify();
  }
}

bool Life::Step(std::mt19937_64& random) {
  Scheduler& scheduler = Scheduler::Instance();
  std::vector<size_t> runnable = scheduler.Runnable();
  const size_t pending = env_.pending();
  if (runnable.empty() && pending == 0) return false;
  const size_t choice = random() % (runnable.size() + (pending != 0 ? 1 : 0));
  if (choice == runnable.size() || pending >= kMaxPending) {
    env_.OpenGate();
    env_.CloseGate();
    return true;
  }
  const size_t thread = runnable[choice];
  if (thread != kBackground) {
    scheduler.Run(thread);
    return true;
  }
  // It may wait for a flush, which may wait for a compaction.
  env_.OpenGate();
  scheduler.Run(thread);
  env_.CloseGate();
  return true;
}

SubmitStatus Life::Submit(Request& request, Room room, Helping helping) {
  const SubmitStatus status = pipeline_->Submit(request, room, helping);
  if (helping == Helping::kLater && status == SubmitStatus::kTaken) {
    help_wanted_ = true;
    help_signal_.Notify();
  }
  return status;
}

void Life::Stop() {
  if (pipeline_ == nullptr) return;
  stop_ = true;
  env_.OpenGate();
  Scheduler::Instance().Release();
  if (disk_.dead() || !Scheduler::Instance().failed_check().empty()) pipeline_->Fail();
  background_thread_.join();
  helper_thread_.join();
  pipeline_->Stop();
  const uint64_t applied = pipeline_->cursors().applied;
  if (helper_asked_last_ && applied_at_.size() > applied) applied_at_.resize(applied);
  env_.CloseGate();
}

void Life::CountAppend() {
  if (IsHelping()) {
    ++deeds_.appends_by_helper;
  } else if (std::this_thread::get_id() != apply_thread_.load()) {
    ++deeds_.appends_by_persist_thread;
  }
}

absl::Status Life::Append(std::span<Block* const> blocks) {
  Scheduler::Instance().Yield();
  for (const Block* block : blocks) {
    const size_t before = block->first().value() - 1;
    if (written_.entries.size() < before) {
      Scheduler::Instance().NoteFailedCheck("a gap in what is written");
    }
    written_.Take(*block);
  }
  const absl::Status status = ledger_->Append(blocks);
  if (status.ok()) ++written_.appends;
  if (status.ok()) CountAppend();
  if (status.ok() && disk_.LogsAreSynced(kLedgerFolder)) {
    synced_ = blocks.back()->last().value();
  }
  Scheduler::Instance().Yield();
  return status;
}

bool Life::ReadTransaction(Sequence first, std::vector<Entry>& legs) {
  return ledger_->ReadTransaction(first, legs);
}

}  // namespace lumbung
