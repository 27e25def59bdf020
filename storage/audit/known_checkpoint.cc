#include "storage/audit/known_checkpoint.h"

#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "storage/transparency/record_file.h"

namespace lumbung::audit {

namespace {

constexpr std::string_view kWord = "checkpoint";
constexpr std::string_view kHead = "checkpoint ";

// Where the next record begins, if there is one.
size_t NextRecord(std::string_view text) {
  const size_t found = text.find("\n" + std::string(kHead), 1);
  return found == std::string_view::npos ? text.size() : found + 1;
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

  KnownCheckpoints Read(std::string_view text) {
    if (from_ == CheckpointFrom::kAuditor && !text.starts_with(kHead)) {
      return ReadNote(text);
    }
    for (size_t offset = 0; offset < text.size();) {
      const std::string_view rest = text.substr(offset);
      const std::string where = path_ + ", byte " + std::to_string(offset);
      if (const auto record = TakeRecord(rest, kWord)) {
        Take(record->content, where);
        offset += record->bytes;
        continue;
      }
      const size_t next = NextRecord(rest);
      if (next == rest.size()) {
        known_.notes.push_back(where + ": a record that the end of the file cuts off");
      } else {
        Find(where + ": a damaged record");
      }
      offset += next;
    }
    return std::move(known_);
  }

 private:
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
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return absl::NotFoundError("there is no " + path);
  std::string text;
  std::string part(size_t{1} << 16, '\0');
  do {
    file.read(part.data(), static_cast<std::streamsize>(part.size()));
    text.append(part, 0, static_cast<size_t>(file.gcount()));
  } while (file);
  if (file.bad()) return absl::UnavailableError(path + " can't be read");
  return Reader(path, from, key).Read(text);
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
    if (found == of_log.end() && logs_are == LogsAre::kSome) continue;
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
