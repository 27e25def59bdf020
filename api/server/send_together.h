// What one thread sends over TCP while one of these lives goes out at its end: the replies of a
// group that belong to one client make one packet, or few, for which the client is woken once.
//
// Each reply is a sendmsg of gRPC's of its own, and most of what that costs is the way of a packet
// through the kernel and the waking of its receiver. gRPC has no setting for it, and doesn't hand
// out its sockets. So send_together.cc defines the sendmsg of this program, which the dynamic
// linker takes before the C library's, and which adds MSG_MORE. The end of a SendTogether then sets
// TCP_NODELAY, which gRPC has set already: that makes the kernel send what it holds back (tcp(7)).
//
// What gRPC is told is what the kernel said of these bytes, so a full socket is still a full
// socket. Nothing is ever held back for good: the kernel sends what fills a packet, what is held
// back when anything else is sent, and all after 200 ms. A socket that was closed meanwhile needs
// no end, and a file that has its number now takes no harm from it. On Unix sockets both steps do
// nothing. REQUIRES: the thread sends no datagrams by sendmsg meanwhile: UDP would keep them, and
// no end sends them (udp(7)).
#pragma once

#include <array>
#include <cstddef>

namespace lumbung {

class SendTogether {
 public:
  // More sockets than these send at once, so that to look for one never takes long.
  static constexpr size_t kMostSockets = 32;

  // REQUIRES: the thread has none yet.
  SendTogether();
  ~SendTogether();
  SendTogether(const SendTogether&) = delete;
  SendTogether& operator=(const SendTogether&) = delete;

  // For the program's sendmsg. Whether the end will send what this socket holds back.
  bool Takes(int socket);

 private:
  size_t count_ = 0;
  std::array<int, kMostSockets> sockets_;  // the first count_
};

}  // namespace lumbung
