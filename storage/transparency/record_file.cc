#include "storage/transparency/record_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <charconv>

#include "storage/transparency/synced_file.h"

namespace lumbung {

namespace {

// The file's last bytes, from `offset` on.
struct Tail {
  std::string text;
  uint64_t offset = 0;
};
absl::StatusOr<Tail> ReadTail(int file, const RecordFile::Options& options) {
  struct stat found {};
  if (fstat(file, &found) != 0) return FileError("reading", options.path);
  const auto size = static_cast<uint64_t>(found.st_size);
  Tail tail{.offset = size > options.tail_bytes ? size - options.tail_bytes : 0};
  tail.text.resize(size - tail.offset);
  for (size_t done = 0; done < tail.text.size();) {
    const ssize_t got = pread(file, tail.text.data() + done, tail.text.size() - done,
                              static_cast<off_t>(tail.offset + done));
    if (got < 0) return FileError("reading", options.path);
    if (got == 0) return absl::UnavailableError(options.path + " became shorter while it was read");
    done += static_cast<size_t>(got);
  }
  return tail;
}

}  // namespace

std::optional<Record> TakeRecord(std::string_view text, std::string_view word) {
  const size_t head = word.size() + 1;
  if (!text.starts_with(word) || text.size() < head || text[word.size()] != ' ') {
    return std::nullopt;
  }
  const size_t line = text.find('\n');
  if (line == std::string_view::npos) return std::nullopt;
  size_t length = 0;
  const auto [stop, error] = std::from_chars(text.data() + head, text.data() + line, length);
  if (error != std::errc{} || stop != text.data() + line) return std::nullopt;
  if (length > text.size() - line - 1) return std::nullopt;
  const std::string_view content = text.substr(line + 1, length);
  if (content.ends_with('\0')) return std::nullopt;
  return Record{content, line + 1 + length};
}

bool IsTornRecord(std::string_view text, std::string_view word,
                  const std::function<bool(std::string_view content)>& is_whole) {
  if (text.starts_with('\0')) return true;
  text = text.substr(0, text.find_last_not_of('\0') + 1);
  const std::string head = std::string(word) + " ";
  if (text.size() <= head.size()) return head.starts_with(text);
  if (!text.starts_with(head)) return false;
  text.remove_prefix(head.size());
  size_t length = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<size_t>(stop - text.data()));
  if (text.empty()) return true;
  return text.front() == '\n' && text.size() - 1 < length && !is_whole(text.substr(1));
}

RecordFile::~RecordFile() {
  if (file_ >= 0) close(file_);
}

absl::Status RecordFile::Open(const Visit& visit) {
  const std::string& path = options_.path;
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) return FileError("opening", path);
  if (absl::Status status = SyncFolderOf(path); !status.ok()) return status;
  const absl::StatusOr<Tail> tail = ReadTail(file_, options_);
  if (!tail.ok()) return tail.status();
  size_t begin = 0;
  if (tail->offset > 0) {
    const size_t found_at = tail->text.find("\n" + options_.word + " ");
    if (found_at == std::string::npos) return absl::DataLossError(path + " is damaged");
    begin = found_at + 1;
  }
  return Read(std::string_view(tail->text).substr(begin), tail->offset + begin, visit);
}

absl::Status RecordFile::Read(std::string_view tail, uint64_t offset, const Visit& visit) {
  const std::string head = options_.word + " ";
  while (!tail.empty()) {
    const auto record = TakeRecord(tail, options_.word);
    if (!record) {
      // Where another follows, it was whole once.
      const bool is_last = tail.find("\n" + head) == std::string_view::npos;
      const auto is_whole = [&visit](std::string_view content) { return visit(content).ok(); };
      if (is_last && IsTornRecord(tail, options_.word, is_whole)) return CutAt(offset);
      return absl::DataLossError(options_.path + " is damaged at byte " + std::to_string(offset));
    }
    if (const absl::Status status = visit(record->content); !status.ok()) {
      return absl::DataLossError(options_.path + ": the record at byte " + std::to_string(offset) +
                                 ": " + std::string(status.message()));
    }
    offset += record->bytes;
    tail.remove_prefix(record->bytes);
  }
  return absl::OkStatus();
}

absl::Status RecordFile::CutAt(uint64_t offset) const {
  if (ftruncate(file_, static_cast<off_t>(offset)) == 0 && fdatasync(file_) == 0) {
    return absl::OkStatus();
  }
  return FileError("shortening", options_.path);
}

absl::Status RecordFile::Append(std::string_view record) {
  if (!failed_.ok()) return failed_;
  const std::string bytes =
      options_.word + " " + std::to_string(record.size()) + "\n" + std::string(record);
  const ssize_t wrote = write(file_, bytes.data(), bytes.size());
  if (wrote >= 0 && wrote != static_cast<ssize_t>(bytes.size())) {
    failed_ =
        absl::UnavailableError("writing " + options_.path + ": only " + std::to_string(wrote) +
                               " of " + std::to_string(bytes.size()) + " bytes were taken");
  } else if (wrote < 0 || fdatasync(file_) != 0) {
    failed_ = FileError("writing", options_.path);
  }
  return failed_;
}

absl::StatusOr<std::string> NewestRecord(const RecordFile::Options& options) {
  const std::string& path = options.path;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return absl::NotFoundError("there is no " + path);
  if (file < 0) return FileError("opening", path);
  const absl::StatusOr<Tail> tail = ReadTail(file, options);
  close(file);
  if (!tail.ok()) return tail.status();
  const std::string head = options.word + " ";
  const std::string_view text = tail->text;
  // From the end, since the very last may be torn.
  for (size_t at = text.rfind(head); at != std::string_view::npos; at = text.rfind(head, at - 1)) {
    const bool begins_line = at > 0 ? text[at - 1] == '\n' : tail->offset == 0;
    const auto record = begins_line ? TakeRecord(text.substr(at), options.word) : std::nullopt;
    if (record) return std::string(record->content);
    if (at == 0) break;
  }
  return absl::NotFoundError("there is no whole " + options.word + " in " + path);
}

}  // namespace lumbung
