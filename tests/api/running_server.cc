#include "tests/api/running_server.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <cstdlib>
#include <future>

#include "engine/check.h"

namespace lumbung {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "lumbung-XXXXXX").string();
  LUMBUNG_CHECK(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

ServerConfig TestConfig(const std::string& data) {
  ServerConfig config;
  config.data = data;
  config.listen = "127.0.0.1:0";
  config.blocks = 128;
  config.id_window_slots = 1 << 16;
  config.checkpoint_interval_ms = 200;
  config.drain_ms = 5000;
  return config;
}

RunningServer::RunningServer(const ServerConfig& config) {
  spdlog::set_level(spdlog::level::warn);
  auto address = std::make_shared<std::promise<std::string>>();
  std::future<std::string> ready = address->get_future();
  thread_ = std::thread([this, config, address] {
    bool said = false;
    code_ = Serve(config, stop_, [&](const std::string& where) {
      said = true;
      address->set_value(where);
    });
    if (!said) address->set_value("");
  });
  address_ = ready.get();
  if (!serving()) return;
  channel_ = grpc::CreateChannel(address_, grpc::InsecureChannelCredentials());
  payment_ = v1::PaymentService::NewStub(channel_);
  account_ = v1::AccountService::NewStub(channel_);
  ledger_ = v1::LedgerService::NewStub(channel_);
  admin_ = v1::AdminService::NewStub(channel_);
}

RunningServer::~RunningServer() {
  const bool is_running = serving() && thread_.joinable();
  const ExitCode code = Stop();
  if (is_running) {
    EXPECT_EQ(code, ExitCode::kStopped);
  }
}

ExitCode RunningServer::Stop() {
  if (thread_.joinable()) {
    stop_.Request();
    thread_.join();
  }
  return code_;
}

}  // namespace lumbung
