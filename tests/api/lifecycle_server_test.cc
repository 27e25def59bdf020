// The life of a server: start, restart, refusal of a second one, and the end in order.
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "tests/api/bentangan.h"

namespace lumbung {
namespace {

TEST(ServerLife, KeepsTheStateOverARestart) {
  const TemporaryFolder folder;
  std::string hash;
  v1::PayRequest pay = Payment(1, 100);
  {
    RunningServer server(TestConfig(folder.path()));
    OpenCooperatives(server);
    Pay(server, pay);
    hash = StatusWithHash(server).state_hash();
    EXPECT_EQ(server.Stop(), ExitCode::kStopped);
  }
  RunningServer server(TestConfig(folder.path()));
  EXPECT_EQ(StatusWithHash(server).state_hash(), hash);
  EXPECT_TRUE(Pay(server, pay).duplicate());
  EXPECT_EQ(BalanceOf(server, WalletOf(1)).balance(), kOpening - 100);
}

TEST(ServerLife, RebuildsWhatIsDerivedFromTheLedgerAlone) {
  const TemporaryFolder folder;
  const ServerConfig config = TestConfig(folder.path());
  const v1::PayRequest pay = Payment(1, 100);
  std::string hash;
  v1::TransactionResult paid;
  {
    RunningServer server(config);
    OpenCooperatives(server);
    paid = Pay(server, pay);
    Pay(server, Payment(1, 5));
    hash = StatusWithHash(server).state_hash();
    EXPECT_EQ(DropDerived(config), ExitCode::kInUse) << "while a server has it open";
  }
  ASSERT_EQ(DropDerived(config), ExitCode::kStopped);
  RunningServer server(config);
  EXPECT_EQ(StatusWithHash(server).state_hash(), hash);
  EXPECT_TRUE(Pay(server, pay).duplicate());
  v1::GetBalanceAtRequest message;
  message.set_account(WalletOf(1));
  message.set_timestamp_ns(paid.timestamp_ns());
  EXPECT_EQ(
      Ask<v1::GetBalanceAtReply>(server.account(), &v1::AccountService::Stub::GetBalanceAt, message)
          .balance(),
      kOpening - 100);
}

// As when the ledger's disk is not mounted. Without its evidence an empty one would be served.
TEST(ServerLife, BeginsNoLedgerInPlaceOfOneThatIsMissing) {
  const TemporaryFolder folder;
  ServerConfig config = TestConfig(folder.path());
  config.transparency = false;
  std::string hash;
  {
    RunningServer server(config);
    OpenCooperatives(server);
    hash = StatusWithHash(server).state_hash();
  }
  const std::string ledger = folder.path() + "/ledger";
  std::filesystem::rename(ledger, ledger + ".away");
  EXPECT_EQ(DropDerived(config), ExitCode::kFailed);
  {
    RunningServer server(config);
    EXPECT_FALSE(server.serving());
    EXPECT_EQ(server.Stop(), ExitCode::kDamaged);
  }
  EXPECT_FALSE(std::filesystem::exists(ledger));
  std::filesystem::rename(ledger + ".away", ledger);
  RunningServer server(config);
  EXPECT_EQ(StatusWithHash(server).state_hash(), hash);
}

// It was given to its owner alone, as a folder would be: --data /dev/null shut that for all others.
TEST(ServerLife, LeavesAFileInPlaceOfItsFolderAsItIs) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/file";
  std::ofstream(file) << "of others";
  const auto before = std::filesystem::status(file).permissions();
  {
    RunningServer server(TestConfig(file));
    EXPECT_FALSE(server.serving());
    EXPECT_EQ(server.Stop(), ExitCode::kFailed);
  }
  EXPECT_EQ(std::filesystem::status(file).permissions(), before);
}

TEST(ServerLife, RefusesASecondServerOnTheSameFolder) {
  const TemporaryFolder folder;
  RunningServer first(TestConfig(folder.path()));
  RunningServer second(TestConfig(folder.path()));
  EXPECT_FALSE(second.serving());
  EXPECT_EQ(second.Stop(), ExitCode::kInUse);
  EXPECT_EQ(StatusWithHash(first).last_sequence(), 0u);
}

TEST(ServerLife, RefusesAnAddressThatIsTaken) {
  const TemporaryFolder folder;
  const TemporaryFolder other;
  RunningServer first(TestConfig(folder.path()));
  ServerConfig config = TestConfig(other.path());
  config.listen = first.address();
  RunningServer second(config);
  EXPECT_FALSE(second.serving());
  EXPECT_EQ(second.Stop(), ExitCode::kCantListen);
}

TEST(ServerLife, KeepsItsDataFolderToItself) {
  const TemporaryFolder folder;
  const std::string data = folder.path() + "/deep/data";
  RunningServer server(TestConfig(data));
  ASSERT_TRUE(server.serving());
  EXPECT_EQ(std::filesystem::status(data).permissions(), std::filesystem::perms::owner_all);
}

TEST(ServerLife, WritesItsAddressIntoTheReadyFileAndTakesItAway) {
  const TemporaryFolder folder;
  ServerConfig config = TestConfig(folder.path() + "/data");
  config.ready_file = folder.path() + "/ready";
  RunningServer server(config);
  std::ifstream file(config.ready_file);
  std::string address;
  file >> address;
  EXPECT_EQ(address, server.address());
  server.Stop();
  EXPECT_FALSE(std::filesystem::exists(config.ready_file));
}

TEST(ServerLife, DoesNotBeginWhenItsReadyFileCantBeWritten) {
  const TemporaryFolder folder;
  ServerConfig config = TestConfig(folder.path() + "/data");
  config.ready_file = folder.path() + "/nowhere/ready";
  RunningServer server(config);
  EXPECT_FALSE(server.serving());
  EXPECT_EQ(server.Stop(), ExitCode::kBadSetting);
}

// The health service's answer, read as the one field it has: 1 is SERVING.
int HealthOf(RunningServer& server) {
  grpc::GenericStub stub(server.channel());
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const grpc::ByteBuffer empty{nullptr, 0};
  const auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", empty, &queue);
  call->StartCall();
  grpc::ByteBuffer reply;
  grpc::Status status;
  call->Finish(&reply, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  std::vector<grpc::Slice> slices;
  if (!status.ok() || !reply.Dump(&slices).ok() || slices.empty()) return -1;
  return slices[0].begin()[1];
}

TEST(ServerLife, SaysThatItIsServing) {
  const TemporaryFolder folder;
  RunningServer server(TestConfig(folder.path()));
  EXPECT_EQ(HealthOf(server), 1);
}

// What became of a client's payments, as it saw it.
struct Seen {
  std::atomic<size_t> count = 0;  // of the acknowledged, for others to wait for
  std::vector<v1::Transaction> acknowledged;
  std::vector<v1::Transaction> unanswered;
};

// Pays until a call ends with a status. A server that stops answers UNAVAILABLE, or gRPC ends the
// call (CANCELLED) before a handler saw it.
void PayUntilItStops(RunningServer& server, uint32_t member, Seen& seen) {
  while (true) {
    const v1::Transaction row = PaymentRow(member, 1);
    grpc::ClientContext context;
    v1::TransactionResult result;
    const grpc::Status status = server.payment().Submit(&context, row, &result);
    if (!status.ok()) {
      EXPECT_TRUE(status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                  status.error_code() == grpc::StatusCode::CANCELLED)
          << status.error_code() << " " << status.error_message();
      seen.unanswered.push_back(row);
      return;
    }
    EXPECT_EQ(result.outcome(), v1::OUTCOME_ACCEPTED);
    seen.acknowledged.push_back(row);
    ++seen.count;
  }
}

TEST(ServerLife, AnswersWhatItTookWhenItIsAskedToStop) {
  const TemporaryFolder folder;
  const ServerConfig config = TestConfig(folder.path());
  std::array<Seen, 8> seen;
  {
    RunningServer server(config);
    OpenCooperatives(server);
    std::vector<std::thread> clients;
    for (uint32_t client = 0; client < seen.size(); ++client) {
      clients.emplace_back(
          [&, client] { PayUntilItStops(server, 1 + client % kMembers, seen[client]); });
    }
    for (const Seen& client : seen) {
      while (client.count <= 10) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(server.Stop(), ExitCode::kStopped);
    for (std::thread& client : clients) client.join();
  }
  RunningServer server(config);
  for (const Seen& client : seen) {
    for (const v1::Transaction& row : client.acknowledged) {
      ASSERT_TRUE(Submit(server, row).duplicate());
    }
    // Not one was recorded without its answer.
    for (const v1::Transaction& row : client.unanswered) {
      ASSERT_FALSE(Submit(server, row).duplicate());
    }
  }
}

// The same of a stream, and the message of the status at its end.
struct Streamed {
  std::vector<v1::Transaction> acknowledged;
  std::vector<v1::Transaction> unanswered;
  std::string message;
};

// Streams payments until the stream ends, without waiting for results. Counts `under_way` down
// after some.
Streamed StreamUntilItStops(RunningServer& server, uint32_t member, std::latch& under_way) {
  grpc::ClientContext context;
  const auto stream = server.payment().SubmitStream(&context);
  std::vector<v1::Transaction> sent;
  std::thread writer([&] {
    do {
      sent.push_back(PaymentRow(member, 1));
    } while (stream->Write(sent.back()));
  });
  size_t answered = 0;
  v1::TransactionResult result;
  constexpr size_t kSome = 100;
  while (stream->Read(&result)) {
    EXPECT_EQ(result.outcome(), v1::OUTCOME_ACCEPTED);
    if (++answered == kSome) under_way.count_down();
  }
  writer.join();
  const grpc::Status end = stream->Finish();
  EXPECT_EQ(end.error_code(), grpc::StatusCode::UNAVAILABLE) << end.error_message();
  EXPECT_LT(answered, sent.size());
  const auto first_unanswered = sent.begin() + static_cast<std::ptrdiff_t>(answered);
  return {.acknowledged = {sent.begin(), first_unanswered},
          .unanswered = {first_unanswered, sent.end()},
          .message = end.error_message()};
}

TEST(ServerLife, AnswersWhatStreamsHaveInFlightAndTakesNoMoreWhenItStops) {
  const TemporaryFolder folder;
  ServerConfig config = TestConfig(folder.path());
  config.stream_window = 64;  // so that all streams together never fill the ring
  std::vector<Streamed> seen(4);
  {
    RunningServer server(config);
    OpenCooperatives(server);
    std::latch under_way(static_cast<std::ptrdiff_t>(seen.size()));
    std::vector<std::thread> clients;
    for (uint32_t client = 0; client < seen.size(); ++client) {
      clients.emplace_back([&, client] {
        seen[client] = StreamUntilItStops(server, 1 + client % kMembers, under_way);
      });
    }
    under_way.wait();
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(server.Stop(), ExitCode::kStopped);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4));
    for (std::thread& client : clients) client.join();
  }
  RunningServer server(config);
  for (const Streamed& client : seen) {
    const size_t last = client.acknowledged.size();
    for (size_t i = last > 500 ? last - 500 : 0; i < last; ++i) {
      ASSERT_TRUE(Submit(server, client.acknowledged[i]).duplicate());
    }
    // Results that were on their way are lost if the connection is reset, since more was on its way
    // to the server that closed it. Only the server's own word says that nothing is.
    if (client.message.find("stopping") == std::string::npos) continue;
    for (size_t i = 0; i < std::min<size_t>(client.unanswered.size(), 500); ++i) {
      ASSERT_FALSE(Submit(server, client.unanswered[i]).duplicate()) << i << client.message;
    }
  }
}

TEST(ServerLife, EndsItsFollowersWhenItStops) {
  const TemporaryFolder folder;
  RunningServer server(TestConfig(folder.path()));
  v1::ReadEntriesRequest message;
  message.set_follow(true);
  grpc::ClientContext context;
  const auto reader = server.ledger().ReadEntries(&context, message);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(server.Stop(), ExitCode::kStopped);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4));
  v1::ReadEntriesReply reply;
  while (reader->Read(&reply)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(ServerLife, RemembersIdsThatLeftTheWindow) {
  const TemporaryFolder folder;
  ServerConfig config = TestConfig(folder.path());
  config.id_window_slots = 4096;
  // So many look-ups are not done by the thread that receives.
  v1::SubmitBatchRequest old;
  for (int i = 0; i < 500; ++i) {
    v1::Transaction& row = *old.add_transactions();
    row = PaymentRow(3, 1);
    row.mutable_id()->set_high(0x1234567812344321);
    row.mutable_id()->set_low(0x8000000000000000 | static_cast<uint64_t>(i));
  }
  // A random UUID always takes the cold look-up; a UUIDv7 of now never does.
  v1::PayRequest random = Payment(1, 100);
  random.mutable_id()->set_high(0x1234567812344321);
  const auto fill = [](RunningServer& server) {
    for (int round = 0; round < 10; ++round) {
      v1::SubmitBatchRequest batch;
      for (int i = 0; i < 4000; ++i) *batch.add_transactions() = PaymentRow(2, 1);
      Ask<v1::SubmitBatchReply>(server.payment(), &v1::PaymentService::Stub::SubmitBatch, batch);
    }
  };
  v1::TransactionResult first;
  {
    RunningServer server(config);
    OpenCooperatives(server);
    first = Pay(server, random);
    Ask<v1::SubmitBatchReply>(server.payment(), &v1::PaymentService::Stub::SubmitBatch, old);
    fill(server);
    EXPECT_TRUE(Pay(server, random).duplicate());
    EXPECT_EQ(Pay(server, random).sequence(), first.sequence());
    EXPECT_GT(StatusWithHash(server).id_generations(), 0u);
  }
  RunningServer server(config);
  EXPECT_TRUE(Pay(server, random).duplicate());
  const auto again =
      Ask<v1::SubmitBatchReply>(server.payment(), &v1::PaymentService::Stub::SubmitBatch, old);
  ASSERT_EQ(old.transactions_size(), again.results_size());
  for (const v1::TransactionResult& result : again.results()) {
    EXPECT_TRUE(result.duplicate()) << result.sequence();
  }
}

}  // namespace
}  // namespace lumbung
