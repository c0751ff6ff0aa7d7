#!/bin/bash
# SPDX-License-Identifier: MIT
# tools.sh TOOL BUILD: runs one of the tools that read the whole tree; BUILD says how it is
# compiled. Prints TAP.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
tool=$1 build=$2 venv=build-test/venv/bin
. tests/tools/tap.sh
need() {
  command -v "$1" >/dev/null || {
    echo "1..0 # SKIP $1 is missing; ./test installs it"
    exit 0
  }
}
known() { git ls-files -z --cached --others --exclude-standard -- "$@"; }
scripts() { # those of bash, whatever their names end in
  git grep -lIzE --untracked '^#!/bin/(ba)?sh|^# shellcheck shell=' -- ':!*.md' ':!*.py'
}

# What is planted is found, else the tool says nothing about the tree either.
finds() { # PATTERN COMMAND…
  local pattern=$1
  shift
  ! "$@" >"$tap_log.planted" 2>&1 && grep -q -- "$pattern" "$tap_log.planted"
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch" "$tap_log.planted"' EXIT

case $tool in
format)
  need "$venv/clang-format"
  check "C and CUDA are formatted as .clang-format says" tests/tools/format.sh --check
  ;;
codespell)
  need codespell
  spell() { codespell --ignore-words=tests/house/words.txt "$@"; }
  # In two pieces, for this file is read, too.
  echo 'The adress''es that were rec''ieved.' >"$scratch/bad.txt"
  check "a planted slip is found" finds 'bad.txt:1' spell "$scratch/bad.txt"
  read_tree() {
    known '*' ':!po/*.po' ':!data/help/ko' ':!data/pocket/*.txt' ':!data/pocket/vocab.json' \
      ':!tests/fuzz/seeds' ':!tests/data' ':!LICENSES' ':!engine/onnx/onnx.proto' |
      xargs -0 codespell --ignore-words=tests/house/words.txt
  }
  check "no slip that codespell knows" read_tree
  ;;
reuse)
  need "$venv/reuse"
  check "every file says its licence" "$venv/reuse" lint
  ;;
ruff)
  need "$venv/ruff"
  echo 'import os' >"$scratch/bad.py"
  check "a planted fault is found" finds F401 "$venv/ruff" check --no-cache "$scratch/bad.py"
  check "ruff finds nothing" "$venv/ruff" check --no-cache .
  check "Python is formatted as ruff does it" "$venv/ruff" format --no-cache --check .
  ;;
shellcheck)
  need shellcheck
  printf '#!/bin/bash\ncd $1\n' >"$scratch/bad.sh"
  check "a planted fault is found" finds SC2086 shellcheck "$scratch/bad.sh"
  check_scripts() { scripts | xargs -0 shellcheck; }
  check "shellcheck finds nothing in $(scripts | tr '\0' '\n' | wc -l) scripts" check_scripts
  ;;
clang-tidy)
  need clang-tidy
  printf '#include <glib.h>\nint most (int a, int *b);\n%s\n' \
    'int most (int a, int *b) { int c = *b; return MAX (a, ++c); }' >"$scratch/bad.c"
  # shellcheck disable=SC2046
  check "++ in MAX is found" finds bugprone-macro-repeated clang-tidy --quiet \
    --config-file=.clang-tidy "$scratch/bad.c" -- $(pkg-config --cflags glib-2.0)
  # What BUILD compiles of what people run, each once: clang-tidy would read a source that goes into
  # several programs as many times.
  once() {
    python3 - "$build/compile_commands.json" "$PWD" "$scratch/compile_commands.json" <<'END'
import json, os, sys

commands, tree, out = sys.argv[1:]
tops = tuple(f"{tree}/{top}/" for top in ("app", "engine"))
once = {}
for entry in json.load(open(commands)):
    name = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
    if name.startswith(tops):
        # what other compilers warn of is not its matter, and it knows other warnings
        for flag in ("-Werror", "-Wcast-align=strict"):
            entry["command"] = entry["command"].replace(f" {flag} ", " ")
        once.setdefault(name, entry)
json.dump(list(once.values()), open(out, "w"))
print(end="".join(f"{name}\0" for name in sorted(once)))
END
  }
  once >"$scratch/sources"
  # Of the paths through a function it follows the first 50,000 steps, not 225,000: a third of the
  # time, and no finding that this tree has seen came later.
  short=(-Xclang -analyzer-config -Xclang max-nodes=50000)
  tidy() {
    nice -n 19 xargs -0 -P"$(nproc)" -n 4 -a "$scratch/sources" clang-tidy -p "$scratch" --quiet \
      "${short[@]/#/--extra-arg=}" 2> >(grep -v ' generated\.$' >&2)
  }
  check "clang-tidy finds nothing in $(tr '\0' '\n' <"$scratch/sources" | wc -l) files" tidy
  ;;
*)
  echo "tools.sh: no such tool: $tool" >&2
  exit 2
  ;;
esac
finish
