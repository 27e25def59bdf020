// The whole engine below gRPC, with its real threads, on a folder.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/check.h"
#include "engine/pipeline.h"
#include "storage/background.h"
#include "storage/recovery.h"

namespace lumbung {

class SystemClock final : public Clock {
 public:
  Timestamp Now() override {
    return Timestamp{
        std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count()};
  }
};

// Apply and Query may be called by any number of threads.
class EngineOnFolder {
 public:
  EngineOnFolder(const std::string& folder, size_t id_slots, int64_t checkpoint_interval_ms,
                 uint64_t checkpoint_entries = 2'000'000, StoreSettings settings = {})
      : ledger_(Opened(LedgerStore::Open(folder + "/ledger", Access::kReadWrite, settings))),
        derived_(Opened(DerivedStore::Open(folder + "/derived"))),
        ids_({id_slots}, *derived_) {
    const auto recovered = Recover(*ledger_, *derived_, state_, ids_, {});
    LUMBUNG_CHECK(recovered.ok());
    recovered_hash = state_.Hash();
    pipeline = std::make_unique<Pipeline>(
        Pipeline::Options{.ring_slots = 64, .reserved_slots = 8, .blocks = 16}, state_, ids_,
        *ledger_, *ledger_, clock_, Sequence{recovered->last.value() + 1},
        [](const absl::Status&) { LUMBUNG_CHECK(false && "the journal failed"); });
    pipeline->Start();
    background = std::make_unique<Background>(
        Background::Options{.checkpoint_interval_ms = checkpoint_interval_ms,
                            .checkpoint_entries = checkpoint_entries,
                            .objects_per_part = 16},
        *pipeline, ids_, *derived_, clock_,
        [](const absl::Status&) { LUMBUNG_CHECK(false && "the derived store failed"); });
    background->Start();
  }

  ~EngineOnFolder() {
    background->Stop();
    pipeline->Stop();
  }

  Result Apply(const Command& command) { return ApplyTogether({command})[0]; }

  // As one batch, which waits for the disk once.
  std::vector<Result> ApplyTogether(std::vector<Command> commands) {
    Request request;
    request.commands = std::move(commands);
    request.results.resize(request.commands.size());
    for (const Command& command : request.commands) {
      request.lookups.push_back({LookUp(IdOf(command)), LookUp(RelatedOf(command))});
    }
    Send(request);
    return std::move(request.results);
  }

  template <typename Read>
  void Query(Read read) {
    Request request;
    request.query = [&](State& state, Sequence) { read(state); };
    Send(request);
  }

  StateHash Hash() {
    StateHash hash;
    Query([&](State& state) { hash = state.Hash(); });
    return hash;
  }

  uint64_t synced_writes() const { return ledger_->synced_writes(); }
  uint64_t generations() const { return derived_->generations(); }

  std::unique_ptr<Pipeline> pipeline;
  std::unique_ptr<Background> background;
  StateHash recovered_hash;  // before the clock went on and holds expired

 private:
  template <typename T>
  static std::unique_ptr<T> Opened(absl::StatusOr<std::unique_ptr<T>> opened) {
    LUMBUNG_CHECK(opened.ok());
    return std::move(*opened);
  }

  static TransactionId IdOf(const Command& command) {
    return std::visit(
        [](const auto& c) -> TransactionId {
          if constexpr (requires { c.header.id; }) return c.header.id;
          if constexpr (requires { c.id; }) return c.id;
          return {};
        },
        command);
  }

  static TransactionId RelatedOf(const Command& command) {
    return std::visit(
        [](const auto& c) -> TransactionId {
          if constexpr (requires { c.hold; }) return c.hold;
          if constexpr (requires { c.original; }) return c.original;
          return {};
        },
        command);
  }

  ColdLookup LookUp(const TransactionId& id) const {
    ColdLookup lookup = ids_.NotNeeded();
    if (ids_.NeedsCold(id)) derived_->Find({&id, 1}, {&lookup, 1});
    return lookup;
  }

  void Send(Request& request) {
    std::atomic<bool> done{false};
    request.context = &done;
    request.done = [](Request&, void* context) {
      auto* const done = static_cast<std::atomic<bool>*>(context);
      done->store(true, std::memory_order_release);
      done->notify_one();  // by its address alone: it may be gone already
    };
    ASSERT_EQ(pipeline->Submit(request, Room::kReserved), SubmitStatus::kTaken);
    done.wait(false, std::memory_order_acquire);
    ASSERT_EQ(request.fate, Request::Fate::kReplied);
  }

  SystemClock clock_;
  std::unique_ptr<LedgerStore> ledger_;
  std::unique_ptr<DerivedStore> derived_;
  State state_;
  IdWindow ids_;
};

}  // namespace lumbung
