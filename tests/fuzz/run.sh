#!/usr/bin/env bash
# Runs fuzz targets, one after the other, for so long each: from the corpus in the repository and,
# where it is for minutes, from what earlier runs of minutes kept beside it (build/fuzz/corpus). The
# seed is LUMBUNG_SEED, or a random one; it is printed. Ends at the first finding, with the command
# that repeats it. Exit code 0: nothing was found; 1: something was; 2: it could not be run.
#
#   tests/fuzz/run.sh [--minutes N | --seconds N] [--no-build] [TARGET ...]
#
# Without a TARGET all of them. Without a time two seconds each.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root programs=$root/build/fuzz/tests/fuzz
seconds=2
keep=
build=yes
targets=()

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
      --no-build) build= ;;
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

# Runs one target: first all of its corpus, then new inputs. Says what was done.
run_target() {
  local target=$1 program=$programs/fuzz_$1 code=0
  local found=$root/build/fuzz/found/$1 log=$root/build/fuzz/$1.log
  local corpus=("$root/tests/fuzz/corpus/$1")
  mkdir -p "$found"
  if [[ -n $keep ]]; then
    corpus=("$root/build/fuzz/corpus/$1" "${corpus[@]}")
    mkdir -p "${corpus[0]}"
  else
    corpus=("$(mktemp -d)" "${corpus[@]}")
  fi
  "$program" -max_total_time="$seconds" -seed="${LUMBUNG_SEED:-0}" -timeout=20 \
    -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$found/" "${corpus[@]}" \
    >"$log" 2>&1 || code=$?
  [[ -n $keep ]] || rm -rf "${corpus[0]}"
  if ((code)); then
    tail -n 60 "$log"
    echo "== FOUND by $target: $program $(grep -o "$found/[^ ]*" "$log" | tail -n 1)"
    exit 1
  fi
  awk -v target="$target" '
    /Seed:/ { seed = $NF }
    /number_of_executed_units/ { runs = $2 }
    /cov:/ { for (i = 1; i < NF; ++i) if ($i == "cov:") covered = $(i + 1) }
    /peak_rss_mb/ { memory = $2 }
    END { printf "%-12s %12d inputs, coverage %5d, %4d MB, seed %s\n", target, runs, covered,
                 memory, seed }' "$log"
}

parse_arguments "$@"
if [[ -n $build ]]; then
  "$root/deploy/prepare.sh" --with-tests --preset fuzz "${targets[@]/#/fuzz_}"
fi
for target in "${targets[@]}"; do
  [[ -x $programs/fuzz_$target ]] || fail "$programs/fuzz_$target is not built"
  run_target "$target"
done
