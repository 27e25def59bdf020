#include "api/server/send_together.h"

#include <dlfcn.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <mutex>

#include "engine/check.h"

namespace lumbung {

namespace {

// The C library's function of the name that this program defines too.
template <typename Function>
Function* FindNext(const char* name) {
  void* const symbol = dlsym(RTLD_NEXT, name);
  LUMBUNG_CHECK(symbol != nullptr);
  return reinterpret_cast<Function*>(symbol);
}

struct TheLibrary {
  decltype(sendmsg)* const send_message = FindNext<decltype(sendmsg)>("sendmsg");
  decltype(shutdown)* const shut_down = FindNext<decltype(shutdown)>("shutdown");
  decltype(close)* const close_file = FindNext<decltype(close)>("close");
};

const TheLibrary& OfTheLibrary() {
  static const TheLibrary library;
  return library;
}

size_t SizeOf(const msghdr& message) {
  size_t size = 0;
  for (size_t i = 0; i < message.msg_iovlen; ++i) size += message.msg_iov[i].iov_len;
  return size;
}

// What one socket sends.
class Held {
 public:
  void Begin(int socket) {
    socket_ = socket;
    size_ = 0;
    told_to_hold_ = false;
    int unsent = 0;
    keeps_ = ioctl(socket, SIOCOUTQ, &unsent) == 0 && unsent == 0;
  }

  int socket() const { return socket_; }

  // Whether the message's bytes are kept now.
  bool Keep(const msghdr& message, int flags) {
    const size_t size = SizeOf(message);
    const bool is_plain = message.msg_name == nullptr && message.msg_controllen == 0 &&
                          (flags & ~(MSG_NOSIGNAL | MSG_DONTWAIT)) == 0;
    if (!keeps_ || !is_plain || size > bytes_.size() - size_) return false;
    for (size_t i = 0; i < message.msg_iovlen; ++i) {
      const iovec& part = message.msg_iov[i];
      std::memcpy(&bytes_[size_], part.iov_base, part.iov_len);
      size_ += part.iov_len;
    }
    return true;
  }

  // Sends what is kept; from now on the kernel holds back.
  void Push() {
    keeps_ = false;
    size_t sent = 0;
    while (sent < size_) {
      const ssize_t now = send(socket_, &bytes_[sent], size_ - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (now > 0) {
        sent += static_cast<size_t>(now);
      } else if (errno != EINTR) {
        // It was ended by the other side, or else must not go on with a gap.
        OfTheLibrary().shut_down(socket_, SHUT_RDWR);
        break;
      }
    }
    size_ = 0;
  }
  void TellToHold() { told_to_hold_ = true; }
  // Another socket may get the number.
  void ForgetSocket() { socket_ = -1; }

  void End() {
    Push();
    const int on = 1;
    // It fails for sockets that are closed by now, or not TCP's.
    if (told_to_hold_) setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }

 private:
  int socket_ = -1;  // as gRPC knows it; -1: it was closed
  bool keeps_ = false;
  bool told_to_hold_ = false;
  size_t size_ = 0;
  std::array<char, SendTogether::kMostBytes> bytes_;  // the first size_ are kept
};

std::atomic<SendTogether*> in_the_process{nullptr};
thread_local bool is_of_this_thread = false;

std::mutex held_mutex;
std::array<Held, SendTogether::kMostSockets>
    all_held;  // guarded by held_mutex: the first held_count
// Written under held_mutex. Another thread whose bytes must come after some that are kept has seen
// the number since: gRPC gave it the connection after it had taken those. Who reads that it is 0
// acquires what the end did with the sockets, and may close one.
std::atomic<size_t> held_count{0};

// REQUIRES: held_mutex.
Held* Find(int socket) {
  for (size_t i = 0; i < held_count.load(std::memory_order_relaxed); ++i) {
    if (all_held[i].socket() == socket) return &all_held[i];
  }
  return nullptr;
}

// REQUIRES: held_mutex. Null: there is no room for one more.
Held* FindOrBegin(int socket) {
  if (Held* const held = Find(socket)) return held;
  const size_t count = held_count.load(std::memory_order_relaxed);
  if (count == all_held.size()) return nullptr;
  all_held[count].Begin(socket);
  held_count.store(count + 1, std::memory_order_relaxed);
  return &all_held[count];
}

enum class Afterwards : uint8_t { kIsOpen, kIsClosed };

void SendFirstWhatIsKept(int socket, Afterwards afterwards) {
  if (held_count.load(std::memory_order_acquire) == 0) return;
  const std::lock_guard lock(held_mutex);
  Held* const held = Find(socket);
  if (held == nullptr) return;
  held->Push();
  if (afterwards == Afterwards::kIsClosed) held->ForgetSocket();
}

enum class Taken : uint8_t { kKept, kToBeHeld, kNot };

Taken Take(int socket, const msghdr& message, int flags) {
  const std::lock_guard lock(held_mutex);
  Held* const held = FindOrBegin(socket);
  if (held == nullptr) return Taken::kNot;
  if (held->Keep(message, flags)) return Taken::kKept;
  held->Push();
  held->TellToHold();
  return Taken::kToBeHeld;
}

}  // namespace

SendTogether::SendTogether() {
  LUMBUNG_CHECK(!is_of_this_thread);
  SendTogether* none = nullptr;
  is_of_this_thread = in_the_process.compare_exchange_strong(none, this);
}

SendTogether::~SendTogether() {
  if (!is_of_this_thread) return;
  is_of_this_thread = false;
  {
    const std::lock_guard lock(held_mutex);
    const size_t count = held_count.load(std::memory_order_relaxed);
    for (size_t i = 0; i < count; ++i) all_held[i].End();
    held_count.store(0, std::memory_order_release);
  }
  in_the_process = nullptr;
}

}  // namespace lumbung

// In the place of the C library's, for gRPC too.
extern "C" {

ssize_t sendmsg(int socket, const msghdr* message, int flags) {
  using namespace lumbung;
  if (!is_of_this_thread) {
    SendFirstWhatIsKept(socket, Afterwards::kIsOpen);
    return OfTheLibrary().send_message(socket, message, flags);
  }
  const Taken taken = Take(socket, *message, flags);
  if (taken == Taken::kKept) return static_cast<ssize_t>(SizeOf(*message));
  if (taken == Taken::kToBeHeld) flags |= MSG_MORE;
  return OfTheLibrary().send_message(socket, message, flags);
}

int shutdown(int socket, int how) {
  lumbung::SendFirstWhatIsKept(socket, lumbung::Afterwards::kIsOpen);
  return lumbung::OfTheLibrary().shut_down(socket, how);
}

int close(int file) {
  lumbung::SendFirstWhatIsKept(file, lumbung::Afterwards::kIsClosed);
  return lumbung::OfTheLibrary().close_file(file);
}

}  // extern "C"
