// The file system under the ledger, which reads a file of blocks that is gone through from front to
// back past the system's cache, in long pieces. In the cache each 4 KiB would take a fresh page, to
// be copied from once: under a hypervisor that costs more than everything else that an audit does
// with them (bench/README.md has the figures), and what others need goes from the cache for it.
//
// A read that begins where the one before ended begins a stream; all others go to the file as ever.
// Of streams there are at most four at a time, whatever the number of files; the fifth takes the
// place of another. Where a file can't be read past the cache (tmpfs) nothing is streamed. An error
// of a stream is not told: the read is done again in the ordinary way. Any thread.
#pragma once

#include <memory>
#include <string>

#include "rocksdb/file_system.h"

namespace lumbung {

class StreamedReads final : public rocksdb::FileSystemWrapper {
 public:
  // Bytes that are read at a time.
  static constexpr size_t kPiece = size_t{1} << 20;
  static constexpr size_t kStreams = 4;

  explicit StreamedReads(std::shared_ptr<rocksdb::FileSystem> base);
  ~StreamedReads() override;

  const char* Name() const override { return "StreamedReads"; }

  // --- rocksdb::FileSystem ---
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override;

 private:
  class Streams;
  class File;

  const std::shared_ptr<Streams> streams_;  // of the files too, which may outlive this
};

}  // namespace lumbung
