#!/bin/bash
# SPDX-License-Identifier: MIT
# test.sh FEWSHOT_CLI: the test beside a Slurm of its own; skipped, with the reason, where none
# runs.
set -u
here=$(dirname "$0")
"$here/../tools/slurm.sh" /usr/bin/python3 "$here/test_slurm.py" "$1" \
  >"$TMPDIR/said" 2>"$TMPDIR/err"
status=$?
cat "$TMPDIR/err" >&2
if [ $status = 77 ]; then
  echo "1..0 # SKIP $(tail -n 1 "$TMPDIR/said")"
  exit 0
fi
cat "$TMPDIR/said"
exit $status
