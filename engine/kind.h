// What a transaction does (its step) and why (its purpose). Both stand in every entry, in one
// 16-bit field; the numbers are frozen, since they are stored.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lumbung {

// How a transaction acts on balances. The high byte of an entry's kind.
enum class Step : uint8_t {
  kNone = 0,
  kPost = 1,     // apply at once
  kHold = 2,     // reserve on the debit side until capture, void or the deadline
  kCapture = 3,  // post all or part of a hold; the rest is released
  kVoid = 4,     // release a hold
  kExpire = 5,   // release a hold whose deadline passed; written by the engine itself
  kRefund = 6,   // pay back all or part of an original
  kReverse = 7,  // mirror every leg of an original, once
  kFence = 8,    // spend an id without posting anything
  kFact = 16,    // an administrative fact; the low byte is a Fact
};

// The business kind. The low byte of an entry's kind. posting_rule.h has the legs of each.
enum class Purpose : uint8_t {
  kNone = 0,
  kGeneral = 1,              // jurnal umum: any legs; for the back office
  kPayment = 2,              // from the wallet to a branch's sales
  kCashSale = 3,             // cash at the till
  kQrisSale = 4,             // QRIS, through the clearing account
  kStoreCreditSale = 5,      // bon anggota
  kBillPayment = 6,          // electricity, phone: wallet to the platform's payable
  kTransfer = 7,             // member to member, also to another cooperative
  kDepositPokok = 8,         // share capital, at the till
  kDepositWajib = 9,         // compulsory savings, at the till
  kDepositSukarela = 10,     // voluntary savings, at the till
  kDues = 11,                // compulsory savings by auto-debit of the wallet
  kWithdrawal = 12,          // cash from the wallet
  kTopUp = 13,               // bank VA or QRIS into the wallet
  kSettlement = 14,          // the clearing account's money arrives at the bank
  kPayoutReserve = 15,       // wallet to payout in transit
  kPayoutSuccess = 16,       // the bank paid out
  kPayoutFailure = 17,       // the bank refused: back to the wallet
  kLoanDisbursement = 18,    // loan to the wallet, less provision
  kInstalment = 19,          // principal, interest and late fee of a loan
  kStoreCreditPayment = 20,  // bon anggota paid back
  kHarvestPurchase = 21,     // harvest bought from a member
  kShuDeclaration = 22,      // the year's result is allotted
  kShuPayment = 23,          // a member's share of it is paid into the wallet
  kSavingsInterest = 24,     // interest on savings, net and tax
  kTillToMainCash = 25,      // the till is emptied
  kMainCashToTill = 26,      // the till gets its float
  kCashShort = 27,           // the till held less than the books
  kCashOver = 28,            // the till held more than the books
  kMemberExit = 29,          // pokok and wajib are paid back to a member who leaves
  kClosing = 30,             // closing entries of a period
};

// Administrative facts. The low byte of a kFact entry's kind.
enum class Fact : uint8_t {
  kNone = 0,
  kCooperativeOpened = 1,
  kBranchOpened = 2,
  kTerminalOpened = 3,
  kAccountOpened = 4,
  kAccountLimitsSet = 5,
  kAccountStatusSet = 6,
  kPolicySet = 7,
};

// Step and purpose (or fact) as stored: step in the high byte.
struct EntryKind {
  uint16_t packed = 0;

  static constexpr EntryKind Of(Step step, Purpose purpose) {
    return {
        static_cast<uint16_t>(static_cast<uint16_t>(step) << 8 | static_cast<uint16_t>(purpose))};
  }
  static constexpr EntryKind Of(Fact fact) {
    return {static_cast<uint16_t>(static_cast<uint16_t>(Step::kFact) << 8 |
                                  static_cast<uint16_t>(fact))};
  }
  constexpr Step step() const { return static_cast<Step>(packed >> 8); }
  // REQUIRES: step() != Step::kFact.
  constexpr Purpose purpose() const { return static_cast<Purpose>(packed & 0xFF); }
  // REQUIRES: step() == Step::kFact.
  constexpr Fact fact() const { return static_cast<Fact>(packed & 0xFF); }
  constexpr bool operator==(const EntryKind&) const = default;
};

// `POST`, `PAYMENT`, `ACCOUNT_OPENED`: the names of the API without their prefix. "?" for a number
// that is not of the enum.
std::string_view Name(Step step);
std::string_view Name(Purpose purpose);
std::string_view Name(Fact fact);

// Whether an accepted transaction of this step moves money, so that it stands in balances; holds,
// fences and facts do not.
bool MovesMoney(Step step);

// Whether the number names a purpose that a client may send.
bool IsKnownPurpose(uint32_t number);

}  // namespace lumbung
