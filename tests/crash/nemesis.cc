#include "tests/crash/nemesis.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>

#include "bench/measure/clocks.h"

namespace lumbung {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// Exit codes of lumbungd (api/README.md).
constexpr int kFailed = 1;
constexpr int kDiskFailed = 6;

// Left on a full disk: some blocks still fit, or part of a file that is written in the background.
constexpr uint64_t kMostRoom = 4 << 20;

// A server that takes longer to start, or to end on a full disk, is a finding too.
constexpr milliseconds kStartPatience{60'000};
constexpr milliseconds kEndPatience{60'000};

// How much of a file there is without the zeros at its end.
uint64_t WrittenBytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  uint64_t written = 0;
  uint64_t begin = 0;
  for (std::string part(1 << 16, '\0'); file; begin += part.size()) {
    file.read(part.data(), static_cast<std::streamsize>(part.size()));
    const std::string_view read(part.data(), static_cast<size_t>(file.gcount()));
    const size_t last = read.find_last_not_of('\0');
    if (last != std::string_view::npos) written = begin + last + 1;
  }
  return written;
}

absl::Status JudgeEndOfStart(int exit_code) {
  if (exit_code == kFailed || exit_code == kDiskFailed) return absl::OkStatus();
  return absl::InternalError("started on a full disk, the server ended with exit code " +
                             std::to_string(exit_code));
}

}  // namespace

// Small windows and short intervals, so that generations of ids are written and checkpoints made
// all the time; other ones after each start, as an operator may choose.
std::vector<std::string> Nemesis::DrawSettings() {
  const uint64_t ring_slots = uint64_t{16} << random_.Below(7);
  return {"--checkpoint-interval-ms", std::to_string(100 << random_.Below(4)), "--id-window-slots",
          std::to_string(4'096 << random_.Below(5)), "--ring-slots", std::to_string(ring_slots),
          "--reserved-slots", std::to_string(ring_slots / 8), "--blocks",
          std::to_string(64 << random_.Below(5)), "--spin-us",
          std::to_string(random_.Below(2) * 20), "--transparency-interval-ms",
          std::to_string(100 << random_.Below(4)),
          // What was signed and then torn off would be noticed by the server itself, at its start.
          "--transparency", plan_.tear_the_log ? "off" : "on"};
}

absl::Status Nemesis::StartServer() {
  // Killed in its start, and in the start after that, but not for ever.
  while (random_.Chance(2'500) && deeds_.kills > 0) {
    server_.Start(DrawSettings());
    std::this_thread::sleep_for(microseconds(random_.Below(80'000)));
    const absl::Status running = server_.CheckRunning();
    if (!running.ok()) return running;
    if (const absl::Status killed = server_.Kill(); !killed.ok()) return killed;
    ++deeds_.kills;
    ++deeds_.kills_in_start;
  }
  server_.Start(DrawSettings());
  return server_.WaitUntilServing(kStartPatience);
}

absl::Status Nemesis::Run() {
  const auto deadline = std::chrono::steady_clock::now() + plan_.duration;
  DrawDue();
  const auto goes_on = [&] {
    return deeds_.kills < plan_.kills && std::chrono::steady_clock::now() < deadline;
  };
  while (!shared_.findings.any() && (!due_.empty() || goes_on())) {
    absl::Status status = Wait(DrawPause());
    if (!status.ok()) return status;
    WaitForACall();
    status = Do(DrawDeed());
    if (!status.ok()) return status;
  }
  if (clock_ != nullptr) clock_->Set(0);
  return absl::OkStatus();
}

// Where the log is torn the round is to end by what that does.
void Nemesis::DrawDue() {
  if (plan_.tear_the_log) return;
  due_ = {Deed::kKill, Deed::kCut, Deed::kFreeze};
  if (clock_ != nullptr) due_.push_back(Deed::kSetClock);
  if (disk_ != nullptr) due_.push_back(Deed::kFillDisk);
  for (size_t i = due_.size() - 1; i > 0; --i) std::swap(due_[i], due_[random_.Below(i + 1)]);
}

Nemesis::Deed Nemesis::DrawDeed() {
  if (!due_.empty()) {
    const Deed next = due_.back();
    due_.pop_back();
    return next;
  }
  const uint64_t drawn = random_.Below(100);
  if (drawn < 15) return Deed::kCut;
  if (drawn < 25) return Deed::kFreeze;
  if (drawn < 45 && clock_ != nullptr) return Deed::kSetClock;
  if (drawn < 50 && disk_ != nullptr) return Deed::kFillDisk;
  return Deed::kKill;
}

absl::Status Nemesis::Do(Deed deed) {
  switch (deed) {
    case Deed::kCut:
      CutConnections();
      return absl::OkStatus();
    case Deed::kFreeze:
      return FreezeServer();
    case Deed::kSetClock:
      SetClock();
      return absl::OkStatus();
    case Deed::kFillDisk:
      return FillDisk();
    case Deed::kKill:
      return KillAndRestart();
  }
  return absl::InternalError("no such deed");
}

absl::Status Nemesis::FreezeServer() {
  server_.Freeze();
  ++deeds_.freezes;
  const milliseconds longer_than_patience(3'500);
  const milliseconds time(random_.Chance(3'000) ? longer_than_patience.count()
                                                : random_.Below(1'000));
  std::this_thread::sleep_for(time);
  if (random_.Chance(5'000)) return KillAndRestart();
  server_.Thaw();
  return absl::OkStatus();
}

// Half a day crosses midnight in a cooperative's zone half of the times. The first is a real jump.
void Nemesis::SetClock() {
  const uint64_t drawn = deeds_.clock_jumps == 0 ? 5 : random_.Below(10);
  ++deeds_.clock_jumps;
  const int64_t most_s = drawn < 5 ? 600 : 12 * 3'600;
  const auto seconds =
      static_cast<int64_t>(random_.Below(static_cast<uint64_t>(2 * most_s))) - most_s;
  clock_->Set(drawn < 8 ? seconds : 0);
}

absl::Status Nemesis::FillDisk() {
  ++deeds_.full_disks;
  absl::Status status = disk_->LeaveRoomFor(random_.Below(kMostRoom));
  if (!status.ok()) return status;
  const absl::StatusOr<int> exit_code = AwaitEndOnAFullDisk();
  if (!exit_code.ok()) return exit_code.status();
  if (*exit_code != kDiskFailed) {
    return absl::InternalError("on a full disk the server ended with exit code " +
                               std::to_string(*exit_code));
  }
  ++deeds_.ended_by_full_disks;
  if (random_.Chance(5'000)) status = StartOnAFullDisk();
  if (status.ok()) status = disk_->Widen();
  if (!status.ok()) return status;
  return StartServer();
}

// At first it may have room left, and reserved beforehand; but all checkpoints need new room.
absl::StatusOr<int> Nemesis::AwaitEndOnAFullDisk() {
  absl::StatusOr<std::optional<int>> exit_code = server_.AwaitExit(milliseconds(5'000));
  if (exit_code.ok() && !exit_code->has_value()) {
    if (const absl::Status status = disk_->LeaveRoomFor(0); !status.ok()) return status;
    exit_code = server_.AwaitExit(kEndPatience);
  }
  if (!exit_code.ok()) return exit_code.status();
  if (exit_code->has_value()) return **exit_code;
  return absl::InternalError("on a full disk the server does not end");
}

// It may end in its start, or serve until it writes; it must not take the ledger for damaged. Half
// of the times it is killed, at a random moment before that.
absl::Status Nemesis::StartOnAFullDisk() {
  server_.Start(DrawSettings());
  if (random_.Chance(5'000)) {
    const auto ended = server_.AwaitExit(milliseconds(random_.Below(1'000)));
    if (!ended.ok()) return ended.status();
    if (!ended->has_value()) {
      ++deeds_.kills;
      return server_.Kill();
    }
    return JudgeEndOfStart(**ended);
  }
  const absl::StatusOr<int> exit_code = AwaitEndOnAFullDisk();
  return exit_code.ok() ? JudgeEndOfStart(*exit_code) : exit_code.status();
}

void Nemesis::CutConnections() {
  // One at least, unless none is connected.
  const uint64_t first = random_.Below(clients_.size());
  bool cut = false;
  for (size_t i = 0; i < clients_.size(); ++i) {
    const bool wanted = random_.Chance(3'300) || !cut;
    if (!wanted || !clients_[(first + i) % clients_.size()]->Cut()) continue;
    cut = true;
    ++deeds_.cuts;
  }
}

absl::Status Nemesis::KillAndRestart() {
  if (const absl::Status killed = server_.Kill(); !killed.ok()) return killed;
  ++deeds_.kills;
  if (plan_.tear_the_log) TearTheLog();
  return StartServer();
}

// Cuts the newer half off what was written to the newest write-ahead log; and removes the derived
// data, from which the server itself would see that the ledger has lost its end.
void Nemesis::TearTheLog() {
  std::filesystem::path newest;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(server_.data() + "/ledger")) {
    if (file.path().extension() == ".log" && file.path() > newest) newest = file.path();
  }
  if (!newest.empty()) std::filesystem::resize_file(newest, WrittenBytes(newest) / 2);
  std::filesystem::remove_all(server_.data() + "/derived");
}

absl::Status Nemesis::Wait(microseconds time) {
  const int64_t end_ns = SteadyNowNs() + std::chrono::nanoseconds(time).count();
  while (SteadyNowNs() < end_ns) {
    const absl::Status running = server_.CheckRunning();
    if (!running.ok()) return running;
    const auto left = microseconds((end_ns - SteadyNowNs()) / 1'000);
    std::this_thread::sleep_for(std::clamp(left, microseconds(0), microseconds(5'000)));
  }
  return absl::OkStatus();
}

// A third right after the server serves again, while its clients come back.
microseconds Nemesis::DrawPause() {
  if (random_.Below(3) == 0) return microseconds(random_.Below(300'000));
  return microseconds(300'000 + random_.Below(4'000'000));
}

// Some of the kills come in a quiet moment nevertheless.
void Nemesis::WaitForACall() {
  if (random_.Chance(1'000)) return;
  constexpr int kTries = 2'000;
  for (int i = 0; i < kTries && shared_.calls_under_way == 0; ++i) {
    std::this_thread::sleep_for(microseconds(50));
  }
  std::this_thread::sleep_for(microseconds(random_.Below(2'000)));
}

}  // namespace lumbung
