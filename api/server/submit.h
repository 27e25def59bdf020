// The step from a decoded request to the ring, and the words for the ways in which it can fail.
#pragma once

#include <grpcpp/support/status.h>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "api/server/engine_parts.h"
#include "engine/pipeline.h"
#include "engine/request.h"
#include "engine/validate.h"

namespace lumbung {

// Looks up in the cold index the ids that need it, which may read the disk, and hands the request
// to the pipeline. OK: request.done will be called. Otherwise the request is still the caller's,
// and the status is what the client should get: RESOURCE_EXHAUSTED or UNAVAILABLE, with the cause
// and, behind a `;`, what that means for the call. gRPC threads. REQUIRES: done is set; as many
// results as commands.
grpc::Status Submit(EngineParts& engine, Request& request, Room room);

// The same, unless this is the callback thread and so many ids must be looked up that everybody
// whose bytes it is to receive would wait: more than the two of one payment, of which each reads
// the disk once or twice at most. Then nothing was done.
std::optional<grpc::Status> SubmitAtOnce(EngineParts& engine, Request& request, Room room);

// The status of a request whose fate is kUnavailable.
grpc::Status FateUnknown();

// Submits a call's request, on a reader's thread if many ids must be looked up and its queue has
// room. When all of it is durable, kReply(call) runs on the pipeline's thread that replies (reply
// or apply), or on this one, which helps (Helping), before Send returns; if it can no longer become
// durable, the call ends with UNAVAILABLE. The call must not be touched afterwards.
template <auto kReply, typename CallType>
void Send(EngineParts& engine, CallType& call, Room room) {
  call.request().context = &call;
  call.request().done = [](Request& request, void* context) {
    CallType& done = *static_cast<CallType*>(context);
    if (request.fate == Request::Fate::kUnavailable) return done.Finish(FateUnknown());
    kReply(done);
  };
  const std::optional<grpc::Status> status = SubmitAtOnce(engine, call.request(), room);
  if (!status) {
    const auto submit = [&engine, &call, room] {
      const grpc::Status late = Submit(engine, call.request(), room);
      if (!late.ok()) call.Finish(late);
    };
    // So many may wait. With more of them nothing is received until this one is looked up.
    if (!engine.readers.Run(submit, Admission::kIfRoom)) submit();
  } else if (!status->ok()) {
    call.Finish(*status);
  }
}

// Which room a transaction may use: what releases held money, or undoes, gets through a flood.
Room RoomOf(const Command& command);

// The principal's call as a whole, for calls that are not commands. OK if it may.
grpc::Status Authorised(const EngineParts& engine, const grpc::ServerContextBase& context,
                        Deed deed);

// The status of an environment's failure, for the client.
grpc::Status ToGrpc(const absl::Status& status);
// Of a read that found no room in the readers' queue.
grpc::Status TooManyReads();

// The status of a refused message: INVALID_ARGUMENT (or PERMISSION_DENIED) that names the field,
// with the outcome, the field and, for an id from the future, the server's time as trailing
// metadata.
grpc::Status Refused(const Verdict& verdict, Timestamp now, grpc::ServerContextBase& context);

}  // namespace lumbung
