#include "api/books/row_spool.h"

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "engine/check.h"

// A row, in memory and in the file:
//
//   style (1 byte) ‖ cells (1 byte) ‖ each cell: kind (1 byte) ‖ number (16 bytes) ‖
//   length of its text (4 bytes) ‖ text

namespace lumbung::books {

namespace {

template <typename T>
void Put(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <typename T>
T Take(std::string_view& in) {
  LUMBUNG_CHECK(in.size() >= sizeof(T));
  T value;
  std::memcpy(&value, in.data(), sizeof(value));
  in.remove_prefix(sizeof(value));
  return value;
}

void Encode(RowStyle style, std::span<const Cell> cells, std::string& out) {
  Put(out, style);
  Put(out, static_cast<uint8_t>(cells.size()));
  for (const Cell& cell : cells) {
    Put(out, cell.kind);
    Put(out, cell.number);
    Put(out, static_cast<uint32_t>(cell.text.size()));
    out += cell.text;
  }
}

RowStyle Decode(std::string_view& in, Row& row) {
  const auto style = Take<RowStyle>(in);
  row.resize(Take<uint8_t>(in));
  for (Cell& cell : row) {
    cell.kind = Take<Cell::Kind>(in);
    cell.number = Take<Sum>(in);
    const auto length = Take<uint32_t>(in);
    LUMBUNG_CHECK(in.size() >= length);
    cell.text.assign(in.substr(0, length));
    in.remove_prefix(length);
  }
  return style;
}

absl::Status FileFailure(std::string_view deed) {
  return absl::InternalError(absl::StrCat("the report's temporary file can't be ",
                                          std::string(deed), ": ", std::strerror(errno)));
}

}  // namespace

void RowSpool::Append(SectionKey section, RowStyle style, std::span<const Cell> cells) {
  if (!status_.ok()) return;
  Section& rows = sections_[section];
  WidenTo(cells, rows.widths);
  const size_t before = rows.buffer.size();
  Encode(style, cells, rows.buffer);
  buffered_ += rows.buffer.size() - before;
  if (buffered_ > buffer_bytes_) Spill();
}

void RowSpool::Spill() {
  if (!file_) file_.reset(std::tmpfile());
  if (!file_ || fseeko(file_.get(), 0, SEEK_END) != 0) {
    status_ = FileFailure("made");
    return;
  }
  for (auto& [key, rows] : sections_) {
    if (rows.buffer.empty()) continue;
    if (std::fwrite(rows.buffer.data(), 1, rows.buffer.size(), file_.get()) != rows.buffer.size()) {
      status_ = FileFailure("written");
      return;
    }
    rows.pieces.push_back({file_bytes_, rows.buffer.size()});
    file_bytes_ += rows.buffer.size();
    rows.buffer.clear();
    rows.buffer.shrink_to_fit();
  }
  buffered_ = 0;
}

std::vector<size_t> RowSpool::WidthsOf(SectionKey section) const {
  const auto found = sections_.find(section);
  return found == sections_.end() ? std::vector<size_t>{} : found->second.widths;
}

absl::Status RowSpool::ForEach(SectionKey section,
                               const std::function<void(RowStyle style, const Row& row)>& visit) {
  if (!status_.ok()) return status_;
  const auto found = sections_.find(section);
  if (found == sections_.end()) return absl::OkStatus();
  Row row;
  const auto visit_all = [&](std::string_view bytes) {
    while (!bytes.empty()) {
      const RowStyle style = Decode(bytes, row);
      visit(style, row);
    }
  };
  if (file_ && std::fflush(file_.get()) != 0) return FileFailure("written");
  std::string bytes;
  for (const Piece& piece : found->second.pieces) {
    bytes.resize(piece.bytes);
    if (fseeko(file_.get(), static_cast<off_t>(piece.offset), SEEK_SET) != 0 ||
        std::fread(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) {
      return FileFailure("read");
    }
    visit_all(bytes);
  }
  visit_all(found->second.buffer);
  return absl::OkStatus();
}

}  // namespace lumbung::books
