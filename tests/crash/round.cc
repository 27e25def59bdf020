#include "tests/crash/round.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "tests/crash/books.h"
#include "tests/crash/client.h"
#include "tests/crash/history_check.h"
#include "tests/crash/jumping_clock.h"
#include "tests/crash/ledger_watch.h"

namespace lumbung {

namespace {

constexpr std::chrono::seconds kSettlePatience{120};
constexpr Patience kCallPatience{3'000};

using Clients = Nemesis::Clients;

Clients MakeClients(const Options& options, Client::Shared& shared) {
  Clients clients;
  for (uint32_t number = 0; number < options.clients; ++number) {
    clients.push_back(std::make_unique<Client>(Client::Plan{.seed = options.seed * 1'000 + number,
                                                            .number = number,
                                                            .rate = options.rate / options.clients,
                                                            .most_rows = options.most_rows,
                                                            .patience = kCallPatience},
                                               shared));
  }
  return clients;
}

absl::StatusOr<std::unique_ptr<SmallDisk>> MountIn(const std::string& folder) {
  std::filesystem::create_directory(folder + "/disk");
  return SmallDisk::Mount(folder + "/disk");
}

// The clients pay while the nemesis is at work; then they settle what is unknown, undisturbed.
absl::Status Attack(Nemesis& nemesis, Clients& clients, LedgerWatch& watch,
                    Client::Shared& shared) {
  std::vector<std::thread> threads;
  threads.emplace_back([&watch] { watch.Run(); });
  for (const auto& client : clients) threads.emplace_back([&client] { client->Run(); });
  absl::Status status = nemesis.Run();
  shared.stop = true;
  for (std::thread& thread : threads) thread.join();
  for (const auto& client : clients) {
    if (status.ok()) status = client->Settle(kSettlePatience);
  }
  return status;
}

// The state after a replay of the ledger from its start must be the one before. A hold that expires
// meanwhile changes it, which the sequence shows; there are few, so it is tried again.
absl::Status CompareWithReplay(ServerProcess& server, Nemesis& nemesis, Findings& findings) {
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    const absl::StatusOr<HashedState> before = HashState(server.address());
    if (!before.ok()) return before.status();
    absl::Status status = server.Stop();
    if (status.ok()) status = server.RunOnce("--drop-derived");
    if (status.ok()) status = nemesis.StartServer();
    if (!status.ok()) return status;
    const absl::StatusOr<HashedState> after = HashState(server.address());
    if (!after.ok()) return after.status();
    if (before->last_sequence != after->last_sequence) continue;
    if (before->hash != after->hash) {
      findings.Add(Findings::Sort::kWrong,
                   "the state's hash is another one after the ledger was replayed from its start");
    }
    return server.Stop();
  }
  return absl::UnavailableError("holds expired whenever the state was to be compared");
}

// What is acknowledged must be there after one more kill, and after everything that follows from
// the ledger was thrown away.
absl::Status Compare(ServerProcess& server, Nemesis& nemesis, HistoryCheck& check,
                     LedgerWatch& watch, Findings& findings) {
  absl::Status status = nemesis.KillAndRestart();
  if (!status.ok()) return status;
  // Once more where a hold expired between the entries and the balances.
  absl::StatusOr<std::vector<v1::Account>> accounts;
  absl::StatusOr<HashedState> state;
  do {
    status = ReadLedger(server.address(), check.entries() + 1, [&](const v1::Entry& entry) {
      check.Take(entry);
      watch.Compare(entry);
    });
    if (!status.ok()) return status;
    accounts = ListBooks(server.address());
    // A cooperative whose opening was acknowledged. What else is lost is told all the same.
    if (absl::IsNotFound(accounts.status())) {
      findings.Add(Findings::Sort::kLost, std::string(accounts.status().message()));
      accounts.emplace();
    }
    if (!accounts.ok()) return accounts.status();
    state = HashState(server.address());
    if (!state.ok()) return state.status();
  } while (state->last_sequence != check.entries());
  check.Finish(*accounts);
  watch.CompareLength(check.entries());
  return CompareWithReplay(server, nemesis, findings);
}

void WriteRecords(const Clients& clients, const std::string& path) {
  std::ofstream file(path);
  file << "client number id step fate outcome sequence timestamp invoked replied\n";
  for (size_t client = 0; client < clients.size(); ++client) {
    const std::vector<Sent>& all = clients[client]->record().sent;
    for (size_t number = 0; number < all.size(); ++number) {
      const Sent& sent = all[number];
      file << client << ' ' << number << ' ' << sent.payment.id.ToString() << ' '
           << static_cast<int>(sent.payment.step) << ' ' << static_cast<int>(sent.fate) << ' '
           << v1::Outcome_Name(sent.answer.outcome) << ' ' << sent.answer.sequence << ' '
           << sent.answer.timestamp_ns << ' ' << sent.answer.invoked_ns << ' '
           << sent.answer.replied_ns << '\n';
    }
  }
}

}  // namespace

absl::StatusOr<RoundResult> PlayRound(const Options& options, const std::string& folder,
                                      Findings& findings) {
  std::unique_ptr<SmallDisk> disk;
  if (options.full_disk) {
    absl::StatusOr<std::unique_ptr<SmallDisk>> mounted = MountIn(folder);
    if (!mounted.ok()) return mounted.status();
    disk = *std::move(mounted);
  }
  std::optional<JumpingClock> clock;
  if (options.clock_jumps) clock.emplace(folder);
  ServerProcess server({.program = options.server,
                        .folder = folder,
                        .data = folder + (options.full_disk ? "/disk/data" : "/data"),
                        .environment = clock ? clock->Environment() : std::vector<std::string>{}});
  Client::Shared shared{.server = server, .findings = findings, .clock_jumps = options.clock_jumps};
  Clients clients = MakeClients(options, shared);
  Nemesis nemesis({.seed = options.seed,
                   .kills = options.kills,
                   .duration = std::chrono::seconds(options.seconds),
                   .tear_the_log = options.tear_the_log},
                  {.server = server,
                   .clients = clients,
                   .disk = disk.get(),
                   .clock = clock ? &*clock : nullptr},
                  shared);
  absl::Status status = nemesis.StartServer();
  if (status.ok()) status = OpenBooks(server.address());
  if (!status.ok()) return status;

  LedgerWatch watch(shared);
  status = Attack(nemesis, clients, watch, shared);
  RoundResult result;
  // Before the comparison, which kills it once more.
  result.kills_under_load = nemesis.deeds().kills - nemesis.deeds().kills_in_start;
  std::vector<const Record*> records;
  for (const auto& client : clients) {
    records.push_back(&client->record());
    result.tally.Add(client->record().tally);
  }
  if (status.ok()) {
    HistoryCheck check(records, findings);
    status = Compare(server, nemesis, check, watch, findings);
    result.entries = check.entries();
    result.confirmed = check.confirmed();
    result.expired = check.expired();
    result.watched = watch.read();
  }
  if (!status.ok() || findings.any()) {
    WriteRecords(clients, folder + "/records");
    if (disk != nullptr) disk->Keep();
  }
  result.deeds = nemesis.deeds();
  if (!status.ok()) return status;
  return result;
}

}  // namespace lumbung
