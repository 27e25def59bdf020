// Memory for tables that are touched at random, in pages of 2 MiB where the system grants them
// (transparent huge pages, `madvise` or `always`): a table of 128 MiB then takes 64 entries of the
// processor's address cache instead of 32,768, which it does not have. Without huge pages it is
// ordinary memory. A lack of memory ends the process. Not thread-safe.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "engine/check.h"

namespace lumbung {

// Whole pages of zero bytes, each taken when it is first touched.
class HugePages {
 public:
  static constexpr size_t kPage = size_t{2} << 20;

  // Less would waste too much of its last page.
  static constexpr size_t kLeast = kPage - kPage / 8;

  static constexpr size_t RoundUp(size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

  // REQUIRES: bytes > 0.
  static void* Map(size_t bytes) {
    // One page more, so that a whole number of them begins on a boundary; the rest is given back.
    const size_t size = RoundUp(bytes);
    void* const mapped = mmap(nullptr, size + kPage, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    LUMBUNG_CHECK(mapped != MAP_FAILED && "out of memory");
    char* const first = static_cast<char*>(mapped);
    const size_t before =
        RoundUp(reinterpret_cast<uintptr_t>(first)) - reinterpret_cast<uintptr_t>(first);
    char* const begin = first + before;
    if (before > 0) munmap(first, before);
    if (before < kPage) munmap(begin + size, kPage - before);
    // A refusal costs speed and nothing else.
    if (bytes >= kLeast) madvise(begin, size, MADV_HUGEPAGE);
    return begin;
  }
  // Takes the pages of what Map(bytes) gave now, so that nobody waits for one later: a large page
  // is cleared when it is first touched (0.2 ms; a virtual machine that had to ask its host for the
  // memory took 4 to 26). Changes no byte; other threads may use the memory meanwhile. A kernel
  // before Linux 5.14 refuses (MADV_POPULATE_WRITE, madvise(2)): that costs speed, nothing else.
  static void TakeNow(void* begin, size_t bytes) {
    // Page by page, as a thread that maps memory meanwhile waits for the one at hand.
    for (size_t at = 0; at < bytes; at += kPage) {
      madvise(static_cast<char*>(begin) + at, std::min(kPage, bytes - at), MADV_POPULATE_WRITE);
    }
  }
  // What Map(bytes) gave.
  static void Unmap(void* begin, size_t bytes) { munmap(begin, RoundUp(bytes)); }
};

// An array of fixed size that begins as zero bytes, which must be a valid T.
template <typename T>
class HugeArray {
 public:
  HugeArray() = default;
  explicit HugeArray(size_t size) : size_(size) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    if (size > 0) data_ = static_cast<T*>(HugePages::Map(size * sizeof(T)));
  }
  ~HugeArray() {
    if (data_ != nullptr) HugePages::Unmap(data_, size_ * sizeof(T));
  }
  HugeArray(HugeArray&& other) noexcept { swap(other); }
  HugeArray& operator=(HugeArray&& other) noexcept {
    swap(other);
    return *this;
  }

  // All of its pages; see HugePages. Any thread, while the array stays.
  void TakeNow() {
    if (data_ != nullptr) HugePages::TakeNow(data_, size_ * sizeof(T));
  }

  size_t size() const { return size_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

  void swap(HugeArray& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
};

// For containers of the standard library. What is much smaller than a page comes from the heap.
template <typename T>
struct HugeAllocator {
  using value_type = T;

  HugeAllocator() = default;
  template <typename Other>
  HugeAllocator(const HugeAllocator<Other>&) {}  // NOLINT: containers convert it

  T* allocate(size_t count) {
    const size_t bytes = count * sizeof(T);
    if (bytes < HugePages::kLeast) return static_cast<T*>(::operator new(bytes));
    return static_cast<T*>(HugePages::Map(bytes));
  }
  void deallocate(T* begin, size_t count) {
    const size_t bytes = count * sizeof(T);
    if (bytes < HugePages::kLeast) return ::operator delete(begin);
    HugePages::Unmap(begin, bytes);
  }
  bool operator==(const HugeAllocator&) const = default;
};

}  // namespace lumbung
