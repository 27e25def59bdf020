#include "storage/audit/re_execution.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <variant>

#include "engine/chart.h"
#include "engine/check.h"
#include "engine/limits.h"
#include "engine/state_data.h"
#include "engine/validate.h"
#include "storage/audit/entry_difference.h"

namespace lumbung::audit {

namespace {

constexpr size_t kIdSlots = size_t{1} << 16;
constexpr size_t kRecentBlocks = 384;     // of at most 64 KiB each, and their attachments
constexpr size_t kPrefetchDistance = 12;  // commands ahead
// Deadlines are kept in 32 bits of seconds.
constexpr uint64_t kNeverAskAgain = std::numeric_limits<uint64_t>::max();

std::string Number(Sequence sequence) { return std::to_string(sequence.value()); }

bool MayShareTime(Step step) { return step == Step::kExpire || step == Step::kFact; }

}  // namespace

ReExecution::ReExecution(const LedgerSource& ledger)
    : ledger_(ledger),
      ids_({.slots_per_generation = kIdSlots}, no_cold_index_),
      machine_(state_, ids_, *this) {
  legs_.reserve(kMaxBlockEntries);
  planned_.reserve(kMaxBlockEntries);
}

ReExecution::~ReExecution() = default;

// Only if the rules write more than is recorded, which Compare then finds.
Block& ReExecution::Exchange(Block&) {
  open_ = 1 - open_;
  return blocks_[open_];
}

bool ReExecution::ReadTransaction(Sequence first, std::vector<Entry>& legs) {
  LUMBUNG_CHECK(first == original_first_);  // FindRelated has read it
  legs = original_;
  return true;
}

// --- planning ---

std::optional<Finding> ReExecution::CheckTime(Sequence first, const Entry& entry) const {
  const int64_t time = entry.timestamp.value();
  if (time < 0 || time / kNsPerSecond > kLastSecond) {
    return Finding{Check::kRules, first, first, "a time that is not between 1970 and 2106"};
  }
  const bool ordered = MayShareTime(entry.kind.step()) ? entry.timestamp >= last_time_
                                                       : entry.timestamp > last_time_;
  if (ordered) return std::nullopt;
  return Finding{Check::kRules, first, first, "a time that is not after that of the entry before"};
}

// Rebuilds the block's commands. What is wrong with the form of an attachment is left to its turn.
std::optional<Finding> ReExecution::Plan(const StoredBlock& block) {
  planned_.clear();
  legs_.clear();
  std::span<const std::byte> attachments = block.attachments;
  for (size_t at = 0; at < block.entries.size();) {
    const Entry& first = block.entries[at];
    const Sequence sequence{block.first.value() + at};
    if (first.leg_count == 0 || first.leg_count > block.entries.size() - at ||
        first.attachment_length > attachments.size()) {
      return Finding{Check::kRules, sequence, sequence, "it is not a whole transaction"};
    }
    Planned& planned = planned_.emplace_back();
    planned.at = at;
    planned.count = first.leg_count;
    planned.attachment = attachments.first(first.attachment_length);
    static const Attachment kNone;
    std::optional<Attachment> decoded;
    if (!planned.attachment.empty()) decoded = Attachment::Decode(planned.attachment);
    planned.readable = planned.attachment.empty() || decoded.has_value();
    planned.rebuilt =
        Rebuild(block.entries.subspan(at, planned.count), decoded ? *decoded : kNone, legs_);
    attachments = attachments.subspan(first.attachment_length);
    at += planned.count;
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<Finding>> ReExecution::Run(std::shared_ptr<const StoredBlock> block) {
  const Sequence next{state_.last_sequence().value() + 1};
  if (block->first != next || block->first.value() + block->entries.size() > kMaxSequence) {
    return Finding{Check::kRules, block->first, block->first,
                   "the entries behind " + Number(state_.last_sequence()) + " are missing"};
  }
  while (ids_.NeedsSealing()) ids_.MarkIndexed();
  if (auto finding = Plan(*block)) return finding;
  recent_.push_back(block);
  if (recent_.size() > kRecentBlocks) recent_.pop_front();
  BlockWriter out(*this, blocks_[open_], block->first);
  const auto prefetch = [&](size_t i) {
    if (i < planned_.size() && planned_[i].rebuilt.origin == Origin::kCommand) {
      machine_.Prefetch(planned_[i].rebuilt.command);
    }
  };
  for (size_t i = 0; i < kPrefetchDistance; ++i) prefetch(i);
  for (size_t i = 0; i < planned_.size(); ++i) {
    prefetch(i + kPrefetchDistance);
    auto finding = RunOne(*block, planned_[i], out);
    if (!finding.ok() || *finding) return finding;
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<Finding>> ReExecution::RunOne(const StoredBlock& block,
                                                           const Planned& planned,
                                                           BlockWriter& out) {
  const Entry& entry = block.entries[planned.at];
  const Sequence first{block.first.value() + planned.at};
  const auto wrong = [&](std::string reason) {
    return Finding{Check::kRules, first, first, std::move(reason)};
  };
  if (!planned.readable) return wrong("an attachment that does not follow the grammar");
  if (auto finding = CheckTime(first, entry)) return finding;
  last_time_ = entry.timestamp;
  const Command& command = planned.rebuilt.command;
  if (planned.rebuilt.origin == Origin::kUnknown) return wrong("a kind that is never recorded");
  if (planned.rebuilt.origin == Origin::kExpiry) {
    machine_.ExpireHolds(entry.timestamp, 1, out);
    return Compare(block, planned, out);
  }
  const Verdict verdict = Validate(command, entry.timestamp);
  if (verdict.outcome != Outcome::kAccepted) {
    return wrong("it is malformed, and would have been refused: " + verdict.field + ": " +
                 verdict.message);
  }
  if (planned.rebuilt.origin == Origin::kOpening) {
    auto finding = RunOpening(first, block.entries.subspan(planned.at, planned.count), planned);
    // Room for what the rules did not write here.
    if (!finding) out.Append(1, planned.attachment.size());
    return finding;
  }
  Lookups lookups;
  lookups.id = {.answer = ColdLookup::Answer::kAbsent, .generations = kNeverAskAgain, .record = {}};
  lookups.related = lookups.id;
  auto misnamed = FindRelated(first, entry, command, lookups);
  if (!misnamed.ok()) return misnamed.status();
  if (*misnamed) return wrong(**misnamed);
  const Result result = machine_.Apply(command, lookups, entry.timestamp, out);
  if (result.leg_count == 0 && result.sequence != kNoSequence) {
    return wrong("it spends an id that entry " + Number(result.sequence) + " spent");
  }
  if (result.leg_count == 0 && result.outcome != Outcome::kAccepted) {
    return wrong("by the rules it is refused as " + std::string(Name(result.outcome)) +
                 ", and nothing recorded");
  }
  return Compare(block, planned, out);
}

std::optional<Finding> ReExecution::Compare(const StoredBlock& block, const Planned& planned,
                                            const BlockWriter& out) const {
  const Written recorded{block.entries.subspan(planned.at, planned.count), planned.attachment};
  // Of what was written, only that of this transaction: both stand at the same place of a block.
  const std::span<const Entry> all = out.block().entries();
  const bool in_place = out.block().first() == block.first && all.size() >= planned.at;
  Written expected{in_place ? all.subspan(planned.at) : all, {}};
  if (!expected.entries.empty() && expected.entries[0].attachment_length != 0) {
    expected.attachment = const_cast<BlockWriter&>(out).LastAttachment();
  }
  if (IsSame(recorded, expected)) [[likely]]
    return std::nullopt;
  const Difference difference = Describe(recorded, expected);
  const Sequence at{block.first.value() + planned.at + difference.leg};
  return Finding{Check::kRules, at, at, difference.reason};
}

// --- what a transaction names ---

absl::StatusOr<std::shared_ptr<const StoredBlock>> ReExecution::Find(Sequence sequence) {
  const auto after = std::ranges::upper_bound(recent_, sequence, {},
                                              [](const auto& block) { return block->first; });
  if (after != recent_.begin()) return *std::prev(after);
  return ledger_.ReadBlock(sequence);
}

absl::StatusOr<std::optional<std::string>> ReExecution::FindRelated(Sequence first,
                                                                    const Entry& entry,
                                                                    const Command& command,
                                                                    Lookups& lookups) {
  const auto related = RelatedOf(command);
  if (!related) return std::nullopt;
  const auto in_window = ids_.FindInMemory(*related);
  const Sequence place = in_window ? in_window->sequence : entry.related;
  if (place == kNoSequence) return std::nullopt;
  const auto misnamed = [&] {
    return "it names entry " + Number(place) + " as that of the id " + related->ToString() +
           ", which it is not";
  };
  if (place >= first) return misnamed();
  const bool ends_hold =
      std::holds_alternative<Capture>(command) || std::holds_alternative<Void>(command);
  const HoldRecord* const hold = ends_hold ? state_.FindHold(place) : nullptr;
  IdRecord record{.sequence = place, .outcome = Outcome::kAccepted, .fingerprint = 0};
  if (hold == nullptr || hold->id != *related || hold->leg_index != 0) {
    const auto block = Find(place);
    if (!block.ok()) return block.status();
    const Entry* const leg = &(*block)->entries[place.value() - (*block)->first.value()];
    if (leg->leg_index != 0 || leg->id != *related) return misnamed();
    original_.assign(leg, leg + leg->leg_count);
    original_first_ = place;
    record.outcome = leg->outcome;
  }
  if (!in_window) {
    lookups.related = {
        .answer = ColdLookup::Answer::kFound, .generations = kNeverAskAgain, .record = record};
  }
  return std::nullopt;
}

// --- openings ---

std::optional<Finding> ReExecution::RunOpening(Sequence first, std::span<const Entry> entries,
                                               const Planned& planned) {
  const Entry& entry = entries[0];
  const auto wrong = [&](std::string reason) {
    return Finding{Check::kRules, first, first, std::move(reason)};
  };
  // What the rules would write, from what the command says.
  Attachment attachment;
  Entry expected{};
  std::visit(
      [&](const auto& open) {
        if constexpr (requires { open.name; }) attachment.name = open.name;
        if constexpr (requires { open.zone_minutes; }) attachment.zone_minutes = open.zone_minutes;
        if constexpr (requires {
                        open.zone_minutes;
                        open.policy;
                      }) {
          attachment.policy = open.policy;
        }
        if constexpr (requires { open.branch; }) expected.branch = open.branch;
        if constexpr (requires { open.terminal; }) expected.terminal = open.terminal;
      },
      planned.rebuilt.command);
  std::vector<std::byte> bytes(attachment.EncodedSize());
  attachment.Encode(bytes);
  expected.debit_account =
      AccountId::From({.cooperative = entry.debit_account.cooperative(), .code = {}, .holder = {}});
  expected.timestamp = entry.timestamp;
  expected.kind = entry.kind;
  expected.outcome = Outcome::kAccepted;
  expected.leg_count = 1;
  expected.attachment_length = static_cast<uint16_t>(bytes.size());
  const Written written{{&expected, 1}, bytes};
  const Written recorded{entries, planned.attachment};
  if (!IsSame(recorded, written)) return wrong(Describe(recorded, written).reason);
  if (auto reason = Open(planned.rebuilt.command, first, entry.timestamp)) return wrong(*reason);
  state_.data().last_sequence = first;
  state_.data().last_timestamp = entry.timestamp;
  return std::nullopt;
}

std::optional<std::string> ReExecution::Open(const Command& command, Sequence sequence,
                                             Timestamp time) {
  State::Data& data = state_.data();
  if (const auto* const open = std::get_if<OpenCooperative>(&command)) {
    if (state_.FindCooperative(open->cooperative) != nullptr) return "the cooperative is open";
    data.OpenCooperative({.id = open->cooperative,
                          .zone_minutes = open->zone_minutes,
                          .policy = open->policy.value_or(Policy{}),
                          .name = std::string(open->name),
                          .opened_sequence = sequence,
                          .changed_sequence = sequence,
                          .opened_at = time});
  } else if (const auto* const branch = std::get_if<OpenBranch>(&command)) {
    if (state_.FindCooperative(branch->cooperative) == nullptr)
      return "no such cooperative is open";
    if (state_.FindBranch(branch->cooperative, branch->branch) != nullptr) {
      return "the branch is open";
    }
    data.OpenBranch({.cooperative = branch->cooperative,
                     .id = branch->branch,
                     .name = std::string(branch->name),
                     .opened_sequence = sequence,
                     .opened_at = time});
  } else if (const auto* const terminal = std::get_if<OpenTerminal>(&command)) {
    if (state_.FindBranch(terminal->cooperative, terminal->branch) == nullptr) {
      return "no such branch is open";
    }
    if (state_.FindTerminal(terminal->cooperative, terminal->terminal) != nullptr) {
      return "the terminal is open";
    }
    data.OpenTerminal({.cooperative = terminal->cooperative,
                       .branch = terminal->branch,
                       .id = terminal->terminal,
                       .name = std::string(terminal->name),
                       .opened_sequence = sequence,
                       .opened_at = time});
  }
  return std::nullopt;
}

}  // namespace lumbung::audit
