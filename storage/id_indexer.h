// Writes sealed ids to the cold index on a thread of its own while a recovering thread replays. It
// is the one background thread that the id window's sealing calls belong to, until it ends.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "engine/id_window.h"
#include "storage/derived_store.h"

namespace lumbung {

class IdIndexer {
 public:
  // Both must outlive this object.
  IdIndexer(IdWindow& ids, DerivedStore& derived);
  // Finishes the generation that it is writing, if any, and ends. One that nobody asked for stays
  // sealed in the window.
  ~IdIndexer();
  IdIndexer(const IdIndexer&) = delete;
  IdIndexer& operator=(const IdIndexer&) = delete;

  // --- recovering thread ---
  // Asks for what is sealed to be indexed; does not wait.
  void Begin();
  // Returns when the window has room for more ids, or what went wrong.
  absl::Status MakeRoom();

 private:
  void Run();
  absl::Status IndexSealed();

  IdWindow& ids_;
  DerivedStore& derived_;
  SealedIds sealed_;  // the indexing thread's
  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false;   // guarded by mutex_
  bool busy_ = false;     // guarded by mutex_
  bool stop_ = false;     // guarded by mutex_
  absl::Status failure_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace lumbung
