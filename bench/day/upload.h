// A terminal's upload after it was offline: its transactions one after the other through
// SubmitStream, the results in the same order.
#pragma once

#include <memory>

#include "bench/day/flight.h"
#include "lumbung/v1/payment_service.grpc.pb.h"

namespace lumbung {

// Sends the flight's calls; what was answered before a failure is in its results when it lands.
void StartUpload(v1::PaymentService::Stub& stub, std::unique_ptr<Flight> flight, Landing& landing);

}  // namespace lumbung
