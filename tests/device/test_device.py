#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""tests/device/run.sh on the fake GPU, so that it works the first time on a real one: what it
carries is whole, each step is run, a failure is recorded and stops nothing. Prints TAP.

    test_device.py BUILD
"""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import measure
import peers
from readings import kernels_of_pass
from report import Report, markdown_table
from steps import NotHere, Place, attempt
from tap import finish, run_tests, test

HERE = os.path.dirname(os.path.abspath(__file__))
build = sys.argv[1]
work = tempfile.mkdtemp(prefix="fewshot-device-test-")
# Of the 64 MiB that may travel the tree takes 30.
MOST_CARRIED = 34 << 20
CHECKER = """#!/bin/sh
# compute-sanitizer's command line, and what it says when it found nothing
[ "$1 $3 $4" = "--tool --error-exitcode 9" ] || exit 1
echo "========= COMPUTE-SANITIZER $2"
shift 4
"$@" || exit
echo "========= ERROR SUMMARY: 0 errors"
"""


def run_device(out, **environment):
    checkers = os.path.join(work, "bin")
    os.makedirs(checkers, exist_ok=True)
    checker = os.path.join(checkers, "compute-sanitizer")
    with open(checker, "w", encoding="utf-8") as f:
        f.write(CHECKER)
    os.chmod(checker, 0o755)
    result = subprocess.run(
        ["bash", os.path.join(HERE, "run.sh"), build, "--fake", "--dry"],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "OUT": out,
            "PYTHON": sys.executable,
            "PATH": f"{checkers}:{os.environ['PATH']}",
            **environment,
        },
    )
    with open(os.path.join(out, "device.json"), encoding="utf-8") as f:
        return result, json.load(f)


@test
def whole_run():
    out = os.path.join(work, "out")
    result, told = run_device(out)
    states = {step["step"]: step["state"] for step in told["steps"]}
    assert result.returncode == 0, result.stdout + result.stderr
    assert set(states.values()) == {"passed"}, told["steps"]
    assert len(states) == 10 and "compute-sanitizer, memcheck" in states, states
    assert [len(rows) for rows in told["tables"].values()] == [1, 8, 3, 2, 3, 3], told["tables"]
    assert not told["notes"], told["notes"]
    towers = next(rows for title, rows in told["tables"].items() if "Towers" in title)
    assert {row["engine"] for row in towers} == {
        "fewshot f32",
        "fewshot f32 without epilogues",
        "fewshot f32 without graphs",
        "PyTorch eager f32",
    }, towers
    rates = [row["pictures/s"] for row in towers]
    assert all(rate > 0 for rate in rates), rates
    with open(os.path.join(out, "device.md"), encoding="utf-8") as f:
        markdown = f.read()
    for title in told["tables"]:
        assert f"## {title}\n" in markdown, markdown
    assert set(os.listdir(out)) == {"device.json", "device.md", "device.log", "libfewshot-cuda.so"}


@test
def pack_is_whole():
    """Every library is carried, but glibc's."""
    path = os.path.join(build, "device.tar.gz")
    assert os.path.getsize(path) < MOST_CARRIED
    pack = os.path.join(work, "pack")
    with tarfile.open(path) as archive:
        archive.extractall(pack)
    for program in os.listdir(f"{pack}/bin"):
        needed = subprocess.run(
            ["ldd", f"{pack}/bin/{program}"],
            capture_output=True,
            text=True,
            env={"LD_LIBRARY_PATH": f"{pack}/lib"},
        ).stdout
        found = re.findall(r"(\S+) => (\S+)", needed)
        others = [name for name, at in found if not at.startswith(pack)]
        assert found and all(re.match(r"lib(c|m|resolv)\.so", name) for name in others), others


@test
def no_card():
    """Nothing is measured, and the report says why."""
    out = os.path.join(work, "none")
    result, told = run_device(out, FAKECUDA_DEVICES="0", NVCC="false")
    steps = {step["step"]: step for step in told["steps"]}
    assert result.returncode == 1 and not told["tables"]
    assert steps["building the module here"]["state"] == "failed"
    assert steps["the module as it was carried"]["state"] == "passed"
    assert "no CUDA-capable device" in steps["the card is seen"]["said"], steps


@test
def steps_are_recorded():
    def missing():
        raise NotHere("a thing")

    report = Report(tempfile.mkdtemp(dir=work))
    with contextlib.redirect_stdout(io.StringIO()):
        assert attempt(report, "good", lambda: "done")
        assert not attempt(report, "bad", lambda: 1 / 0)
        assert not attempt(report, "absent", missing)
    with open(os.path.join(report.folder, "device.json"), encoding="utf-8") as f:
        steps = json.load(f)["steps"]
    assert [(s["step"], s["state"], s["said"]) for s in steps] == [
        ("good", "passed", "done"),
        ("bad", "failed", "division by zero"),
        ("absent", "not here", "a thing"),
    ]
    assert report.failures() == ["bad"]


@test
def towers_are_known():
    """What the dry run does not ask of the names that a real one has."""
    place = Place(work, build, work, fake=True, end=0)
    for name in measure.WHOLE["towers"]:
        assert measure.tower_gflop(place, name) > 1
        assert peers.configuration(name)["embed_dim"] > 1


@test
def kernels():
    """Of one pass, in ncu's words."""
    table = (
        "1.5 20\n"
        '"ID","Kernel Name","Metric Name","Metric Unit","Metric Value"\n'
        '"0","patchify(unsigned int)","gpu__time_duration.sum","ns","9,000"\n'
        '"1","patchify(unsigned int)","gpu__time_duration.sum","ns","2,500"\n'
        '"2","void attend<__half, 64>(A, B)","gpu__time_duration.sum","us","3.5"\n'
        "1.7 20\n"
        '"3","void attend<__half, 64>(A, B)","gpu__time_duration.sum","ms","1"\n'
    )
    told = kernels_of_pass(table)
    assert told == {"void attend<__half, 64>": [3.5, 1000], "patchify": [2.5]}, told
    assert list(told)[0].startswith("void attend")


@test
def tables():
    assert markdown_table([{"a": 1, "b": 0.12345}, {"b": None, "c": "x|y\nz"}]) == (
        "| a | b | c |\n|---|---|---|\n| 1 | 0.123 | – |\n| – | – | x\\|y z |"
    )


run_tests()
finish()
