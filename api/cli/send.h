// Sending one transaction: the options that all of them share, the id that is made known before
// anything is sent, and the report of what became of it. One thread.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "api/cli/format.h"
#include "api/cli/parse.h"
#include "api/cli/session.h"
#include "lumbung/v1/payment_service.pb.h"

namespace lumbung::cli {

struct SendOptions {
  std::optional<TransactionId> id;
  uint64_t reference = 0;
  std::string text;
  std::optional<Place> branch;
  std::optional<Place> terminal;
  uint32_t operator_id = 0;
  uint32_t terminal_sequence = 0;
};

// Adds --id, --reference, --text and the evidence of the POS.
void AddSendOptions(CLI::App& app, SendOptions& options);

// Adds the evidence of the POS alone, under the group's name in --help. What the command has
// already (a sale's --branch) is evidence too, and not added.
void AddEvidenceOptions(CLI::App& app, const std::string& group, SendOptions& options);

v1::Evidence EvidenceOf(const SendOptions& options);
// Refused if the branch and the terminal are named as those of two cooperatives: what is sent are
// their numbers alone, which are then taken for the cooperative's that pays.
absl::Status CheckEvidence(const SendOptions& options);

// The one cooperative that a command's parts name. Refused if two differ or none names one.
absl::StatusOr<CooperativeId> OneCooperative(
    std::initializer_list<std::optional<CooperativeId>> named);
std::optional<CooperativeId> CooperativeOf(const std::optional<Place>& place);
std::optional<CooperativeId> CooperativeOf(const std::optional<MemberName>& member);

// The id that was given or a new one. A new one is printed to standard error before it is used, so
// that it is known even if everything after this fails; UNAVAILABLE if that can't be done.
absl::StatusOr<TransactionId> ChooseId(Session& session, const SendOptions& options);
// Tells that the new id can't be made known. Nothing was sent.
ExitCode FailId(const absl::Status& status, Session& session);

// Prints what became of the transaction, in a person's form with the legs that were posted.
ExitCode ReportResult(Session& session, TransactionId id, const v1::TransactionResult& result);
// The first line of that report: `ACCEPTED`, `DECLINED: INSUFFICIENT_FUNDS …`.
std::string Headline(const v1::TransactionResult& result);

// Completes the request with what all have, sends it by `method`, and reports. `Request` is any of
// PayRequest … ReverseRequest, Transaction.
template <typename Request>
ExitCode Send(Session& session, const SendOptions& options, Request request,
              grpc::Status (v1::PaymentService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                               v1::TransactionResult*)) {
  if (const absl::Status status = CheckEvidence(options); !status.ok()) {
    return session.FailUsage(status);
  }
  const absl::StatusOr<TransactionId> id = ChooseId(session, options);
  if (!id.ok()) return FailId(id.status(), session);
  *request.mutable_id() = ToProto(*id);
  request.set_reference(options.reference);
  request.set_text(options.text);
  *request.mutable_evidence() = EvidenceOf(options);
  v1::TransactionResult result;
  const CallEnd end = session.client().Call(method, request, result);
  if (!end.ok()) return session.Fail(end, {CallPurpose::Effect::kMoney, *id});
  return ReportResult(session, *id, result);
}

}  // namespace lumbung::cli
