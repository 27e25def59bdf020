#include "tests/crash/connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grpcpp/create_channel_posix.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/workload/message_limit.h"

namespace lumbung {

namespace {

// Small, so that a batch leaves in many pieces and a cut falls between two of them.
constexpr int kSendBufferBytes = 16 << 10;

int ConnectTo(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return -1;
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &target.sin_addr);
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes, sizeof(kSendBufferBytes));
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&target), sizeof(target)) == 0) {
    return descriptor;
  }
  close(descriptor);
  return -1;
}

}  // namespace

std::unique_ptr<Connection> Connection::Open(const std::string& address) {
  const int descriptor = ConnectTo(address);
  if (descriptor < 0) return nullptr;
  const int second = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  return std::unique_ptr<Connection>(new Connection(descriptor, second));
}

Connection::Connection(int socket, int second) : second_(second) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  channel_ = grpc::CreateCustomInsecureChannelFromFd("lumbungd", socket, arguments);
  payments_ = v1::PaymentService::NewStub(channel_);
}

Connection::~Connection() { close(second_); }

void Connection::Cut() { shutdown(second_, SHUT_RDWR); }

}  // namespace lumbung
