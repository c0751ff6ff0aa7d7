#!/bin/bash
# SPDX-License-Identifier: MIT
# format.sh [--check]: formats every C and CUDA file of the tree as .clang-format says; with --check
# it changes nothing, names the files that are formatted otherwise, and fails where there are any.
# clang-format's output differs between versions: this one comes from PyPI into ./test's venv.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
version=19.1.7
venv=build-test/venv
format=$venv/bin/clang-format
if [ ! -x $format ]; then
  [ -x $venv/bin/pip ] || /usr/bin/python3 -m venv --system-site-packages $venv >&2
  $venv/bin/pip install --quiet clang-format==$version >&2
fi
[[ $($format --version) == *" $version"* ]] || {
  echo "$format is not version $version: remove it and try again" >&2
  exit 1
}
sources() { git ls-files -z --cached --others --exclude-standard -- '*.c' '*.h' '*.cu' '*.cuh'; }
if [ "${1:-}" != --check ]; then
  sources | xargs -0 -P2 -n 20 $format -i
  exit
fi
# Many files a call, for each begins with Python. What differs is named, where it first does so is
# shown.
check() { xargs -0 -P2 -n 50 "$format" --dry-run -Werror 2>&1; }
sources | check | awk -F: '/error: code should be/ && !seen[$1]++ {
  print $1 ":" $2 ": formatted otherwise than tests/tools/format.sh does"
}'
