#include "api/cli/book_words.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "engine/business_date.h"

namespace lumbung::cli {
namespace {

struct Words {
  std::string_view english;
  std::string_view indonesian;
  std::string_view In(Language language) const {
    return language == Language::kEnglish ? english : indonesian;
  }
};

constexpr Words kUnknown{"?", "?"};

Words HolderWord(HolderKind holder) {
  switch (holder) {
    case HolderKind::kCooperative:
      return {"cooperative", "koperasi"};
    case HolderKind::kBranch:
      return {"branch", "gerai"};
    case HolderKind::kTerminal:
      return {"terminal", "kasir"};
    case HolderKind::kMember:
      return {"member", "anggota"};
    case HolderKind::kLoan:
      return {"loan", "pinjaman"};
  }
  return kUnknown;
}

// By their numbers.
constexpr auto kPurposes = std::to_array<Words>({
    {"", ""},
    {"general journal", "jurnal umum"},
    {"payment", "pembayaran"},
    {"cash sale", "penjualan tunai"},
    {"QRIS sale", "penjualan QRIS"},
    {"store credit sale", "penjualan bon"},
    {"bill payment", "pembayaran tagihan"},
    {"transfer", "transfer"},
    {"share capital deposit", "setoran simpanan pokok"},
    {"compulsory savings deposit", "setoran simpanan wajib"},
    {"voluntary savings deposit", "setoran simpanan sukarela"},
    {"dues", "iuran wajib"},
    {"withdrawal", "penarikan"},
    {"top-up", "isi saldo"},
    {"settlement", "penyelesaian kliring"},
    {"payout reserved", "pencairan dicadangkan"},
    {"payout made", "pencairan berhasil"},
    {"payout failed", "pencairan gagal"},
    {"loan disbursement", "pencairan pinjaman"},
    {"instalment", "angsuran"},
    {"store credit payment", "pelunasan bon"},
    {"harvest purchase", "pembelian hasil panen"},
    {"declaration of the year's result", "pembagian SHU"},
    {"payment of the year's result", "pembayaran SHU"},
    {"savings interest", "jasa simpanan"},
    {"till to main cash", "setoran laci ke kas"},
    {"main cash to till", "modal laci"},
    {"cash short", "selisih kas kurang"},
    {"cash over", "selisih kas lebih"},
    {"member exit", "anggota keluar"},
    {"closing", "penutupan"},
});
static_assert(kPurposes.size() == static_cast<size_t>(Purpose::kClosing) + 1);

constexpr auto kFacts = std::to_array<Words>({
    {"", ""},
    {"cooperative opened", "koperasi dibuka"},
    {"branch opened", "gerai dibuka"},
    {"terminal opened", "kasir dibuka"},
    {"account opened", "rekening dibuka"},
    {"account limits set", "batas rekening diatur"},
    {"account status set", "status rekening diatur"},
    {"policy set", "kebijakan diatur"},
});
static_assert(kFacts.size() == static_cast<size_t>(Fact::kPolicySet) + 1);

Words StepWords(Step step) {
  switch (step) {
    case Step::kHold:
      return {"hold", "penahanan"};
    case Step::kCapture:
      return {"capture", "penagihan"};
    case Step::kVoid:
      return {"void", "pembatalan"};
    case Step::kExpire:
      return {"expiry", "kedaluwarsa"};
    case Step::kRefund:
      return {"refund", "pengembalian"};
    case Step::kReverse:
      return {"reversal", "koreksi"};
    case Step::kFence:
      return {"fence", "penutupan id"};
    case Step::kNone:
    case Step::kPost:
    case Step::kFact:
      break;
  }
  return {"", ""};
}

}  // namespace

std::string PlainAmount(Amount amount, AssetCode asset) {
  if (asset != kIdr) return fmt::format("{}", amount.value());
  const bool negative = amount.value() < 0;
  const uint64_t bits = static_cast<uint64_t>(amount.value());
  const uint64_t size = negative ? 0 - bits : bits;
  return fmt::format("{}{}.{:02}", negative ? "-" : "", size / 100, size % 100);
}

std::string CommodityName(AssetCode asset) {
  return asset == kIdr ? "IDR" : fmt::format("ISO-{:03}", asset.value());
}

std::string_view ClassName(AccountClass account_class, Language language) {
  switch (account_class) {
    case AccountClass::kAsset:
      return Words{"Assets", "Aset"}.In(language);
    case AccountClass::kLiability:
      return Words{"Liabilities", "Liabilitas"}.In(language);
    case AccountClass::kEquity:
      return Words{"Equity", "Ekuitas"}.In(language);
    case AccountClass::kIncome:
      return Words{"Income", "Pendapatan"}.In(language);
    case AccountClass::kExpense:
      return Words{"Expenses", "Beban"}.In(language);
  }
  return "?";
}

std::string_view CodeName(AccountCode code, Language language) {
  const ChartLine* const line = FindChartLine(code);
  if (line == nullptr) return "?";
  return language == Language::kEnglish ? line->name : line->name_id;
}

std::vector<std::string> AccountPath(AccountId account, Language language) {
  const ChartLine* const line = FindChartLine(account.code());
  std::vector<std::string> path;
  path.emplace_back(line == nullptr ? "?" : ClassName(line->account_class, language));
  path.push_back(fmt::format("{} {}", account.code().value(), CodeName(account.code(), language)));
  const bool own = line != nullptr && line->holder == HolderKind::kCooperative;
  if (own && account.holder() == HolderNumber{0}) return path;
  const Words word = line == nullptr ? kUnknown : HolderWord(line->holder);
  path.push_back(fmt::format("{} {}", word.In(language), account.holder().value()));
  return path;
}

std::string KindWords(EntryKind kind, Language language) {
  const size_t number = kind.packed & 0xFF;
  if (kind.step() == Step::kFact) {
    return std::string((number < kFacts.size() ? kFacts[number] : kUnknown).In(language));
  }
  const std::string_view purpose =
      (number < kPurposes.size() ? kPurposes[number] : kUnknown).In(language);
  const std::string_view step = StepWords(kind.step()).In(language);
  if (step.empty()) return std::string(purpose);
  return purpose.empty() ? std::string(step) : fmt::format("{}: {}", step, purpose);
}

std::string LocalTime(Timestamp time, int16_t zone_minutes) {
  constexpr int64_t kDayNs = int64_t{24} * 3600 * 1'000'000'000;
  const BusinessDate date = DateOf(time, zone_minutes);
  const int64_t zone_ns = int64_t{zone_minutes} * 60 * 1'000'000'000;
  const int64_t in_utc_day = (time.value() % kDayNs + kDayNs) % kDayNs;
  const int64_t ns = ((in_utc_day + zone_ns) % kDayNs + kDayNs) % kDayNs;
  const int64_t seconds = ns / 1'000'000'000;
  const int zone = std::abs(int{zone_minutes});
  return fmt::format("{}T{:02}:{:02}:{:02}.{:09}{}{:02}:{:02}", ToString(date), seconds / 3600,
                     seconds / 60 % 60, seconds % 60, ns % 1'000'000'000,
                     zone_minutes < 0 ? '-' : '+', zone / 60, zone % 60);
}

}  // namespace lumbung::cli
