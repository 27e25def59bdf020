#include "api/cli/client.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string_view>
#include <utility>

#include "api/cli/parse.h"

namespace lumbung::cli {
namespace {

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& server) {
  grpc::ChannelArguments arguments;
  // A list of 80,000 cooperatives is larger than gRPC's default of 4 MiB.
  arguments.SetMaxReceiveMessageSize(-1);
  // Money goes to the server that was named, never through a proxy of the environment.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Connect()'s second attempt comes soon.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  return grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
}

std::optional<std::string_view> FindMetadata(const grpc::ClientContext& context,
                                             std::string_view key) {
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto found = metadata.find(grpc::string_ref(key.data(), key.size()));
  if (found == metadata.end()) return std::nullopt;
  return std::string_view(found->second.data(), found->second.size());
}

// The metadata has the outcome's name or its number.
std::optional<v1::Outcome> ReadOutcome(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) {
    return static_cast<v1::Outcome>(number);
  }
  const auto named = ParseOutcome(text);
  if (!named.ok()) return std::nullopt;
  return *named;
}

}  // namespace

Client::Client(Options options)
    : options_(std::move(options)),
      channel_(MakeChannel(options_.server)),
      stubs_(v1::PaymentService::NewStub(channel_), v1::AccountService::NewStub(channel_),
             v1::LedgerService::NewStub(channel_), v1::AdminService::NewStub(channel_)) {}

std::optional<CallEnd> Client::Connect() {
  // gRPC 1.51 reads the errno of connect() only after calls that may change it, and then takes
  // a connection that is under way for a failed one (seen in one of some hundred calls where there
  // is no /sys). Nothing has been sent yet, so to go on trying for a moment does no harm.
  constexpr std::chrono::milliseconds kSecondThoughts{300};
  auto deadline = Deadline();
  bool failed = false;
  grpc_connectivity_state state = channel_->GetState(/*try_to_connect=*/true);
  while (state != GRPC_CHANNEL_READY) {
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE && !failed) {
      failed = true;
      deadline = std::min(deadline, std::chrono::system_clock::now() + kSecondThoughts);
    }
    // From its first failure on, a channel stays in that state until it stands.
    if (!channel_->WaitForStateChange(state, deadline)) {
      return CallEnd{.status = grpc::Status(grpc::StatusCode::UNAVAILABLE, "no server answers"),
                     .sent = false,
                     .outcome = std::nullopt,
                     .field = ""};
    }
    state = channel_->GetState(/*try_to_connect=*/true);
  }
  return std::nullopt;
}

CallEnd Client::EndOf(const grpc::ClientContext& context, const grpc::Status& status) {
  CallEnd end;
  end.status = status;
  if (status.ok()) return end;
  if (const auto outcome = FindMetadata(context, "lumbung-outcome")) {
    end.outcome = ReadOutcome(*outcome);
  }
  if (const auto field = FindMetadata(context, "lumbung-field")) end.field = std::string(*field);
  return end;
}

}  // namespace lumbung::cli
