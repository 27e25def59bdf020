#!/bin/sh
# Runs a program with a planted fault, with the options of the tests around it but for the place of
# the report. Passes only if the sanitizer tells of it, and the exit code shows it.
#
#   planted.sh PROGRAM FAULT
set -u
for sanitizer in ASAN LSAN UBSAN TSAN; do
  eval "export ${sanitizer}_OPTIONS=\"\${${sanitizer}_OPTIONS-}:log_path=stderr\""
done
report=$("$@" 2>&1)
code=$?
echo "$report"
echo "exit code $code"
[ "$code" -ne 0 ] && [ "$code" -ne 2 ] || exit 1
case $report in
  *Sanitizer:* | *"runtime error:"*) exit 0 ;;
  *) exit 1 ;;
esac
