// The SubmitStream calls that are open, so that a stopping server can end those that wait for more.
// Without it an idle one would hold the stop up for as long as it has patience.
#pragma once

#include <mutex>
#include <unordered_set>

namespace lumbung {

class SubmitStreamReactor;

// Any thread may call. Must outlive the gRPC server.
class OpenStreams {
 public:
  // Keeps the stream until Remove. False if the streams were ended before: nothing is kept, and the
  // stream should end itself.
  bool Add(SubmitStreamReactor& stream);
  void Remove(SubmitStreamReactor& stream);

  // Has every open stream answer what it has taken and then end; those to come find the door shut.
  void End();

 private:
  std::mutex mutex_;
  std::unordered_set<SubmitStreamReactor*> streams_;  // guarded by mutex_
  bool ended_ = false;                                // guarded by mutex_
};

}  // namespace lumbung
