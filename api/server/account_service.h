// AccountService: accounts, balances and statements. What is about now is a query in the pipeline;
// what is about the past is read from the ledger by the readers.
#pragma once

#include <grpcpp/support/server_callback.h>
#include <optional>
#include <vector>

#include "api/server/call.h"
#include "api/server/engine_parts.h"
#include "api/server/fact_call.h"
#include "engine/account.h"
#include "lumbung/v1/account_service.grpc.pb.h"

namespace lumbung {

// The accounts of a page.
struct AccountPage {
  std::optional<std::vector<Account>> accounts;  // nothing: the cooperative is not open
};

// gRPC threads; must outlive the gRPC server.
class AccountServiceImpl final : public v1::AccountService::CallbackService {
 public:
  explicit AccountServiceImpl(EngineParts& engine);

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* OpenAccounts(Context* context, const v1::OpenAccountsRequest*,
                      v1::OpenAccountsReply*) override;
  Unary* OpenMembers(Context* context, const v1::OpenMembersRequest*,
                     v1::OpenMembersReply*) override;
  Unary* GetAccount(Context* context, const v1::GetAccountRequest*, v1::Account*) override;
  Unary* ListAccounts(Context* context, const v1::ListAccountsRequest*,
                      v1::ListAccountsReply*) override;
  Unary* SetAccountStatus(Context* context, const v1::SetAccountStatusRequest*,
                          v1::Account*) override;
  Unary* SetAccountLimits(Context* context, const v1::SetAccountLimitsRequest*,
                          v1::Account*) override;
  Unary* GetBalance(Context* context, const v1::GetBalanceRequest*, v1::Account*) override;
  Unary* GetBalanceAt(Context* context, const v1::GetBalanceAtRequest*,
                      v1::GetBalanceAtReply*) override;
  Unary* GetStatement(Context* context, const v1::GetStatementRequest*,
                      v1::GetStatementReply*) override;

 private:
  // Reads the account that the message names, then goes on with kReply.
  template <typename CallType, auto kReply>
  Unary* QueryAccount(Context* context);
  // Changes the account that the message names and answers with what it became.
  template <typename Message>
  Unary* ChangeAccount(Context* context);

  EngineParts& engine_;
  CallAllocator<v1::OpenAccountsRequest, v1::OpenAccountsReply> open_accounts_;
  CallAllocator<v1::OpenMembersRequest, v1::OpenMembersReply> open_members_;
  CallAllocator<v1::GetAccountRequest, v1::Account, Found<Account>> get_account_;
  CallAllocator<v1::ListAccountsRequest, v1::ListAccountsReply, AccountPage> list_accounts_;
  CallAllocator<v1::SetAccountStatusRequest, v1::Account, Found<Account>> set_status_;
  CallAllocator<v1::SetAccountLimitsRequest, v1::Account, Found<Account>> set_limits_;
  CallAllocator<v1::GetBalanceRequest, v1::Account, Found<Account>> get_balance_;
  CallAllocator<v1::GetBalanceAtRequest, v1::GetBalanceAtReply, Found<Account>> balance_at_;
  CallAllocator<v1::GetStatementRequest, v1::GetStatementReply, Found<Account>> statement_;
};

}  // namespace lumbung
