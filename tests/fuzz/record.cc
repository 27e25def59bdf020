// Input: what (1 byte: even, a line of the day client's record; odd, a file of lines for `submit`),
// then its bytes.
// Holds: what is read of a line is written and read again the same, and no number was cut down. A
// file's lines are all of it but for what is blank.
#include "bench/day/record_line.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>

#include "api/cli/line_reader.h"
#include "engine/check.h"
#include "tests/fuzz/target.h"

namespace lumbung::fuzz {

namespace {

v1::TransactionResult ResultOf(const AnsweredLine& answered, bool duplicate) {
  v1::TransactionResult result;
  result.set_outcome(answered.outcome);
  result.set_sequence(answered.sequence);
  result.set_duplicate(duplicate);
  return result;
}

std::string TextOf(const RecordLine& line, bool duplicate) {
  if (const auto* sent = std::get_if<SentLine>(&line)) return SentText(sent->transaction);
  if (const auto* altered = std::get_if<AlteredLine>(&line)) {
    return AlteredText(altered->transaction);
  }
  if (const auto* fencing = std::get_if<FencingLine>(&line)) return FencingText(fencing->id);
  const auto& answered = std::get<AnsweredLine>(line);
  return AnsweredText(answered.id, ResultOf(answered, duplicate));
}

// The numbers of a line, as text: what was read must have the same ones.
bool HasNumber(std::string_view text, std::string_view number) {
  for (size_t at = text.find(number); at != std::string_view::npos;
       at = text.find(number, at + 1)) {
    const bool begins = at == 0 || text[at - 1] < '0' || text[at - 1] > '9';
    const size_t end = at + number.size();
    const bool ends = end == text.size() || text[end] < '0' || text[end] > '9';
    if (begins && ends) return true;
  }
  return false;
}

void CheckNumbers(std::string_view line, const RecordLine& read) {
  const auto* sent = std::get_if<SentLine>(&read);
  if (sent == nullptr) return;
  const v1::Transaction& transaction = sent->transaction;
  for (const uint64_t number :
       {static_cast<uint64_t>(transaction.hold_seconds()), transaction.reference()}) {
    if (number != 0) LUMBUNG_CHECK(HasNumber(line, std::to_string(number)));
  }
  if (transaction.amount() != 0) {
    LUMBUNG_CHECK(HasNumber(line, std::to_string(transaction.amount())));
  }
}

bool TryLine(std::string_view line) {
  const auto read = ParseRecordLine(line);
  if (!read) return false;
  CheckNumbers(line, *read);
  std::string text = TextOf(*read, line.ends_with(" duplicate"));
  LUMBUNG_CHECK(text.ends_with('\n') && text.find('\n') == text.size() - 1);
  text.pop_back();
  const auto again = ParseRecordLine(text);
  LUMBUNG_CHECK(again && again->index() == read->index());
  LUMBUNG_CHECK(TextOf(*again, line.ends_with(" duplicate")) == text + "\n");
  return true;
}

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

bool TryFile(std::string_view text) {
  const int file = memfd_create("lines", MFD_CLOEXEC);
  LUMBUNG_CHECK(file >= 0);
  LUMBUNG_CHECK(write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  auto reader = cli::LineReader::Open("/proc/self/fd/" + std::to_string(file));
  close(file);
  LUMBUNG_CHECK(reader.ok());
  const std::atomic<bool> stop{false};
  Input expected(text);
  uint64_t number = 0;
  while (const std::optional<std::string> line = reader->Next(stop)) {
    std::string_view next;
    do {
      LUMBUNG_CHECK(!expected.rest().empty());
      next = expected.TakeLine();
      ++number;
    } while (IsBlank(next));
    LUMBUNG_CHECK(*line == next && reader->line_number() == number);
  }
  LUMBUNG_CHECK(reader->status().ok());
  while (!expected.rest().empty()) LUMBUNG_CHECK(IsBlank(expected.TakeLine()));
  return true;
}

}  // namespace

bool Try(Input input) {
  return input.Take<uint8_t>() % 2 == 0 ? TryLine(input.rest()) : TryFile(input.rest());
}

std::vector<Seed> Seeds() {
  using namespace std::string_literals;
  const std::string id = "01234567-89ab-7def-8123-456789abcdef";
  return {
      {"sent", "\0sent "s + id +
                   " step=POST kind=PAYMENT by=rule legs=1024.2101.55>1024.4101.2=3250000"
                   " reference=17 at=2/4/5/1790000000/12 text=gas%203%20kg"},
      {"sent-legs", "\0sent "s + id +
                        " step=HOLD kind=PAYMENT legs=1024.2101.55>1024.4101.2=5,"
                        "1024.4101.2>1024.2120.0=1 hold=60"},
      {"sent-capture", "\0sent "s + id + " step=CAPTURE amount=100000 related=" + id},
      {"answered", "\0answered "s + id + " ACCEPTED 1234"},
      {"answered-again", "\0answered "s + id + " INSUFFICIENT_FUNDS 1234 duplicate"},
      {"fencing", "\0fencing "s + id},
      {"altered", "\0altered "s + id + " step=VOID related=" + id},
      {"file", "\1one\n\n  \r\ntwo\nthree"s},
  };
}

}  // namespace lumbung::fuzz
