#include "api/cli/parse.h"

#include <gtest/gtest.h>

#include "engine/business_date.h"

namespace lumbung::cli {
namespace {

template <typename T>
void ExpectRefused(absl::StatusOr<T> (*parse)(std::string_view),
                   std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    const auto value = parse(text);
    EXPECT_FALSE(value.ok()) << "'" << text << "' was read";
    EXPECT_FALSE(value.status().message().empty());
  }
}

TEST(Parse, ReadsAMemberAsCooperativeAndNumber) {
  const auto member = ParseMember("1024/55");
  ASSERT_TRUE(member.ok());
  EXPECT_EQ(*member, (MemberName{CooperativeId{1024}, HolderNumber{55}}));
  EXPECT_TRUE(ParseMember("16777215/67108863").ok());
  ExpectRefused(&ParseMember, {"", "/", "55", "1024/", "/55", "1024/0", "0/55", "16777216/1",
                               "1024/67108864", "1024/05", "1024/5x", "1024/ 5", "1024.55",
                               "1024/5/6", "1024/-5", "1024/+5", "1024/99999999999"});
}

TEST(Parse, ReadsACodeOfTheChartOfAccounts) {
  EXPECT_EQ(*ParseCode("2101"), AccountCode{2101});
  ExpectRefused(&ParseCode, {"", "0", "9999", "16384", "02101", "2101x", "-2101", "1024.2101.55"});
}

TEST(Parse, ReadsMembersWithRanges) {
  const auto members = ParseMembers("1024/1-1190,1200,1300-1300");
  ASSERT_TRUE(members.ok());
  const CooperativeId cooperative{1024};
  EXPECT_EQ(*members,
            (std::vector<MemberRange>{{cooperative, HolderNumber{1}, HolderNumber{1190}},
                                      {cooperative, HolderNumber{1200}, HolderNumber{1200}},
                                      {cooperative, HolderNumber{1300}, HolderNumber{1300}}}));
  ExpectRefused(&ParseMembers, {"1-5", "1024/", "1024/5-1", "1024/1-", "1024/-5", "1024/1,,2",
                                "1024/1,", "1024/0-5", "1024/1-2-3"});
}

TEST(Parse, ReadsAPlaceWithOrWithoutItsCooperative) {
  EXPECT_EQ(*ParsePlace("2"), (Place{std::nullopt, 2}));
  EXPECT_EQ(*ParsePlace("1024/65535"), (Place{CooperativeId{1024}, 65535}));
  ExpectRefused(&ParsePlace, {"", "0", "65536", "1024/0", "1024/", "x", "1024/2/3"});
}

TEST(Parse, ReadsAnAccountOrAMembersWallet) {
  EXPECT_EQ(ParseAccount("1024.2101.55")->ToString(), "1024.2101.55");
  EXPECT_EQ(ParseAccount("1024/55")->ToString(), "1024.2101.55");
  EXPECT_EQ(ParseAccount("1024.1101.0")->ToString(), "1024.1101.0");
  ExpectRefused(&ParseAccount,
                {"", "1024", "1024.2101", "1024.2101.55.1", "1024.99999.1", "1024//5"});
}

TEST(Parse, ReadsDurationsInAnyUnit) {
  EXPECT_EQ(*ParseSeconds("900"), 900u);
  EXPECT_EQ(*ParseSeconds("90s"), 90u);
  EXPECT_EQ(*ParseSeconds("15m"), 900u);
  EXPECT_EQ(*ParseSeconds("2h"), 7200u);
  EXPECT_EQ(*ParseSeconds("30d"), 2'592'000u);
  ExpectRefused(&ParseSeconds, {"", "m", "15 m", "-5", "1w", "15mm", "1.5h", "99999999999999999999",
                                "49711d", "9999999999999999d"});
}

TEST(Parse, ReadsRatesToTheBasisPoint) {
  EXPECT_EQ(*ParseBasisPoints("11%"), 1100u);
  EXPECT_EQ(*ParseBasisPoints("0,3%"), 30u);
  EXPECT_EQ(*ParseBasisPoints("0.3%"), 30u);
  EXPECT_EQ(*ParseBasisPoints("0,35%"), 35u);
  EXPECT_EQ(*ParseBasisPoints("0,05%"), 5u);
  EXPECT_EQ(*ParseBasisPoints("30bp"), 30u);
  EXPECT_EQ(*ParseBasisPoints("100%"), 10'000u);
  EXPECT_EQ(*ParseBasisPoints("0%"), 0u);
  ExpectRefused(&ParseBasisPoints, {"", "11", "%", "0,355%", "100,01%", "101%", "10001bp", "-1%",
                                    "1,%", ",5%", "0,3", "0,3bp", "18446744073709551616%"});
}

TEST(Parse, ReadsZonesByNameAndOffset) {
  EXPECT_EQ(*ParseZone("WIB"), 420);
  EXPECT_EQ(*ParseZone("WITA"), 480);
  EXPECT_EQ(*ParseZone("WIT"), 540);
  EXPECT_EQ(*ParseZone("Z"), 0);
  EXPECT_EQ(*ParseZone("+05:30"), 330);
  EXPECT_EQ(*ParseZone("-03:00"), -180);
  ExpectRefused(&ParseZone, {"", "wib", "7", "+7", "+0700", "+07:60", "+15:00", "CET"});
}

TEST(Parse, ReadsDaysAndMoments) {
  EXPECT_EQ(std::get<BusinessDate>(*ParseWhen("2026-11-23")), *ParseDate("2026-11-23"));
  EXPECT_EQ(std::get<DaysAgo>(*ParseWhen("yesterday")).days, 1);
  EXPECT_EQ(std::get<DaysAgo>(*ParseWhen("today")).days, 0);
  const int64_t noon_utc = 1'795'435'200'000'000'000;  // 2026-11-23T12:00:00Z
  for (const char* text :
       {"2026-11-23T12:00Z", "2026-11-23 12:00 UTC", "2026-11-23 19:00 WIB",
        "2026-11-23T20:00:00WITA", "2026-11-23 21:00:00.000 WIT", "2026-11-23T17:30:00+05:30"}) {
    const auto when = ParseWhen(text);
    ASSERT_TRUE(when.ok()) << text << ": " << std::string(when.status().message());
    EXPECT_EQ(std::get<Timestamp>(*when).value(), noon_utc) << text;
  }
  EXPECT_EQ(std::get<Timestamp>(*ParseWhen("2026-11-23T12:00:00.000000001Z")).value(),
            noon_utc + 1);
}

TEST(Parse, RefusesATimeWithoutAZone) {
  const auto when = ParseWhen("2026-11-23 14:30");
  ASSERT_FALSE(when.ok());
  EXPECT_NE(std::string(when.status().message()).find("zone"), std::string::npos);
}

TEST(Parse, RefusesTimesThatDoNotExist) {
  ExpectRefused(&ParseWhen,
                {"", "now", "2026-02-30", "2026-13-01", "2026-1-1", "2026-11-23T",
                 "2026-11-23T24:00Z", "2026-11-23T12:60Z", "2026-11-23T12:00:61Z", "2026-11-23T12Z",
                 "2026-11-23T12:00:00.Z", "2026-11-23x12:00Z", "2026-11-23T12:00:00.1234567890Z",
                 "1969-12-31", "9999-12-31", "2026-11-23T12:00 MARS", "23-11-2026", "2026/11/23"});
}

TEST(Parse, ReadsWholeNumbersInDecimal) {
  EXPECT_EQ(*ParseWhole<uint64_t>("0"), 0u);
  EXPECT_EQ(*ParseWhole<uint64_t>("000123"), 123u);
  EXPECT_EQ(*ParseWhole<uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ((*ParseWhole<uint16_t, 1>("65535")), 65535u);
  ExpectRefused(&ParseWhole<uint64_t>,
                {"", "-1", "+1", "0x10", "1e3", "1.5", " 1", "1 ", "18446744073709551616"});
  ExpectRefused(&ParseWhole<uint16_t, 1>, {"0", "65536"});
}

TEST(Parse, TakesTextOfUtf8Only) {
  EXPECT_EQ(*ParseText("beras 2 kg ≠ 米 \uFFFD"), "beras 2 kg ≠ 米 \uFFFD");
  EXPECT_EQ(*ParseText(""), "");
  ExpectRefused(&ParseText, {"\xFF", "a\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
                             "\xF4\x90\x80\x80", "\xF0\x80\x80\x80", "\x80"});
}

TEST(Parse, ReadsNamesOfTheApiInAnyCase) {
  EXPECT_EQ(*ParseKind("cash-sale"), v1::KIND_CASH_SALE);
  EXPECT_EQ(*ParseKind("CASH_SALE"), v1::KIND_CASH_SALE);
  EXPECT_EQ(*ParseKind("KIND_PAYMENT"), v1::KIND_PAYMENT);
  EXPECT_EQ(*ParseStep("reverse"), v1::STEP_REVERSE);
  EXPECT_EQ(*ParseOutcome("insufficient-funds"), v1::OUTCOME_INSUFFICIENT_FUNDS);
  ExpectRefused(&ParseKind, {"", "unspecified", "gift", "2"});
  ExpectRefused(&ParseStep, {"", "post now"});
  ExpectRefused(&ParseOutcome, {"", "ok"});
}

}  // namespace
}  // namespace lumbung::cli
