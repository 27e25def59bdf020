// What the bytes of a list of rows may hold, found before they are parsed. A row of two bytes takes
// 150 in memory: without this a message within max_message_bytes makes half a GiB of messages, only
// to be refused for their number.
#pragma once

#include <grpc/byte_buffer.h>
#include <cstddef>

#include "engine/limits.h"

namespace lumbung {

// Fields of a message whose field 1 is the repeated row, and of each row. A repeated one counts as
// often as it is there.
struct MessageBounds {
  size_t rows;
  size_t fields_of_row;
};

// Of one row: over three times what a transaction of kMaxLegs legs has, so that one with some legs
// too many is still refused alone, and not with the message.
inline constexpr size_t kMaxRowFields = 256;
static_assert(kMaxRowFields > 3 * kMaxLegs);

// Whether the bytes hold more than the bounds allow. What can't be read as fields is within them:
// the parser will say so. Any thread.
bool Exceeds(grpc_byte_buffer& bytes, const MessageBounds& bounds);

}  // namespace lumbung
