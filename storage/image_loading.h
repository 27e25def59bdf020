// Reads the images of a checkpoint out of the derived data. Shared by the store that the server has
// open and by whoever only looks at it. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "engine/state.h"
#include "engine/types.h"
#include "rocksdb/db.h"

namespace lumbung {

// Keys of the family `default`.
inline constexpr char kFormatKey[] = "format";
inline constexpr char kStateWatermarkKey[] = "state_watermark";

// The watermark of the state, as stored.
struct StateWatermark {
  Sequence sequence;
  Timestamp timestamp;
};

struct ImageFamilies {
  rocksdb::ColumnFamilyHandle* accounts;
  rocksdb::ColumnFamilyHandle* holds;
  rocksdb::ColumnFamilyHandle* follow_ups;
  rocksdb::ColumnFamilyHandle* organisation;
};

// Hands all images over to the state, in parts; FinishLoad is left to the caller. DATA_LOSS if any
// is damaged or was not met. `newest` becomes the last entry that any of them shows. REQUIRES:
// FamilyScan's (table_check.h).
absl::Status LoadImages(rocksdb::DB& db, const ImageFamilies& families, State& state,
                        Sequence& newest);

// DATA_LOSS, with the way to mend derived data.
absl::Status Unreadable(const std::string& what);
// What came of reading; if it is damage, with the way to mend it.
absl::Status ReadStatus(const rocksdb::Status& status, std::string_view doing);

}  // namespace lumbung
