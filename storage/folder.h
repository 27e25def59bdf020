// Folders that are still there after a power cut.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "storage/store_settings.h"

namespace lumbung {

// Makes the folder, and those above it that are missing, each durable in the one above it:
// files synced in a folder are lost with it if its own name was never synced. Does nothing if it is
// there.
absl::Status MakeFolder(const std::string& folder, const StoreSettings& settings);

// Whether files in the folder, which is there, can be written past the system's cache (O_DIRECT).
// Not on every file system: on tmpfs for one, depending on the kernel. Tries it with a file.
bool TakesDirectWrites(const std::string& folder);

}  // namespace lumbung
