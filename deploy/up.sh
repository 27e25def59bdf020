#!/usr/bin/env bash
# The main job: builds Lumbung, starts its server, plays a day of payments of the cooperatives
# around Bentangan (Klaten) through it, and proves that the ledger, replayed from its first entry,
# gives the very state that the server has. Then it leaves the server running.
#
#   deploy/up.sh [--once] [--data DIR] [--port PORT] [--transactions N]
#
#   --once            stop the server at the end
#   --data DIR        the data folder; ./data of the repository if not given
#   --port PORT       where the server listens on 127.0.0.1; 7400 if not given
#   --transactions N  how many transactions to play
#
# Run it again and it goes on with the same data, also after it, the client or the server was
# killed. Stop the server with deploy/down.sh.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=deploy/server.sh
source "$root/deploy/server.sh"
# shellcheck source=deploy/replay.sh
source "$root/deploy/replay.sh"

readonly bentangan=1024    # the cooperative that the day's client opens first
readonly restarts_max=100  # a server that dies more often than that is not looked after any more

once=no
data=$root/data
port=7400
day_options=()
server=$root/build/release/api/lumbungd
cli=$root/build/release/api/cli/lumbung
day=$root/build/release/bench/lumbung-day
day_pid=

parse_arguments() {
  while (($#)); do
    case $1 in
      --once) once=yes ;;
      --data | --port | --transactions)
        (($# >= 2)) || fail "$1 needs a value"
        case $1 in
          --data) data=$2 ;;
          --port) port=$2 ;;
          --transactions) day_options+=(--transactions "$2") ;;
        esac
        shift
        ;;
      -h | --help)
        sed -n '2,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
        exit 0
        ;;
      *) fail "unknown argument $1 (see --help)" ;;
    esac
    shift
  done
  [[ $port =~ ^[1-9][0-9]{0,4}$ && $port -le 65535 ]] ||
    fail "--port is '$port'; expected 1 to 65535"
  [[ ${day_options[1]:-1} =~ ^[1-9][0-9]{0,8}$ ]] ||
    fail "--transactions is '${day_options[1]}'; expected a number from 1 to 999999999"
  mkdir -p "$data"
  data=$(realpath "$data")
  address=127.0.0.1:$port
}

# Ends what this script started for itself; the server stays, unless --once.
clean_up() {
  local code=$?
  trap - EXIT INT TERM
  [[ -z $day_pid ]] || kill -TERM "$day_pid" 2>/dev/null || true
  drop_replay_copy "$data"
  if [[ $code -ne 0 && -n $(server_pid "$data") ]]; then
    if [[ $once == yes ]]; then
      stop_server "$data" || true
    else
      say "the server still runs on $address; deploy/down.sh stops it" >&2
    fi
  fi
  exit "$code"
}

only_one_at_a_time() {
  exec 8>"$data/up.lock"
  flock -n 8 || fail "another up.sh is at work on $data"
}

launch() {
  start_server "$server" "$data" "$address"
  if ! wait_until_ready "$data"; then
    say "---- the end of $data/lumbungd.log:" >&2
    tail -n 20 "$data/lumbungd.log" >&2
    fail "the server ended with exit code $(cat "$data/lumbungd.exit") instead of serving"
  fi
}

# Uses the server of an earlier run if it is the same program on the same address, else replaces it.
ensure_server() {
  local pid listens
  pid=$(server_pid "$data")
  if [[ -n $pid ]]; then
    listens=$(server_option "$pid" --listen)
    if [[ $listens == "$address" ]] && runs_binary "$pid" "$server"; then
      say "using the server that runs already (process $pid)"
      wait_until_ready "$data" || launch
      return
    fi
    say "replacing the server of an earlier run (process $pid on $listens)"
    stop_server "$data" || true
  fi
  say "starting the server on $address, data in $data"
  launch
}

# Plays the day. Should the server die meanwhile, it is started again; the client then asks for
# what it had in flight and goes on.
play_day() {
  local restarts=0 server_process
  server_process=$(<"$data/lumbungd.pid")
  setpriv --pdeathsig KILL "$day" --server "$address" --record "$data/day-record.log" \
    ${day_options[@]+"${day_options[@]}"} 8>&- &
  day_pid=$!
  while kill -0 "$day_pid" 2>/dev/null; do
    if ! kill -0 "$server_process" 2>/dev/null && kill -0 "$day_pid" 2>/dev/null; then
      ((++restarts <= restarts_max)) || fail "the server died $restarts times; giving up"
      say ""
      say "the server died (exit code $(cat "$data/lumbungd.exit" 2>/dev/null || echo unknown));" \
        "starting it again"
      launch
      server_process=$(<"$data/lumbungd.pid")
      say "the server is back (process $server_process)"
    fi
    sleep 0.1
  done
  local code=0
  wait "$day_pid" || code=$?
  day_pid=
  ((code == 0)) || fail "the day's client ended with exit code $code; run it again and it goes on"
}

print_tour() {
  local at="build/release/api/cli/lumbung --server $address"
  cat <<END

The server runs on $address (process $(server_pid "$data"), log $data/lumbungd.log).
Look around:

  $at status
  $at trial-balance $bentangan
  $at balance $bentangan/55
  $at statement $bentangan/55
  $at entries --cooperative $bentangan --kind payment --limit 10

Stop it: deploy/down.sh$([[ $data == "$root/data" ]] || echo " --data $data")
Run deploy/up.sh again for another day on the same data.
END
}

parse_arguments "$@"
"$root/deploy/prepare.sh" lumbungd lumbung lumbung-day
only_one_at_a_time
trap clean_up EXIT
trap 'exit 130' INT TERM
drop_replay_copy "$data"
ensure_server
play_day
prove_replay "$cli" "$server" "$data" "$address"
if [[ $once == yes ]]; then
  stop_server "$data" || fail "the server did not end cleanly; see $data/lumbungd.log"
  say "the server is stopped (exit code 0)"
else
  print_tour
fi
