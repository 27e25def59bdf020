#include "storage/streamed_reads.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

#include "engine/huge_array.h"

namespace lumbung {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

// What a read past the cache must begin and end with; no disk has larger sectors.
constexpr uint64_t kDirectSector = 4096;

struct Place {
  uint64_t offset;
  size_t size;
};

// A piece of a file in memory, and whose turn it is. One thread at a time.
class Stream {
 public:
  bool IsAt(const void* file, uint64_t offset) const { return file_ == file && next_ == offset; }
  bool IsOf(const void* file) const { return file_ == file; }
  bool IsFree() const { return file_ == nullptr; }

  void Begin(const void* file, std::unique_ptr<rocksdb::FSRandomAccessFile> direct) {
    file_ = file;
    direct_ = std::move(direct);
    begin_ = size_ = 0;
    if (piece_.size() == 0) piece_ = HugeArray<char>(StreamedReads::kPiece);
  }
  void End() {
    file_ = nullptr;
    direct_.reset();
  }

  // Fewer bytes only at the end of the file, which ends the stream, as an error does.
  std::optional<size_t> Read(const Place& place, char* out) {
    size_t done = 0;
    while (done < place.size) {
      const uint64_t at = place.offset + done;
      if (at < begin_ || at >= begin_ + size_) {
        if (!Fill(at)) return std::nullopt;
        if (at >= begin_ + size_) break;
      }
      const size_t count = std::min<uint64_t>(place.size - done, begin_ + size_ - at);
      std::memcpy(out + done, piece_.begin() + (at - begin_), count);
      done += count;
    }
    next_ = place.offset + done;
    if (done < place.size) End();
    return done;
  }

 private:
  bool Fill(uint64_t at) {
    begin_ = at / kDirectSector * kDirectSector;
    size_ = 0;
    Slice result;
    const IOStatus status =
        direct_->Read(begin_, StreamedReads::kPiece, IOOptions(), &result, piece_.begin(), nullptr);
    if (!status.ok()) {
      End();
      return false;
    }
    if (result.data() != piece_.begin()) std::memcpy(piece_.begin(), result.data(), result.size());
    size_ = result.size();
    return true;
  }

  const void* file_ = nullptr;  // null: nobody's
  std::unique_ptr<rocksdb::FSRandomAccessFile> direct_;
  HugeArray<char> piece_;  // kept from one file to the next; aligned as direct reads must be
  uint64_t begin_ = 0;     // of what is in the piece, in the file
  size_t size_ = 0;
  uint64_t next_ = 0;  // where the next read is expected
};

}  // namespace

// INVARIANT: who holds the lock of a stream holds no other, and only Forget waits for one.
class StreamedReads::Streams {
 public:
  explicit Streams(std::shared_ptr<rocksdb::FileSystem> base) : base_(std::move(base)) {}

  // Goes on with the file's stream that stands at the place; nothing if there is none, or if
  // somebody reads in it.
  std::optional<size_t> GoOn(const void* file, const Place& place, char* out) {
    for (Guarded& guarded : all_) {
      const std::unique_lock lock(guarded.mutex, std::try_to_lock);
      if (lock && guarded.stream.IsAt(file, place.offset)) return guarded.stream.Read(place, out);
    }
    return std::nullopt;
  }

  // Begins one, by a file that is read past the cache. Nothing if it can't be read, or if somebody
  // reads in each of the others.
  std::optional<size_t> Begin(const void* file, std::unique_ptr<rocksdb::FSRandomAccessFile> direct,
                              const Place& place, char* out) {
    for (const bool taken : {false, true}) {
      for (size_t i = 0; i < kStreams; ++i) {
        Guarded& guarded = all_[turn_.fetch_add(1, std::memory_order_relaxed) % kStreams];
        const std::unique_lock lock(guarded.mutex, std::try_to_lock);
        if (!lock || (!taken && !guarded.stream.IsFree())) continue;
        guarded.stream.Begin(file, std::move(direct));
        return guarded.stream.Read(place, out);
      }
    }
    return std::nullopt;
  }

  // The file once more, to be read past the cache; null if that can't be.
  std::unique_ptr<rocksdb::FSRandomAccessFile> Open(const std::string& path) const {
    rocksdb::FileOptions options;
    options.use_direct_reads = true;
    std::unique_ptr<rocksdb::FSRandomAccessFile> direct;
    const bool opened = base_->NewRandomAccessFile(path, options, &direct, nullptr).ok();
    return opened ? std::move(direct) : nullptr;
  }

  void Forget(const void* file) {
    for (Guarded& guarded : all_) {
      const std::lock_guard lock(guarded.mutex);
      if (guarded.stream.IsOf(file)) guarded.stream.End();
    }
  }

 private:
  struct Guarded {
    std::mutex mutex;
    Stream stream;  // guarded by mutex
  };

  const std::shared_ptr<rocksdb::FileSystem> base_;
  std::array<Guarded, kStreams> all_;
  std::atomic<size_t> turn_{0};  // which is taken next
};

// A file of blocks. Any thread.
class StreamedReads::File final : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  File(std::unique_ptr<rocksdb::FSRandomAccessFile> file, std::string path,
       std::shared_ptr<Streams> streams)
      : FSRandomAccessFileOwnerWrapper(std::move(file)),
        path_(std::move(path)),
        streams_(std::move(streams)) {}
  ~File() override { streams_->Forget(this); }

  IOStatus Read(uint64_t offset, size_t size, const IOOptions& options, Slice* result,
                char* scratch, IODebugContext* debug) const override {
    const Place place{offset, size};
    std::optional<size_t> got = streams_->GoOn(this, place, scratch);
    const uint64_t expected = end_.exchange(offset + size, std::memory_order_relaxed);
    if (!got && expected == offset && can_stream_.load(std::memory_order_relaxed)) {
      auto direct = streams_->Open(path_);
      if (direct == nullptr) can_stream_.store(false, std::memory_order_relaxed);
      if (direct != nullptr) got = streams_->Begin(this, std::move(direct), place, scratch);
    }
    if (!got) {
      return FSRandomAccessFileOwnerWrapper::Read(offset, size, options, result, scratch, debug);
    }
    *result = Slice(scratch, *got);
    return IOStatus::OK();
  }

 private:
  const std::string path_;
  const std::shared_ptr<Streams> streams_;
  // Where the last read ended. At first nowhere: RocksDB looks at the beginning of every file that
  // it opens, whatever it is to be read for.
  mutable std::atomic<uint64_t> end_{UINT64_MAX};
  mutable std::atomic<bool> can_stream_{true};
};

StreamedReads::StreamedReads(std::shared_ptr<rocksdb::FileSystem> base)
    : FileSystemWrapper(base), streams_(std::make_shared<Streams>(std::move(base))) {}

StreamedReads::~StreamedReads() = default;

IOStatus StreamedReads::NewRandomAccessFile(const std::string& path,
                                            const rocksdb::FileOptions& options,
                                            std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                            IODebugContext* debug) {
  IOStatus status = FileSystemWrapper::NewRandomAccessFile(path, options, file, debug);
  if (status.ok() && path.ends_with(".blob")) {
    *file = std::make_unique<File>(std::move(*file), path, streams_);
  }
  return status;
}

}  // namespace lumbung
