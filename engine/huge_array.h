// An array of fixed size for tables that are touched at random, in pages of 2 MiB where the system
// grants them (transparent huge pages, `madvise` or `always`): a table of 128 MiB then takes 64
// entries of the processor's address cache instead of 32,768, which it does not have. Without huge
// pages it is an ordinary array.
//
// Begins as zero bytes, which must be a valid T. Memory is taken when it is first touched and given
// back at the end; a lack of it ends the process, as std::bad_alloc would. Not thread-safe.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "engine/check.h"

namespace lumbung {

template <typename T>
class HugeArray {
 public:
  HugeArray() = default;
  explicit HugeArray(size_t size) : size_(size) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    if (size == 0) return;
    // One page more, so that a whole number of them can begin on a boundary.
    mapped_bytes_ = (size * sizeof(T) + kPage - 1) / kPage * kPage + kPage;
    mapped_ = mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    LUMBUNG_CHECK(mapped_ != MAP_FAILED && "out of memory");
    const auto begin = (reinterpret_cast<uintptr_t>(mapped_) + kPage - 1) / kPage * kPage;
    data_ = reinterpret_cast<T*>(begin);
    // A small array would waste most of its only page. A refusal costs speed and nothing else.
    if (size * sizeof(T) >= kPage) madvise(data_, mapped_bytes_ - kPage, MADV_HUGEPAGE);
  }
  ~HugeArray() {
    if (mapped_ != nullptr) munmap(mapped_, mapped_bytes_);
  }
  HugeArray(HugeArray&& other) noexcept { swap(other); }
  HugeArray& operator=(HugeArray&& other) noexcept {
    swap(other);
    return *this;
  }

  size_t size() const { return size_; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

  void swap(HugeArray& other) noexcept {
    std::swap(mapped_, other.mapped_);
    std::swap(mapped_bytes_, other.mapped_bytes_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

 private:
  static constexpr size_t kPage = size_t{2} << 20;

  void* mapped_ = nullptr;
  size_t mapped_bytes_ = 0;
  T* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace lumbung
