#!/usr/bin/env bash
# Which lines of engine/ and storage/ the tests of these two folders and of the model run. Builds
# with counters (preset coverage), runs them, prints the share of each file and the lines that
# nobody ran, and ends with 1 if less than 95 % of all lines ran.
#
#   tests/coverage.sh
#
# What a killed process ran is not counted, and neither is what the simulation and the tests of the
# real server run: their builds are others.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

readonly folders=(tests/engine tests/storage tests/model)
readonly build=build/coverage
readonly least_percent=95

deploy/prepare.sh --with-coverage --preset coverage "${folders[@]/%//all}"
find "$build" -name '*.gcda' -delete
for folder in "${folders[@]}"; do
  ctest --test-dir "$build/$folder" --output-on-failure --no-tests=error --timeout 600 \
    --parallel "$(nproc)"
done
exec gcovr --root . --filter 'engine/' --filter 'storage/' --object-directory "$build" \
  --exclude-throw-branches --print-summary --fail-under-line "$least_percent" "$build"
