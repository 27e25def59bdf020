// Lines of a file or of standard input, read so that waiting for input can be called off: a
// terminal's pipe may be silent for hours, and the server may go away meanwhile. One thread reads;
// another may set the stop flag.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace lumbung::cli {

class LineReader {
 public:
  // Opens the file; `-` is standard input.
  static absl::StatusOr<LineReader> Open(const std::string& path);

  LineReader(LineReader&& other) noexcept;
  LineReader& operator=(LineReader&&) = delete;
  ~LineReader();

  // The longest transaction, written as JSON with every byte escaped, is far from it.
  static constexpr size_t kMostBytesOfALine = size_t{1} << 20;

  // The next line that is not blank, without its newline. Nothing at the end, once `stop` is set,
  // and where a line is too long.
  std::optional<std::string> Next(const std::atomic<bool>& stop);

  // The number of the line that Next returned last, or that was too long; from 1.
  uint64_t line_number() const { return line_number_; }
  // After Next returned nothing: UNAVAILABLE if reading failed, INVALID_ARGUMENT if a line has more
  // than kMostBytesOfALine.
  const absl::Status& status() const { return status_; }

 private:
  enum class Fill { kMore, kEnd, kStopped };

  explicit LineReader(int descriptor) : descriptor_(descriptor) {}
  Fill FillBuffer(const std::atomic<bool>& stop);
  std::nullopt_t RefuseLine();

  int descriptor_;
  std::string buffer_;
  size_t read_from_ = 0;  // what of the buffer is already used up
  uint64_t line_number_ = 0;
  absl::Status status_;
};

}  // namespace lumbung::cli
