// The words and numbers of exported books that reports (api/books) have not. Pure functions; any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/cli/book_form.h"
#include "engine/account_id.h"
#include "engine/chart.h"
#include "engine/types.h"

namespace lumbung::cli {

// Exact, with a point and without grouping: `25000.00`, `-0.50` of rupiah; of other assets, whose
// minor unit is not known here, the whole number of minor units.
std::string PlainAmount(Amount amount, AssetCode asset);
// `IDR`, or `ISO-840` (its numeric code) of others.
std::string CommodityName(AssetCode asset);

// `Assets`, `Aset`: of the chart's five classes.
std::string_view ClassName(AccountClass account_class, Language language);
// The account's name in the chart; "?" if its code is not in the chart.
std::string_view CodeName(AccountCode code, Language language);
// From the class down: `Liabilities`, `2101 Voluntary savings`, `member 55`. Without the last if
// the cooperative itself holds it.
std::vector<std::string> AccountPath(AccountId account, Language language);

// `2026-11-24T18:10:03.123456789+07:00`.
std::string LocalTime(Timestamp time, int16_t zone_minutes);

}  // namespace lumbung::cli
