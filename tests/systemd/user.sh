#!/bin/bash
# SPDX-License-Identifier: MIT
# user.sh FEWSHOT_CLI UNITS: test_user.py beside a systemd of its own, with the units as they start
# this program; skipped, with the reason, where none runs.
set -u
here=$(dirname "$0")
cli=$(realpath "$1")
mkdir "$TMPDIR/units"
for unit in "$2"/fewshot-*; do
  sed "s|^ExecStart=[^ ]*|ExecStart=$cli|" "$unit" >"$TMPDIR/units/$(basename "$unit")"
done
"$here/../tools/user-manager.sh" "$TMPDIR/units" /usr/bin/python3 "$here/test_user.py" "$cli" \
  >"$TMPDIR/said"
status=$?
if [ $status = 77 ]; then
  echo "1..0 # SKIP $(tail -n 1 "$TMPDIR/said")"
  exit 0
fi
cat "$TMPDIR/said"
exit $status
