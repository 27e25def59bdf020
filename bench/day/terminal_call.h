// Sends a transaction as a terminal does: by the call that is named after what it does (Pay,
// Deposit, Hold, …), which has the parties where Submit has accounts. What none of them can say
// goes by Submit. The content is the same, so a retry may take either way.
#pragma once

#include <memory>

#include "bench/day/flight.h"
#include "lumbung/v1/payment_service.grpc.pb.h"

namespace lumbung {

// REQUIRES: one call in the flight.
void StartTerminalCall(v1::PaymentService::StubInterface::async_interface& stub,
                       std::unique_ptr<Flight> flight, Landing& landing);

}  // namespace lumbung
