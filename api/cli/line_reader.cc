#include "api/cli/line_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace lumbung::cli {
namespace {

constexpr int kPollMs = 100;  // how long a stop may go unnoticed
constexpr size_t kChunkBytes = 256 * 1024;

absl::Status ReadError(std::string_view what) {
  return absl::UnavailableError(fmt::format("{}: {}", what, std::strerror(errno)));
}

bool IsBlank(const std::string& line) {
  return line.find_first_not_of(" \t\r") == std::string::npos;
}

}  // namespace

absl::StatusOr<LineReader> LineReader::Open(const std::string& path) {
  const int descriptor =
      path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return ReadError("can't open " + path);
  return LineReader(descriptor);
}

LineReader::LineReader(LineReader&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      buffer_(std::move(other.buffer_)),
      read_from_(other.read_from_),
      line_number_(other.line_number_),
      status_(std::move(other.status_)) {}

LineReader::~LineReader() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<std::string> LineReader::Next(const std::atomic<bool>& stop) {
  size_t searched_to = read_from_;
  while (true) {
    size_t newline = buffer_.find('\n', searched_to);
    if (newline == std::string::npos) {
      searched_to = buffer_.size() - read_from_;
      if (searched_to > kMostBytesOfALine) return RefuseLine();
      const Fill fill = FillBuffer(stop);
      if (fill == Fill::kStopped) return std::nullopt;
      if (fill == Fill::kMore) continue;
      if (read_from_ == buffer_.size()) return std::nullopt;
      newline = buffer_.size();  // the last line lacks its newline
    }
    if (newline - read_from_ > kMostBytesOfALine) return RefuseLine();
    std::string line = buffer_.substr(read_from_, newline - read_from_);
    read_from_ = newline + (newline < buffer_.size() ? 1 : 0);
    searched_to = read_from_;
    ++line_number_;
    if (!IsBlank(line)) return line;
  }
}

// Nothing behind it is read either.
std::nullopt_t LineReader::RefuseLine() {
  ++line_number_;
  status_ = absl::InvalidArgumentError(fmt::format(
      "a line of more than {} bytes: expected one transaction a line", kMostBytesOfALine));
  return std::nullopt;
}

LineReader::Fill LineReader::FillBuffer(const std::atomic<bool>& stop) {
  buffer_.erase(0, std::exchange(read_from_, 0));
  pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
  while (true) {
    if (stop.load()) return Fill::kStopped;
    const int ready = ::poll(&waiting, 1, kPollMs);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const size_t had = buffer_.size();
    buffer_.resize(had + kChunkBytes);
    const ssize_t got = ::read(descriptor_, buffer_.data() + had, kChunkBytes);
    buffer_.resize(had + (got > 0 ? static_cast<size_t>(got) : 0));
    if (got > 0) return Fill::kMore;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) status_ = ReadError("can't read");
    return Fill::kEnd;
  }
}

}  // namespace lumbung::cli
