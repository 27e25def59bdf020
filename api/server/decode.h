// From the messages of the API to the engine's commands. Each Decode appends one command and one
// result to the request; if the message is malformed, the result says so already and the pipeline
// leaves the command alone. All views point into the message, which must outlive the request. The
// fields of the verdict are spelled as in the protos. Any thread.
//
// REQUIRES: request.legs has room (capacity) for the legs of all transactions that will be
// appended, since commands point into it; LegsOf says how many a transaction takes.
#pragma once

#include <cstddef>

#include "api/server/principal.h"
#include "engine/request.h"
#include "engine/types.h"
#include "engine/validate.h"
#include "lumbung/v1/account_service.pb.h"
#include "lumbung/v1/admin_service.pb.h"
#include "lumbung/v1/payment_service.pb.h"

namespace lumbung {

// What all decoding needs to know beside the message.
struct DecodeContext {
  Principal principal;
  Timestamp now;  // the server's clock
};

// At most kMaxLegs + 1, which is enough to refuse it.
size_t LegsOf(const v1::Transaction& transaction);
// The parties' methods make one leg each, or none.
template <typename Message>
size_t LegsOf(const Message&) {
  return 1;
}

Verdict Decode(const v1::Transaction& message, const DecodeContext& context, Request& request);
Verdict Decode(const v1::PayRequest& message, const DecodeContext& context, Request& request);
Verdict Decode(const v1::TransferRequest& message, const DecodeContext& context, Request& request);
Verdict Decode(const v1::DepositRequest& message, const DecodeContext& context, Request& request);
Verdict Decode(const v1::WithdrawRequest& message, const DecodeContext& context, Request& request);
Verdict Decode(const v1::HoldRequest& message, const DecodeContext& context, Request& request);
Verdict Decode(const v1::CaptureRequest& message, const DecodeContext& context, Request& request);
Verdict Decode(const v1::VoidRequest& message, const DecodeContext& context, Request& request);
Verdict Decode(const v1::RefundRequest& message, const DecodeContext& context, Request& request);
Verdict Decode(const v1::ReverseRequest& message, const DecodeContext& context, Request& request);
Verdict Decode(const v1::ResolveRequest& message, const DecodeContext& context, Request& request);

// decode_facts.cc
Verdict Decode(const v1::OpenCooperativeRequest& message, const DecodeContext& context,
               Request& request);
Verdict Decode(const v1::OpenBranchRequest& message, const DecodeContext& context,
               Request& request);
Verdict Decode(const v1::OpenTerminalRequest& message, const DecodeContext& context,
               Request& request);
Verdict Decode(const v1::SetPolicyRequest& message, const DecodeContext& context, Request& request);
Verdict Decode(const v1::OpenAccount& message, const DecodeContext& context, Request& request);
Verdict Decode(const v1::SetAccountStatusRequest& message, const DecodeContext& context,
               Request& request);
Verdict Decode(const v1::SetAccountLimitsRequest& message, const DecodeContext& context,
               Request& request);

}  // namespace lumbung
