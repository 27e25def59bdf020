// What one thread sends over TCP while one of these lives goes out at its end: the replies of a
// group that belong to one client make one packet, or few, for which the client is woken once.
//
// Each reply is a sendmsg of gRPC's of its own, and most of what that costs is the way of a packet
// through the kernel and the waking of its receiver. gRPC has no setting for it, and doesn't hand
// out its sockets. So send_together.cc defines the sendmsg of this program, which the dynamic
// linker takes before the C library's. It keeps the bytes, and sends them in one call at the end.
//
// gRPC is told that they are sent, so they must not be lost, and stay in their order:
//  - They are only kept while the kernel has nothing to send on that socket, and no more than
//    8 KiB: what an empty socket takes. Should it refuse them after all (the system has no memory
//    left), the connection is ended, and its client asks again under the same ids.
//  - All other bytes are left to the kernel, told with MSG_MORE to hold them back. The end of a
//    SendTogether then sets TCP_NODELAY, which gRPC has set already: that makes it send them
//    (tcp(7)). What gRPC is told is what the kernel said, so a full socket is still a full socket.
//  - Another thread that sends on the same socket meanwhile first sends what is kept. gRPC lets one
//    thread write to a connection at a time.
//  - Who shuts the socket down or closes it first sends what is kept: this program has its own
//    shutdown and close too. A socket that gets the number afterwards is another one, so what is
//    kept never reaches a new connection.
// On Unix sockets the same holds. REQUIRES: the thread sends no datagrams by sendmsg meanwhile:
// they would become one, and UDP would keep what MSG_MORE holds back (udp(7)).
#pragma once

#include <cstddef>

namespace lumbung {

class SendTogether {
 public:
  // More sockets than these send at once, so that to look for one never takes long.
  static constexpr size_t kMostSockets = 32;
  // Kept for each.
  static constexpr size_t kMostBytes = size_t{8} << 10;

  // One at a time in the process; while there is another one of another thread, this does nothing.
  // REQUIRES: the thread has none yet.
  SendTogether();
  ~SendTogether();
  SendTogether(const SendTogether&) = delete;
  SendTogether& operator=(const SendTogether&) = delete;
};

}  // namespace lumbung
