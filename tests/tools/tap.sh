# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sourced by tests in bash that print TAP: check NAME COMMAND…, then finish. What a failing command
# printed follows its line.
number=0 failed=0 tap_log=$(mktemp)
check() {
  local name=$1
  shift
  number=$((number + 1))
  if "$@" >"$tap_log" 2>&1; then echo "ok $number $name"; else
    failed=1
    echo "not ok $number $name"
    tail -30 "$tap_log" | sed 's/^/# /'
  fi
}
finish() {
  rm -f "$tap_log"
  echo "1..$number"
  exit $failed
}
