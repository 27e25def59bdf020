#include "storage/status.h"

#include <string>

namespace lumbung {

namespace {

bool IsLockFailure(const rocksdb::Status& status, const std::string& text) {
  return status.IsIOError() && (text.find("lock hold by current process") != std::string::npos ||
                                text.find("While lock file") != std::string::npos);
}

}  // namespace

absl::Status ToStatus(const rocksdb::Status& status, std::string_view doing) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = status.ToString();
  const std::string message = std::string(doing) + ": " + text;
  if (status.IsNotFound()) return absl::NotFoundError(message);
  if (status.IsCorruption()) return absl::DataLossError(message);
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(message);
  if (IsLockFailure(status, text)) return absl::FailedPreconditionError(message);
  if (status.IsIOError()) return absl::UnavailableError(message);
  return absl::InternalError(message);
}

}  // namespace lumbung
