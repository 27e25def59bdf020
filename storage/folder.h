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

// Makes the folder's name durable, in the folder above it.
absl::Status SyncNameOf(const std::string& folder, const StoreSettings& settings);

// DATA_LOSS if the data folder has what is made only beside a ledger (derived data, evidence, half
// a backup), but no ledger: it is lost, or its disk is not mounted, and whoever began an empty one
// in its place would serve that. OK if there is a ledger, even a damaged one, or nothing of all
// that.
absl::Status CheckLedgerIsInPlace(const std::string& data_folder);

// Whether files in the folder, which is there, can be written past the system's cache (O_DIRECT).
// Not on every file system: on tmpfs for one, depending on the kernel. Tries it with a file.
bool TakesDirectWrites(const std::string& folder);

}  // namespace lumbung
