// Objects that are kept for their next use, so that what a call needs is not allocated again each
// time. Lock-free: a fixed number of places, each empty or holding one object. What does not fit is
// deleted.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>

namespace lumbung {

// Any thread may call. What is out when the list is destroyed must not be given back.
template <typename T, size_t kPlaces>
class FreeList {
 public:
  FreeList() = default;
  ~FreeList() {
    for (auto& place : places_) delete place.load();
  }
  FreeList(const FreeList&) = delete;
  FreeList& operator=(const FreeList&) = delete;

  // A kept object, or null if there is none.
  std::unique_ptr<T> Take() {
    for (std::atomic<T*>& place : places_) {
      if (place.load(std::memory_order_relaxed) == nullptr) continue;
      // Acquires what Give released: the object's content.
      if (T* const kept = place.exchange(nullptr, std::memory_order_acquire)) {
        return std::unique_ptr<T>(kept);
      }
    }
    return nullptr;
  }

  void Give(std::unique_ptr<T> object) {
    for (std::atomic<T*>& place : places_) {
      T* empty = nullptr;
      // Releases the object's content to the exchange in Take.
      if (place.load(std::memory_order_relaxed) == nullptr &&
          place.compare_exchange_strong(empty, object.get(), std::memory_order_release,
                                        std::memory_order_relaxed)) {
        object.release();
        return;
      }
    }
  }

 private:
  std::array<std::atomic<T*>, kPlaces> places_{};
};

}  // namespace lumbung
