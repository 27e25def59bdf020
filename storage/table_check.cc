#include "storage/table_check.h"

#include <algorithm>

#include "rocksdb/convenience.h"
#include "rocksdb/metadata.h"
#include "storage/status.h"

namespace lumbung {

absl::Status CheckBlocks(rocksdb::DB& db, const std::vector<rocksdb::ColumnFamilyHandle*>& families,
                         const std::string& doing) {
  // Compactions go on meanwhile.
  rocksdb::Status status = db.DisableFileDeletions();
  if (!status.ok()) return ToStatus(status, doing);
  std::vector<rocksdb::LiveFileMetaData> files;
  db.GetLiveFilesMetaData(&files);
  for (const rocksdb::LiveFileMetaData& file : files) {
    const auto family = std::find_if(families.begin(), families.end(), [&](const auto* candidate) {
      return candidate->GetName() == file.column_family_name;
    });
    if (family == families.end()) continue;
    status = rocksdb::VerifySstFileChecksum(db.GetOptions(*family), rocksdb::EnvOptions(),
                                            file.db_path + file.name);
    if (!status.ok()) break;
  }
  const rocksdb::Status enabled = db.EnableFileDeletions(/*force=*/false);
  return ToStatus(status.ok() ? enabled : status, doing);
}

}  // namespace lumbung
