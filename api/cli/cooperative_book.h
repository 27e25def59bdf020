// Goes through a ledger and tells a form what happened in one cooperative in a period. Memory is
// that of the cooperative's accounts, whatever the ledger's length.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "api/cli/book_form.h"
#include "api/cli/parse.h"
#include "storage/ledger_source.h"

namespace lumbung::cli {

struct BookRequest {
  CooperativeId cooperative;
  std::optional<When> since;  // days are those of the cooperative's zone
  std::optional<When> until;  // a day: up to its end
  Language language = Language::kIndonesian;
};

// Hands what the form makes to `write`, in pieces. NOT_FOUND if the ledger does not open the
// cooperative, DATA_LOSS if an attachment of its entries can't be read; otherwise the status of the
// source or of `write`.
// REQUIRES: the source has the ledger from sequence 1 on.
absl::Status WriteBook(const LedgerSource& source, const BookRequest& request, BookForm& form,
                       const std::function<absl::Status(std::string_view)>& write);

}  // namespace lumbung::cli
