// Small files that must be on the disk before anything follows from them. UNAVAILABLE says what
// could not be done to which file. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lumbung {

// Makes the file with mode 0600 and this content, whole or not at all, never over another file.
absl::Status CreateSynced(const std::string& path, std::string_view content);
// Puts this content in place of the file's, whole or not at all; of a symbolic link, in place of
// the file that it leads to.
absl::Status ReplaceSynced(const std::string& path, std::string_view content);
// Copies the bytes that the file has now into a new file, and syncs that; another may go on
// appending. Does nothing if there is no such file.
absl::Status CopySynced(const std::string& from, const std::string& to);
// OK if something is at this path, NOT_FOUND if nothing is. UNAVAILABLE if that can't be told, as
// in a folder that is closed to this user: whoever took that for nothing would call it well unseen.
absl::Status LookFor(const std::string& path);
// NOT_FOUND if there is no file, DATA_LOSS if it has more than `most` bytes.
absl::StatusOr<std::string> ReadWhole(const std::string& path, size_t most);
// Makes what was created, renamed or removed in the file's folder durable.
absl::Status SyncFolderOf(const std::string& path);

// The path itself, or the file that it leads to if it is a symbolic link.
absl::StatusOr<std::string> WhereItLeads(const std::string& path);

// What errno says went wrong while `doing` to `path`.
absl::Status FileError(std::string_view doing, const std::string& path);

}  // namespace lumbung
