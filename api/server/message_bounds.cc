// Grammar: a message is a sequence of fields, a field is a tag (varint: number << 3 | wire type)
// and a value: 0 a varint, 1 eight bytes, 2 a length (varint) and as many bytes, 5 four bytes;
// 3 and 4 begin and end a group and have no value of their own.
#include "api/server/message_bounds.h"

#include <grpc/byte_buffer_reader.h>
#include <grpc/slice.h>
#include <algorithm>
#include <cstdint>

namespace lumbung {

namespace {

// Reads through the slices of a buffer without copying them. After a failure there is nothing left.
class FieldReader {
 public:
  explicit FieldReader(grpc_byte_buffer& bytes) {
    open_ = grpc_byte_buffer_reader_init(&reader_, &bytes) != 0;
  }
  ~FieldReader() {
    if (open_) grpc_byte_buffer_reader_destroy(&reader_);
  }
  FieldReader(const FieldReader&) = delete;
  FieldReader& operator=(const FieldReader&) = delete;

  // Bytes read so far.
  uint64_t position() const { return position_; }

  bool AtEnd() { return next_ == end_ && !NextSlice(); }

  bool ReadVarint(uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (AtEnd()) return false;
      const uint8_t byte = *next_++;
      ++position_;
      if (shift < 64) value |= uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  bool Skip(uint64_t count) {
    while (count > 0) {
      if (AtEnd()) return false;
      const uint64_t step = std::min(count, static_cast<uint64_t>(end_ - next_));
      next_ += step;
      position_ += step;
      count -= step;
    }
    return true;
  }

 private:
  bool NextSlice() {
    grpc_slice* slice = nullptr;
    while (open_ && grpc_byte_buffer_reader_peek(&reader_, &slice) != 0) {
      next_ = GRPC_SLICE_START_PTR(*slice);
      end_ = GRPC_SLICE_END_PTR(*slice);
      if (next_ != end_) return true;
    }
    return false;
  }

  grpc_byte_buffer_reader reader_;
  bool open_ = false;
  const uint8_t* next_ = nullptr;
  const uint8_t* end_ = nullptr;
  uint64_t position_ = 0;
};

struct Field {
  uint64_t number;
  uint64_t wire_type;
  uint64_t length;  // of the value that follows; 0 of a varint, which was read
};

bool ReadField(FieldReader& reader, Field& field) {
  uint64_t tag = 0;
  if (!reader.ReadVarint(tag)) return false;
  field = {.number = tag >> 3, .wire_type = tag & 7, .length = 0};
  uint64_t varint = 0;
  switch (field.wire_type) {
    case 0:
      return reader.ReadVarint(varint);
    case 1:
      field.length = 8;
      return true;
    case 2:
      return reader.ReadVarint(field.length);
    case 5:
      field.length = 4;
      return true;
    default:
      return true;
  }
}

// Whether a row of so many bytes has more fields; reads to its end, or to the field too many.
bool RowExceeds(FieldReader& reader, uint64_t length, size_t most) {
  const uint64_t end = reader.position() + length;
  Field field{};
  for (size_t fields = 0; reader.position() < end; ++fields) {
    if (fields == most) return true;
    if (!ReadField(reader, field) || !reader.Skip(field.length)) return false;
  }
  return false;
}

}  // namespace

bool Exceeds(grpc_byte_buffer& bytes, const MessageBounds& bounds) {
  // A field takes two bytes or more.
  const size_t fewest = std::min(bounds.rows, bounds.fields_of_row);
  if (grpc_byte_buffer_length(&bytes) <= 2 * fewest) return false;
  FieldReader reader(bytes);
  Field field{};
  for (size_t rows = 0; !reader.AtEnd(); ++rows) {
    if (rows == bounds.rows) return true;
    if (!ReadField(reader, field)) return false;
    // A short row is not looked into.
    const bool may_exceed = field.number == 1 && field.wire_type == 2 &&
                            field.length > 2 * uint64_t{bounds.fields_of_row};
    if (may_exceed) {
      if (RowExceeds(reader, field.length, bounds.fields_of_row)) return true;
    } else if (!reader.Skip(field.length)) {
      return false;
    }
  }
  return false;
}

}  // namespace lumbung
