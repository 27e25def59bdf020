#!/usr/bin/env bash
# The whole suite under a sanitizer: asan is AddressSanitizer with UndefinedBehaviorSanitizer and
# LeakSanitizer, tsan is ThreadSanitizer. Builds everything with it, the real lumbungd and lumbung
# included, and runs all tests but those of left_out. A report of any process fails it, also of a
# server whose test did not notice; all of them are kept in build/asan/reports or
# build/tsan/reports. Takes an hour or more from nothing on two cores, so tests/run.sh, which has
# 20 minutes, only does tests/engine, tests/storage and tests/model.
#
#   tests/sanitize.sh asan|tsan [CTEST OPTION ...]     for example: tests/sanitize.sh asan -R python
#
# Exit code: that of ctest, or 1 if only a report was found.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
readonly preset=${1:-} suppressions=$root/tests/sanitizers
[[ $preset == asan || $preset == tsan ]] || {
  sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}
shift
readonly reports=$root/build/$preset/reports

# What is the same without it. The explorer has one thread and switches stacks itself, each of which
# ThreadSanitizer remembers: it was killed at 23 GB.
left_out='^style$'
[[ $preset != tsan ]] || left_out+='|^protocol_test$'

deploy/prepare.sh --with-tests --preset "$preset"
rm -rf "$reports"
mkdir -p "$reports"

export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:log_path=$reports/asan
# libfaketime comes before the sanitizer in a test or two.
ASAN_OPTIONS+=:verify_asan_link_order=0
export LSAN_OPTIONS=suppressions=$suppressions/lsan.supp:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1:log_path=$reports/ubsan
export TSAN_OPTIONS=second_deadlock_stack=1:history_size=4:log_path=$reports/tsan
cat "$suppressions"/tsan.supp "$suppressions"/tsan_rocksdb.supp >"build/$preset/tsan.supp"
TSAN_OPTIONS+=:suppressions=$root/build/$preset/tsan.supp:print_suppressions=0

# For the tests of what a process takes of memory and time: under a sanitizer that is several times
# as much (tests/CMakeLists.txt has the time that a whole test may take).
export LUMBUNG_SANITIZED=$preset

code=0
ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --timeout 1200 \
  --parallel "$(($(nproc) + 1))" -E "$left_out" "$@" || code=$?

found=0
for report in "$reports"/*; do
  # A file without one has only what a sanitizer says of itself, as of stacks that the explorer of
  # tests/protocol switches.
  grep -q '^SUMMARY: ' "$report" || continue
  found=$((found + 1))
  echo "== $report"
  head -n 60 "$report"
done
echo "== $found reports of $preset"
((code == 0)) || exit "$code"
((found == 0)) || exit 1
