// A disk that fails while serving: the process ends with its own exit code, and what it
// acknowledged is still there. The real lumbungd runs as a child whose files may not grow beyond a
// bound, so that a write of the journal fails as it would on a full disk.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "tests/api/bentangan.h"

namespace lumbung {
namespace {

constexpr rlim_t kMostFileBytes = rlim_t{3} << 20;

// Starts lumbungd on the folder, with the bound on its files. Returns its process id.
pid_t StartBounded(const std::string& data, const std::string& ready_file) {
  const pid_t child = fork();
  if (child != 0) return child;
  const rlimit bound{.rlim_cur = kMostFileBytes, .rlim_max = kMostFileBytes};
  setrlimit(RLIMIT_FSIZE, &bound);
  std::signal(SIGXFSZ, SIG_IGN);
  execl(LUMBUNGD, LUMBUNGD, "--data", data.c_str(), "--listen", "127.0.0.1:0", "--ready-file",
        ready_file.c_str(), "--id-window-slots", "65536", "--log-level", "error", nullptr);
  _exit(127);
}

std::string WaitForAddress(const std::string& ready_file) {
  for (int i = 0; i < 300; ++i) {
    std::string address;
    if (std::ifstream(ready_file) >> address) return address;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return "";
}

// lumbungd with the bound on its files, on cooperatives that were opened before.
struct BoundedServer {
  BoundedServer() {
    {
      RunningServer unbounded(TestConfig(data));
      OpenCooperatives(unbounded);
    }
    process = StartBounded(data, folder.path() + "/ready");
    address = WaitForAddress(folder.path() + "/ready");
  }
  // Its exit code; -1 if it did not end by itself.
  int Wait() const {
    int status = 0;
    const bool ended = waitpid(process, &status, 0) == process && WIFEXITED(status);
    return ended ? WEXITSTATUS(status) : -1;
  }

  const TemporaryFolder folder;
  const std::string data = folder.path() + "/data";
  pid_t process = -1;
  std::string address;  // empty: it does not serve
};

// Sends batches until one is not answered; returns the rows that were acknowledged.
std::vector<v1::Transaction> PayUntilItFails(const std::string& address) {
  const auto stub =
      v1::PaymentService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  std::vector<v1::Transaction> acknowledged;
  while (true) {
    v1::SubmitBatchRequest batch;
    for (int i = 0; i < 500; ++i) *batch.add_transactions() = PaymentRow(1, 1);
    grpc::ClientContext context;
    v1::SubmitBatchReply reply;
    const grpc::Status status = stub->SubmitBatch(&context, batch, &reply);
    if (!status.ok()) {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
      return acknowledged;
    }
    acknowledged.insert(acknowledged.end(), batch.transactions().begin(),
                        batch.transactions().end());
  }
}

TEST(DiskFailure, EndsTheServerAndLosesNothingThatWasAcknowledged) {
  const BoundedServer server;
  ASSERT_FALSE(server.address.empty());
  const std::vector<v1::Transaction> acknowledged = PayUntilItFails(server.address);
  EXPECT_EQ(server.Wait(), static_cast<int>(ExitCode::kStorageFailed));
  ASSERT_GT(acknowledged.size(), 1000u);

  RunningServer again(TestConfig(server.data));
  ASSERT_TRUE(again.serving());
  for (size_t begin = 0; begin < acknowledged.size(); begin += 500) {
    v1::SubmitBatchRequest batch;
    for (size_t i = begin; i < begin + 500; ++i) *batch.add_transactions() = acknowledged[i];
    const auto reply =
        Ask<v1::SubmitBatchReply>(again.payment(), &v1::PaymentService::Stub::SubmitBatch, batch);
    for (const v1::TransactionResult& result : reply.results()) ASSERT_TRUE(result.duplicate());
  }
}

// One that reads a file which does not come: a pipe without a writer.
TEST(DiskFailure, EndsTheServerAlsoInTheMiddleOfABackup) {
  const BoundedServer server;
  ASSERT_FALSE(server.address.empty());
  const std::string cosignatures = server.data + "/transparency/cosignatures";
  std::filesystem::rename(cosignatures, cosignatures + ".away");
  ASSERT_EQ(mkfifo(cosignatures.c_str(), 0600), 0);
  grpc::Status backed_up;
  std::thread backup([&] {
    const auto stub = v1::AdminService::NewStub(
        grpc::CreateChannel(server.address, grpc::InsecureChannelCredentials()));
    v1::BackupRequest message;
    message.set_folder(server.folder.path() + "/copy");
    backed_up = StatusOf<v1::BackupReply>(*stub, &v1::AdminService::Stub::Backup, message);
  });
  while (!std::filesystem::exists(server.folder.path() + "/copy/transparency")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  PayUntilItFails(server.address);
  EXPECT_EQ(server.Wait(), static_cast<int>(ExitCode::kStorageFailed));
  backup.join();
  EXPECT_EQ(backed_up.error_code(), grpc::StatusCode::UNAVAILABLE) << backed_up.error_message();
}

}  // namespace
}  // namespace lumbung
