// Wakes those who follow the ledger's live end. One thread waits for the pipeline on behalf of all
// followers, so that a follower costs no thread of its own; it sleeps while there are none.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/pipeline.h"
#include "engine/types.h"

namespace lumbung {

// Any thread may call.
class LiveEnd {
 public:
  class Follower {
   public:
    virtual ~Follower() = default;
    // More may be durable, or the server stops, or the follower is gone. Called once a Wait, on the
    // thread of LiveEnd; must be short.
    virtual void Wake() = 0;
    // Whether nobody wants more. Asked about 20 times a second while it waits.
    virtual bool Gone() const = 0;
  };

  explicit LiveEnd(const Pipeline& pipeline);
  ~LiveEnd();

  // Calls follower.Wake() when more than `seen` is durable, the server stops or the follower is
  // gone; maybe before Wait returns. Until then the follower must live.
  void Wait(Follower& follower, Sequence seen);
  // Wakes all, now and for ever.
  void Stop();
  bool stopped() const;

 private:
  struct Waiting {
    Follower* follower;
    Sequence seen;
  };

  void Loop();
  // Takes out those who wait for less than `durable`. REQUIRES: mutex_ is held.
  std::vector<Follower*> TakeReady(Sequence durable);

  const Pipeline& pipeline_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting> waiting_;  // guarded by mutex_
  bool stopped_ = false;          // guarded by mutex_
  bool ending_ = false;           // guarded by mutex_
  std::thread thread_;
};

}  // namespace lumbung
