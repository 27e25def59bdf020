#include "bench/day/upload.h"

#include <chrono>
#include <utility>

#include <grpcpp/grpcpp.h>

namespace lumbung {

namespace {

// Owns itself until OnDone.
class Upload : public grpc::ClientBidiReactor<v1::Transaction, v1::TransactionResult> {
 public:
  Upload(std::unique_ptr<Flight> flight, Landing& landing)
      : flight_(std::move(flight)), landing_(landing) {}

  void Start(v1::PaymentService::Stub& stub) {
    constexpr std::chrono::seconds kPatience{60};
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    flight_->started_ns = SteadyNow();
    stub.async()->SubmitStream(&context_, this);
    StartRead(&result_);
    WriteNext();
    StartCall();
  }

  void OnWriteDone(bool ok) override {
    if (ok) WriteNext();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    flight_->results.push_back(result_);
    StartRead(&result_);
  }

  void OnDone(const grpc::Status& status) override {
    flight_->landed_ns = SteadyNow();
    flight_->status = status;
    landing_.Landed(std::move(flight_));
    delete this;
  }

 private:
  void WriteNext() {
    if (written_ == flight_->calls.size()) {
      StartWritesDone();
      ++written_;
    } else if (written_ < flight_->calls.size()) {
      StartWrite(&flight_->calls[written_++].transaction);
    }
  }

  std::unique_ptr<Flight> flight_;
  Landing& landing_;
  grpc::ClientContext context_;
  v1::TransactionResult result_;
  size_t written_ = 0;
};

}  // namespace

void StartUpload(v1::PaymentService::Stub& stub, std::unique_ptr<Flight> flight, Landing& landing) {
  (new Upload(std::move(flight), landing))->Start(stub);
}

}  // namespace lumbung
