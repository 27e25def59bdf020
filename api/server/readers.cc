#include "api/server/readers.h"

#include <utility>

namespace lumbung {

Readers::Readers(Options options) : most_waiting_(options.queue) {
  for (size_t i = 0; i < options.threads; ++i) threads_.emplace_back([this] { Loop(); });
}

Readers::~Readers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Readers::Run(Work work, Admission admission) {
  {
    const std::lock_guard lock(mutex_);
    if (admission == Admission::kIfRoom && waiting_.size() >= most_waiting_) return false;
    waiting_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void Readers::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Work work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace lumbung
