// A call of the pipeline, for tests, that notes whether its answer ran ahead of the journal.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "engine/request.h"
#include "tests/engine/core/memory_journal.h"

namespace lumbung {

// A request that fences ids: the smallest transaction, one entry, no accounts needed.
struct FenceCall {
  explicit FenceCall(std::vector<uint64_t> numbers) {
    for (const uint64_t number : numbers) {
      request.commands.push_back(
          Resolve{.id = IdOf(number), .if_unknown = Resolve::IfUnknown::kFence});
    }
    request.lookups.resize(numbers.size());
    request.results.resize(numbers.size());
    request.done = [](Request& request, void* context) {
      auto* const call = static_cast<FenceCall*>(context);
      if (call->journal != nullptr && request.fate == Request::Fate::kReplied) {
        for (const Result& result : request.results) {
          if (result.sequence.value() > call->journal->last()) call->ran_ahead = true;
        }
      }
      call->answered_on = std::this_thread::get_id();
      call->finished.store(true, std::memory_order_release);
      call->finished.notify_all();
    };
    request.context = this;
  }

  static TransactionId IdOf(uint64_t number) { return {0x4000, uint64_t{1} << 63 | number}; }

  void Wait() { finished.wait(false, std::memory_order_acquire); }

  Request request;
  MemoryJournal* journal = nullptr;
  bool ran_ahead = false;
  std::thread::id answered_on;
  std::atomic<bool> finished{false};
};

}  // namespace lumbung
