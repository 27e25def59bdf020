#include "storage/transparency/witness.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <filesystem>
#include <utility>

#include "engine/check.h"
#include "storage/transparency/fork.h"
#include "storage/transparency/synced_file.h"

namespace lumbung {

namespace {

constexpr std::string_view kHead = "lumbung-witness 1\n";
constexpr size_t kMostStateBytes = size_t{128} << 10;

bool IsThere(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

// The note with the log's own signatures alone: what others add is none of the witness's.
absl::StatusOr<SignedNote> OwnNote(std::string_view note, const VerifierKey& log) {
  absl::StatusOr<SignedNote> parsed = SignedNote::Parse(note);
  if (!parsed.ok()) return parsed;
  std::erase_if(parsed->signatures, [&log](const NoteSignature& signature) {
    return signature.name != log.name || signature.key_id != log.Id();
  });
  return parsed;
}

absl::StatusOr<int> Lock(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return FileError("opening", path);
  if (flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  close(file);
  return absl::FailedPreconditionError("another process holds " + path);
}

// The memory comes before the key.
absl::Status MakeMemory(const Witness::Options& options) {
  if (IsThere(options.state_file)) return absl::OkStatus();
  if (IsThere(options.key_file)) {
    return absl::FailedPreconditionError(
        "the witness's memory " + options.state_file + " is gone, but its key " + options.key_file +
        " is there: put the memory back, or begin anew with another key, since a witness that has "
        "forgotten what it signed could sign a fork");
  }
  return CreateSynced(options.state_file, kHead);
}

absl::StatusOr<SigningKey> MakeKey(const Witness::Options& options) {
  if (absl::Status status = MakeMemory(options); !status.ok()) return status;
  return SigningKey::ReadOrMake(options.key_file, options.name, KeyType::kCosignature);
}

}  // namespace

Witness::Witness(std::string state_file, int lock, SigningKey key)
    : state_file_(std::move(state_file)), lock_(lock), key_(std::move(key)) {}
Witness::~Witness() { close(lock_); }

absl::StatusOr<std::unique_ptr<Witness>> Witness::Open(const Options& given) {
  // However it is named, it is one memory, with one lock.
  const absl::StatusOr<std::string> state_file = WhereItLeads(given.state_file);
  if (!state_file.ok()) return state_file.status();
  Options options = given;
  options.state_file = *state_file;
  const absl::StatusOr<int> lock = Lock(options.state_file + ".lock");
  if (!lock.ok()) return lock.status();
  absl::StatusOr<SigningKey> key = MakeKey(options);
  if (!key.ok()) {
    close(*lock);
    return key.status();
  }
  std::unique_ptr<Witness> witness(new Witness(options.state_file, *lock, std::move(*key)));
  const absl::StatusOr<std::string> state = ReadWhole(options.state_file, kMostStateBytes);
  if (!state.ok()) return state.status();
  if (absl::Status status = witness->Recall(*state); !status.ok()) return status;
  if (!options.log) return witness;
  if (!witness->log_) witness->Trust(*options.log);
  if (witness->log_->ToString() == options.log->ToString()) return witness;
  return absl::FailedPreconditionError("the witness's memory " + options.state_file + " is of " +
                                       witness->log_->ToString() + ", not of " +
                                       options.log->ToString());
}

absl::Status Witness::Recall(const std::string& state) {
  const auto damaged = [this](std::string_view why) {
    return absl::DataLossError("the witness's memory " + state_file_ +
                               " is damaged: " + std::string(why));
  };
  std::string_view rest = state;
  if (!rest.starts_with(kHead)) return damaged("it does not begin with lumbung-witness 1");
  rest.remove_prefix(kHead.size());
  if (rest.empty()) return absl::OkStatus();
  const size_t line = rest.find('\n');
  if (line == std::string_view::npos) return damaged("its second line does not end");
  const absl::StatusOr<VerifierKey> log = VerifierKey::Parse(rest.substr(0, line));
  if (!log.ok()) return damaged(std::string(log.status().message()));
  rest.remove_prefix(line + 1);
  const absl::StatusOr<Checkpoint> checkpoint = OpenCheckpoint(rest, *log);
  if (!checkpoint.ok()) return damaged(std::string(checkpoint.status().message()));
  log_ = *log;
  last_ = *checkpoint;
  last_note_ = std::string(rest);
  return absl::OkStatus();
}

void Witness::Trust(VerifierKey log) {
  LUMBUNG_CHECK(!log_);
  log_ = std::move(log);
}

absl::StatusOr<NoteSignature> Witness::Cosign(const Offer& offer, uint64_t time_s) {
  LUMBUNG_CHECK(log_.has_value());
  const absl::StatusOr<Checkpoint> checkpoint = OpenCheckpoint(offer.note, *log_);
  if (!checkpoint.ok()) return checkpoint.status();
  const absl::StatusOr<SignedNote> own = OwnNote(offer.note, *log_);
  if (!own.ok()) return own.status();
  const std::string note = own->ToString();
  if (!last_note_.empty()) {
    const std::string why = WhyNotExtended({last_, *checkpoint}, offer.proof);
    if (!why.empty()) {
      return KeepFork(state_file_, {*log_, why, last_note_, note});
    }
  }
  if (note != last_note_) {
    if (absl::Status status = Remember(*checkpoint, note); !status.ok()) return status;
  }
  return key_.Cosign(own->text, time_s);
}

absl::Status Witness::Remember(const Checkpoint& checkpoint, const std::string& note) {
  absl::Status status =
      ReplaceSynced(state_file_, std::string(kHead) + log_->ToString() + "\n" + note);
  if (!status.ok()) return status;
  last_ = checkpoint;
  last_note_ = note;
  return status;
}

}  // namespace lumbung
