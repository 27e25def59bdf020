// Tells the torn end of a write-ahead log whose space was reserved beforehand (sized_logs.h) from
// damage. Such a log goes on with zeros behind what was written, so its end is not the file's.
//
// What a crash can leave of the last write, the one that no sync has reached:
//  - A process that is killed leaves all bytes up to a page's boundary, or up to a place at which
//    RocksDB began another write(2): between two records, or between a header and its payload.
//  - A power cut leaves any of the sectors of 512 bytes, each as it is now or as it was. What was
//    there before is zeros, behind what was written and synced earlier.
// So in either case a sector is zeros from the torn write's begin on, or the payload is. Whatever
// else is wrong is damage, and so are
//  - anything behind which another write begins: each is synced before the next, so what comes
//    before it was acknowledged, whatever it looks like now. Where the log's writes have a mark
//    (write_mark.h), what lacks it is none: clients' bytes in the torn write can't pass for one;
//  - a record that would be right with one bit changed, or with another length.
// The latter is there for a record whose last sector holds nothing but zeros of its own. No entry
// has 512 zeros in a row: its id, its accounts and its sequence are none.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "storage/write_mark.h"

namespace lumbung {

// Whether what stands at `at`, where no whole record does, is a write that was torn. `log` is the
// log from a block's boundary to its end, with zeros up to a block's boundary. `mark` is that of
// the log's writes before it, if there are any and they have one. Any thread.
bool IsTornWrite(std::span<const std::byte> log, size_t at, const std::optional<WriteMark>& mark);

}  // namespace lumbung
