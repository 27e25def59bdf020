#!/usr/bin/env bash
# Makes a bare Debian 12 ready: installs what deploy/packages.txt names and is missing (as root),
# then configures and builds. Takes about a second where all is there already.
#
#   deploy/prepare.sh [--with-tests|--with-coverage|--with-mutation]
#                     [--preset release|debug|asan|tsan|fuzz|coverage] [TARGET ...]
#
# Without a TARGET everything is built. What the tools print goes to build/PRESET.log.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
packages_file=$root/deploy/packages.txt
wanted_for='^build$'
preset=release
targets=()
child=

say() { printf '%s\n' "$*"; }
fail() {
  printf 'prepare: %s\n' "$*" >&2
  exit 1
}

stop_child() {
  trap - INT TERM
  [[ -z $child ]] || kill -TERM "$child" 2>/dev/null || true
  exit 130
}

parse_arguments() {
  while (($#)); do
    case $1 in
      --with-tests) wanted_for='^(build|test)$' ;;
      --with-coverage) wanted_for='^(build|coverage)$' ;;
      --with-mutation) wanted_for='^(build|mutation)$' ;;
      --preset)
        (($# >= 2)) || fail "--preset needs a name"
        preset=$2
        shift
        ;;
      -h | --help)
        sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
        exit 0
        ;;
      -*) fail "unknown option $1 (see --help)" ;;
      *) targets+=("$1") ;;
    esac
    shift
  done
}

# The packages wanted that are not installed, one a line.
missing_packages() {
  local wanted installed
  wanted=$(awk -v want="$wanted_for" '!/^#/ && NF >= 2 && $2 ~ want { print $1 }' "$packages_file")
  # shellcheck disable=SC2086  # one word a package
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
    sed -n 's/^installed //p' || true)
  grep -vxF -f <(printf '%s\n' "$installed") <<<"$wanted" || true
}

# Runs a command with its output in a log, showing now and then how far it has come.
#   run_quietly NAME LOG COMMAND ...
run_quietly() {
  local name=$1 log=$2
  shift 2
  "$@" >>"$log" 2>&1 &
  child=$!
  local started=$SECONDS shown=$SECONDS step
  while kill -0 "$child" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - shown >= 15)); then
      shown=$SECONDS
      step=$(tail -c 2000 "$log" | tr '\r' '\n' | grep -oE '^\[[0-9]+/[0-9]+\]' | tail -n 1 || true)
      say "  $name: $((SECONDS - started)) s ${step}"
    fi
  done
  local code=0
  wait "$child" || code=$?
  child=
  if ((code)); then
    say "---- the end of $log:" >&2
    tail -n 40 "$log" >&2
    fail "$name failed (exit code $code); the whole log is $log"
  fi
}

# The load client starts a PostgreSQL of its own. Debian's package would make and start one for the
# machine, which nobody asked for; where PostgreSQL is set up already nothing is changed.
make_no_cluster() {
  local settings=/etc/postgresql-common/createcluster.conf
  [[ ! -e $settings ]] || return 0
  run_quietly "PostgreSQL's settings" "$1" apt-get -o DPkg::Lock::Timeout=600 install -y \
    --no-install-recommends postgresql-common
  echo "create_main_cluster = false" >>"$settings"
}

install_missing() {
  local missing
  missing=$(missing_packages)
  [[ -n $missing ]] || return 0
  missing=$(tr '\n' ' ' <<<"$missing")
  missing=${missing% }
  if ((EUID != 0)); then
    fail "these packages are missing and only root may install them; run
  apt-get update && apt-get install -y --no-install-recommends $missing"
  fi
  say "installing from Debian: $missing"
  local log=$root/build/packages.log
  : >"$log"
  export DEBIAN_FRONTEND=noninteractive
  run_quietly "unfinished installations" "$log" dpkg --configure -a
  run_quietly "package lists" "$log" apt-get -o DPkg::Lock::Timeout=600 update
  if [[ " $missing " == *" postgresql-"* ]]; then make_no_cluster "$log"; fi
  # shellcheck disable=SC2086  # one word a package
  run_quietly "packages" "$log" apt-get -o DPkg::Lock::Timeout=600 install -y \
    --no-install-recommends $missing
}

# How many compilers at once: one a core, and 1.5 GB of free memory for each.
parallel_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1500000) }' /proc/meminfo)
  ((memory >= 1)) || memory=1
  echo $((cores < memory ? cores : memory))
}

build() {
  local folder=$root/build/$preset log=$root/build/$preset.log
  local cache=$folder/CMakeCache.txt
  if [[ -f $cache ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache"; then
    say "build/$preset was made for another folder; starting over"
    rm -rf "$folder"
  fi
  : >"$log"
  if [[ ! -f $folder/build.ninja ]]; then
    run_quietly "configuring $preset" "$log" cmake --preset "$preset"
  fi
  run_quietly "building $preset" "$log" cmake --build "$folder" --parallel "$(parallel_jobs)" \
    ${targets[@]+--target "${targets[@]}"}
}

parse_arguments "$@"
trap stop_child INT TERM
cd "$root"
mkdir -p build
# A build that a killed script left behind is waited for, not joined.
exec 9>build/.lock
if ! flock -n 9; then
  say "another build is at work in build/; waiting for it"
  flock 9
fi
install_missing
build
