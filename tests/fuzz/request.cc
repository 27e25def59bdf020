// Input: which message of the API (1 byte) ‖ its bytes; or a list of rows, looked at before it is
// parsed (message_bounds.h): where it is cut in two slices (1 byte) ‖ its bytes.
// Holds: each message makes one command and one result. What is refused names a field that the
// message has, and what was expected. What is taken passes Validate, points into the message and
// into the request's legs only, and is taken in the same way when it is serialised again.
#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/unknown_field_set.h>
#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <tuple>
#include <variant>

#include "api/server/decode.h"
#include "api/server/message_bounds.h"
#include "engine/chart.h"
#include "engine/check.h"
#include "engine/fingerprint.h"
#include "tests/fuzz/target.h"

namespace lumbung::fuzz {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::UnknownFieldSet;

constexpr Timestamp kNow{1'795'000'000'000'000'000};

// Whether `path`, such as `further_legs[2].amount`, names a field of the message.
bool HasField(const Descriptor* message, std::string_view path) {
  while (message != nullptr) {
    const size_t dot = path.find('.');
    const std::string_view step = path.substr(0, dot);
    const FieldDescriptor* const field =
        message->FindFieldByName(std::string(step.substr(0, step.find('['))));
    if (field == nullptr) return false;
    if (dot == std::string_view::npos) return true;
    message = field->message_type();
    path.remove_prefix(dot + 1);
  }
  return false;
}

struct Decoded {
  Request request;
  Verdict verdict;
};

template <typename Message>
Decoded DecodeOne(const Message& message) {
  Decoded decoded;
  decoded.request.legs.reserve(LegsOf(message));
  const DecodeContext context{.principal = {.role = Role::kOperator, .scope = {}}, .now = kNow};
  decoded.verdict = Decode(message, context, decoded.request);
  return decoded;
}

void CheckTaken(const Decoded& decoded) {
  const Command& command = decoded.request.commands.front();
  LUMBUNG_CHECK(Validate(command, kNow).outcome == Outcome::kAccepted);
  std::visit(
      [&](const auto& operation) {
        if constexpr (requires { operation.legs; }) {
          const std::vector<Leg>& legs = decoded.request.legs;
          LUMBUNG_CHECK(!operation.legs.empty() && operation.legs.size() <= kMaxLegs);
          LUMBUNG_CHECK(operation.legs.data() >= legs.data() &&
                        operation.legs.data() + operation.legs.size() <= legs.data() + legs.size());
        }
        if constexpr (requires { operation.header; }) {
          LUMBUNG_CHECK(operation.header.text.size() <= kMaxTextBytes);
          LUMBUNG_CHECK(Fingerprint(command) == Fingerprint(operation));
        }
        if constexpr (requires { operation.name; }) {
          LUMBUNG_CHECK(operation.name.size() <= kMaxNameBytes);
        }
      },
      command);
}

template <typename Message>
bool TryMessage(std::string_view bytes) {
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return false;
  const Decoded decoded = DecodeOne(message);
  const Verdict& verdict = decoded.verdict;
  LUMBUNG_CHECK(decoded.request.commands.size() == 1 && decoded.request.results.size() == 1);
  const Outcome told = decoded.request.results.front().outcome;
  Message again;
  LUMBUNG_CHECK(again.ParseFromString(message.SerializeAsString()));
  const Decoded decoded_again = DecodeOne(again);
  LUMBUNG_CHECK(decoded_again.verdict.outcome == verdict.outcome);
  LUMBUNG_CHECK(decoded_again.verdict.field == verdict.field);
  if (verdict.outcome == Outcome::kAccepted) {
    LUMBUNG_CHECK(told == Outcome::kNone);
    CheckTaken(decoded);
    return true;
  }
  LUMBUNG_CHECK(told == verdict.outcome && IsRefused(verdict.outcome));
  LUMBUNG_CHECK(verdict.message.find("expected") != std::string::npos);
  if (!HasField(Message::descriptor(), verdict.field)) {
    std::fprintf(stderr, "%s has no field %s\n", Message::descriptor()->name().c_str(),
                 verdict.field.c_str());
    std::abort();
  }
  return false;
}

// --- the look at a list of rows ---

constexpr MessageBounds kBounds{.rows = 3, .fields_of_row = 5};

bool ExceedsInTwo(std::string_view bytes, size_t cut) {
  cut = std::min(cut, bytes.size());
  grpc_slice slices[2] = {grpc_slice_from_copied_buffer(bytes.data(), cut),
                          grpc_slice_from_copied_buffer(bytes.data() + cut, bytes.size() - cut)};
  grpc_byte_buffer* const buffer = grpc_raw_byte_buffer_create(slices, 2);
  const bool exceeds = Exceeds(*buffer, kBounds);
  grpc_byte_buffer_destroy(buffer);
  for (const grpc_slice& slice : slices) grpc_slice_unref(slice);
  return exceeds;
}

bool HasGroups(const UnknownFieldSet& fields) {
  for (int i = 0; i < fields.field_count(); ++i) {
    if (fields.field(i).type() == google::protobuf::UnknownField::TYPE_GROUP) return true;
  }
  return false;
}

// The same, counted by protobuf's own reader. Nothing is known of what it can't read: no parser
// would take that. Nor of groups, which the two count in different ways.
enum class Count : uint8_t { kWithin, kBeyond, kUnread };

Count CountFields(std::string_view bytes) {
  UnknownFieldSet fields;
  if (!fields.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return Count::kUnread;
  if (HasGroups(fields)) return Count::kUnread;
  bool beyond = static_cast<size_t>(fields.field_count()) > kBounds.rows;
  for (int i = 0; i < fields.field_count(); ++i) {
    const auto& field = fields.field(i);
    if (field.number() != 1 ||
        field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED) {
      continue;
    }
    UnknownFieldSet row;
    if (!row.ParseFromString(field.length_delimited()) || HasGroups(row)) return Count::kUnread;
    beyond = beyond || static_cast<size_t>(row.field_count()) > kBounds.fields_of_row;
  }
  return beyond ? Count::kBeyond : Count::kWithin;
}

bool TryBounds(Input input) {
  const auto cut = input.Take<uint8_t>();
  const bool exceeds = ExceedsInTwo(input.rest(), cut);
  LUMBUNG_CHECK(exceeds == ExceedsInTwo(input.rest(), input.rest().size()));
  const Count count = CountFields(input.rest());
  LUMBUNG_CHECK(count == Count::kUnread || exceeds == (count == Count::kBeyond));
  return !exceeds;
}

// --- all of them ---

using Messages =
    std::tuple<v1::Transaction, v1::PayRequest, v1::TransferRequest, v1::DepositRequest,
               v1::WithdrawRequest, v1::HoldRequest, v1::CaptureRequest, v1::VoidRequest,
               v1::RefundRequest, v1::ReverseRequest, v1::ResolveRequest,
               v1::OpenCooperativeRequest, v1::OpenBranchRequest, v1::OpenTerminalRequest,
               v1::SetPolicyRequest, v1::OpenAccount, v1::SetAccountStatusRequest,
               v1::SetAccountLimitsRequest>;
constexpr size_t kMessages = std::tuple_size_v<Messages>;

template <size_t... kIndex>
bool TryAt(size_t which, std::string_view bytes, std::index_sequence<kIndex...>) {
  bool taken = false;
  ((which == kIndex ? (void)(taken = TryMessage<std::tuple_element_t<kIndex, Messages>>(bytes))
                    : (void)0),
   ...);
  return taken;
}

}  // namespace

bool Try(Input input) {
  google::protobuf::SetLogHandler(nullptr);  // a line for each text that is not UTF-8
  const size_t which = input.Take<uint8_t>() % (kMessages + 1);
  if (which == kMessages) return TryBounds(input);
  return TryAt(which, input.rest(), std::make_index_sequence<kMessages>());
}

}  // namespace lumbung::fuzz
