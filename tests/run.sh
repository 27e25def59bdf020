#!/usr/bin/env bash
# Every test, from nothing: installs what is missing, builds, and runs all tests of the release
# build together with those of the engine and the store under AddressSanitizer and ThreadSanitizer
# (tests/sanitize.sh does the rest), and a moment of each fuzzer. Ends with one summary of ctest
# over all of them, and with its exit code.
#
#   tests/run.sh [CTEST OPTION ...]      for example: tests/run.sh -R core_test
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# Where threads meet and where bytes are laid out; also what builds quickly.
readonly sanitized_folders=(tests/engine tests/storage tests/sanitizers)

# A folder's tests below a build folder, as ctest finds them.
sanitized_folders_of() {
  local folder folders=("${sanitized_folders[@]}")
  # The deliberate bugs are in the asan build only, and build nothing there. The model has one
  # thread.
  [[ $1 != asan ]] || folders+=(tests/canary tests/model)
  for folder in "${folders[@]}"; do
    [[ ! -f $folder/CMakeLists.txt ]] || echo "build/$1/$folder"
  done
}

# Ninja builds a folder by the name FOLDER/all.
build_sanitized() {
  local preset=$1 targets
  mapfile -t targets < <(sanitized_folders_of "$preset" | sed "s|^build/$preset/||; s|$|/all|")
  ((${#targets[@]} == 0)) || deploy/prepare.sh --with-tests --preset "$preset" "${targets[@]}"
}

# One list of tests over the four build folders, so that one ctest runs them all.
write_list_of_all_tests() {
  local folder
  mkdir -p build/all
  for folder in $(sanitized_folders_of asan) $(sanitized_folders_of tsan) build/fuzz/tests/fuzz \
    build/release; do
    echo "subdirs(\"$root/$folder\")"
  done >build/all/CTestTestfile.cmake
}

echo "== building"
deploy/prepare.sh --with-tests --preset release
build_sanitized asan
build_sanitized tsan
deploy/prepare.sh --with-tests --preset fuzz tests/fuzz/all

echo "== testing"
write_list_of_all_tests
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1
# Not ignore_noninstrumented_modules=1: g++'s library takes our own code for such a module too, and
# is then silent about races of memcpy, free and all that it watches by the function.
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
cat tests/sanitizers/tsan.supp tests/sanitizers/tsan_rocksdb.supp >build/tsan/tsan.supp
TSAN_OPTIONS+=:suppressions=$root/build/tsan/tsan.supp
# One more than there are cores: many of them wait for the disk, or for a clock.
exec ctest --test-dir build/all --output-on-failure --no-tests=error --timeout 120 \
  --parallel "$(($(nproc) + 1))" "$@"
