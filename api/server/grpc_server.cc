#include "api/server/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>

#include "api/server/unreadable.h"

namespace lumbung {

namespace {

// What one connection may ask of the server (tests/hostile/ asks for more).
//
// Bytes of a call's metadata. Ours has a few dozen; more ends the connection.
constexpr int kMostMetadataBytes = 8 << 10;
// Calls that are open at the same time. A client library lets further ones wait.
constexpr int kMostOpenCalls = 1024;
// From the connection to the client's first SETTINGS: gRPC's 120 s would let those who say nothing
// keep a descriptor each for so long.
constexpr int kGreetingMs = 10'000;

void Limit(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMostMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMostOpenCalls);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kGreetingMs);
  // A compressed message is unpacked before its size is looked at: 256 KiB would become 256 MiB.
  for (const grpc_compression_algorithm algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
    builder.SetCompressionAlgorithmSupportStatus(algorithm, false);
  }
}

}  // namespace

GrpcServer::GrpcServer(EngineParts& engine)
    : engine_(engine), payment_(engine), account_(engine), ledger_(engine), admin_(engine) {}

GrpcServer::~GrpcServer() { Drain(std::chrono::milliseconds(0)); }

bool GrpcServer::Start() {
  // Both are of the process, and may be said again.
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  grpc::ServerBuilder builder;
  builder.AddListeningPort(engine_.config.listen, grpc::InsecureServerCredentials(), &port_);
  builder.SetMaxReceiveMessageSize(static_cast<int>(engine_.config.max_message_bytes));
  Limit(builder);
  // Two servers that share a port would split the payments between two ledgers.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.experimental().SetInterceptorCreators(UnreadableInterceptors());
  // Only reflection is served by threads of its own: one is enough.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 1);
  builder.RegisterService(&payment_);
  builder.RegisterService(&account_);
  builder.RegisterService(&ledger_);
  builder.RegisterService(&admin_);
  builder.RegisterService(&performance_);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port_ == 0) return false;
  // It must have run when the server ends, which may be at once.
  CallbackThread::Post(beginning_);
  beginning_.done.wait();
  SetHealth(true);
  return true;
}

std::string GrpcServer::address() const {
  const std::string& listen = engine_.config.listen;
  return listen.substr(0, listen.rfind(':') + 1) + std::to_string(port_);
}

void GrpcServer::Drain(std::chrono::milliseconds patience) {
  if (server_ == nullptr) return;
  SetHealth(false);
  engine_.live_end.Stop();
  engine_.backups.Stop();
  payment_.EndStreams();
  server_->Shutdown(std::chrono::system_clock::now() + patience);
  server_->Wait();
  server_.reset();
}

void GrpcServer::SetHealth(bool serving) {
  grpc::HealthCheckServiceInterface* const health = server_->GetHealthCheckService();
  for (const char* const service : {"", "lumbung.v1.PaymentService", "lumbung.v1.AccountService",
                                    "lumbung.v1.LedgerService", "lumbung.v1.AdminService"}) {
    health->SetServingStatus(service, serving);
  }
}

}  // namespace lumbung
