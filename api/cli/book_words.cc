#include "api/cli/book_words.h"

#include <fmt/format.h>

#include <cstdlib>

#include "api/books/row.h"
#include "engine/business_date.h"

namespace lumbung::cli {

using books::Phrase;

std::string PlainAmount(Amount amount, AssetCode asset) {
  return asset == kIdr ? books::PlainSum(amount.value()) : fmt::format("{}", amount.value());
}

std::string CommodityName(AssetCode asset) {
  return asset == kIdr ? "IDR" : fmt::format("ISO-{:03}", asset.value());
}

std::string_view ClassName(AccountClass account_class, Language language) {
  switch (account_class) {
    case AccountClass::kAsset:
      return Phrase{"Aset", "Assets"}.In(language);
    case AccountClass::kLiability:
      return Phrase{"Liabilitas", "Liabilities"}.In(language);
    case AccountClass::kEquity:
      return Phrase{"Ekuitas", "Equity"}.In(language);
    case AccountClass::kIncome:
      return Phrase{"Pendapatan", "Income"}.In(language);
    case AccountClass::kExpense:
      return Phrase{"Beban", "Expenses"}.In(language);
  }
  return "?";
}

std::string_view CodeName(AccountCode code, Language language) {
  const std::string_view name = books::NameOf(code).In(language);
  return name.empty() ? "?" : name;
}

std::vector<std::string> AccountPath(AccountId account, Language language) {
  const ChartLine* const line = FindChartLine(account.code());
  std::vector<std::string> path;
  path.emplace_back(line == nullptr ? "?" : ClassName(line->account_class, language));
  path.push_back(fmt::format("{} {}", account.code().value(), CodeName(account.code(), language)));
  const bool own = line != nullptr && line->holder == HolderKind::kCooperative;
  if (own && account.holder() == HolderNumber{0}) return path;
  const std::string_view word = line == nullptr ? "?" : books::NameOf(line->holder).In(language);
  path.push_back(fmt::format("{} {}", word, account.holder().value()));
  return path;
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
