// The one thread on which gRPC runs this process's callbacks.
//
// Left to itself, the callback API of gRPC 1.51 has two threads that take turns at the sockets and
// at the callbacks, so each call wakes one or the other several times, and each reply that another
// thread sends wakes one more. With one thread a call comes in, is decoded, and its reply goes out
// without a switch; and since that thread knows when it has no more events at hand, what came
// together is handed on together. bench/README.md has the figures.
//
// gRPC has no setting for it. callback_thread.cc defines the two functions of grpc++ that start and
// end those threads; the dynamic linker takes the program's before the library's. A test shows that
// they are the ones that are found.
//
// Callbacks must not block for longer than a sync of the disk: while one does, nothing is received.
// What may block is the sync of a payment that came alone, and at most two look-ups in the cold
// index for one whose id, or that of its hold or original, is older than the id window
// (submit.h): a filter in memory says of nearly all new ids that they are not there, so that only
// a late repeat or a late follow-up reads the disk.
#pragma once

#include <atomic>
#include <cstdint>

namespace lumbung {

class CallbackThread {
 public:
  // Work that other threads leave to it. Owned by who posts it until it runs.
  struct Work {
    Work* next = nullptr;
    void (*run)(Work& work) = nullptr;
  };

  // Leaves the callbacks to gRPC's own threads after all, for comparisons: there is no callback
  // thread then. REQUIRES: before the process has a server or channel.
  static void LeaveToGrpc();

  // Whether the caller is it.
  static bool IsCurrent();

  // Has `work.run` called on it, in the order of posting by one thread. Any thread.
  // REQUIRES: a server or client of the callback API exists until the work has run; LeaveToGrpc was
  // not called. The end of the last of them waits for those who are still in here.
  static void Post(Work& work);

  // Something to be done when the events at hand have been dealt with, but not later than after the
  // next 64, however many asked for it.
  // Must outlive what asks.
  class Afterwards {
   public:
    // `run` gets the number of times that it was asked for. It runs on the callback thread, and
    // must neither ask nor end one of these.
    Afterwards(void (*run)(void* context, uint64_t asked), void* context)
        : run_(run), context_(context) {}
    // Waits for a run that is under way.
    ~Afterwards();
    Afterwards(const Afterwards&) = delete;
    Afterwards& operator=(const Afterwards&) = delete;

    // The callback thread only.
    void Ask();

    // For the thread's loop: runs what was asked for. False if nothing was.
    static bool RunDue();

   private:
    void (*const run_)(void* context, uint64_t asked);
    void* const context_;
    uint64_t asked_ = 0;  // callback thread
  };
};

}  // namespace lumbung
