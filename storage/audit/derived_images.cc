#include "storage/audit/derived_images.h"

#include <limits>
#include <utility>
#include <vector>

#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "storage/image_codec.h"
#include "storage/image_loading.h"
#include "storage/log_check.h"
#include "storage/no_log.h"
#include "storage/status.h"
#include "storage/table_check.h"
#include "storage/transparency/synced_file.h"

namespace lumbung::audit {

namespace {

enum Family : size_t { kDefault, kAccounts, kHolds, kFollowUps, kOrganisation, kDailyBalances };
constexpr const char* kFamilyNames[] = {"default",    "accounts",     "holds",
                                        "follow_ups", "organisation", "daily_balances"};

}  // namespace

struct DerivedImages::Parts {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  StateWatermark watermark;

  ~Parts() {
    for (rocksdb::ColumnFamilyHandle* family : families) db->DestroyColumnFamilyHandle(family);
    if (db != nullptr) db->Close();
  }

  absl::Status Open(const std::string& folder);
  absl::Status ReadWatermark();
};

absl::Status DerivedImages::Parts::Open(const std::string& folder) {
  rocksdb::DBOptions options;
  options.info_log = std::make_shared<NoLog>();
  if (absl::Status there = LookFor(folder + "/CURRENT"); !there.ok()) {
    return absl::IsNotFound(there) ? absl::NotFoundError("there are no derived data in " + folder)
                                   : there;
  }
  if (absl::Status logs = CheckLogs(folder, *options.env); !logs.ok()) return logs;
  rocksdb::ColumnFamilyOptions of_family;
  // FamilyScan counts what is skipped.
  of_family.max_sequential_skip_in_iterations = std::numeric_limits<uint64_t>::max();
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const char* const name : kFamilyNames) descriptors.emplace_back(name, of_family);
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::OpenForReadOnly(options, folder, descriptors, &families, &opened);
  db.reset(opened);
  if (!status.ok()) return ToStatus(status, "opening the derived data in " + folder);
  return ReadWatermark();
}

absl::Status DerivedImages::Parts::ReadWatermark() {
  std::string value;
  rocksdb::Status status = db->Get({}, kFormatKey, &value);
  if (status.ok() && value != std::string(1, kImageVersion)) {
    return absl::NotFoundError("the derived data are of another format");
  }
  if (status.ok()) status = db->Get({}, kStateWatermarkKey, &value);
  if (status.IsNotFound()) return absl::OkStatus();
  if (!status.ok()) return ToStatus(status, "reading the state's watermark");
  if (!DecodeImage(value, watermark))
    return absl::DataLossError("the state's watermark is damaged");
  return absl::OkStatus();
}

DerivedImages::DerivedImages(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
DerivedImages::~DerivedImages() = default;

absl::StatusOr<std::unique_ptr<DerivedImages>> DerivedImages::Open(const std::string& folder) {
  auto parts = std::make_unique<Parts>();
  if (absl::Status status = parts->Open(folder); !status.ok()) return status;
  return std::unique_ptr<DerivedImages>(new DerivedImages(std::move(parts)));
}

Sequence DerivedImages::watermark() const { return parts_->watermark.sequence; }

absl::Status DerivedImages::LoadState(State& state) const {
  const auto& families = parts_->families;
  Sequence newest;
  absl::Status status = LoadImages(*parts_->db,
                                   {.accounts = families[kAccounts],
                                    .holds = families[kHolds],
                                    .follow_ups = families[kFollowUps],
                                    .organisation = families[kOrganisation]},
                                   state, newest);
  if (!status.ok()) return status;
  state.FinishLoad(parts_->watermark.sequence, parts_->watermark.timestamp);
  return absl::OkStatus();
}

absl::Status DerivedImages::ForEachDailyBalance(
    const std::function<void(const DailyBalance& daily)>& visit) const {
  FamilyScan scan;
  rocksdb::Status status = scan.Begin(*parts_->db, parts_->families[kDailyBalances]);
  for (; status.ok() && scan.it().Valid(); scan.it().Next()) {
    DailyBalance daily;
    if (!DecodeImage(scan.it().value().ToStringView(), daily) ||
        scan.it().key().ToStringView() != KeyOf(daily.account, daily.date)) {
      return absl::DataLossError("a daily balance is damaged");
    }
    visit(daily);
  }
  if (status.ok()) status = scan.Finish();
  return ToStatus(status, "reading the daily balances");
}

}  // namespace lumbung::audit
