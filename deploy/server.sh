# shellcheck shell=bash
# Starting, finding and stopping the lumbungd of a data folder. Sourced by up.sh and down.sh.
#
# A server is the one of a folder if the process named in FOLDER/lumbungd.pid runs a program called
# lumbungd that was started with `--data FOLDER`; so a stale pid file, or a number that the system
# gave to another process since, is no obstacle.

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2
  exit 1
}

# Prints the pid of the folder's running server, or nothing.
server_pid() {
  local data=$1 pid program
  pid=$(cat "$data/lumbungd.pid" 2>/dev/null) || return 0
  [[ $pid =~ ^[0-9]+$ && -r /proc/$pid/cmdline ]] || return 0
  program=$(basename "$(readlink "/proc/$pid/exe" 2>/dev/null)")
  [[ $program == lumbungd || $program == "lumbungd (deleted)" ]] || return 0
  if [[ $(server_option "$pid" --data) == "$data" ]]; then echo "$pid"; fi
}

# Prints the value of a flag of a running process.
server_option() {
  local pid=$1 option=$2
  tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -xF -A 1 -e "$option" | sed -n 2p || true
}

# Whether the process runs the very file that is there now.
runs_binary() {
  [[ $(stat -L -c %d:%i "/proc/$1/exe" 2>/dev/null) == "$(stat -c %d:%i "$2")" ]]
}

# Starts a server in the background. It outlives the script. In its folder it leaves
# lumbungd.address once it serves, lumbungd.log, and at its end lumbungd.exit with the exit code.
#   start_server BINARY FOLDER LISTEN
start_server() {
  local binary=$1 data=$2 listen=$3
  rm -f "$data/lumbungd.exit" "$data/lumbungd.pid" "$data/lumbungd.address"
  # shellcheck disable=SC2016  # expanded by the inner shell
  setsid bash -c '
    data=$1
    shift
    "$@" &
    pid=$!
    trap "" HUP INT TERM
    echo "$pid" >"$data/lumbungd.pid"
    code=0
    wait "$pid" || code=$?
    echo "$code" >"$data/lumbungd.exit"' lumbungd-keeper "$data" \
    "$binary" --data "$data" --listen "$listen" --ready-file "$data/lumbungd.address" \
    </dev/null >>"$data/lumbungd.log" 2>&1 8>&- 9>&- &
  local tries
  for ((tries = 0; tries < 100; tries++)); do
    [[ ! -s $data/lumbungd.pid ]] || return 0
    sleep 0.05
  done
  fail "the server's process did not start; see $data/lumbungd.log"
}

# Waits until the folder's server takes calls. Returns 1 if it ended instead.
wait_until_ready() {
  local data=$1 started=$SECONDS shown=$SECONDS pid
  pid=$(<"$data/lumbungd.pid")
  until [[ -s $data/lumbungd.address ]]; do
    kill -0 "$pid" 2>/dev/null || return 1
    if ((SECONDS - shown >= 5)); then
      shown=$SECONDS
      say "  the server reads its ledger: $((SECONDS - started)) s"
    fi
    sleep 0.1
  done
}

# Sends SIGTERM and waits for the end. Returns the server's exit code (1 if it can't be told).
stop_server() {
  local data=$1 pid started=$SECONDS shown=$SECONDS
  pid=$(server_pid "$data")
  [[ -n $pid ]] || return 0
  kill -TERM "$pid"
  while kill -0 "$pid" 2>/dev/null; do
    if ((SECONDS - shown >= 5)); then
      shown=$SECONDS
      say "  the server is finishing: $((SECONDS - started)) s"
    fi
    sleep 0.1
  done
  local tries
  for ((tries = 0; tries < 20; tries++)); do
    [[ ! -s $data/lumbungd.exit ]] || break
    sleep 0.05
  done
  rm -f "$data/lumbungd.pid" "$data/lumbungd.address"
  return "$(cat "$data/lumbungd.exit" 2>/dev/null || echo 1)"
}
