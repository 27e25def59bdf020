// Reads the ledger ahead of whoever goes through it, on a thread of its own: reading, hashing and
// checking a block goes on while the one before is replayed. Next() belongs to one thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "engine/types.h"
#include "storage/ledger_source.h"

namespace lumbung {

class ReadAhead {
 public:
  // Begins to read with the block of sequence `from`. The ledger must outlive this object.
  ReadAhead(const LedgerSource& ledger, Sequence from);
  // Ends reading, wherever it is.
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // The next block in order, verified and chained to the one before. Null at the end of the ledger
  // and where it can't be read on; status() tells the two apart.
  std::shared_ptr<const StoredBlock> Next();
  // REQUIRES: Next() has returned null.
  const absl::Status& status() const { return status_; }

 private:
  void Run(const LedgerSource& ledger, Sequence from);
  bool Push(std::shared_ptr<const StoredBlock> block);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<const StoredBlock>> blocks_;  // guarded by mutex_
  bool ended_ = false;                                     // all is read; guarded by mutex_
  bool stop_ = false;                                      // guarded by mutex_
  absl::Status status_;  // written before ended_ is set, read after it was seen
  std::thread thread_;
};

}  // namespace lumbung
