// What breaks things while the clients pay:
//  - kills the server at random moments, most of them while calls are under way, some right after
//    it serves again, some before it does;
//  - freezes it (SIGSTOP), some of the times for longer than a call is waited for, and thaws it or
//    kills it frozen;
//  - cuts clients' connections in mid-message;
//  - fills the disk, if it has a small one: the server must end itself and say so, and may be
//    started while there is still no room, with the same end;
//  - sets the server's clock, if it has one that jumps, minutes or half a day ahead or back.
// Each of these comes once before anything else, in an order of the seed's and however short the
// time is, so that no round goes without.
// The clients do their part themselves: streams whose answers are read late or never, and the same
// transactions sent over two connections at once.
//
// Threads: one, the one that made the server process.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/workload/random.h"
#include "tests/crash/client.h"
#include "tests/crash/jumping_clock.h"
#include "tests/crash/server_process.h"
#include "tests/crash/small_disk.h"

namespace lumbung {

class Nemesis {
 public:
  struct Plan {
    uint64_t seed = 0;
    uint64_t kills = 0;  // ends after so many, or
    std::chrono::seconds duration{0};
    bool tear_the_log = false;  // after each kill that the server served before
  };
  struct Deeds {
    uint64_t kills = 0;
    uint64_t kills_in_start = 0;  // of these, before it served
    uint64_t freezes = 0;
    uint64_t cuts = 0;
    uint64_t full_disks = 0;
    uint64_t clock_jumps = 0;
    uint64_t ended_by_full_disks = 0;  // of these, the server ended itself
  };

  using Clients = std::vector<std::unique_ptr<Client>>;

  struct Victims {
    ServerProcess& server;
    const Clients& clients;
    SmallDisk* disk;      // null: none
    JumpingClock* clock;  // null: the machine's
  };
  // What it is given must outlive it.
  Nemesis(const Plan& plan, const Victims& victims, Client::Shared& shared)
      : plan_(plan),
        random_(plan.seed),
        server_(victims.server),
        clients_(victims.clients),
        disk_(victims.disk),
        clock_(victims.clock),
        shared_(shared) {}

  // Starts the server with settings drawn anew, and waits until it serves. An error if it ends
  // itself or does not serve in time.
  absl::Status StartServer();
  // Until the plan is done or something is found to be wrong; the server serves at the end.
  absl::Status Run();
  // Kills the server that serves, and has it serve again.
  absl::Status KillAndRestart();

  const Deeds& deeds() const { return deeds_; }

 private:
  enum class Deed : uint8_t { kKill, kCut, kFreeze, kSetClock, kFillDisk };

  std::vector<std::string> DrawSettings();
  void DrawDue();
  Deed DrawDeed();
  absl::Status Do(Deed deed);
  absl::Status FreezeServer();
  void CutConnections();
  void SetClock();
  absl::Status FillDisk();
  absl::Status StartOnAFullDisk();
  // The exit code of the server, which must end itself. The clients go on paying.
  absl::StatusOr<int> AwaitEndOnAFullDisk();
  // The server must serve all that time.
  absl::Status Wait(std::chrono::microseconds time);
  std::chrono::microseconds DrawPause();
  void WaitForACall();
  void TearTheLog();

  const Plan plan_;
  Random random_;
  ServerProcess& server_;
  const Clients& clients_;
  SmallDisk* const disk_;
  JumpingClock* const clock_;
  Client::Shared& shared_;
  Deeds deeds_;
  std::vector<Deed> due_;  // what comes first, the last of them next
};

}  // namespace lumbung
