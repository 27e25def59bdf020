#include "storage/image_loading.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "storage/image_codec.h"
#include "storage/status.h"
#include "storage/table_check.h"

namespace lumbung {

absl::Status Unreadable(const std::string& what) {
  return absl::DataLossError(what +
                             ": delete the derived data with `lumbungd --drop-derived`; it is "
                             "rebuilt from the ledger at the next start");
}

// What came of reading; if it is damage, with the way to mend it.
absl::Status ReadStatus(const rocksdb::Status& status, std::string_view doing) {
  const absl::Status result = ToStatus(status, doing);
  return absl::IsDataLoss(result) ? Unreadable(std::string(result.message())) : result;
}

namespace {

constexpr size_t kObjectsPerLoad = 8192;

// The last entry that an image shows.
Sequence LastShown(const Account& account) { return account.last_sequence; }
Sequence LastShown(const HoldRecord& hold) { return hold.changed_sequence; }
Sequence LastShown(const FollowUp& follow_up) { return follow_up.changed_sequence; }
Sequence LastShown(const Cooperative& cooperative) { return cooperative.changed_sequence; }
Sequence LastShown(const Branch& branch) { return branch.opened_sequence; }
Sequence LastShown(const Terminal& terminal) { return terminal.opened_sequence; }

// Reads all images of one family into parts of bounded size and hands each to the state.
template <typename Image>
absl::Status LoadFamily(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, State& state,
                        Sequence& newest, std::vector<Image> CheckpointPart::*member) {
  FamilyScan scan;
  rocksdb::Status status = scan.Begin(db, family);
  CheckpointPart part;
  for (; status.ok() && scan.it().Valid(); scan.it().Next()) {
    Image image;
    if (!DecodeImage(scan.it().value().ToStringView(), image)) {
      return Unreadable("an image in `" + family->GetName() + "` is damaged");
    }
    newest = std::max(newest, LastShown(image));
    (part.*member).push_back(std::move(image));
    if ((part.*member).size() < kObjectsPerLoad) continue;
    state.Load(part);
    (part.*member).clear();
  }
  state.Load(part);
  if (status.ok()) status = scan.Finish();
  return ReadStatus(status, "loading `" + family->GetName() + "`");
}

absl::Status LoadOrganisation(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, State& state,
                              Sequence& newest) {
  FamilyScan scan;
  rocksdb::Status status = scan.Begin(db, family);
  CheckpointPart part;
  const auto add = [&newest](std::string_view value, auto& images) {
    const bool good = DecodeImage(value, images.emplace_back());
    if (good) newest = std::max(newest, LastShown(images.back()));
    return good;
  };
  for (; status.ok() && scan.it().Valid(); scan.it().Next()) {
    const std::string_view value = scan.it().value().ToStringView();
    const char kind = scan.it().key().empty() ? '\0' : scan.it().key()[0];
    bool good = false;
    if (kind == static_cast<char>(OrganisationKind::kCooperative)) {
      good = add(value, part.cooperatives);
    } else if (kind == static_cast<char>(OrganisationKind::kBranch)) {
      good = add(value, part.branches);
    } else if (kind == static_cast<char>(OrganisationKind::kTerminal)) {
      good = add(value, part.terminals);
    }
    if (!good) return Unreadable("an image in `organisation` is damaged");
    if (part.cooperatives.size() + part.branches.size() + part.terminals.size() < kObjectsPerLoad) {
      continue;
    }
    state.Load(part);
    part = {};
  }
  state.Load(part);
  if (status.ok()) status = scan.Finish();
  return ReadStatus(status, "loading the organisation");
}

}  // namespace

absl::Status LoadImages(rocksdb::DB& db, const ImageFamilies& families, State& state,
                        Sequence& newest) {
  newest = kNoSequence;
  absl::Status status = LoadOrganisation(db, families.organisation, state, newest);
  if (status.ok()) {
    status = LoadFamily(db, families.accounts, state, newest, &CheckpointPart::accounts);
  }
  if (status.ok()) status = LoadFamily(db, families.holds, state, newest, &CheckpointPart::holds);
  if (status.ok()) {
    status = LoadFamily(db, families.follow_ups, state, newest, &CheckpointPart::follow_ups);
  }
  return status;
}

}  // namespace lumbung
