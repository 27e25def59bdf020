// Amounts, times and text made readable for people, and harmless in files, without anything of the
// API. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/types.h"

namespace lumbung::cli {

// `Rp1.250.000,00`, `-Rp500,00`. Any 64-bit amount.
std::string FormatMoney(Amount amount);
// `1.250.000`, as counts are written.
std::string FormatCount(uint64_t count);

// `WIB`, `WITA`, `WIT`, `UTC`, `UTC+05:30`.
std::string ZoneName(int16_t zone_minutes);
// `2026-11-24 18:10:03 WIB`; empty for 0, which means no time.
std::string FormatTime(Timestamp time, int16_t zone_minutes);
// RFC 3339 in UTC with nanoseconds, for programs: `2026-11-24T11:10:03.000000000Z`; empty for 0.
std::string FormatTimeUtc(Timestamp time);
// `3 d 04:05:06`.
std::string FormatDuration(int64_t nanoseconds);
// `aad2c027…`: two digits a byte.
std::string FormatHash(std::span<const uint8_t> hash);
// `0,30 %`.
std::string FormatBasisPoints(uint32_t basis_points);

// Whether the text is UTF-8 as RFC 3629 has it: no overlong forms, no surrogates.
bool IsUtf8(std::string_view text);
// Columns that the text fills on a terminal: wide characters count two, combining ones none.
size_t DisplayWidth(std::string_view text);
// The text with control characters replaced, so that a stored name can't move the cursor.
std::string Printable(std::string_view text);

// A cell of CSV (RFC 4180): in quotes if it needs them, also for a `;`, which separates cells where
// a spreadsheet is set to Indonesian.
std::string CsvCell(std::string_view text);
// The same of text of whatever origin: printable (no tabs, no ends of lines), with an apostrophe in
// front of what a spreadsheet would take for a formula, also behind a `;`.
std::string TypedCsvCell(std::string_view text);
// For HTML's elements and quoted attributes: printable, and nothing in it becomes markup.
std::string HtmlText(std::string_view text);

}  // namespace lumbung::cli
