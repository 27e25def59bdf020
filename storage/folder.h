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

}  // namespace lumbung
