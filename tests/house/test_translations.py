#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The translations are whole: every sentence that is marked stands in a file of po/POTFILES.in, and
every language of po/LINGUAS has each of them, none fuzzy, with the values that it takes. Prints
TAP."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from tap import finish, run_tests, test

ROOT = Path(__file__).resolve().parents[2]
LISTED = (ROOT / "po/POTFILES.in").read_text().split()
OURS = re.findall(r"'(--(?:keyword|flag)=[^']+)'", (ROOT / "po/meson.build").read_text())
GLIB = ["_", "N_", "C_:1c,2", "NC_:1c,2", "g_dngettext:2,3", "g_dpgettext2:2c,3"]
KEYS = GLIB + [key.removeprefix("--keyword=") for key in OURS if key.startswith("--keyword=")]
MARKS = [key.partition(":")[0] for key in KEYS]
MARKED = re.compile(rf'\b(?:{"|".join(MARKS + ["ngettext"])}) \([^;]*?"')
DECLARED = {"app/widgets/few-page.c"}  # what it looks up is marked elsewhere


def files(folder, end):
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("*" + end))


def code(name):
    return re.sub(r"/\*.*?\*/", "", (ROOT / name).read_text(), flags=re.S)


def extract(to):
    command = ["xgettext", "--from-code=UTF-8", "--add-comments", "--files-from=po/POTFILES.in"]
    command += [f"--keyword={key}" for key in GLIB] + OURS + [f"--output={to}"]
    environment = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@test
def every_marked_file_is_listed():
    sources = [name for folder in ("app", "engine") for name in files(folder, ".c")]
    marked = [n for n in sources if "app/cli/" not in n and MARKED.search(code(n))]
    assert len(marked) > 200, len(marked)
    assert not (missing := set(marked) - set(LISTED) - DECLARED), sorted(missing)
    forms = [n for n in files("ui", ".ui") if 'translatable="yes"' in (ROOT / n).read_text()]
    assert not (missing := set(forms) - set(LISTED)), sorted(missing)
    assert not (gone := [name for name in LISTED if not (ROOT / name).exists()]), gone


@test
def every_sentence_is_translated():
    languages = (ROOT / "po/LINGUAS").read_text().split()
    with tempfile.TemporaryDirectory() as folder:
        template = os.path.join(folder, "fewshot.pot")
        made = extract(template)
        assert made.returncode == 0 and "warning" not in made.stderr, made.stderr
        for language in languages:
            merged = os.path.join(folder, language + ".po")
            merge = ["msgmerge", "--no-fuzzy-matching", "--quiet", f"--output-file={merged}"]
            subprocess.run([*merge, ROOT / f"po/{language}.po", template], check=True)
            for left in ("--untranslated", "--only-fuzzy"):
                rest = subprocess.run(
                    ["msgattrib", left, "--no-obsolete", merged], capture_output=True, text=True
                )
                assert "msgid" not in rest.stdout, f"{language} {left}:\n{rest.stdout[-2000:]}"
            checked = subprocess.run(
                ["msgfmt", "--check", "--check-accelerators=_", "--output-file=/dev/null", merged],
                capture_output=True,
                text=True,
            )
            assert checked.returncode == 0, f"{language}: {checked.stderr[-2000:]}"


run_tests()
finish()
