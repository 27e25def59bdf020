#include "tests/model/describe_command.h"

#include <sstream>

namespace lumbung {

namespace {

class Describer {
 public:
  void operator()(const Post& post) {
    out_ << "POST " << Name(post.purpose) << (post.source == LegSource::kByRule ? " by rule" : "");
    Add(post.legs);
    Add(post.header);
  }
  void operator()(const Hold& hold) {
    out_ << "HOLD " << Name(hold.purpose) << " for " << hold.seconds << " s";
    Add(hold.legs);
    Add(hold.header);
  }
  void operator()(const Capture& capture) {
    AddFollowing("CAPTURE", capture.hold, capture.amount, capture.header);
  }
  void operator()(const Void& release) {
    AddFollowing("VOID", release.hold, std::nullopt, release.header);
  }
  void operator()(const Refund& refund) {
    AddFollowing("REFUND", refund.original, refund.amount, refund.header);
  }
  void operator()(const Reverse& reverse) {
    AddFollowing("REVERSE", reverse.original, std::nullopt, reverse.header);
  }
  void operator()(const Resolve& resolve) {
    out_ << (resolve.if_unknown == Resolve::IfUnknown::kFence ? "FENCE " : "RESOLVE ")
         << resolve.id.ToString() << ", cooperative " << resolve.cooperative.value();
  }
  void operator()(const OpenCooperative& open) {
    out_ << "open cooperative " << open.cooperative.value() << " \"" << open.name << "\", zone "
         << open.zone_minutes;
    if (open.policy) Add(*open.policy);
  }
  void operator()(const OpenBranch& open) {
    out_ << "open branch " << open.branch.value() << " \"" << open.name << "\" of cooperative "
         << open.cooperative.value();
  }
  void operator()(const OpenTerminal& open) {
    out_ << "open terminal " << open.terminal.value() << " at branch " << open.branch.value()
         << " of cooperative " << open.cooperative.value();
  }
  void operator()(const OpenAccount& open) {
    out_ << "open account " << open.account.ToString() << ", asset " << open.asset.value();
    if (open.limits) Add(*open.limits);
  }
  void operator()(const SetLimits& set) {
    out_ << "set limits of " << set.account.ToString();
    Add(set.limits);
  }
  void operator()(const SetStatus& set) {
    out_ << "set status of " << set.account.ToString() << " to " << static_cast<int>(set.status);
  }
  void operator()(const SetPolicy& set) {
    out_ << "set policy of cooperative " << set.cooperative.value();
    Add(set.policy);
  }

  std::string text() const { return out_.str(); }

 private:
  void Add(std::span<const Leg> legs) {
    for (const Leg& leg : legs) {
      out_ << ' ' << leg.debit.ToString() << '>' << leg.credit.ToString() << '='
           << leg.amount.value();
    }
  }
  void Add(const Header& header) {
    if (header.evidence.branch != BranchId{}) out_ << ", branch " << header.evidence.branch.value();
    if (header.evidence.terminal != TerminalId{}) {
      out_ << ", terminal " << header.evidence.terminal.value();
    }
    out_ << ", id " << header.id.ToString();
  }
  void Add(const Limits& limits) {
    out_ << ", floor " << limits.floor.value() << ", ceiling " << limits.ceiling.value()
         << ", a transaction " << limits.per_transaction.value() << ", a day "
         << limits.per_day.value();
  }
  void Add(const Policy& policy) {
    out_ << ", VAT " << policy.vat_basis_points << " bp, platform fee "
         << policy.platform_fee_basis_points << " bp, MDR " << policy.mdr_basis_points
         << " bp above " << policy.mdr_free_up_to.value() << ", transfer fee "
         << policy.transfer_fee.value();
  }
  void AddFollowing(std::string_view step, const TransactionId& related,
                    std::optional<Amount> amount, const Header& header) {
    out_ << step << " of " << related.ToString();
    if (amount) out_ << ", " << amount->value();
    Add(header);
  }

  std::ostringstream out_;
};

}  // namespace

std::string Describe(const Command& command) {
  Describer describer;
  std::visit(describer, command);
  return describer.text();
}

}  // namespace lumbung
