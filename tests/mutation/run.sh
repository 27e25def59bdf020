#!/usr/bin/env bash
# Do the tests notice small bugs? Plants thousands in a copy of engine/ and storage/ (plant.py),
# builds it once, and switches them on one at a time (hunt.py). README.md has what came of it.
#
#   tests/mutation/run.sh [--seconds N] [--files REGEX] [--seed N]
#
# Goes on where an earlier run ended, as long as the sources are the same; everything is in
# build/mutation. The first time takes some 15 minutes on two cores before the first bug is tried.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
readonly here=tests/mutation place=build/mutation
readonly copy=$place/source build=$place/build without=$place/without
readonly targets=(core_test rules_test allocation_test model_test storage_ledger_test
  storage_derived_test transparency_test audit_test history_model_test simulation)

case ${1:-} in -h | --help)
  sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
  exit 0
  ;;
esac

# The messages' headers are made by the ordinary build.
deploy/prepare.sh --with-mutation --preset release lumbung_proto
mkdir -p "$place"
sources() {
  find CMakeLists.txt engine storage api bench proto tests -type f ! -path '*/__pycache__/*'
}
wanted=$(sources | sort | xargs -d '\n' sha256sum | sha256sum)

# What was written anew is as new as its text, so that only that is built again.
plant() {
  rm -rf "$copy.new"
  mkdir "$copy.new"
  sources | xargs -d '\n' cp --parents -t "$copy.new"
  /usr/bin/python3 "$here/plant.py" . "$copy.new" build/release/proto --without "$without"
  mkdir -p "$copy"
  (cd "$copy.new" && find . -type f) | while IFS= read -r file; do
    cmp -s "$copy.new/$file" "$copy/$file" || {
      mkdir -p "$copy/${file%/*}"
      cp "$copy.new/$file" "$copy/$file"
    }
  done
  rm -rf "$copy.new"
}

# A change that does not compile is left out, with what stands in the three lines above it.
compile() {
  cmake -S "$copy" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_FLAGS='-w -fpermissive' >"$place/log"
  ninja -C "$build" -k 0 -j "$(nproc)" "${targets[@]}" >>"$place/log" 2>&1 && return
  sed -En 's#^(.*/)?((engine|storage)/[^:]+):([0-9]+):[0-9]+: error.*#\2 \4#p' "$place/log" |
    while read -r file line; do
      for ((i = line - 4; i < line; i++)); do printf '%s:%s\n' "$file" "$i"; done
    done | sort -u >"$place/failed"
  [[ -s $place/failed ]] || {
    tail -n 20 "$place/log" >&2
    exit 1
  }
  cat "$place/failed" >>"$without"
  return 1
}

if [[ ! -f $build/reached.json || $(cat "$place/planted" 2>/dev/null) != "$wanted" ]]; then
  rm -rf "$place/planted" "$build/reached.json" "$build/hunted.jsonl" "$without"
  for attempt in 1 2 3 4 5; do
    plant
    compile && break
    ((attempt < 5)) || exit 1
  done
  /usr/bin/python3 "$here/hunt.py" "$copy" "$build" map
  printf '%s\n' "$wanted" >"$place/planted"
fi
exec /usr/bin/python3 "$here/hunt.py" "$copy" "$build" hunt "$@"
