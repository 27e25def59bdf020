// A copy of the ledger and of what was signed about it, made while payments go on.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "api/server/engine_parts.h"
#include "lumbung/v1/admin_service.pb.h"

namespace lumbung {

// Makes the folder, copies into it, and opens the copy before it is called good; then it is on the
// disk, its names too. INVALID_ARGUMENT if the folder is no absolute path, is among the server's
// own files, is there already (and whether it looks like what is left of a backup that was cut
// off), or can't be made; otherwise what could not be copied or opened, and then nothing is left of
// the folder. A readers' thread.
absl::Status MakeBackup(const EngineParts& engine, const std::string& folder,
                        v1::BackupReply& reply);

}  // namespace lumbung
