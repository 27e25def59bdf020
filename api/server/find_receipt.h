// The receipt of a transaction, from the ledger and its transparency log.
#pragma once

#include <grpcpp/support/status.h>

#include "api/server/engine_parts.h"
#include "lumbung/v1/ledger_service.pb.h"

namespace lumbung {

// Fills in the receipt of the transaction that the entry belongs to, under the newest checkpoint
// with as many cosignatures as are asked for. NOT_FOUND beyond the durable end, INVALID_ARGUMENT if
// there are not so many witnesses. UNAVAILABLE if no such checkpoint covers it yet: then one is
// asked for, so that the next attempt, a second later, succeeds, or finds one that waits for its
// witnesses. DATA_LOSS if there will be none, because the log has halted. Otherwise the proofs'
// status. A readers' thread. REQUIRES: engine.transparency is not null.
grpc::Status FindReceipt(const EngineParts& engine, const v1::GetReceiptRequest& request,
                         v1::Receipt& receipt);

}  // namespace lumbung
