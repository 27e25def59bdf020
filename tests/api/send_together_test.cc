#include "api/server/send_together.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace lumbung {
namespace {

ssize_t SendOn(int socket, std::string text) {
  iovec part{.iov_base = text.data(), .iov_len = text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  return sendmsg(socket, &message, MSG_NOSIGNAL);
}

// Two ends of a TCP connection, as gRPC makes them: without delay, without waiting.
class Connection {
 public:
  Connection() {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener, any, size), 0);
    EXPECT_EQ(listen(listener, 1), 0);
    EXPECT_EQ(getsockname(listener, any, &size), 0);
    sender_ = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(connect(sender_, any, size), 0);
    receiver_ = accept(listener, nullptr, nullptr);
    close(listener);
    const int on = 1;
    EXPECT_EQ(setsockopt(sender_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
    EXPECT_EQ(fcntl(sender_, F_SETFL, O_NONBLOCK), 0);
  }
  ~Connection() {
    CloseSender();
    close(receiver_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int sender() const { return sender_; }
  void CloseSender() {
    if (sender_ >= 0) close(sender_);
    sender_ = -1;
  }

  ssize_t Send(std::string text) const { return SendOn(sender_, std::move(text)); }

  // So many bytes, however long they are under way.
  std::string Receive(size_t size) const {
    std::string text(size, '\0');
    const ssize_t came = recv(receiver_, text.data(), size, MSG_WAITALL);
    text.resize(came < 0 ? 0 : static_cast<size_t>(came));
    return text;
  }
  // What has come so far.
  std::string Received() const {
    std::string text(1 << 20, '\0');
    const ssize_t size = recv(receiver_, text.data(), text.size(), MSG_DONTWAIT);
    text.resize(size < 0 ? 0 : static_cast<size_t>(size));
    return text;
  }

 private:
  int sender_ = -1;
  int receiver_ = -1;
};

TEST(SendTogether, IsAskedBeforeTheLibrary) {
  static const int in_the_program = 0;
  Dl_info program{};
  ASSERT_NE(dladdr(&in_the_program, &program), 0);
  for (const char* const name : {"sendmsg", "shutdown", "close"}) {
    void* const taken = dlsym(RTLD_DEFAULT, name);
    ASSERT_NE(taken, nullptr) << name;
    Dl_info found{};
    ASSERT_NE(dladdr(taken, &found), 0) << name;
    EXPECT_EQ(std::string_view(found.dli_fname), program.dli_fname) << name;
  }
}

TEST(SendTogether, HoldsBackWhatASocketSendsUntilItsEnd) {
  const Connection first;
  const Connection second;
  {
    const SendTogether together;
    EXPECT_EQ(first.Send("satu "), 5);
    EXPECT_EQ(second.Send("lain"), 4);
    EXPECT_EQ(first.Send("dua "), 4);
    EXPECT_EQ(first.Received(), "");
    EXPECT_EQ(first.Send("tiga"), 4);
    EXPECT_EQ(second.Received(), "");
  }
  EXPECT_EQ(first.Receive(13), "satu dua tiga");
  EXPECT_EQ(second.Receive(4), "lain");
  EXPECT_EQ(first.Send("empat"), 5);
  EXPECT_EQ(first.Receive(5), "empat");
}

TEST(SendTogether, LeavesOtherThreadsAlone) {
  const Connection connection;
  const SendTogether together;
  std::thread([&] {
    EXPECT_EQ(connection.Send("segera"), 6);
    EXPECT_EQ(connection.Receive(6), "segera");
  }).join();
}

TEST(SendTogether, SendsAtOnceOnMoreSocketsThanItHasRoomFor) {
  std::array<std::unique_ptr<Connection>, SendTogether::kMostSockets + 1> connections;
  for (auto& connection : connections) connection = std::make_unique<Connection>();
  {
    const SendTogether together;
    for (const auto& connection : connections) EXPECT_EQ(connection->Send("uang"), 4);
    EXPECT_EQ(connections.back()->Receive(4), "uang");
    EXPECT_EQ(connections.front()->Received(), "");
  }
  for (size_t i = 0; i < SendTogether::kMostSockets; ++i) {
    EXPECT_EQ(connections[i]->Receive(4), "uang");
  }
}

// Whoever does not read must not make the thread wait, nor may it take bytes that nobody keeps.
TEST(SendTogether, SaysWhenASocketIsFull) {
  const Connection connection;
  const std::string part(100'000, 'x');
  size_t sent = 0;
  {
    const SendTogether together;
    ssize_t size = 0;
    while ((size = connection.Send(part)) > 0) sent += static_cast<size_t>(size);
    EXPECT_EQ(errno, EAGAIN);
  }
  EXPECT_EQ(connection.Receive(sent).size(), sent);
}

TEST(SendTogether, SendsMoreThanItKeepsInItsOrder) {
  const Connection connection;
  std::string expected;
  {
    const SendTogether together;
    for (char part = 'a'; part < 'k'; ++part) {
      expected += std::string(3'000, part);
      EXPECT_EQ(connection.Send(std::string(3'000, part)), 3'000);
    }
  }
  EXPECT_EQ(connection.Receive(expected.size()), expected);
}

TEST(SendTogether, SendsWhatItKeepsBeforeAnotherThreadSendsOnTheSameSocket) {
  const Connection connection;
  {
    const SendTogether together;
    EXPECT_EQ(connection.Send("satu "), 5);
    std::thread([&] { EXPECT_EQ(connection.Send("dua "), 4); }).join();
    EXPECT_EQ(connection.Send("tiga"), 4);
  }
  EXPECT_EQ(connection.Receive(13), "satu dua tiga");
}

TEST(SendTogether, DoesNothingWhileAnotherThreadHasOne) {
  const Connection connection;
  const SendTogether together;
  std::thread([&] {
    const SendTogether other;
    EXPECT_EQ(connection.Send("segera"), 6);
    EXPECT_EQ(connection.Receive(6), "segera");
  }).join();
}

// ThreadSanitizer sees whether it has: nothing else puts the two threads in order.
TEST(SendTogether, IsDoneWithASocketWhenAnotherThreadClosesItAfterItsEnd) {
  Connection connection;
  std::atomic<bool> has_ended = false;
  std::thread closing([&] {
    while (!has_ended.load(std::memory_order_relaxed)) std::this_thread::yield();
    connection.CloseSender();
  });
  {
    const SendTogether together;
    EXPECT_EQ(connection.Send("terakhir"), 8);
  }
  has_ended.store(true, std::memory_order_relaxed);
  closing.join();
  EXPECT_EQ(connection.Receive(8), "terakhir");
}

TEST(SendTogether, KeepsNothingOfAClosedSocketForOneThatGetsItsNumber) {
  Connection closed;
  const Connection other;
  const int number = closed.sender();
  {
    const SendTogether together;
    EXPECT_EQ(closed.Send("untuk dia"), 9);
    closed.CloseSender();
    EXPECT_EQ(closed.Receive(9), "untuk dia");  // it was sent when the socket was closed
    ASSERT_EQ(dup2(other.sender(), number), number);
    EXPECT_EQ(SendOn(number, "untuk lain"), 10);
  }
  EXPECT_EQ(other.Receive(10), "untuk lain");
  EXPECT_EQ(closed.Received(), "");
  close(number);
}

TEST(SendTogether, SendsWhatItKeepsBeforeTheSocketIsShutDown) {
  const Connection connection;
  const SendTogether together;
  EXPECT_EQ(connection.Send("terakhir"), 8);
  EXPECT_EQ(shutdown(connection.sender(), SHUT_RDWR), 0);
  EXPECT_EQ(connection.Receive(8), "terakhir");
}

// gRPC believes that it is sent: better no connection than one that lacks it.
TEST(SendTogether, EndsAConnectionThatRefusesWhatWasKept) {
  const Connection connection;
  size_t before = 0;
  {
    const SendTogether together;
    EXPECT_EQ(connection.Send("hilang"), 6);
    const std::string filling(100'000, 'x');
    ssize_t size = 0;
    while ((size = send(connection.sender(), filling.data(), filling.size(), 0)) > 0) {
      before += static_cast<size_t>(size);
    }
    EXPECT_EQ(errno, EAGAIN);
  }
  EXPECT_EQ(connection.Receive(before).size(), before);
  EXPECT_EQ(connection.Receive(1), "") << "the end";
  EXPECT_EQ(connection.Send("lagi"), -1);
}

TEST(SendTogether, DoesNotMindSocketsThatAreClosedMeanwhileNorOtherKinds) {
  Connection connection;
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  char byte = 'x';
  {
    const SendTogether together;
    EXPECT_EQ(connection.Send("terakhir"), 8);
    connection.CloseSender();
    iovec part{.iov_base = &byte, .iov_len = 1};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    EXPECT_EQ(sendmsg(pair[0], &message, 0), 1);
  }
  EXPECT_EQ(connection.Receive(8), "terakhir");
  EXPECT_EQ(recv(pair[1], &byte, 1, MSG_DONTWAIT), 1);
  close(pair[0]);
  close(pair[1]);
}

}  // namespace
}  // namespace lumbung
