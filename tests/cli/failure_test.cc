#include "api/cli/failure.h"

#include <gtest/gtest.h>

namespace lumbung::cli {
namespace {

using grpc::StatusCode;

constexpr TransactionId kId{0x01935d1c8a007000, 0x8000000000000001};
const CallPurpose kMoney{.effect = CallPurpose::Effect::kMoney, .id = kId};

CallEnd EndWith(StatusCode code, const std::string& message = "why") {
  CallEnd end;
  end.status = grpc::Status(code, message);
  return end;
}

Failure DiagnoseMoney(StatusCode code) { return Diagnose(EndWith(code), kMoney, "127.0.0.1:7700"); }

TEST(Failure, OfMoneyWithoutAnAnswerNamesTheResolveCommand) {
  for (const StatusCode code : {StatusCode::UNAVAILABLE, StatusCode::DEADLINE_EXCEEDED,
                                StatusCode::INTERNAL, StatusCode::UNKNOWN, StatusCode::CANCELLED}) {
    const Failure failure = DiagnoseMoney(code);
    EXPECT_EQ(failure.code, ExitCode::kOutcomeUnknown);
    EXPECT_NE(failure.sentence.find("unknown"), std::string::npos);
    EXPECT_NE(failure.next.find("lumbung --server 127.0.0.1:7700 resolve "
                                "01935d1c-8a00-7000-8000-000000000001"),
              std::string::npos)
        << failure.next;
  }
}

TEST(Failure, WithoutAConnectionSaysThatNothingWasSent) {
  CallEnd end = EndWith(StatusCode::UNAVAILABLE);
  end.sent = false;
  const Failure failure = Diagnose(end, kMoney, "127.0.0.1:1");
  EXPECT_EQ(failure.code, ExitCode::kNotTaken);
  EXPECT_NE(failure.sentence.find("nothing was sent"), std::string::npos);
  EXPECT_NE(failure.next.find("--id 01935d1c-8a00-7000-8000-000000000001"), std::string::npos);
}

TEST(Failure, OfAFullRingTellsToSendTheSameIdAgain) {
  const Failure failure = DiagnoseMoney(StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(failure.code, ExitCode::kNotTaken);
  EXPECT_NE(failure.next.find("same id"), std::string::npos);
}

TEST(Failure, OfAMalformedRequestNamesOutcomeAndField) {
  CallEnd end = EndWith(StatusCode::INVALID_ARGUMENT, "must be positive");
  end.outcome = v1::OUTCOME_AMOUNT_NOT_POSITIVE;
  end.field = "amount";
  const Failure failure = Diagnose(end, kMoney, "x");
  EXPECT_EQ(failure.code, ExitCode::kMalformed);
  EXPECT_EQ(failure.sentence, "Refused: AMOUNT_NOT_POSITIVE: must be positive (amount)");
  end.status = grpc::Status(StatusCode::INVALID_ARGUMENT, "amount: must be positive");
  EXPECT_EQ(Diagnose(end, kMoney, "x").sentence,
            "Refused: AMOUNT_NOT_POSITIVE: amount: must be positive");
}

TEST(Failure, OfAConflictIsAConflictWhicheverStatusCarriesIt) {
  CallEnd end = EndWith(StatusCode::INVALID_ARGUMENT);
  end.outcome = v1::OUTCOME_ID_CONFLICT;
  EXPECT_EQ(Diagnose(end, kMoney, "x").code, ExitCode::kConflict);
  EXPECT_EQ(DiagnoseMoney(StatusCode::ALREADY_EXISTS).code, ExitCode::kConflict);
}

TEST(Failure, OfAnOriginalThatCantBeReadMayBeSentAgainAndTellsNobodyToResolve) {
  CallEnd end = EndWith(StatusCode::DATA_LOSS);
  end.outcome = v1::OUTCOME_ORIGINAL_UNREADABLE;
  const Failure failure = Diagnose(end, kMoney, "x");
  EXPECT_EQ(failure.code, ExitCode::kNotTaken);
  EXPECT_EQ(failure.next.find("resolve"), std::string::npos);
  EXPECT_NE(failure.next.find("Nothing was recorded"), std::string::npos);
}

TEST(Failure, HasACodeForEveryOtherStatus) {
  EXPECT_EQ(DiagnoseMoney(StatusCode::NOT_FOUND).code, ExitCode::kNotFound);
  EXPECT_EQ(DiagnoseMoney(StatusCode::PERMISSION_DENIED).code, ExitCode::kNotPermitted);
  EXPECT_EQ(DiagnoseMoney(StatusCode::UNAUTHENTICATED).code, ExitCode::kNotPermitted);
  EXPECT_EQ(DiagnoseMoney(StatusCode::FAILED_PRECONDITION).code, ExitCode::kDeclined);
  EXPECT_EQ(DiagnoseMoney(StatusCode::UNIMPLEMENTED).code, ExitCode::kFailed);
  EXPECT_EQ(Diagnose(EndWith(StatusCode::OUT_OF_RANGE), kReads, "x").code, ExitCode::kFailed);
}

TEST(Failure, OfAReadingChangesNothingAndMayBeRepeated) {
  const Failure lost = Diagnose(EndWith(StatusCode::UNAVAILABLE), kReads, "x");
  EXPECT_EQ(lost.code, ExitCode::kNotTaken);
  EXPECT_EQ(lost.next.find("resolve"), std::string::npos);
  EXPECT_EQ(Diagnose(EndWith(StatusCode::DATA_LOSS), kReads, "x").code, ExitCode::kFailed);
}

TEST(Failure, OfAnOpeningWithoutAnAnswerMayBeRepeated) {
  const Failure lost = Diagnose(EndWith(StatusCode::UNAVAILABLE), kRepeatable, "x");
  EXPECT_EQ(lost.code, ExitCode::kOutcomeUnknown);
  EXPECT_NE(lost.next.find("same command again"), std::string::npos);
}

}  // namespace
}  // namespace lumbung::cli
