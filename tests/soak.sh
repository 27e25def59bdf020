#!/usr/bin/env bash
# The seeded attackers, turn after turn with new seeds, until the time is over or one of them finds
# something: crash (plain, on a full disk, with a clock that jumps), the model tests, the
# simulation, the fuzzers.
# Builds them first. Ends with the sums of crash's counts, and with 0 if nothing was found, 1 if
# something was, 2 if one of them could not be tried or tried next to nothing.
#
#   tests/soak.sh --hours N [--seed FIRST_SEED] [--folder FOLDER] [--sanitize asan|tsan]
#
# for example: --hours 0.2. Without --hours it goes on until it is interrupted. With --sanitize each
# turn ends with the whole suite under that sanitizer (tests/sanitize.sh), which takes an hour the
# first time.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

readonly programs=build/release
hours=
sanitizer=
seed=$((RANDOM * 32768 + RANDOM))
parent=${TMPDIR:-}

fail() {
  printf 'soak: %s\n' "$*" >&2
  exit 2
}

parse_arguments() {
  while (($#)); do
    (($# >= 2)) || fail "$1 needs a value, or is unknown (see the head of this file)"
    case $1 in
      --hours)
        [[ -n $2 ]] || fail "--hours needs a number, such as 0.5"
        hours=$2
        ;;
      --seed) seed=$2 ;;
      --folder) parent=$2 ;;
      --sanitize)
        [[ $2 == asan || $2 == tsan ]] || fail "--sanitize needs asan or tsan"
        sanitizer=$2
        ;;
      *) fail "unknown option $1" ;;
    esac
    shift 2
  done
  # Anything else would be taken for 0, and a soak of no turns finds nothing and looks well.
  [[ -z $hours || ($hours =~ ^[0-9]+([.][0-9]+)?$ && $hours =~ [1-9]) ]] ||
    fail "--hours needs a number above 0, such as 0.5"
  [[ $seed =~ ^(0|[1-9][0-9]{0,17})$ ]] || fail "--seed needs a whole number"
}

is_over() { [[ -n $end ]] && (($(date +%s) >= end)); }

# Of crash's tables, all added up; before them what was not tried, in the turn that the end fell
# into or at all.
sum_up() {
  local file crash=() form
  echo "== after $turns whole turns"
  for file in left-out skipped not-tried; do
    [[ ! -s $folder/$file ]] || echo "== $file: $(sort -u "$folder/$file" | paste -sd,)"
  done
  for form in kills full-disk clock-jumps; do
    [[ ! -f $folder/$form ]] || crash+=("$folder/$form")
  done
  ((${#crash[@]})) || return 0
  awk '/^[a-z ,]+ [0-9]+$/ && $1 != "seed" {
         count = $NF
         sub(/ +[0-9]+$/, "")
         if (!($0 in sums)) names[++rows] = $0
         sums[$0] += count
       }
       END { for (i = 1; i <= rows; ++i) printf "%-28s %14d\n", names[i], sums[names[i]] }' \
    "${crash[@]}"
}

# Runs one attacker with the turn's seed; what it prints is kept, and shown if it finds something.
#   attack NAME COMMAND ...
attack() {
  local name=$1 code=0
  shift
  if is_over; then
    echo "$name" >>"$folder/left-out"
    return
  fi
  printf '%s seed %s: %s\n' "$(date +%T)" "$seed" "$*"
  LUMBUNG_SEED=$seed "$@" >"$folder/last" 2>&1 || code=$?
  cat "$folder/last" >>"$folder/$name"
  case $code in
    0) ;;
    77) # not possible on this machine
      tail -n 1 "$folder/last"
      echo "$name" >>"$folder/skipped"
      ;;
    2) # could not be tried, or tried next to nothing
      tail -n 5 "$folder/last"
      echo "$name of seed $seed" >>"$folder/not-tried"
      ;;
    *)
      tail -n 40 "$folder/last"
      sum_up
      echo "== FOUND by: LUMBUNG_SEED=$seed $*"
      exit 1
      ;;
  esac
}

parse_arguments "$@"
deploy/prepare.sh --with-tests --preset release \
  lumbungd crash model_test history_model_test simulation
deploy/prepare.sh --with-tests --preset fuzz tests/fuzz/all

folder=$(mktemp -d ${parent:+-p "$parent"})
end=
[[ -z $hours ]] || end=$(awk -v now="$(date +%s)" -v hours="$hours" \
  'BEGIN { printf "%d", now + hours * 3600 + 1 }')
turns=0
trap 'sum_up; rm -rf "$folder"; exit 130' INT TERM

crash=("$programs/tests/crash/crash" --server "$programs/api/lumbungd" --folder "$folder"
  --kills 30 --seconds 60 --rate 20000 --most-rows 8190)
while ! is_over; do
  attack kills "${crash[@]}"
  attack model "$programs/tests/model/model_test"
  attack history "$programs/tests/api/history_model_test"
  attack full-disk "${crash[@]}" --full-disk
  attack simulation "$programs/tests/simulation/simulation" --seconds 60
  attack clock-jumps "${crash[@]}" --clock-jumps
  attack fuzz tests/fuzz/run.sh --no-build --keep --seconds 10
  [[ -z $sanitizer ]] || attack sanitizer tests/sanitize.sh "$sanitizer"
  # The model plays 450 rounds, the simulation some ten worlds, of seeds one after the other.
  seed=$((seed + 1000))
  [[ -s $folder/left-out ]] || turns=$((turns + 1))
done
sum_up
code=0
[[ ! -s $folder/not-tried ]] || code=2
rm -rf "$folder"
exit $code
