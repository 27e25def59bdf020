#include "api/server/callback_thread.h"

#include <dlfcn.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

namespace lumbung {
namespace {

// A server of the callback API, so that there is a callback thread.
class CallbackThreadTest : public testing::Test {
 protected:
  CallbackThreadTest() { Start(); }
  ~CallbackThreadTest() override { server_->Shutdown(); }

  // A service belongs to one server.
  void Start() {
    service_ = std::make_unique<grpc::CallbackGenericService>();
    grpc::ServerBuilder builder;
    builder.RegisterCallbackGenericService(service_.get());
    server_ = builder.BuildAndStart();
  }

  std::unique_ptr<grpc::CallbackGenericService> service_;
  std::unique_ptr<grpc::Server> server_;
};

// Runs a function on the callback thread.
template <typename Function>
struct Posted : CallbackThread::Work {
  explicit Posted(Function function) : function(std::move(function)) {
    run = [](CallbackThread::Work& work) { static_cast<Posted&>(work).function(); };
  }
  Function function;
};

TEST(CallbackThread, IsWhatTheCallsOfGrpcReach) {
  for (const char* const name : {"_ZN4grpc15CompletionQueue21CallbackAlternativeCQEv",
                                 "_ZN4grpc15CompletionQueue28ReleaseCallbackAlternativeCQEPS0_"}) {
    void* const taken = dlsym(RTLD_DEFAULT, name);
    ASSERT_NE(taken, nullptr) << "the program does not export " << name;
    Dl_info info{};
    ASSERT_NE(dladdr(taken, &info), 0);
    EXPECT_EQ(std::string_view(info.dli_fname).find("libgrpc"), std::string_view::npos)
        << name << " is found in " << info.dli_fname;
    ASSERT_NE(dlsym(RTLD_NEXT, name), nullptr)
        << "this grpc++ has no function " << name << " to take the place of";
  }
}

TEST_F(CallbackThreadTest, RunsWhatOthersPostOnceAndInTheirOrder) {
  constexpr int kThreads = 3;
  constexpr int kEach = 4'000;
  struct Step : CallbackThread::Work {
    std::vector<int>* seen = nullptr;
    std::atomic<int>* left = nullptr;
    int number = 0;
  };
  std::atomic<int> left{kThreads * kEach};
  std::vector<std::vector<int>> seen(kThreads);
  std::vector<std::vector<Step>> steps(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    steps[t].resize(kEach);
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        Step& step = steps[t][i];
        step.seen = &seen[t];
        step.left = &left;
        step.number = i;
        step.run = [](CallbackThread::Work& work) {
          auto& self = static_cast<Step&>(work);
          ASSERT_TRUE(CallbackThread::IsCurrent());
          self.seen->push_back(self.number);
          self.left->fetch_sub(1);
        };
        CallbackThread::Post(step);
        // So that the thread parks in between, and is woken.
        if (i % 64 == 0) std::this_thread::sleep_for(std::chrono::microseconds(i % 256));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (left.load() > 0 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  ASSERT_EQ(left.load(), 0);
  EXPECT_FALSE(CallbackThread::IsCurrent());
  for (const auto& numbers : seen) {
    ASSERT_EQ(numbers.size(), static_cast<size_t>(kEach));
    for (int i = 0; i < kEach; ++i) ASSERT_EQ(numbers[i], i);
  }
}

TEST_F(CallbackThreadTest, RunsWhatIsAskedForOnceForAllOfABurst) {
  struct Seen {
    std::vector<uint64_t> asked;
    std::latch both{2};
  } seen;
  CallbackThread::Afterwards afterwards(
      [](void* context, uint64_t asked) {
        auto& all = *static_cast<Seen*>(context);
        all.asked.push_back(asked);
        all.both.count_down();
      },
      &seen);
  Posted first([&] {
    for (int i = 0; i < 3; ++i) afterwards.Ask();
    EXPECT_TRUE(seen.asked.empty());
  });
  Posted second([&] { afterwards.Ask(); });
  CallbackThread::Post(first);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CallbackThread::Post(second);
  seen.both.wait();
  EXPECT_EQ(seen.asked, (std::vector<uint64_t>{3, 1}));
}

TEST_F(CallbackThreadTest, RunsWhatIsAskedForThoughThereIsAlwaysMoreToDo) {
  struct Flood : CallbackThread::Work {
    std::atomic<bool> ran{false};
    std::latch ended{1};
    int turns = 0;  // callback thread; read after it ended
  } flood;
  CallbackThread::Afterwards afterwards(
      [](void* context, uint64_t) { static_cast<Flood*>(context)->ran = true; }, &flood);
  flood.run = [](CallbackThread::Work& work) {
    auto& self = static_cast<Flood&>(work);
    if (self.ran || ++self.turns == 100'000) return self.ended.count_down();
    CallbackThread::Post(self);
  };
  Posted ask([&] {
    afterwards.Ask();
    CallbackThread::Post(flood);
  });
  CallbackThread::Post(ask);
  flood.ended.wait();
  EXPECT_TRUE(flood.ran);
  EXPECT_LE(flood.turns, 64);
}

// Also while whoever posted the last work is still at it.
TEST_F(CallbackThreadTest, EndsWithTheLastServerAndComesBackWithTheNext) {
  for (int round = 0; round < 20; ++round) {
    std::latch ran{1};
    Posted work([&] { ran.count_down(); });
    std::thread poster([&] { CallbackThread::Post(work); });
    ran.wait();
    server_->Shutdown();
    server_.reset();
    poster.join();
    Start();
    ASSERT_NE(server_, nullptr);
  }
}

}  // namespace
}  // namespace lumbung
