// Every method of the server under messages that mean something, hardly anything, or nothing: each
// call ends with an answer or with a refusal in words, and the books are as good as before.
#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <chrono>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "lumbung/v1/performance_service.pb.h"
#include "tests/api/bentangan.h"
#include "tests/engine/core/seed.h"

namespace lumbung {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::Reflection;

constexpr int kCallsPerMethod = 40;
constexpr int kMostReplies = 20;
// For the two streams that end only when nobody wants them any more.
constexpr auto kPatience = std::chrono::milliseconds(50);
constexpr int kCallsPerStream = 10;

class MessageMaker {
 public:
  explicit MessageMaker(uint64_t seed) : random_(seed) {}

  // Bytes for the method; some are no message at all.
  std::string Bytes(const MethodDescriptor& method) {
    const Message* const prototype =
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.input_type());
    const std::unique_ptr<Message> message(prototype->New());
    Fill(*message, 0);
    std::string bytes = message->SerializeAsString();
    if (Number(3) == 0) Spoil(bytes);
    return bytes;
  }

 private:
  uint64_t Number(uint64_t below) { return random_() % below; }

  // Ends of ranges, what there is in the books, and anything.
  uint64_t Integer() {
    const uint64_t choices[] = {0,
                                1,
                                2,
                                Number(8),
                                kBentangan,
                                kNeighbour,
                                WalletOf(1 + static_cast<uint32_t>(Number(kMembers))),
                                AccountOf(kBentangan, code::kSales, 2),
                                Number(100'000),
                                uint64_t{1} << Number(64),
                                UINT64_MAX - Number(3),
                                static_cast<uint64_t>(INT64_MAX) + Number(3),
                                random_()};
    return choices[Number(std::size(choices))];
  }

  std::string Text() {
    const std::string choices[] = {"",          "bon 17", "2026-11-24",          "9999-99-99",
                                   "\xC3\xA9.", "a\nb",   std::string(300, 'x'), std::string(2, 0)};
    return choices[Number(std::size(choices))];
  }

  void Fill(Message& message, int depth) {
    const auto& descriptor = *message.GetDescriptor();
    for (int i = 0; i < descriptor.field_count(); ++i) {
      const FieldDescriptor& field = *descriptor.field(i);
      if (Number(4) == 0 || (depth > 2 && field.message_type() != nullptr)) continue;
      const uint64_t count = field.is_repeated() ? Number(4) : 1;
      for (uint64_t j = 0; j < count; ++j) FillField(message, field, depth);
    }
  }

  void FillField(Message& message, const FieldDescriptor& field, int depth) {
    const Reflection& reflection = *message.GetReflection();
    const auto put = [&](auto set, auto add, auto value) {
      field.is_repeated() ? (reflection.*add)(&message, &field, value)
                          : (reflection.*set)(&message, &field, value);
    };
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Fill(field.is_repeated() ? *reflection.AddMessage(&message, &field)
                                        : *reflection.MutableMessage(&message, &field),
                    depth + 1);
      case FieldDescriptor::CPPTYPE_STRING:
        return put(&Reflection::SetString, &Reflection::AddString, Text());
      case FieldDescriptor::CPPTYPE_ENUM:
        return put(&Reflection::SetEnumValue, &Reflection::AddEnumValue,
                   static_cast<int>(Number(2) == 0 ? Number(12) : Integer()));
      case FieldDescriptor::CPPTYPE_BOOL:
        return put(&Reflection::SetBool, &Reflection::AddBool, Number(2) == 0);
      case FieldDescriptor::CPPTYPE_INT32:
        return put(&Reflection::SetInt32, &Reflection::AddInt32, static_cast<int32_t>(Integer()));
      case FieldDescriptor::CPPTYPE_UINT32:
        return put(&Reflection::SetUInt32, &Reflection::AddUInt32,
                   static_cast<uint32_t>(Integer()));
      case FieldDescriptor::CPPTYPE_INT64:
        return put(&Reflection::SetInt64, &Reflection::AddInt64, static_cast<int64_t>(Integer()));
      case FieldDescriptor::CPPTYPE_UINT64:
        return put(&Reflection::SetUInt64, &Reflection::AddUInt64, Integer());
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_FLOAT:
        FAIL() << field.full_name() << ": no request has such a field";
    }
  }

  void Spoil(std::string& bytes) {
    for (uint64_t i = 1 + Number(4); i > 0; --i) {
      const size_t at = bytes.empty() ? 0 : Number(bytes.size());
      switch (Number(4)) {
        case 0:
          bytes.resize(at);
          break;
        case 1:
          bytes.insert(at, std::string(1 + Number(3), static_cast<char>(Number(256))));
          break;
        case 2:
          bytes += bytes.substr(at);
          break;
        default:
          if (!bytes.empty()) bytes[at] = static_cast<char>(Number(256));
      }
    }
  }

  std::mt19937_64 random_;
};

// One call with one message, to its end.
grpc::Status Call(RunningServer& server, const MethodDescriptor& method, const std::string& bytes) {
  grpc::GenericStub stub(server.channel());
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       (method.server_streaming() ? kPatience : std::chrono::milliseconds(30'000)));
  grpc::CompletionQueue queue;
  const auto wait = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const std::string path = "/" + method.service()->full_name() + "/" + method.name();
  const auto call = stub.PrepareCall(&context, path, &queue);
  call->StartCall(nullptr);
  bool going = wait();
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer buffer(&slice, 1);
  if (going) {
    call->WriteLast(buffer, {}, nullptr);
    going = wait();
  }
  for (int i = 0; going; ++i) {
    if (i == kMostReplies) context.TryCancel();
    grpc::ByteBuffer reply;
    call->Read(&reply, nullptr);
    going = wait();
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  wait();
  return status;
}

// Whether a call may end so; a refusal needs words.
bool IsAnswer(const grpc::Status& status, const MethodDescriptor& method) {
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
      return true;
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return method.server_streaming();
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::UNIMPLEMENTED:
      return !status.error_message().empty();
    default:
      return false;
  }
}

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const auto* message :
       {v1::PayRequest::descriptor(), v1::GetAccountRequest::descriptor(),
        v1::GetStatusRequest::descriptor(), v1::ReadEntriesRequest::descriptor(),
        v1::GetFiguresRequest::descriptor()}) {
    const auto* const file = message->file();
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        // It would write wherever the message says.
        if (file->service(i)->method(j)->name() == "Backup") continue;
        methods.push_back(file->service(i)->method(j));
      }
    }
  }
  return methods;
}

TEST(AnyBytes, AreAnsweredOrRefusedInWordsAndLeaveTheBooksGood) {
  google::protobuf::SetLogHandler(nullptr);  // a line for each text that is not UTF-8
  const TemporaryFolder folder;
  std::string hash;
  {
    RunningServer server(TestConfig(folder.path()));
    OpenCooperatives(server);
    MessageMaker maker(TestSeed());
    const auto methods = AllMethods();
    ASSERT_GT(methods.size(), 40u);
    std::set<int> codes;
    for (int i = 0; i < kCallsPerMethod; ++i) {
      for (const MethodDescriptor* const method : methods) {
        if (method->server_streaming() && i >= kCallsPerStream) continue;
        const std::string bytes = maker.Bytes(*method);
        const grpc::Status status = Call(server, *method, bytes);
        codes.insert(status.error_code());
        ASSERT_TRUE(IsAnswer(status, *method)) << method->full_name() << ": " << status.error_code()
                                               << " " << status.error_message() << "\n"
                                               << testing::PrintToString(bytes);
      }
    }
    EXPECT_GE(codes.size(), 4u) << "hardly anything was tried";
    for (const uint32_t cooperative : {kBentangan, kNeighbour}) {
      const v1::GetTrialBalanceReply trial = TrialBalanceOf(server, cooperative, "");
      EXPECT_EQ(trial.total_debit(), trial.total_credit());
    }
    hash = StatusWithHash(server).state_hash();
    EXPECT_EQ(server.Stop(), ExitCode::kStopped);
  }
  RunningServer server(TestConfig(folder.path()));
  EXPECT_EQ(StatusWithHash(server).state_hash(), hash);
}

}  // namespace
}  // namespace lumbung
