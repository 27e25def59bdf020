// The ring of preallocated slots, in the manner of the LMAX Disruptor (Thompson et al., 2011):
// several producers claim and publish, one consumer chain (apply, persist, reply) follows.
//
// INVARIANT: replied ≤ durable ≤ applied ≤ published ≤ claimed ≤ replied + capacity.
//  - A producer claims slot n by moving `claimed_` from n to n + 1, which it does only while
//    n - replied < its limit; so the slot's former request is replied to, and nobody reads it.
//  - It then writes the request and publishes by storing n + 1 into the slot's stamp (release); the
//    consumer that reads n + 1 (acquire) sees the request. Stamps of one slot only grow.
//  - Closing sets the top bit of `claimed_`, so that every later claim fails, and the number of
//  claims
//    is final: each of them will be published, because publishing can't fail.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "engine/request.h"

namespace lumbung {

class Ring {
 public:
  // REQUIRES: `slots` is a power of two, `reserved` < `slots`.
  Ring(size_t slots, size_t reserved);

  enum class ClaimStatus : uint8_t { kClaimed, kFull, kClosed };
  enum class Claimant : uint8_t { kOrdinary, kReserved };

  // --- producers, any thread ---
  // Claims the next slot for the request and publishes it.
  ClaimStatus Put(Request& request, Claimant claimant);
  void Close();

  // --- consumers ---
  // The request in slot n, or null if it is not published yet. REQUIRES: only the caller can make
  // slot n be released, so that nobody writes the next request into it meanwhile.
  Request* Published(uint64_t n) const;
  // Whether it is published, and not used again since. Any thread, for it looks at the stamp alone.
  bool IsPublished(uint64_t n) const;
  // Slot n is replied to and free. In order, by who replies (reply_stage.h).
  void Release(uint64_t n);
  // Whether n is the final number of claims. False while the ring is open.
  bool IsEnd(uint64_t n) const;

  // --- any thread ---
  size_t capacity() const { return mask_ + 1; }
  uint64_t claimed() const { return claimed_.load(std::memory_order_acquire) & ~kClosed; }
  uint64_t replied() const { return replied_.load(std::memory_order_acquire); }
  // Slots published without a gap from `from` on.
  uint64_t PublishedFrom(uint64_t from) const;

 private:
  static constexpr uint64_t kClosed = uint64_t{1} << 63;

  struct Slot {
    std::atomic<uint64_t> stamp{0};
    Request* request = nullptr;  // guarded by the stamp
  };

  const size_t mask_;
  const size_t ordinary_limit_;
  const std::unique_ptr<Slot[]> slots_;
  alignas(64) std::atomic<uint64_t> claimed_{0};  // producers
  alignas(64) std::atomic<uint64_t> replied_{0};  // who replies: reply_stage.h
};

}  // namespace lumbung
