// Who calls, and what he may do: the one place where both are decided. Access control by
// certificate or token is not built yet; since the server listens on loopback only (settings.h),
// whoever reaches it works on this machine and counts as its operator. Any thread.
#pragma once

#include <cstdint>

#include "engine/command.h"
#include "engine/types.h"

namespace grpc {
class ServerContextBase;
}

namespace lumbung {

enum class Role : uint8_t { kBackend, kTerminal, kAuditor, kOperator };

// What a principal is limited to; 0 where it is not.
struct Scope {
  CooperativeId cooperative;
  BranchId branch;
  TerminalId terminal;
};

struct Principal {
  Role role = Role::kAuditor;
  Scope scope;
};

enum class Permission : uint8_t { kGranted, kDenied };

// What a call that is not a command does.
enum class Deed : uint8_t { kRead, kAdminister };

class Authenticator {
 public:
  // The principal of a call.
  Principal Authenticate(const grpc::ServerContextBase& context) const;
};

Permission Authorise(const Principal& principal, const Command& command);
Permission Authorise(const Principal& principal, Deed deed);

}  // namespace lumbung
