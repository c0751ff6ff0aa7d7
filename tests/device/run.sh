#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh BUILD [OPTION…]: the GPU backend on a real card, in one go of at most 8 minutes: builds the
# module with the nvcc that is there, tests it (checks.py), measures it beside PyTorch (measure.py),
# and leaves device.json, device.md and device.log in $OUT (BUILD/device-results where that is not
# set). What fails is recorded and stops nothing; the exit status is 1 when a test failed.
#
# BUILD holds device.tar.gz of pack.sh, or is a whole build folder, of which that is made first. On
# a machine that gets the working tree alone: carry BUILD/device.tar.gz. Needs Python 3 with PyTorch
# for the comparison; transformers and timm lend it their towers.
#   --only tests, --only speed   not the other
#   --module FILE                built before: an earlier run leaves it in $OUT
#   --towers NAME,…              those to measure
#   --fake   under the fake GPU of BUILD, without what would take it long: ./test does that
#   --dry    measures a toy model for moments, to see that measuring works
set -eu
build=$(realpath "$1")
cd "$(dirname "$0")/../.."
shift
[ ! -e "$build/build.ninja" ] || tests/device/pack.sh "$build"
work=$(mktemp -d -t fewshot-device-XXXXXX)
trap 'rm -rf "$work"' EXIT
tar -C "$work" -xzf "$build/device.tar.gz"
root=$(cat "$work/root")
[ -e "$root" ] || { mkdir -p "$(dirname "$root")" && ln -s "$PWD" "$root"; } ||
  echo "$root cannot be made: tests that read data fail" >&2
export OUT="${OUT:-$build/device-results}"
mkdir -p "$OUT"
export PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
"${PYTHON:-python3}" tests/device/main.py "$work" "$build" "$OUT" "$@"
