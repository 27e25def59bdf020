// Stands in for std::atomic in the engine's sources that the explorer runs: the same operations,
// each of them a step of the model. The target's sources are compiled with this header in front.
#pragma once

// What the engine's headers include, before the name below changes.
#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <random>
#include <set>
#include <source_location>
#include <span>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/protocol/explorer.h"

namespace lumbung {

template <typename T>
class CheckedAtomic {
 public:
  using Order = std::memory_order;
  using Where = std::source_location;

  CheckedAtomic(T initial = T{})  // NOLINT: implicit, as that of std::atomic
      : location_(Explorer::Current().NewLocation(ToWord(initial))) {}
  CheckedAtomic(const CheckedAtomic&) = delete;
  CheckedAtomic& operator=(const CheckedAtomic&) = delete;

  T load(Order order = std::memory_order_seq_cst, Where where = Where::current()) const {
    return FromWord(Explorer::Current().Load(location_, {"load", Operation::kLoad, order, where}));
  }
  void store(T value, Order order = std::memory_order_seq_cst, Where where = Where::current()) {
    Explorer::Current().Store(location_, ToWord(value), {"store", Operation::kStore, order, where});
  }
  T exchange(T value, Order order = std::memory_order_seq_cst, Where where = Where::current()) {
    return Change(
        "exchange", [&](T) { return value; }, order, where);
  }
  T fetch_add(T value, Order order = std::memory_order_seq_cst, Where where = Where::current()) {
    return Change(
        "fetch_add", [&](T old) { return static_cast<T>(old + value); }, order, where);
  }
  T fetch_or(T value, Order order = std::memory_order_seq_cst, Where where = Where::current()) {
    return Change(
        "fetch_or", [&](T old) { return static_cast<T>(old | value); }, order, where);
  }
  bool compare_exchange_weak(T& expected, T value, Order order = std::memory_order_seq_cst,
                             Where where = Where::current()) {
    const uint64_t wanted = ToWord(expected);
    expected = FromWord(Explorer::Current().ReadModifyWrite(
        location_, [&](uint64_t) { return ToWord(value); },
        {"compare_exchange", Operation::kReadModifyWrite, order, where}, &wanted));
    return ToWord(expected) == wanted;
  }
  void wait(T old, Order order = std::memory_order_seq_cst, Where where = Where::current()) const {
    Explorer::Current().Wait(location_, ToWord(old), {"wait", Operation::kWait, order, where});
  }
  void notify_one(Where where = Where::current()) {
    Explorer::Current().NotifyOne(
        location_, {"notify_one", Operation::kNotify, std::memory_order_relaxed, where});
  }

 private:
  static uint64_t ToWord(T value) {
    if constexpr (std::is_pointer_v<T>) {
      return reinterpret_cast<uintptr_t>(value);
    } else {
      return static_cast<uint64_t>(value);
    }
  }
  static T FromWord(uint64_t word) {
    if constexpr (std::is_pointer_v<T>) {
      return reinterpret_cast<T>(static_cast<uintptr_t>(word));
    } else {
      return static_cast<T>(word);
    }
  }
  template <typename F>
  T Change(const char* name, F change, Order order, Where where) {
    return FromWord(Explorer::Current().ReadModifyWrite(
        location_, [&](uint64_t old) { return ToWord(change(FromWord(old))); },
        {name, Operation::kReadModifyWrite, order, where}));
  }

  const size_t location_;
};

}  // namespace lumbung

namespace std {
template <typename T>
using checked_atomic = lumbung::CheckedAtomic<T>;
}  // namespace std

// After this line std::atomic<T> names the class above.
#define atomic checked_atomic
