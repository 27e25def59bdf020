#include "api/books/phrase.h"

#include <fmt/format.h>

namespace lumbung::books {

namespace {

void AddTo(std::string& text, std::string_view more) {
  if (more.empty()) return;
  if (!text.empty()) text += ", ";
  text += more;
}

}  // namespace

Phrase NameOf(Purpose purpose) {
  switch (purpose) {
    case Purpose::kNone:
      return {"", ""};
    case Purpose::kGeneral:
      return {"Jurnal umum", "General entry"};
    case Purpose::kPayment:
      return {"Pembayaran dari simpanan", "Payment from the wallet"};
    case Purpose::kCashSale:
      return {"Penjualan tunai", "Cash sale"};
    case Purpose::kQrisSale:
      return {"Penjualan QRIS", "QRIS sale"};
    case Purpose::kStoreCreditSale:
      return {"Penjualan bon", "Sale on store credit"};
    case Purpose::kBillPayment:
      return {"Pembayaran tagihan", "Bill payment"};
    case Purpose::kTransfer:
      return {"Transfer anggota", "Transfer between members"};
    case Purpose::kDepositPokok:
      return {"Setoran simpanan pokok", "Deposit of share capital"};
    case Purpose::kDepositWajib:
      return {"Setoran simpanan wajib", "Deposit of compulsory savings"};
    case Purpose::kDepositSukarela:
      return {"Setoran simpanan sukarela", "Deposit of voluntary savings"};
    case Purpose::kDues:
      return {"Iuran wajib", "Compulsory dues"};
    case Purpose::kWithdrawal:
      return {"Penarikan tunai", "Cash withdrawal"};
    case Purpose::kTopUp:
      return {"Isi saldo", "Top-up"};
    case Purpose::kSettlement:
      return {"Setelmen kliring", "Settlement of the clearing"};
    case Purpose::kPayoutReserve:
      return {"Pencairan diproses", "Payout under way"};
    case Purpose::kPayoutSuccess:
      return {"Pencairan berhasil", "Payout done"};
    case Purpose::kPayoutFailure:
      return {"Pencairan gagal", "Payout failed"};
    case Purpose::kLoanDisbursement:
      return {"Pencairan pinjaman", "Loan disbursement"};
    case Purpose::kInstalment:
      return {"Angsuran pinjaman", "Loan instalment"};
    case Purpose::kStoreCreditPayment:
      return {"Pelunasan bon", "Store credit paid back"};
    case Purpose::kHarvestPurchase:
      return {"Pembelian hasil panen", "Purchase of harvest"};
    case Purpose::kShuDeclaration:
      return {"Pembagian SHU", "Allotment of the result"};
    case Purpose::kShuPayment:
      return {"Pembayaran SHU", "Payment of the share of result"};
    case Purpose::kSavingsInterest:
      return {"Jasa simpanan", "Interest on savings"};
    case Purpose::kTillToMainCash:
      return {"Setoran laci ke kas besar", "Till emptied into main cash"};
    case Purpose::kMainCashToTill:
      return {"Modal awal laci kas", "Float for the till"};
    case Purpose::kCashShort:
      return {"Selisih kas kurang", "Cash short"};
    case Purpose::kCashOver:
      return {"Selisih kas lebih", "Cash over"};
    case Purpose::kMemberExit:
      return {"Anggota keluar", "Member leaves"};
    case Purpose::kClosing:
      return {"Jurnal penutup", "Closing entry"};
  }
  return {"?", "?"};
}

Phrase NameOf(Step step) {
  switch (step) {
    case Step::kNone:
    case Step::kPost:
      return {"", ""};
    case Step::kHold:
      return {"penahanan dana", "hold"};
    case Step::kCapture:
      return {"eksekusi penahanan dana", "capture of a hold"};
    case Step::kVoid:
      return {"penahanan dana dibatalkan", "hold released"};
    case Step::kExpire:
      return {"penahanan dana kedaluwarsa", "hold expired"};
    case Step::kRefund:
      return {"pengembalian", "refund"};
    case Step::kReverse:
      return {"koreksi balik", "reversal"};
    case Step::kFence:
      return {"nomor ditutup", "fence"};
    case Step::kFact:
      return {"fakta", "fact"};
  }
  return {"?", "?"};
}

Phrase NameOf(Fact fact) {
  switch (fact) {
    case Fact::kNone:
      return {"", ""};
    case Fact::kCooperativeOpened:
      return {"koperasi dibuka", "cooperative opened"};
    case Fact::kBranchOpened:
      return {"gerai dibuka", "branch opened"};
    case Fact::kTerminalOpened:
      return {"kasir dibuka", "terminal opened"};
    case Fact::kAccountOpened:
      return {"rekening dibuka", "account opened"};
    case Fact::kAccountLimitsSet:
      return {"batas rekening diatur", "account limits set"};
    case Fact::kAccountStatusSet:
      return {"status rekening diatur", "account status set"};
    case Fact::kPolicySet:
      return {"kebijakan diatur", "policy set"};
  }
  return {"?", "?"};
}

Phrase NameOf(HolderKind holder) {
  switch (holder) {
    case HolderKind::kCooperative:
      return {"koperasi", "cooperative"};
    case HolderKind::kBranch:
      return {"gerai", "branch"};
    case HolderKind::kTerminal:
      return {"kasir", "terminal"};
    case HolderKind::kMember:
      return {"anggota", "member"};
    case HolderKind::kLoan:
      return {"pinjaman", "loan"};
  }
  return {"?", "?"};
}

Phrase NameOf(AccountCode code) {
  const ChartLine* const line = FindChartLine(code);
  return line == nullptr ? Phrase{"", ""} : Phrase{line->name_id, line->name};
}

std::string KindWords(EntryKind kind, Language language) {
  if (kind.step() == Step::kFact) return std::string(NameOf(kind.fact()).In(language));
  std::string text{NameOf(kind.purpose()).In(language)};
  AddTo(text, NameOf(kind.step()).In(language));
  return text;
}

std::string SubjectOf(const Entry& first, Language language) {
  std::string text = KindWords(first.kind, language);
  if (first.related != kNoSequence) {
    constexpr Phrase kFrom{"dari entri {}", "of entry {}"};
    AddTo(text, fmt::format(fmt::runtime(kFrom.In(language)), first.related.value()));
  }
  return text;
}

std::string DescriptionOf(const Entry& entry, Language language) {
  std::string text = SubjectOf(entry, language);
  if (entry.flags & kFlagPart) AddTo(text, Phrase{"bagian PPN", "VAT part"}.In(language));
  if (entry.flags & kFlagFee) AddTo(text, Phrase{"biaya", "fee"}.In(language));
  if (entry.flags & kFlagClearing) {
    AddTo(text, Phrase{"kliring antarkoperasi", "clearing between cooperatives"}.In(language));
  }
  return text;
}

}  // namespace lumbung::books
