#!/bin/bash
# SPDX-License-Identifier: MIT
# scratch.sh FOLDER COMMAND…: runs a test with a temporary folder of its own below FOLDER, which
# goes with all that the test left in it: drafts and settings, too, which a later test, or the same
# one run again, would find. meson puts this in front of every test.
set -eu
mkdir -p "$1"
scratch=$(mktemp -d "$1/XXXXXX")
shift
chmod 755 "$scratch" # a server of the test may run as another user
trap 'rm -rf "$scratch"' EXIT
TMPDIR=$scratch XDG_DATA_HOME=$scratch/data XDG_CONFIG_HOME=$scratch/config "$@"
