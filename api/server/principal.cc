#include "api/server/principal.h"

namespace lumbung {

namespace {

// Only the operator can be authenticated so far; every other role is denied until its rules exist.
Permission GrantedToOperator(const Principal& principal) {
  return principal.role == Role::kOperator ? Permission::kGranted : Permission::kDenied;
}

}  // namespace

Principal Authenticator::Authenticate(const grpc::ServerContextBase&) const {
  return Principal{.role = Role::kOperator, .scope = {}};
}

Permission Authorise(const Principal& principal, const Command&) {
  return GrantedToOperator(principal);
}

Permission Authorise(const Principal& principal, Deed) { return GrantedToOperator(principal); }

}  // namespace lumbung
