# shellcheck shell=bash
# The proof that a running server's ledger, replayed from its first entry, gives the very state that
# the server has. Sourced by up.sh, behind server.sh.

# Prints a field of a JSON object on standard input.
json_field() { sed -nE "s/.*\"$1\" *: *\"?([^\",}]*)\"?.*/\1/p" | head -n 1; }

# Prints `last_sequence state_hash` of a server, or fails if it does not tell both: of two that tell
# nothing, both would be equal.
#   state_of CLI ADDRESS
state_of() {
  local cli=$1 address=$2 status state
  status=$("$cli" --server "$address" --timeout 600 --json status --state-hash) ||
    fail "the server on $address does not tell its state: $status"
  state="$(json_field last_sequence <<<"$status") $(json_field state_hash <<<"$status")"
  [[ $state =~ ^[0-9]+\ [0-9a-f]{64}$ ]] ||
    fail "the server on $address tells the state '$state'; expected its last sequence and a SHA-256"
  echo "$state"
}

# Removes the copy, and ends its server, in the data folder that is named.
drop_replay_copy() {
  local copy=$1/replay-check
  [[ -d $copy ]] || return 0
  stop_server "$copy" || true
  rm -rf "$copy"
}

# Copies the ledger, and nothing else, out of the running server, replays the copy from its first
# entry in a second server, and compares the hashes of the two states after the same entry. A hold
# may expire meanwhile, which is an entry too: then the two are not at the same one; it tries again.
# A state that can't be had ends it: `set -e` would not reach into $(…).
#   prove_replay CLI SERVER DATA ADDRESS
prove_replay() {
  local cli=$1 server=$2 data=$3 address=$4 live before after replayed try
  local copy=$data/replay-check
  say ""
  say "replaying a copy of the ledger from its first entry in a second server"
  for try in 1 2 3 4 5; do
    drop_replay_copy "$data"
    before=$(state_of "$cli" "$address") || exit 1
    "$cli" --server "$address" --timeout 3600 backup "$copy" >/dev/null
    after=$(state_of "$cli" "$address") || exit 1
    # A backup has no key: the copy signs nothing.
    LUMBUNG_TRANSPARENCY=off start_server "$server" "$copy" 127.0.0.1:0
    wait_until_ready "$copy" || {
      tail -n 20 "$copy/lumbungd.log" >&2
      fail "the second server did not take the copy of the ledger"
    }
    replayed=$(state_of "$cli" "$(cat "$copy/lumbungd.address")") || exit 1
    drop_replay_copy "$data"
    for live in "$before" "$after"; do
      [[ ${live% *} == "${replayed% *}" ]] || continue
      say "  live      after entry ${live% *}: ${live#* }"
      say "  replayed  after entry ${replayed% *}: ${replayed#* }"
      [[ $live == "$replayed" ]] || fail "the replayed state differs from the live one"
      say "  the replayed state's hash equals the live one"
      return
    done
    say "  an entry came in between (attempt $try)"
  done
  fail "the ledger did not stand still long enough to compare"
}
