#include "storage/image_loading.h"

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

// Reads all images of one family into parts of bounded size and hands each to the state.
template <typename Image>
absl::Status LoadFamily(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, State& state,
                        std::vector<Image> CheckpointPart::*member) {
  FamilyScan scan;
  rocksdb::Status status = scan.Begin(db, family);
  CheckpointPart part;
  for (; status.ok() && scan.it().Valid(); scan.it().Next()) {
    Image image;
    if (!DecodeImage(scan.it().value().ToStringView(), image)) {
      return Unreadable("an image in `" + family->GetName() + "` is damaged");
    }
    (part.*member).push_back(std::move(image));
    if ((part.*member).size() < kObjectsPerLoad) continue;
    state.Load(part);
    (part.*member).clear();
  }
  state.Load(part);
  if (status.ok()) status = scan.Finish();
  return ReadStatus(status, "loading `" + family->GetName() + "`");
}

absl::Status LoadOrganisation(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, State& state) {
  FamilyScan scan;
  rocksdb::Status status = scan.Begin(db, family);
  CheckpointPart part;
  const auto add = [](std::string_view value, auto& images) {
    return DecodeImage(value, images.emplace_back());
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

absl::Status LoadImages(rocksdb::DB& db, const ImageFamilies& families, State& state) {
  absl::Status status = LoadOrganisation(db, families.organisation, state);
  if (status.ok()) status = LoadFamily(db, families.accounts, state, &CheckpointPart::accounts);
  if (status.ok()) status = LoadFamily(db, families.holds, state, &CheckpointPart::holds);
  if (status.ok()) {
    status = LoadFamily(db, families.follow_ups, state, &CheckpointPart::follow_ups);
  }
  return status;
}

}  // namespace lumbung
