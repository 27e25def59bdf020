#include "tests/model/round.h"

#include <numeric>
#include <sstream>

#include "tests/model/describe_command.h"
#include "tests/model/random_traffic.h"
#include "tests/model/shrink.h"

namespace lumbung {

namespace {

// A round that differs is played so often at the most: some seconds.
constexpr int kMostTries = 1000;
// For one command of so many the disk gives back no original.
constexpr uint64_t kGoodDisks = 23;

// One command in so many comes at midnight, where a day's limit begins anew.
constexpr size_t kMidnightEach = 160;

// Until the next midnight in WIB, which is that of most cooperatives.
int64_t UntilMidnight(Timestamp now) {
  constexpr int64_t kZone = 7 * 3600 * kSecond;
  return kDay - (now.value() + kZone) % kDay;
}

std::string DifferenceOf(const Result& found, const Result& expected) {
  if (found.outcome == expected.outcome && found.duplicate == expected.duplicate &&
      found.sequence == expected.sequence && found.leg_count == expected.leg_count &&
      found.timestamp == expected.timestamp) {
    return {};
  }
  std::ostringstream out;
  const auto add = [&](const Result& result) {
    out << Name(result.outcome) << (result.duplicate ? ", a duplicate," : "") << " at "
        << result.sequence.value() << " with " << int{result.leg_count} << " entries";
  };
  add(found);
  out << ", expected ";
  add(expected);
  return out.str();
}

Round::Numbers UpTo(size_t end) {
  Round::Numbers numbers(end);
  std::iota(numbers.begin(), numbers.end(), size_t{0});
  return numbers;
}

}  // namespace

std::string DifferenceOf(const Books& books, const NaiveLedger& model) {
  std::ostringstream out;
  const size_t count = books.state().account_count();
  if (count != model.accounts().size()) {
    out << count << " accounts, expected " << model.accounts().size();
    return out.str();
  }
  for (const auto& [id, expected] : model.accounts()) {
    if (books.balance(id).value() == expected.balance() &&
        books.held(id).value() == expected.held) {
      continue;
    }
    out << id.ToString() << " has " << books.balance(id).value() << " and holds "
        << books.held(id).value() << ", expected " << static_cast<int64_t>(expected.balance())
        << " and " << static_cast<int64_t>(expected.held);
    return out.str();
  }
  return {};
}

std::optional<Round::Difference> Round::PlayOnly(
    const Numbers& kept, size_t end, Counts& counts,
    const std::function<void(size_t, const Command&, Timestamp)>& see) const {
  Books books(64);
  NaiveLedger model;
  RandomTraffic traffic(settings_.seed);
  auto next = kept.begin();
  for (size_t i = 0; i < end; ++i) {
    books.Advance(traffic.Pause());
    // Not always, so that holds are met whose deadline has passed and which are still open.
    if (i % 3 == 0) {
      const size_t expired = books.ExpireHolds();
      const size_t expected = model.Expire(books.now());
      counts.expired += expired;
      if (expired != expected) {
        return Difference{
            i, std::to_string(expired) + " holds expired, expected " + std::to_string(expected)};
      }
    }
    if (i % kMidnightEach == kMidnightEach - 1) {
      books.Advance(UntilMidnight(Timestamp{books.now().value() + Books::kPace}));
    }
    const Command& command = traffic.Next(books.now());
    if (next == kept.end() || *next != i) {
      books.Advance(Books::kPace);
      continue;
    }
    ++next;
    const bool disk_is_bad = (settings_.seed + i) % kGoodDisks == 0;
    books.MakeLedgerUnreadable(disk_is_bad);
    model.MakeOriginalsUnreadable(disk_is_bad);
    Result result = books.Apply(command);
    if (settings_.spoil) settings_.spoil(command, result);
    if (see) see(i, command, books.now());
    std::string what = DifferenceOf(result, model.Apply(command, books.now()));
    if (what.empty()) what = DifferenceOf(books, model);
    if (!what.empty()) return Difference{i, std::move(what)};
    if (result.duplicate) {
      ++counts.duplicates;
    } else if (!std::holds_alternative<Resolve>(command) || result.leg_count > 0) {
      ++counts.outcomes[result.outcome];
    }
    // A fact that was so before leaves no entry.
    if (result.outcome == Outcome::kAccepted && result.leg_count > 0) {
      CountAccepted(command, model, counts);
    }
  }
  return std::nullopt;
}

void Round::CountAccepted(const Command& command, const NaiveLedger& model, Counts& counts) {
  ++counts.accepted[command.index()];
  std::visit(
      [&](const auto& operation) {
        if constexpr (requires { operation.legs; }) {
          ++counts.legs[operation.legs.size()];
          bool between = false;
          bool begun_anew = false;
          for (const Leg& leg : operation.legs) {
            between |= leg.debit.cooperative() != leg.credit.cooperative();
            const NaiveLedger::NaiveAccount& debit = model.accounts().at(leg.debit);
            if (debit.taken.size() < 2) continue;
            const auto today = debit.taken.rbegin();
            const NaiveLedger::Sum both = today->second + std::next(today)->second;
            begun_anew |= std::next(today)->first == today->first - 1 &&
                          debit.limits.per_day != kMaxAmount && both > debit.limits.per_day.value();
          }
          counts.between_cooperatives += between ? 1 : 0;
          counts.limits_begun_anew += begun_anew ? 1 : 0;
        }
      },
      command);
}

std::optional<Round::Difference> Round::Play(Counts& counts) const {
  return PlayOnly(UpTo(settings_.commands), settings_.commands, counts, {});
}

Round::Numbers Round::ShrinkTo(const Difference& found) const {
  const size_t end = found.command + 1;
  const auto differs = [&](const Numbers& kept) {
    Counts counts;
    return PlayOnly(kept, end, counts, {}).has_value();
  };
  return Shrink(UpTo(end), differs, kMostTries);
}

std::string Round::Explain(const Difference& found) const {
  const Numbers kept = ShrinkTo(found);
  std::ostringstream out;
  out << "seed " << settings_.seed << ", command " << found.command << ": " << found.what
      << "\nLUMBUNG_SEED=" << settings_.seed << " repeats it; " << kept.size() << " of the "
      << found.command + 1 << " commands are enough:\n";
  Counts counts;
  const auto last = PlayOnly(
      kept, found.command + 1, counts, [&](size_t number, const Command& command, Timestamp time) {
        const double seconds = static_cast<double>(time.value() - kNoon.value()) / 1e9;
        out << "  command " << number << " after " << seconds << " s: " << Describe(command)
            << "\n";
      });
  if (last) out << "  then " << last->what << "\n";
  return out.str();
}

}  // namespace lumbung
