// Rows on their way into a report that groups them, while the ledger is read in its own order: each
// section's rows are kept in the order in which they came, in memory up to a bound, beyond that in
// an unnamed temporary file. One thread.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "api/books/row.h"

namespace lumbung::books {

class RowSpool {
 public:
  // What is kept in memory before it goes to the file, in bytes. The rest that stays in memory is a
  // place of 16 bytes for each piece of the file.
  static constexpr size_t kBufferBytes = size_t{8} << 20;

  explicit RowSpool(size_t buffer_bytes = kBufferBytes) : buffer_bytes_(buffer_bytes) {}

  using SectionKey = uint64_t;

  // The environment's failure is kept, and told by ForEach.
  void Append(SectionKey section, RowStyle style, std::span<const Cell> cells);
  // The width that each column needs on a terminal; empty if there are no rows.
  std::vector<size_t> WidthsOf(SectionKey section) const;
  // All rows of the section, in order.
  absl::Status ForEach(SectionKey section,
                       const std::function<void(RowStyle style, const Row& row)>& visit);

  uint64_t spilled_bytes() const { return file_bytes_; }

 private:
  struct Piece {
    uint64_t offset;
    uint64_t bytes;
  };
  struct Section {
    std::string buffer;
    std::vector<Piece> pieces;  // whole rows each
    std::vector<size_t> widths;
  };

  void Spill();

  const size_t buffer_bytes_;
  std::map<SectionKey, Section> sections_;
  size_t buffered_ = 0;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, &std::fclose};
  uint64_t file_bytes_ = 0;
  absl::Status status_;
};

}  // namespace lumbung::books
