// AccountService, LedgerService and AdminService through a real channel: what can be read, and what
// the organisation's calls change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <chrono>
#include <filesystem>
#include <thread>

#include "engine/business_date.h"
#include "tests/api/bentangan.h"

namespace lumbung {
namespace {

using ::testing::HasSubstr;
using Accounts = v1::AccountService::Stub;
using Admins = v1::AdminService::Stub;
using Ledgers = v1::LedgerService::Stub;

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class ReadingServer : public ::testing::Test {
 protected:
  ReadingServer() : server_(TestConfig(folder_.path())) { OpenCooperatives(server_); }

  int64_t BalanceAt(uint64_t account, int64_t timestamp_ns) {
    v1::GetBalanceAtRequest message;
    message.set_account(account);
    message.set_timestamp_ns(timestamp_ns);
    return Ask<v1::GetBalanceAtReply>(server_.account(), &Accounts::GetBalanceAt, message)
        .balance();
  }

  v1::GetStatementReply Statement(const v1::GetStatementRequest& message) {
    return Ask<v1::GetStatementReply>(server_.account(), &Accounts::GetStatement, message);
  }

  std::vector<v1::Entry> Read(const v1::ReadEntriesRequest& message) {
    grpc::ClientContext context;
    const auto reader = server_.ledger().ReadEntries(&context, message);
    std::vector<v1::Entry> entries;
    v1::ReadEntriesReply reply;
    while (reader->Read(&reply)) {
      entries.insert(entries.end(), reply.entries().begin(), reply.entries().end());
    }
    const grpc::Status status = reader->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return entries;
  }

  TemporaryFolder folder_;
  RunningServer server_;
};

TEST_F(ReadingServer, TellsTheBalanceAtAMoment) {
  const int64_t before = Pay(server_, Payment(1, 100)).timestamp_ns();
  const int64_t after = Pay(server_, Payment(1, 200)).timestamp_ns();
  EXPECT_EQ(BalanceAt(WalletOf(1), before), kOpening - 100);
  EXPECT_EQ(BalanceAt(WalletOf(1), after - 1), kOpening - 100);
  EXPECT_EQ(BalanceAt(WalletOf(1), after), kOpening - 300);
  EXPECT_EQ(BalanceAt(WalletOf(1), NowNs()), kOpening - 300);
  EXPECT_EQ(BalanceAt(WalletOf(1), 1), 0);
}

TEST_F(ReadingServer, TellsTheBalanceAtTheCloseOfABusinessDate) {
  Pay(server_, Payment(1, 100));
  const BusinessDate today = DateOf(Timestamp{NowNs()}, 7 * 60);
  v1::GetBalanceAtRequest message;
  message.set_account(WalletOf(1));
  message.set_business_date(ToString(today));
  const auto reply =
      Ask<v1::GetBalanceAtReply>(server_.account(), &Accounts::GetBalanceAt, message);
  EXPECT_EQ(reply.balance(), kOpening - 100);
  message.set_business_date(ToString(BusinessDate{today.value() - 1}));
  EXPECT_EQ(
      Ask<v1::GetBalanceAtReply>(server_.account(), &Accounts::GetBalanceAt, message).balance(), 0);
  message.set_business_date("yesterday");
  const grpc::Status status =
      StatusOf<v1::GetBalanceAtReply>(server_.account(), &Accounts::GetBalanceAt, message);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("business_date"));
}

TEST_F(ReadingServer, PagesThroughAStatementNewestFirst) {
  constexpr int kPayments = 25;
  for (int i = 1; i <= kPayments; ++i) Pay(server_, Payment(1, i));
  v1::GetStatementRequest message;
  message.set_account(WalletOf(1));
  message.set_page_size(10);
  std::vector<v1::StatementLine> lines;
  int pages = 0;
  while (true) {
    const v1::GetStatementReply page = Statement(message);
    ++pages;
    lines.insert(lines.end(), page.lines().begin(), page.lines().end());
    EXPECT_EQ(page.opening_balance(), 0);
    EXPECT_EQ(page.closing_balance(), kOpening - kPayments * (kPayments + 1) / 2);
    if (page.next_sequence() == 0) break;
    message.set_newest_sequence(page.next_sequence());
  }
  // Payments, the deposit, and the opening of the account.
  ASSERT_EQ(lines.size(), kPayments + 2u);
  EXPECT_EQ(pages, 3);
  int64_t balance = lines.front().balance();
  for (const v1::StatementLine& line : lines) {
    EXPECT_EQ(line.balance(), balance);
    balance -= line.change();
  }
  EXPECT_EQ(balance, 0);
  EXPECT_EQ(lines.front().change(), -kPayments);
  EXPECT_TRUE(lines.front().debit());
}

TEST_F(ReadingServer, BoundsAStatementByTime) {
  const int64_t first = Pay(server_, Payment(1, 1)).timestamp_ns();
  const int64_t second = Pay(server_, Payment(1, 2)).timestamp_ns();
  const int64_t third = Pay(server_, Payment(1, 3)).timestamp_ns();
  v1::GetStatementRequest message;
  message.set_account(WalletOf(1));
  message.set_from_ns(second);
  message.set_to_ns(third);
  const v1::GetStatementReply statement = Statement(message);
  ASSERT_EQ(statement.lines_size(), 1);
  EXPECT_EQ(statement.lines(0).change(), -2);
  EXPECT_EQ(statement.opening_balance(), kOpening - 1);
  EXPECT_EQ(statement.closing_balance(), kOpening - 3);
  EXPECT_LT(first, second);
}

TEST_F(ReadingServer, ListsTheAccountsOfACooperativePageByPage) {
  v1::ListAccountsRequest message;
  message.set_cooperative(kBentangan);
  message.set_page_size(7);
  std::vector<uint64_t> accounts;
  while (true) {
    const auto page =
        Ask<v1::ListAccountsReply>(server_.account(), &Accounts::ListAccounts, message);
    for (const v1::Account& account : page.accounts()) accounts.push_back(account.account());
    if (page.next() == 0) break;
    message.set_after(page.next());
  }
  EXPECT_TRUE(std::is_sorted(accounts.begin(), accounts.end()));
  EXPECT_GT(accounts.size(), kMembers * 4);
  EXPECT_EQ(std::count(accounts.begin(), accounts.end(), WalletOf(1)), 1);
}

TEST_F(ReadingServer, SaysThatAnAccountIsNotThere) {
  v1::GetBalanceRequest message;
  message.set_account(WalletOf(99));
  EXPECT_EQ(StatusOf<v1::Account>(server_.account(), &Accounts::GetBalance, message).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(ReadingServer, OpensAccountsRepeatablyAndTellsOtherContent) {
  v1::OpenAccountsRequest message;
  message.add_accounts()->set_account(WalletOf(77));
  message.add_accounts()->set_account(5);
  v1::OpenAccount& limited = *message.add_accounts();
  limited.set_account(WalletOf(78));
  limited.mutable_limits()->set_ceiling(500);
  for (int i = 0; i < 2; ++i) {
    const auto reply =
        Ask<v1::OpenAccountsReply>(server_.account(), &Accounts::OpenAccounts, message);
    ASSERT_EQ(reply.results_size(), 3);
    EXPECT_EQ(reply.results(0).outcome(), v1::OUTCOME_ACCEPTED);
    EXPECT_EQ(reply.results(1).outcome(), v1::OUTCOME_ACCOUNT_MALFORMED);
    EXPECT_THAT(reply.results(1).message(), HasSubstr("accounts[1].account"));
    EXPECT_EQ(reply.results(2).outcome(), v1::OUTCOME_ACCEPTED);
  }
  message.mutable_accounts(2)->mutable_limits()->set_ceiling(600);
  const auto reply =
      Ask<v1::OpenAccountsReply>(server_.account(), &Accounts::OpenAccounts, message);
  EXPECT_EQ(reply.results(2).outcome(), v1::OUTCOME_ID_CONFLICT);
}

TEST_F(ReadingServer, FreezesAnAccountAndOpensItAgain) {
  v1::SetAccountStatusRequest message;
  message.set_account(WalletOf(1));
  message.set_status(v1::ACCOUNT_STATUS_FROZEN);
  EXPECT_EQ(Ask<v1::Account>(server_.account(), &Accounts::SetAccountStatus, message).status(),
            v1::ACCOUNT_STATUS_FROZEN);
  EXPECT_EQ(Pay(server_, Payment(1, 1)).outcome(), v1::OUTCOME_DEBIT_ACCOUNT_FROZEN);
  message.set_status(v1::ACCOUNT_STATUS_OPEN);
  Ask<v1::Account>(server_.account(), &Accounts::SetAccountStatus, message);
  EXPECT_EQ(Pay(server_, Payment(1, 1)).outcome(), v1::OUTCOME_ACCEPTED);
  message.set_status(v1::ACCOUNT_STATUS_CLOSED);
  EXPECT_EQ(
      StatusOf<v1::Account>(server_.account(), &Accounts::SetAccountStatus, message).error_code(),
      grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(ReadingServer, LimitsWhatOneTransactionMayTakeOut) {
  v1::SetAccountLimitsRequest message;
  message.set_account(WalletOf(1));
  message.mutable_limits()->set_floor(0);
  message.mutable_limits()->set_per_transaction(50);
  const auto account = Ask<v1::Account>(server_.account(), &Accounts::SetAccountLimits, message);
  EXPECT_EQ(account.limits().per_transaction(), 50);
  EXPECT_FALSE(account.limits().has_ceiling());
  EXPECT_EQ(Pay(server_, Payment(1, 51)).outcome(), v1::OUTCOME_TRANSACTION_LIMIT);
}

TEST_F(ReadingServer, ReadsEveryEntryInOrder) {
  for (int i = 0; i < 1500; ++i) {
    v1::SubmitBatchRequest batch;
    for (int j = 0; j < 2; ++j) *batch.add_transactions() = PaymentRow(1, 1);
    Ask<v1::SubmitBatchReply>(server_.payment(), &v1::PaymentService::Stub::SubmitBatch, batch);
  }
  const std::vector<v1::Entry> entries = Read({});
  ASSERT_GT(entries.size(), 3000u);
  for (size_t i = 0; i < entries.size(); ++i) ASSERT_EQ(entries[i].sequence(), i + 1);
  EXPECT_EQ(entries.front().fact(), v1::FACT_COOPERATIVE_OPENED);
  EXPECT_EQ(entries.front().name(), "KDMP 1024");
}

TEST_F(ReadingServer, FiltersEntries) {
  Pay(server_, Payment(1, 1));
  Pay(server_, Payment(2, kOpening * 2));
  v1::ReadEntriesRequest message;
  message.mutable_filter()->add_accounts(WalletOf(2));
  message.mutable_filter()->add_outcomes(v1::OUTCOME_INSUFFICIENT_FUNDS);
  const std::vector<v1::Entry> declined = Read(message);
  ASSERT_EQ(declined.size(), 1u);
  EXPECT_EQ(declined[0].debit_account(), WalletOf(2));
  v1::ReadEntriesRequest deposits;
  deposits.mutable_filter()->add_cooperatives(kNeighbour);
  deposits.mutable_filter()->add_kinds(v1::KIND_DEPOSIT_SUKARELA);
  EXPECT_EQ(Read(deposits).size(), kMembers);
  deposits.set_limit(2);
  EXPECT_EQ(Read(deposits).size(), 2u);
}

TEST_F(ReadingServer, FollowsTheLiveEnd) {
  const uint64_t last = StatusWithHash(server_).last_sequence();
  v1::ReadEntriesRequest message;
  message.set_from_sequence(last + 1);
  message.set_follow(true);
  grpc::ClientContext context;
  const auto reader = server_.ledger().ReadEntries(&context, message);
  for (int i = 1; i <= 5; ++i) {
    const v1::TransactionResult paid = Pay(server_, Payment(1, i));
    v1::ReadEntriesReply reply;
    do {
      ASSERT_TRUE(reader->Read(&reply));
    } while (reply.entries().empty());
    EXPECT_EQ(reply.entries(0).sequence(), paid.sequence());
  }
  context.TryCancel();
  v1::ReadEntriesReply rest;
  while (reader->Read(&rest)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(ReadingServer, FindsOneEntryAndKnowsTheEnd) {
  v1::PayRequest pay = Payment(1, 42);
  pay.set_text("INV-2026/11");
  pay.set_reference(77);
  const v1::TransactionResult paid = Pay(server_, pay);
  v1::GetEntryRequest message;
  message.set_sequence(paid.sequence());
  const auto entry = Ask<v1::Entry>(server_.ledger(), &Ledgers::GetEntry, message);
  EXPECT_EQ(entry.id().high(), pay.id().high());
  EXPECT_EQ(entry.amount(), 42);
  EXPECT_EQ(entry.text(), "INV-2026/11");
  EXPECT_EQ(entry.reference(), 77u);
  EXPECT_EQ(entry.timestamp_ns(), paid.timestamp_ns());
  message.set_sequence(paid.sequence() + 1000);
  EXPECT_EQ(StatusOf<v1::Entry>(server_.ledger(), &Ledgers::GetEntry, message).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(ReadingServer, BalancesTheBooksNowAndAtADate) {
  Pay(server_, Payment(1, 5000));
  const v1::GetTrialBalanceReply now = TrialBalanceOf(server_, kBentangan);
  EXPECT_EQ(now.total_debit(), kMembers * kOpening);
  EXPECT_EQ(now.total_credit(), now.total_debit());
  EXPECT_GT(now.as_of_sequence(), 0u);
  const auto sales = std::find_if(now.lines().begin(), now.lines().end(),
                                  [](const auto& line) { return line.code() == 4101; });
  ASSERT_NE(sales, now.lines().end());
  EXPECT_EQ(sales->credit(), 5000);
  EXPECT_FALSE(sales->name().empty());
  const BusinessDate today = DateOf(Timestamp{NowNs()}, 7 * 60);
  EXPECT_EQ(TrialBalanceOf(server_, kBentangan, ToString(today)).total_debit(), now.total_debit());
  EXPECT_EQ(
      TrialBalanceOf(server_, kBentangan, ToString(BusinessDate{today.value() - 1})).total_debit(),
      0);
}

TEST_F(ReadingServer, ListsTheOrganisationAndOpensItRepeatably) {
  OpenCooperatives(server_);
  const auto cooperatives = Ask<v1::ListCooperativesReply>(
      server_.admin(), &Admins::ListCooperatives, v1::ListCooperativesRequest());
  ASSERT_EQ(cooperatives.cooperatives_size(), 2);
  EXPECT_EQ(cooperatives.cooperatives(0).name(), "KDMP 1024");
  v1::ListTerminalsRequest message;
  message.set_cooperative(kBentangan);
  const auto terminals =
      Ask<v1::ListTerminalsReply>(server_.admin(), &Admins::ListTerminals, message);
  ASSERT_EQ(terminals.terminals_size(), 1);
  EXPECT_EQ(terminals.terminals(0).branch(), kGroceries);
}

TEST_F(ReadingServer, ListsNothingOfACooperativeThatIsNotOpen) {
  const auto expect_not_found = [](auto& stub, auto method, auto message, auto reply) {
    for (const uint32_t cooperative : {0u, 77u, 1u << 24, UINT32_MAX}) {
      message.set_cooperative(cooperative);
      grpc::ClientContext context;
      const grpc::Status status = (stub.*method)(&context, message, &reply);
      EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND) << cooperative;
      EXPECT_THAT(status.error_message(), HasSubstr("cooperative: expected"));
      const auto& trailers = context.GetServerTrailingMetadata();
      ASSERT_EQ(trailers.count("lumbung-field"), 1u);
      EXPECT_EQ(trailers.find("lumbung-field")->second, "cooperative");
      EXPECT_EQ(trailers.find("lumbung-outcome")->second, "COOPERATIVE_UNKNOWN");
    }
  };
  expect_not_found(server_.account(), &Accounts::ListAccounts, v1::ListAccountsRequest(),
                   v1::ListAccountsReply());
  expect_not_found(server_.admin(), &Admins::ListBranches, v1::ListBranchesRequest(),
                   v1::ListBranchesReply());
  expect_not_found(server_.admin(), &Admins::ListTerminals, v1::ListTerminalsRequest(),
                   v1::ListTerminalsReply());
  expect_not_found(server_.ledger(), &Ledgers::GetTrialBalance, v1::GetTrialBalanceRequest(),
                   v1::GetTrialBalanceReply());
}

TEST_F(ReadingServer, ListsAnOpenCooperativeThatHasNothingYet) {
  v1::OpenCooperativeRequest open;
  open.set_number(78);
  open.set_name("KDMP Baru");
  Ask<v1::Cooperative>(server_.admin(), &Admins::OpenCooperative, open);
  v1::ListBranchesRequest message;
  message.set_cooperative(78);
  const auto reply = Ask<v1::ListBranchesReply>(server_.admin(), &Admins::ListBranches, message);
  EXPECT_EQ(reply.branches_size(), 0);
}

TEST_F(ReadingServer, NamesTheMembersThatCantBeOpened) {
  v1::OpenMembersRequest message;
  message.set_cooperative(kBentangan);
  message.set_store_credit(true);
  message.set_store_credit_limit(500);
  for (const uint32_t member : {90u, 0u, 91u, 1u << 26}) message.add_members(member);
  const auto reply = Ask<v1::OpenMembersReply>(server_.account(), &Accounts::OpenMembers, message);
  ASSERT_EQ(reply.results_size(), 4);
  EXPECT_EQ(reply.results(0).outcome(), v1::OUTCOME_ACCEPTED);
  EXPECT_EQ(reply.results(0).field(), "");
  EXPECT_EQ(reply.results(2).outcome(), v1::OUTCOME_ACCEPTED);
  for (const int row : {1, 3}) {
    const v1::OpenResult& result = reply.results(row);
    const std::string field = "members[" + std::to_string(row) + "]";
    EXPECT_EQ(result.outcome(), v1::OUTCOME_ACCOUNT_MALFORMED);
    EXPECT_EQ(result.field(), field);
    EXPECT_EQ(result.message(), field + ": expected a number from 1 to 67108863, found " +
                                    std::to_string(message.members(row)));
  }
  for (const uint32_t cooperative : {0u, 1u << 24}) {
    message.set_cooperative(cooperative);
    grpc::ClientContext context;
    v1::OpenMembersReply none;
    const grpc::Status status = server_.account().OpenMembers(&context, message, &none);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("cooperative: expected"));
    EXPECT_EQ(context.GetServerTrailingMetadata().count("lumbung-field"), 1u);
  }
}

TEST_F(ReadingServer, NamesTheFieldOfAnAccountThatCantBeOpened) {
  v1::OpenAccountsRequest message;
  message.add_accounts()->set_account(WalletOf(92));
  v1::OpenAccount& bad = *message.add_accounts();
  bad.set_account(WalletOf(93));
  bad.set_asset(1'000);
  const auto reply =
      Ask<v1::OpenAccountsReply>(server_.account(), &Accounts::OpenAccounts, message);
  EXPECT_EQ(reply.results(0).outcome(), v1::OUTCOME_ACCEPTED);
  EXPECT_EQ(reply.results(1).outcome(), v1::OUTCOME_SETTING_INVALID);
  EXPECT_EQ(reply.results(1).field(), "accounts[1].asset");
}

TEST_F(ReadingServer, TellsACooperativeOfAnotherNameAndABranchOfNone) {
  v1::OpenCooperativeRequest cooperative;
  cooperative.set_number(kBentangan);
  cooperative.set_name("Another");
  EXPECT_EQ(StatusOf<v1::Cooperative>(server_.admin(), &Admins::OpenCooperative, cooperative)
                .error_code(),
            grpc::StatusCode::ALREADY_EXISTS);
  v1::OpenBranchRequest branch;
  branch.set_cooperative(4000);
  branch.set_number(1);
  branch.set_name("Nowhere");
  EXPECT_EQ(StatusOf<v1::Branch>(server_.admin(), &Admins::OpenBranch, branch).error_code(),
            grpc::StatusCode::NOT_FOUND);
  branch.set_number(70'000);
  const grpc::Status status = StatusOf<v1::Branch>(server_.admin(), &Admins::OpenBranch, branch);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("number"));
}

TEST_F(ReadingServer, ChargesWhatThePolicySays) {
  v1::SetPolicyRequest message;
  message.set_cooperative(kBentangan);
  message.mutable_policy()->set_transfer_fee(250);
  EXPECT_EQ(
      Ask<v1::Cooperative>(server_.admin(), &Admins::SetPolicy, message).policy().transfer_fee(),
      250);
  v1::TransferRequest transfer;
  *transfer.mutable_id() = NewId();
  transfer.mutable_source()->set_cooperative(kBentangan);
  transfer.mutable_source()->set_number(1);
  transfer.mutable_target()->set_cooperative(kBentangan);
  transfer.mutable_target()->set_number(2);
  transfer.set_amount(1000);
  Ask<v1::TransactionResult>(server_.payment(), &v1::PaymentService::Stub::Transfer, transfer);
  EXPECT_EQ(BalanceOf(server_, WalletOf(1)).balance(), kOpening - 1250);
}

TEST_F(ReadingServer, ReportsItsCursorsInOrder) {
  const v1::GetStatusReply status = StatusWithHash(server_);
  EXPECT_LE(status.replied(), status.durable());
  EXPECT_LE(status.durable(), status.applied());
  EXPECT_LE(status.applied(), status.published());
  EXPECT_LE(status.published(), status.claimed());
  EXPECT_EQ(status.cooperatives(), 2u);
  EXPECT_EQ(status.state_hash().size(), 32u);
  EXPECT_GT(status.synced_writes(), 0u);
  EXPECT_EQ(status.data_folder(), folder_.path());
}

// As long as it rebuilds the tree, it does not know yet.
TEST(HaltedLog, PromisesNoReceiptThatWillNeverBe) {
  const TemporaryFolder folder;
  const TemporaryFolder other;
  const auto evidence = [](const TemporaryFolder& of) { return of.path() + "/transparency"; };
  for (const TemporaryFolder* const data : {&folder, &other}) {
    RunningServer server(TestConfig(data->path()));
    OpenCooperatives(server);
  }
  std::filesystem::remove_all(evidence(folder));
  std::filesystem::copy(evidence(other), evidence(folder));  // without what is in tree/
  RunningServer server(TestConfig(folder.path()));
  ASSERT_TRUE(server.serving());
  v1::GetReceiptRequest message;
  message.set_sequence(Pay(server, Payment(1, 100)).sequence());
  grpc::Status status;
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  do {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    status = StatusOf<v1::Receipt>(server.ledger(), &Ledgers::GetReceipt, message);
  } while (status.error_code() == grpc::StatusCode::UNAVAILABLE &&
           std::chrono::steady_clock::now() < patience);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DATA_LOSS) << status.error_message();
  EXPECT_THAT(status.error_message(), HasSubstr("was changed after it was signed"));
}

TEST_F(ReadingServer, BacksUpIntoAFolderFromWhichAServerStarts) {
  Pay(server_, Payment(1, 1));
  const TemporaryFolder elsewhere;
  v1::BackupRequest message;
  message.set_folder(elsewhere.path() + "/copy");
  const auto backup = Ask<v1::BackupReply>(server_.admin(), &Admins::Backup, message);
  EXPECT_EQ(backup.last_sequence(), StatusWithHash(server_).last_sequence());
  EXPECT_GT(backup.bytes(), 0u);
  ServerConfig config = TestConfig(message.folder());
  config.transparency = false;  // a backup has no key
  RunningServer copy(config);
  ASSERT_TRUE(copy.serving());
  EXPECT_EQ(StatusWithHash(copy).state_hash(), StatusWithHash(server_).state_hash());
  EXPECT_EQ(StatusOf<v1::BackupReply>(server_.admin(), &Admins::Backup, message).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  message.set_folder("relative");
  EXPECT_EQ(StatusOf<v1::BackupReply>(server_.admin(), &Admins::Backup, message).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ReadingServer, LeavesNothingOfABackupThatFailsHalfWay) {
  Pay(server_, Payment(1, 1));
  const std::string checkpoints = folder_.path() + "/transparency/checkpoints";
  const TemporaryFolder elsewhere;
  v1::BackupRequest message;
  message.set_folder(elsewhere.path() + "/copy");
  std::filesystem::rename(checkpoints, checkpoints + ".away");
  std::filesystem::create_directory(checkpoints);  // which can't be read as a file
  const grpc::Status failed = StatusOf<v1::BackupReply>(server_.admin(), &Admins::Backup, message);
  EXPECT_EQ(failed.error_code(), grpc::StatusCode::UNAVAILABLE) << failed.error_message();
  EXPECT_FALSE(std::filesystem::exists(message.folder()));
  std::filesystem::remove(checkpoints);
  std::filesystem::rename(checkpoints + ".away", checkpoints);
  EXPECT_GT(Ask<v1::BackupReply>(server_.admin(), &Admins::Backup, message).bytes(), 0u);
}

// Who drops the derived data would drop the backup too.
TEST_F(ReadingServer, MakesNoBackupAmongItsOwnFiles) {
  v1::BackupRequest message;
  const TemporaryFolder elsewhere;
  std::filesystem::create_directory_symlink(folder_.path() + "/derived",
                                            elsewhere.path() + "/link");
  for (const std::string& folder :
       {folder_.path() + "/derived/copy", folder_.path() + "/ledger", elsewhere.path() + "/link/x",
        folder_.path() + "/derived/../transparency/tree/copy"}) {
    message.set_folder(folder);
    const grpc::Status refused =
        StatusOf<v1::BackupReply>(server_.admin(), &Admins::Backup, message);
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << folder;
    EXPECT_THAT(refused.error_message(), HasSubstr("outside of the server's ledger"));
  }
}

TEST_F(ReadingServer, SaysThatAFolderHasAPartOfABackupThatWasCutOff) {
  const TemporaryFolder elsewhere;
  v1::BackupRequest message;
  message.set_folder(elsewhere.path());
  const auto refusal = [&] {
    return StatusOf<v1::BackupReply>(server_.admin(), &Admins::Backup, message).error_message();
  };
  EXPECT_THAT(refusal(), HasSubstr("it exists"));
  for (const char* const part : {"/transparency", "/ledger.tmp"}) {
    std::filesystem::create_directory(message.folder() + part);
    EXPECT_THAT(refusal(), HasSubstr("did not come to its end; remove it, or name another"));
    std::filesystem::remove(message.folder() + part);
  }
}

}  // namespace
}  // namespace lumbung
