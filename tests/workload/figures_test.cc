#include "bench/load/figures.h"

#include <gtest/gtest.h>

namespace lumbung {
namespace {

TEST(Figures, LeaveWhatIsNotKnownOutOfTheTable) {
  Figures disk;
  disk.name = "the disk alone";
  disk.transactions_per_second = 1'234'567.8;
  disk.bytes_written = 128;
  const std::string table = TableOf({disk});
  EXPECT_NE(table.find(" 1,234,568 |"), std::string::npos) << table;
  EXPECT_NE(table.find("|           |           |         |       128 |"), std::string::npos)
      << table;
}

TEST(Figures, AreNamedInJsonWithTheirUnits) {
  Figures figures;
  figures.name = "x";
  figures.accepted = 7;
  figures.latency_us_p99_9 = 2.5;
  const std::string json = JsonOf(figures);
  for (const char* part :
       {"\"transactions_per_second\"", "\"p99_9\": 2.5", "\"accepted\": 7",
        "\"cpu_us_per_transaction\"", "\"server_rss_mib\"", "\"bytes_written_per_transaction\""}) {
    EXPECT_NE(json.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace lumbung
