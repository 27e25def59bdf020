#include "storage/audit/known_checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "storage/transparency/record_file.h"
#include "storage/transparency/synced_file.h"

namespace lumbung::audit {

namespace {

constexpr std::string_view kWord = "checkpoint";
constexpr std::string_view kHead = "checkpoint ";
// A record is a line and a note, which is never longer than 64 KiB (signed_note.h).
constexpr size_t kMostRecordBytes = size_t{65} << 10;
constexpr size_t kPartBytes = size_t{128} << 10;
static_assert(kPartBytes >= kMostRecordBytes);

// A file through a window that moves on, so that its length takes no memory.
class Window {
 public:
  Window(int file, const std::string& path)
      : file_(file), path_(path), buffer_(2 * kPartBytes, '\0') {}

  // What comes next, all of it or at least a part's length.
  std::string_view Look() {
    if (end_ - begin_ < kPartBytes && !ended_) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= std::exchange(begin_, 0);
      Fill();
    }
    return {buffer_.data() + begin_, end_ - begin_};
  }
  void Skip(size_t bytes) {
    begin_ += bytes;
    offset_ += bytes;
  }
  uint64_t offset() const { return offset_; }  // of what comes next, in the file
  // UNAVAILABLE if the file could not be read to its end.
  const absl::Status& status() const { return status_; }

 private:
  void Fill() {
    while (end_ < buffer_.size() && !ended_) {
      const ssize_t got = read(file_, buffer_.data() + end_, buffer_.size() - end_);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) status_ = FileError("reading", path_);
      if (got <= 0) ended_ = true;
      if (got > 0) end_ += static_cast<size_t>(got);
    }
  }

  const int file_;
  const std::string& path_;
  bool ended_ = false;
  absl::Status status_;
  std::string buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t offset_ = 0;
};

// Goes to where the next record begins. False if none does.
bool SkipToRecord(Window& window) {
  const std::string begin = "\n" + std::string(kHead);
  for (size_t from = 1;; from = 0) {
    const std::string_view text = window.Look();
    const size_t found = text.find(begin, from);
    if (found != std::string_view::npos) {
      window.Skip(found + 1);
      return true;
    }
    if (text.size() < kPartBytes) return false;
    window.Skip(text.size() - begin.size());
  }
}

absl::StatusOr<Checkpoint> OpenNote(std::string_view text, const std::optional<VerifierKey>& key) {
  if (key) return OpenCheckpoint(text, *key);
  const absl::StatusOr<SignedNote> note = SignedNote::Parse(text);
  if (!note.ok()) return note.status();
  return Checkpoint::Parse(note->text);
}

// Reads one file.
class Reader {
 public:
  Reader(const std::string& path, CheckpointFrom from, const std::optional<VerifierKey>& key)
      : path_(path), from_(from), key_(key) {}

  KnownCheckpoints ReadNote(std::string_view note) {
    Take(note, path_);
    return std::move(known_);
  }

  absl::StatusOr<KnownCheckpoints> Read(int file) {
    Window window(file, path_);
    if (from_ == CheckpointFrom::kAuditor && !window.Look().starts_with(kHead)) {
      Take(window.Look(), path_);
    } else {
      ReadRecords(window);
    }
    if (!window.status().ok()) return window.status();
    return std::move(known_);
  }

 private:
  void ReadRecords(Window& window) {
    while (!window.Look().empty()) {
      const std::string where = path_ + ", byte " + std::to_string(window.offset());
      if (known_.findings.size() >= kMostFindings) {
        Find(where + ": there is more damage than is told; the rest was not read");
        break;
      }
      if (const auto record = TakeRecord(window.Look(), kWord);
          record && record->bytes <= kMostRecordBytes) {
        Take(record->content, where);
        window.Skip(record->bytes);
        continue;
      }
      const bool is_torn = IsTorn(window.Look());
      const bool is_last = !SkipToRecord(window);
      if (is_last && is_torn) {
        known_.notes.push_back(where + ": a record that the end of the file cuts off");
        break;
      }
      Find(where + ": a damaged record");
      if (is_last) break;
    }
  }

  // One that a crash cut off was handed to nobody.
  bool IsTorn(std::string_view text) const {
    const auto is_whole = [this](std::string_view note) { return OpenNote(note, key_).ok(); };
    return text.size() <= kMostRecordBytes && IsTornRecord(text, kWord, is_whole);
  }

  // In what follows the last checkpoint that was good.
  void Find(std::string reason) {
    const Sequence first{last_size_ + 1};
    known_.findings.push_back({Check::kCheckpoints, first, first, std::move(reason)});
  }

  void Take(std::string_view note, const std::string& where) {
    absl::StatusOr<Checkpoint> checkpoint = OpenNote(note, key_);
    if (!checkpoint.ok()) {
      return Find(where + ": " + std::string(checkpoint.status().message()));
    }
    if (checkpoint->size < last_size_) {
      Find(where + ": a checkpoint of " + std::to_string(checkpoint->size) +
           " entries behind one of " + std::to_string(last_size_));
    } else if (!known_.all.empty() && checkpoint->size == last_size_ &&
               checkpoint->root != known_.all.back().checkpoint.root) {
      Find(where + ": another root for a tree of " + std::to_string(last_size_) +
           " entries than in the checkpoint before: two histories were signed");
    }
    last_size_ = checkpoint->size;
    known_.all.push_back({*std::move(checkpoint), from_, where});
  }

  const std::string& path_;
  const CheckpointFrom from_;
  const std::optional<VerifierKey>& key_;
  KnownCheckpoints known_;
  uint64_t last_size_ = 0;
};

}  // namespace

absl::StatusOr<KnownCheckpoints> ReadCheckpoints(const std::string& path, CheckpointFrom from,
                                                 const std::optional<VerifierKey>& key) {
  if (absl::Status there = LookFor(path); !there.ok()) return there;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return FileError("opening", path);
  auto known = Reader(path, from, key).Read(file);
  close(file);
  return known;
}

KnownCheckpoints TakeCheckpoint(const std::string& note, const std::string& source,
                                CheckpointFrom from, const std::optional<VerifierKey>& key) {
  return Reader(source, from, key).ReadNote(note);
}

void Join(const KnownCheckpoints& auditor, LogsAre logs_are, KnownCheckpoints& log) {
  std::map<uint64_t, const KnownCheckpoint*> of_log;
  for (const KnownCheckpoint& known : log.all) of_log[known.checkpoint.size] = &known;
  for (const KnownCheckpoint& own : auditor.all) {
    const auto found = of_log.find(own.checkpoint.size);
    if (found == of_log.end() && (logs_are == LogsAre::kSome || !log.unread.ok())) continue;
    if (found != of_log.end() && found->second->checkpoint.root == own.checkpoint.root) continue;
    const std::string size = std::to_string(own.checkpoint.size);
    log.findings.push_back({Check::kCheckpoints, Sequence{1}, Sequence{own.checkpoint.size},
                            found == of_log.end()
                                ? "the log's file lacks the checkpoint of " + size +
                                      " entries that " + own.source +
                                      " has: checkpoints were removed from it"
                                : "the log has another checkpoint of " + size + " entries than " +
                                      own.source + ": two histories were signed"});
  }
  log.findings.insert(log.findings.end(), auditor.findings.begin(), auditor.findings.end());
  log.notes.insert(log.notes.end(), auditor.notes.begin(), auditor.notes.end());
  log.all.insert(log.all.end(), auditor.all.begin(), auditor.all.end());
}

}  // namespace lumbung::audit
