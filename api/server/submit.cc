#include "api/server/submit.h"

#include <grpcpp/server_context.h>

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/check.h"

namespace lumbung {

namespace {

// The ids that a command needs to be looked up; zero where there is none.
struct Ids {
  TransactionId own;
  TransactionId related;
};

struct IdsOf {
  Ids operator()(const Post& post) const { return {post.header.id, {}}; }
  Ids operator()(const Hold& hold) const { return {hold.header.id, {}}; }
  Ids operator()(const Capture& capture) const { return {capture.header.id, capture.hold}; }
  Ids operator()(const Void& release) const { return {release.header.id, release.hold}; }
  Ids operator()(const Refund& refund) const { return {refund.header.id, refund.original}; }
  Ids operator()(const Reverse& reverse) const { return {reverse.header.id, reverse.original}; }
  Ids operator()(const Resolve& resolve) const { return {resolve.id, {}}; }
  template <typename Fact>
  Ids operator()(const Fact&) const {
    return {};
  }
};

// What the look-up of one batch needs; kept by each thread, so that its memory is.
struct ColdBatch {
  std::vector<TransactionId> ids;
  std::vector<ColdLookup*> targets;
  std::vector<ColdLookup> answers;
};

// As many as one transaction needs: its own id, and that of its hold or original.
constexpr size_t kMostLookUpsWhereAllWait = 2;

// Collects what must be looked up. It is this thread's until the next call.
ColdBatch& CollectCold(const EngineParts& engine, Request& request) {
  thread_local ColdBatch cold;
  cold.ids.clear();
  cold.targets.clear();
  const ColdLookup not_needed = engine.ids.NotNeeded();
  request.lookups.assign(request.commands.size(), Lookups{not_needed, not_needed});
  const auto look_up = [&](const TransactionId& id, ColdLookup& target) {
    if (id.IsZero() || !engine.ids.NeedsCold(id)) return;
    cold.ids.push_back(id);
    cold.targets.push_back(&target);
  };
  for (size_t i = 0; i < request.commands.size(); ++i) {
    if (request.results[i].outcome != Outcome::kNone) continue;
    const Ids ids = std::visit(IdsOf{}, request.commands[i]);
    look_up(ids.own, request.lookups[i].id);
    look_up(ids.related, request.lookups[i].related);
  }
  return cold;
}

// False if one of them can't be: an index that can't be read can't prove that an id is new, and
// going on could pay twice.
bool LookUp(const EngineParts& engine, ColdBatch& cold) {
  if (cold.ids.empty()) return true;
  cold.answers.resize(cold.ids.size());
  engine.derived.Find(cold.ids, cold.answers);
  for (size_t i = 0; i < cold.targets.size(); ++i) {
    if (cold.answers[i].answer == ColdLookup::Answer::kUnreadable) return false;
    *cold.targets[i] = cold.answers[i];
  }
  return true;
}

grpc::Status IndexUnreadable() {
  return {grpc::StatusCode::UNAVAILABLE,
          "the server can't read its index of ids (its log says why, and what to do); this call "
          "recorded nothing, but an earlier one with the same id may have: send it again later, "
          "with the same id"};
}

grpc::Status HandOver(EngineParts& engine, Request& request, Room room) {
  // What comes in one burst is begun with together, once it is all published (or 64 events have
  // been dealt with); not a batch, for then there is enough to do.
  const bool later = CallbackThread::IsCurrent() && request.commands.size() <= 1;
  switch (engine.pipeline.Submit(request, room, later ? Helping::kLater : Helping::kNo)) {
    case SubmitStatus::kTaken:
      if (later) engine.submitted.Ask();
      return grpc::Status::OK;
    case SubmitStatus::kFull:
      return {grpc::StatusCode::RESOURCE_EXHAUSTED,
              absl::StrCat("all ", engine.config.ring_slots,
                           " slots of the ring are taken; nothing of this call was recorded, send "
                           "it again")};
    case SubmitStatus::kStopped:
      return {grpc::StatusCode::UNAVAILABLE,
              "the server is stopping; nothing of this call was recorded, send it again later"};
  }
  return {grpc::StatusCode::INTERNAL, "unknown state of the pipeline"};
}

}  // namespace

grpc::Status Submit(EngineParts& engine, Request& request, Room room) {
  LUMBUNG_CHECK(request.done != nullptr && request.results.size() == request.commands.size());
  if (!LookUp(engine, CollectCold(engine, request))) return IndexUnreadable();
  return HandOver(engine, request, room);
}

std::optional<grpc::Status> SubmitAtOnce(EngineParts& engine, Request& request, Room room) {
  LUMBUNG_CHECK(request.done != nullptr && request.results.size() == request.commands.size());
  ColdBatch& cold = CollectCold(engine, request);
  if (cold.ids.size() > kMostLookUpsWhereAllWait && CallbackThread::IsCurrent()) {
    return std::nullopt;
  }
  if (!LookUp(engine, cold)) return IndexUnreadable();
  return HandOver(engine, request, room);
}

Room RoomOf(const Command& command) {
  const bool releases =
      std::holds_alternative<Capture>(command) || std::holds_alternative<Void>(command) ||
      std::holds_alternative<Refund>(command) || std::holds_alternative<Reverse>(command);
  return releases ? Room::kReserved : Room::kOrdinary;
}

grpc::Status Authorised(const EngineParts& engine, const grpc::ServerContextBase& context,
                        Deed deed) {
  if (Authorise(engine.authenticator.Authenticate(context), deed) == Permission::kGranted) {
    return grpc::Status::OK;
  }
  return {grpc::StatusCode::PERMISSION_DENIED, std::string(Explain(Outcome::kNotPermitted))};
}

grpc::Status ToGrpc(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

grpc::Status FateUnknown() {
  return {grpc::StatusCode::UNAVAILABLE,
          "the engine failed before the outcome was on disk; ask Resolve with the same id when the "
          "server is back"};
}

grpc::Status TooManyReads() {
  return {grpc::StatusCode::RESOURCE_EXHAUSTED,
          "too many reads wait for a thread (read_queue); ask again"};
}

grpc::Status Refused(const Verdict& verdict, Timestamp now, grpc::ServerContextBase& context) {
  context.AddTrailingMetadata("lumbung-outcome", std::string(Name(verdict.outcome)));
  context.AddTrailingMetadata("lumbung-field", verdict.field);
  if (verdict.outcome == Outcome::kIdFromTheFuture) {
    context.AddTrailingMetadata("lumbung-server-time-ns", std::to_string(now.value()));
  }
  grpc::StatusCode code = grpc::StatusCode::INVALID_ARGUMENT;
  if (verdict.outcome == Outcome::kNotPermitted) code = grpc::StatusCode::PERMISSION_DENIED;
  if (verdict.outcome == Outcome::kOriginalUnreadable) code = grpc::StatusCode::DATA_LOSS;
  return {code, verdict.field.empty() ? verdict.message
                                      : absl::StrCat(verdict.field, ": ", verdict.message)};
}

}  // namespace lumbung
