#include "api/server/send_together.h"

#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "engine/check.h"

namespace lumbung {

namespace {

thread_local SendTogether* of_this_thread = nullptr;

using SendMessage = decltype(sendmsg);

SendMessage* OfTheLibrary() {
  static SendMessage* const found = [] {
    void* const symbol = dlsym(RTLD_NEXT, "sendmsg");
    LUMBUNG_CHECK(symbol != nullptr);
    return reinterpret_cast<SendMessage*>(symbol);
  }();
  return found;
}

}  // namespace

SendTogether::SendTogether() {
  LUMBUNG_CHECK(of_this_thread == nullptr);
  of_this_thread = this;
}

SendTogether::~SendTogether() {
  of_this_thread = nullptr;
  const int on = 1;
  for (size_t i = 0; i < count_; ++i) {
    // It fails for sockets that are closed by now, or not TCP's.
    static_cast<void>(setsockopt(sockets_[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
  }
}

bool SendTogether::Takes(int socket) {
  const auto end = sockets_.begin() + count_;
  if (std::find(sockets_.begin(), end, socket) != end) return true;
  if (count_ == kMostSockets) return false;
  sockets_[count_++] = socket;
  return true;
}

}  // namespace lumbung

// In the place of the C library's, for gRPC too.
extern "C" ssize_t sendmsg(int socket, const msghdr* message, int flags) {
  lumbung::SendTogether* const together = lumbung::of_this_thread;
  if (together != nullptr && together->Takes(socket)) flags |= MSG_MORE;
  return lumbung::OfTheLibrary()(socket, message, flags);
}
