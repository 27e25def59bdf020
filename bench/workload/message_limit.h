// What the clients here, and the server that does nothing, take and send in one message.
#pragma once

namespace lumbung {

// Bytes. A full batch of plain payments has less than 1 MiB (engine/limits.h). Twice what the
// server takes by default (max_message_bytes), so that it is the server that refuses.
inline constexpr int kMaxMessageBytes = 16 << 20;

}  // namespace lumbung
