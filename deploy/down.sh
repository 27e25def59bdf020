#!/usr/bin/env bash
# Stops the server of a data folder: it finishes what it took, makes a checkpoint and exits with 0.
#
#   deploy/down.sh [--data DIR]      DIR: the data folder, ./data of the repository if not given
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=deploy/server.sh
source "$root/deploy/server.sh"

data=$root/data
while (($#)); do
  case $1 in
    --data)
      (($# >= 2)) || fail "--data needs a folder"
      data=$2
      shift
      ;;
    -h | --help)
      sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *) fail "unknown argument $1 (see --help)" ;;
  esac
  shift
done

data=$(realpath -m "$data")
pid=$(server_pid "$data")
if [[ -z $pid ]]; then
  say "no server runs on $data"
  exit 0
fi
code=0
stop_server "$data" || code=$?
say "the server (process $pid) ended with exit code $code"
exit "$code"
