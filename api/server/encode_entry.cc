#include "api/server/encode_entry.h"

#include <optional>

#include "api/server/convert.h"
#include "engine/attachment.h"

namespace lumbung {

namespace {

void EncodeAttachment(const Attachment& attachment, v1::Entry* proto) {
  proto->set_text(attachment.text.data(), attachment.text.size());
  proto->set_name(attachment.name.data(), attachment.name.size());
  if (attachment.related) Encode(*attachment.related, proto->mutable_related_id());
  if (attachment.limits) Encode(*attachment.limits, proto->mutable_limits());
  if (attachment.policy) Encode(*attachment.policy, proto->mutable_policy());
  if (attachment.status) proto->set_status(static_cast<v1::AccountStatus>(*attachment.status));
}

bool HasEvidence(const Entry& entry) {
  return entry.device_time != 0 || entry.branch != BranchId{} || entry.terminal != TerminalId{} ||
         entry.terminal_sequence != 0 || entry.operator_id != OperatorId{};
}

}  // namespace

void EncodeEntry(Sequence sequence, const Entry& entry, std::span<const std::byte> attachment,
                 v1::Entry* proto) {
  proto->set_sequence(sequence.value());
  if (!entry.id.IsZero()) Encode(entry.id, proto->mutable_id());
  proto->set_step(static_cast<v1::Step>(entry.kind.step()));
  if (entry.kind.step() == Step::kFact) {
    proto->set_fact(static_cast<v1::Fact>(entry.kind.fact()));
  } else {
    proto->set_kind(static_cast<v1::Kind>(entry.kind.purpose()));
  }
  proto->set_outcome(ToProto(entry.outcome));
  proto->set_debit_account(entry.debit_account.value());
  proto->set_credit_account(entry.credit_account.value());
  proto->set_amount(entry.amount.value());
  proto->set_debit_balance(entry.debit_balance.value());
  proto->set_credit_balance(entry.credit_balance.value());
  proto->set_debit_previous(entry.debit_previous.value());
  proto->set_credit_previous(entry.credit_previous.value());
  proto->set_timestamp_ns(entry.timestamp.value());
  proto->set_related_sequence(entry.related.value());
  proto->set_reference(entry.reference);
  if (HasEvidence(entry)) {
    Encode(Evidence{.device_time = entry.device_time,
                    .branch = entry.branch,
                    .terminal = entry.terminal,
                    .terminal_sequence = entry.terminal_sequence,
                    .operator_id = entry.operator_id},
           proto->mutable_evidence());
  }
  proto->set_leg_index(entry.leg_index);
  proto->set_leg_count(entry.leg_count);
  proto->set_deadline_s(entry.deadline);
  proto->set_by_rule((entry.flags & kFlagByRule) != 0);
  proto->set_fee((entry.flags & kFlagFee) != 0);
  proto->set_part((entry.flags & kFlagPart) != 0);
  proto->set_clearing((entry.flags & kFlagClearing) != 0);
  proto->set_cause((entry.flags & kFlagCause) != 0);
  if (attachment.empty()) return;
  if (const auto decoded = Attachment::Decode(attachment)) EncodeAttachment(*decoded, proto);
}

}  // namespace lumbung
