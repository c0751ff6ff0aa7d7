#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`fewshot-cli tag` killed in the place of every call on the pictures' disk and the journal's, one
run a call: no picture and no sidecar is ever something between old and new. Prints TAP.

test_tagging.py FEWSHOT_CLI GOLDEN_FOLDER SHIM"""

import glob
import hashlib
import os
import re
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cli"))
import sidecars
from program import model, run
from tagging import classifier, disk, drawn, exiv2, folder, state, tag, undo
from tap import finish, run_tests, test

shim = sys.argv[3]
looked_at = {}


def without_dates(path):
    """A sidecar's text, or a picture's metadata and pixels, but for when tags were made."""
    if path.endswith(".xmp"):
        return re.sub("20..-..-..T..:..:..Z", "", open(path, encoding="utf-8").read())
    with open(path, "rb") as f:
        sum_of = hashlib.sha256(f.read()).digest()
    if sum_of not in looked_at:
        pixels = subprocess.run(["convert", path, "rgb:-"], check=True, capture_output=True).stdout
        keys = [key_value for key_value in exiv2(path) if not key_value[0].endswith("Date")]
        looked_at[sum_of] = keys, hashlib.sha256(pixels).hexdigest()
    return looked_at[sum_of]


def begin_killed(name, inside):
    """A folder of three pictures, one with a sidecar of Lightroom's, and what is in it."""
    path = folder(name, [drawn[0], drawn[len(drawn) // 2], drawn[-1]])
    with open(sorted(glob.glob(path + "/*"))[0] + ".xmp", "w", encoding="utf-8") as f:
        f.write(sidecars.LIGHTROOM)
    return path, state(path)


def sweep_kills(inside):
    """Killed in the place of the first, second … call on a file of the folder or the journal:
    everything is old or new, the same command goes on, and undo takes back all of it."""
    path, old = begin_killed("killed", inside)
    options = ["--inside"] if inside else []
    before = {name: without_dates(name) for name in old}
    tag(path, *options)
    new = {name: without_dates(name) for name in state(path)}
    undo(path)
    back = {name: without_dates(name) for name in old}  # a picture keeps an empty list
    n, moments, between = 1, 0, 0
    while True:
        path, old = begin_killed("killed", inside)
        done = subprocess.run(
            [sys.argv[1], "tag", "--model", model, classifier, path, "--least", "0", *options],
            capture_output=True,
            check=False,
            env={
                **os.environ,
                "LD_PRELOAD": shim,
                "FAULT_CALL": "any",
                "FAULT_N": str(n),
                "FAULT_ACT": "kill",
                "FAULT_ROOT": disk,
            },
        )
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, (n, done.returncode, done.stderr)
        moments += 1
        now = [name for name in state(path) if ".few-" not in name]
        assert set(old) <= set(now), n
        changed = 0
        for name in now:
            seen = without_dates(name)
            assert seen in (before.get(name), new[name]), (n, name)
            changed += seen != before.get(name)
        between += 0 < changed < 3
        tag(path, *options)
        left = [name for name in state(path) if ".few-" in name]
        assert not left and not glob.glob(tempfile.gettempdir() + "/fewshot-tag-*"), (n, left)
        assert {name: without_dates(name) for name in state(path)} == new, n
        for _ in range(2):
            undone = run("tag", "--undo", path)
            assert undone.returncode == 0 or "no run" in undone.stderr, undone.stderr
        if inside:
            now = {name: without_dates(name) for name in state(path)}
            assert now.keys() == old.keys(), n
            assert all(now[name] in (back[name], before[name]) for name in now), n
        else:
            assert state(path) == old, n
        n += 1
    print(f"# killed at {moments} moments, {between} of them with some files new and some old")
    assert moments > 20 and between > 5


@test
def kills():
    sweep_kills(inside=False)


@test
def kills_inside():
    sweep_kills(inside=True)


run_tests()
finish()
