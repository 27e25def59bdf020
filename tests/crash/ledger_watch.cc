#include "tests/crash/ledger_watch.h"

#include <grpcpp/grpcpp.h>

#include <functional>
#include <string>
#include <thread>

#include "lumbung/v1/ledger_service.grpc.pb.h"

namespace lumbung {

namespace {

uint64_t HashOf(const v1::Entry& entry) {
  return std::hash<std::string>()(entry.SerializeAsString());
}

}  // namespace

void LedgerWatch::Run() {
  while (!shared_.stop && !shared_.findings.any()) {
    const std::string address = shared_.server.address();
    if (!address.empty()) Follow(address);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

// For a second at the most, so that it is begun anew in the middle too.
void LedgerWatch::Follow(const std::string& address) {
  const auto stub =
      v1::LedgerService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(1));
  v1::ReadEntriesRequest request;
  request.set_from_sequence(hashes_.size() + 1);
  request.set_follow(true);
  const auto stream = stub->ReadEntries(&context, request);
  v1::ReadEntriesReply reply;
  while (stream->Read(&reply)) {
    for (const v1::Entry& entry : reply.entries()) {
      if (entry.sequence() != hashes_.size() + 1) {
        shared_.findings.Add(Findings::Sort::kWrong,
                             "the follower got entry " + std::to_string(entry.sequence()) +
                                 " after " + std::to_string(hashes_.size()));
        context.TryCancel();
        break;
      }
      hashes_.push_back(HashOf(entry));
    }
  }
  stream->Finish();
}

void LedgerWatch::Compare(const v1::Entry& entry) {
  if (entry.sequence() == 0 || entry.sequence() > hashes_.size()) return;
  if (hashes_[entry.sequence() - 1] == HashOf(entry)) return;
  shared_.findings.Add(Findings::Sort::kLost, "entry " + std::to_string(entry.sequence()) +
                                                  " was read before, and was another one then");
}

void LedgerWatch::CompareLength(uint64_t entries) {
  if (entries >= hashes_.size()) return;
  shared_.findings.Add(Findings::Sort::kLost, "entries up to " + std::to_string(hashes_.size()) +
                                                  " were read, and the ledger ends at " +
                                                  std::to_string(entries));
}

}  // namespace lumbung
