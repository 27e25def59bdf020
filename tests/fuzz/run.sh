#!/usr/bin/env bash
# Runs fuzz targets, one after the other, for so long each: from the corpus in the repository and,
# with --keep, from what earlier such runs kept beside it (build/fuzz/corpus); what each of those
# took and did is added to build/fuzz/runs. The seed is LUMBUNG_SEED, or a random one; it is
# printed. Ends at the first finding, with the command that repeats it. Exit code 0: nothing was
# found; 1: something was; 2: it could not be run, or the corpus in the repository is stale.
#
#   tests/fuzz/run.sh [--minutes N | --seconds N] [--keep] [--no-build] [TARGET ...]
#   tests/fuzz/run.sh --totals       the sums of all runs with --keep
#
# Without a TARGET all of them. Without a time two seconds each. --minutes keeps.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root programs=$root/build/fuzz/tests/fuzz runs=$root/build/fuzz/runs
seconds=2
keep=
build=yes
targets=()
scratch=

fail() {
  printf 'fuzz: %s\n' "$*" >&2
  exit 2
}

parse_arguments() {
  while (($#)); do
    case $1 in
      --minutes | --seconds)
        [[ ${2:-} =~ ^[0-9]+$ ]] || fail "$1 needs a whole number"
        seconds=$2
        if [[ $1 == --minutes ]]; then
          seconds=$(($2 * 60))
          keep=yes
        fi
        shift
        ;;
      --keep) keep=yes ;;
      --no-build) build= ;;
      --totals) print_totals ;;
      -*) fail "unknown option $1 (see the head of this file)" ;;
      *)
        [[ -d $root/tests/fuzz/corpus/$1 ]] || fail "no target $1; see tests/fuzz/corpus"
        targets+=("$1")
        ;;
    esac
    shift
  done
  ((${#targets[@]})) || mapfile -t targets < <(ls "$root/tests/fuzz/corpus")
}

# A line of `runs`: when, target, seconds of CPU, inputs, seed, exit code.
print_totals() {
  [[ -f $runs ]] || fail "nothing was kept: there is no $runs"
  awk '{ cpu[$2] += $3; inputs[$2] += $4; ++count[$2]; if ($6 != 0) ++found[$2] }
       END { for (target in cpu)
               printf "%-12s %5d runs %8.1f min of CPU %14d inputs %3d findings\n", target,
                      count[target], cpu[target] / 60, inputs[target], found[target] }' "$runs" |
    sort
  exit 0
}

# The seeds of a target stand in its corpus as it writes them today, and all else there was found:
# a corpus of another format's inputs would find little and look well.
check_corpus() {
  local target=$1 corpus=$root/tests/fuzz/corpus/$1 file name
  "$programs/fuzz_$target" --seeds "$scratch/seeds"
  for file in "$scratch"/seeds/*; do
    cmp -s "$file" "$corpus/$(basename "$file")" ||
      fail "the seed $(basename "$file") is stale: $programs/fuzz_$target --seeds $corpus"
  done
  for file in "$corpus"/*; do
    name=$(basename "$file")
    [[ $name == found-* || -e $scratch/seeds/$name ]] ||
      fail "$file is no seed of today, and its name does not begin with found-"
  done
  rm -rf "$scratch/seeds"
}

# Runs one target: first all of its corpus, then new inputs. Says what was done.
run_target() {
  local target=$1 program=$programs/fuzz_$1 code=0 cpu
  local found=$root/build/fuzz/found/$1 log=$root/build/fuzz/$1.log
  local corpus=("$root/tests/fuzz/corpus/$1")
  mkdir -p "$found"
  if [[ -n $keep ]]; then
    corpus=("$root/build/fuzz/corpus/$1" "${corpus[@]}")
  else
    corpus=("$scratch/corpus" "${corpus[@]}")
  fi
  mkdir -p "${corpus[0]}"
  TIMEFORMAT='%U %S'
  { time TMPDIR=$scratch "$program" -max_total_time="$seconds" -seed="${LUMBUNG_SEED:-0}" \
    -timeout=20 -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$found/" \
    "${corpus[@]}" >"$log" 2>&1 || code=$?; } 2>"$scratch/cpu"
  rm -rf "$scratch/corpus"
  if grep -q '^the seed .* is refused$' "$log"; then
    fail "$target: $(grep '^the seed .* is refused$' "$log")"
  fi
  cpu=$(awk '{ print $1 + $2 }' "$scratch/cpu")
  awk -v target="$target" -v cpu="$cpu" -v code="$code" -v now="$(date +%FT%T)" \
    -v runs="${keep:+$runs}" '
    /Seed:/ { seed = $NF }
    /number_of_executed_units/ { inputs = $2 }
    /^#[0-9]+/ { seen = substr($1, 2) }
    /cov:/ { for (i = 1; i < NF; ++i) if ($i == "cov:") covered = $(i + 1) }
    /peak_rss_mb/ { memory = $2 }
    END { if (inputs == "") inputs = seen
          if (runs != "") printf "%s %s %s %d %s %d\n", now, target, cpu, inputs, seed, code >>runs
          printf "%-12s %12d inputs, coverage %5d, %4d MB, seed %s\n", target, inputs, covered,
                 memory, seed }' "$log"
  ((code)) || return 0
  tail -n 60 "$log"
  echo "== FOUND by $target: $program $(grep -o "$found/[^ ]*" "$log" | tail -n 1)"
  exit 1
}

parse_arguments "$@"
if [[ -n $build ]]; then
  "$root/deploy/prepare.sh" --with-tests --preset fuzz "${targets[@]/#/fuzz_}"
fi
# In memory where that can be.
if [[ -w /dev/shm ]]; then
  scratch=$(mktemp -d -p /dev/shm)
else
  scratch=$(mktemp -d)
fi
trap 'rm -rf "$scratch"' EXIT
for target in "${targets[@]}"; do
  [[ -x $programs/fuzz_$target ]] || fail "$programs/fuzz_$target is not built"
  check_corpus "$target"
  run_target "$target"
done
