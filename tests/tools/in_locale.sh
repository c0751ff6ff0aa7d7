#!/bin/bash
# SPDX-License-Identifier: MIT
# in_locale.sh FOLDER LOCALE COMMAND…: runs a test in a locale of another country, as tr_TR, where
# the capital of i is no I, or de_DE, where numbers have a decimal comma. The locale is made below
# FOLDER where it is not yet: not every system has it. Messages stay English, for tests read them.
set -eu
folder=$1 locale=$2
shift 2
mkdir -p "$folder"
exec 9>"$folder/.lock"
flock 9
if [ ! -d "$folder/$locale.UTF-8" ]; then
  made=$(mktemp -d "$folder/XXXXXX")
  # warnings of its sources are an exit status of 1
  localedef -i "$locale" -f UTF-8 "$made/new" || true
  [ ! -e "$made/new/LC_NUMERIC" ] || mv "$made/new" "$folder/$locale.UTF-8"
  rm -rf "$made"
fi
exec 9>&-
export LOCPATH=$folder LANGUAGE=en
[ "$(env LC_ALL="$locale.UTF-8" locale decimal_point)" = , ] || {
  echo "Bail out! $locale could not be made: install the package locales"
  exit 1
}
exec env LC_ALL="$locale.UTF-8" "$@"
