#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Main jobs on a disk, a network or in a memory that fails: the n-th open, read, write, fsync,
rename, truncation, lock, map (SQLite's), larger allocation and call of libcurl of each, for every n
(with --quick, some). Each run ends with its result or one sentence; nothing that was there is lost,
nothing half is left, and the next run works. And jobs that are killed at random moments; the
window's autosave is killed in tests/ui/test_recovery.py. TAP.

    test_faults.py FEWSHOT_CLI GOLDEN_FOLDER SHIM [--quick] [--kills N]
                   [--jobs A,B [--calls C,D]]
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../hub"))
from drawn import striped_folder
from servers import Faults
from tap import finish, run_tests, test

parser = argparse.ArgumentParser()
parser.add_argument("cli")
parser.add_argument("golden")
parser.add_argument("shim")
parser.add_argument("--quick", action="store_true")
parser.add_argument("--kills", type=int, default=500)
parser.add_argument("--jobs", help="only these, and no kills")
parser.add_argument("--calls", help="only these kinds of call")
options = parser.parse_args()
work = tempfile.mkdtemp(prefix="fewshot-faults-")
root = os.path.join(work, "disk")
os.makedirs(root)
for kind in ("cache", "data", "config"):
    os.environ[f"XDG_{kind.upper()}_HOME"] = os.path.join(root, kind)
model = os.path.join(root, "vit")
shutil.copytree(os.path.join(options.golden, "vit"), model)
data = striped_folder(os.path.join(root, "data-set"), pictures=4)
pictures = [os.path.join(data, "kind 1", f"{i:03}.png") for i in range(3)]
adapter, features = os.path.join(root, "a.safetensors"), os.path.join(root, "f.safetensors")
CALLS = ("open", "read", "write", "fsync", "rename", "truncate", "lock", "map")
MANY = 700  # pictures of a class: the pointers to them stay below LARGE
LARGE = 65536  # bytes: GLib's own small allocations end the program, by design

os.environ["GSETTINGS_BACKEND"] = "memory"  # the disk of others does not count
# a hub of its own for pull: its answers are the small model's files
FILES = ("open_clip_config.json", "vocab.json", "merges.txt", "open_clip_model.safetensors")
contents = {name: open(os.path.join(model, name), "rb").read() for name in FILES}
server = Faults()
for name, content in contents.items():
    server.file("x/vit", name, Faults.send(content, etag=None))
os.environ["FEWSHOT_CATALOGUE"] = os.path.join(work, "catalogue.json")
with open(os.environ["FEWSHOT_CATALOGUE"], "w") as f:
    files = [{"name": n, "sha256": hashlib.sha256(c).hexdigest()} for n, c in contents.items()]
    entry = {"name": "pulled", "title": "x", "repository": "x/vit", "files": files}
    json.dump({"version": 1, "models": [entry]}, f)
pulled = os.path.join(root, "data", "fewshot", "models", "pulled")
for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY", "HF_TOKEN", "HF_HOME"):
    os.environ.pop(name, None)


def run(arguments, **environment):
    return subprocess.run(
        [options.cli, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )


def out(name):
    return os.path.join(root, name)


for arguments in (
    ["train", model, data, "--epochs", "1", "--output", adapter],
    ["embed", model, "--image-dir", data, "--shard", "1/2", "--output", out("1.safetensors")],
    ["embed", model, "--image-dir", data, "--shard", "2/2", "--output", out("2.safetensors")],
):
    done = run(arguments)
    assert done.returncode == 0, done.stderr
JOBS = {
    "info": (["info", model], None),
    "train": (["train", model, data, "--epochs", "1"], "t.safetensors"),
    "embed": (["embed", model, "--image-dir", data], "e.safetensors"),
    "predict": (["predict", model, adapter, *pictures], None),
    "sort": (["predict", model, adapter, *pictures, "--sort", out("sorted")], None),
    "export": (["onnx", adapter], "x.onnx"),
    "merge": (["merge", out("1.safetensors"), out("2.safetensors")], "m.safetensors"),
    "pull": (
        ["pull", "pulled", "--endpoint", f"http://127.0.0.1:{server.port}", "--attempts", "2"]
        + ["--back-off", ".01"],
        None,
    ),
}
# With the larger model that ships inside.
LARGE_JOBS = {
    "info": (["info", "pocket"], None),
    "train": (["train", "pocket", data, "--epochs", "1"], "t.safetensors"),
    "embed": (["embed", "pocket", "--image-dir", data], "e.safetensors"),
}
# Whatever else learns, on the same pictures: the files it writes, and its memory.
METHODS = ("automatic", "gda", "linear-probe", "tip-adapter", "lp++", "coop")
QUICK_METHODS = ("automatic", "coop")
for method in METHODS:
    name = f"train-{method}"
    JOBS[name] = (["train", model, data, "--method", method], "t.safetensors")
    LARGE_JOBS[name] = (["train", "pocket", data, "--method", method], "t.safetensors")
# Many pictures of small content: what has a value a picture is large, and fails alone.
many = os.path.join(root, "many")
for kind in os.listdir(data):
    os.makedirs(os.path.join(many, kind))
    for i in range(MANY):
        source = os.path.join(data, kind, f"{i % 4:03}.png")
        os.link(source, os.path.join(many, kind, f"{i}.png"))
MANY_JOBS = {
    "eval-many": (["eval", model, adapter, many], None),
    "check-many": (["check", model, many], None),
    "bench-many": (["bench", model, many, "--methods", "zero-shot", "--shots", "1"], None),
}
JOBS.update(MANY_JOBS)
LARGE_JOBS.update(MANY_JOBS)
METHOD_JOBS = [f"train-{method}" for method in (QUICK_METHODS if options.quick else METHODS)]


def is_whole(path):
    """What a safetensors header says, to the byte; an ONNX file is not empty."""
    with open(path, "rb") as f:
        content = f.read()
    if path.endswith(".onnx"):
        return len(content) > 500
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    ends = [v["data_offsets"][1] for k, v in header.items() if k != "__metadata__"]
    return max(ends) == len(content) - 8 - length


def leftovers():
    copies = [name for _, _, names in os.walk(out("sorted")) for name in names]
    return [name for name in [*os.listdir(root), *copies] if ".few-" in name]


def check_sorted(what):
    """Every picture once, whole."""
    copies = [os.path.join(f, name) for f, _, names in os.walk(out("sorted")) for name in names]
    assert sorted(open(path, "rb").read() for path in copies) == sorted(
        open(path, "rb").read() for path in pictures
    ), (what, copies)


def check_pulled(what):
    for name, content in contents.items():
        with open(os.path.join(pulled, name), "rb") as f:
            assert f.read() == content, (what, name)


def try_fault(name, call, n, warm):
    """TRUE when there was an n-th call."""
    arguments, output = (LARGE_JOBS if call == "memory" else JOBS)[name]
    mark = os.path.join(work, "mark")
    if os.path.exists(mark):
        os.unlink(mark)
    if not warm:
        shutil.rmtree(os.path.join(root, "cache"), ignore_errors=True)
    if name == "sort":
        shutil.rmtree(out("sorted"), ignore_errors=True)
    if name == "pull" and n % 2:
        shutil.rmtree(pulled, ignore_errors=True)
    elif name == "pull" and os.path.exists(pulled):  # a part of it is there
        os.unlink(os.path.join(pulled, FILES[3]))
    path = output and out(output)
    if path:
        with open(path, "w") as f:
            f.write("old")
        if os.path.exists(path + ".part"):
            os.unlink(path + ".part")
        arguments = [*arguments, "--output", path]
    fault = {"FAULT_CALL": call, "FAULT_N": str(n), "FAULT_ROOT": root, "FAULT_MARK": mark}
    fault["FAULT_BYTES"] = str(LARGE)
    done = run(arguments, LD_PRELOAD=options.shim, **fault)
    what = (name, call, n, done.returncode, done.stderr)
    assert done.returncode in (0, 1), what
    assert "CRITICAL" not in done.stderr and "WARNING" not in done.stderr, what
    if done.returncode == 1:
        lines = done.stderr.strip().splitlines()
        assert lines and lines[-1].startswith("fewshot-cli: ") and len(lines[-1]) > 30, what
        assert not path or open(path).read() == "old", what
    else:
        assert not path or is_whole(path), what
    assert not leftovers(), (what, leftovers())
    if name == "pull":
        again = run(arguments)
        assert again.returncode == 0, (what, again.stderr)
        check_pulled(what)
    if name == "sort":
        assert run(arguments).returncode == 0, what
        check_sorted(what)
    return os.path.exists(mark)


def sweep(name, warm):
    counted = 0
    wrong = []
    calls = CALLS + ("net",) * (name == "pull") + ("memory",) * (name in LARGE_JOBS)
    if options.quick and name in METHOD_JOBS:
        calls = ("write", "memory")
    if name in MANY_JOBS:
        calls = ("memory",)
    for call in [c for c in calls if not options.calls or c in options.calls.split(",")]:
        n = 1
        there = True
        while there and len(wrong) < 30:
            try:
                there = try_fault(name, call, n, warm)
            except AssertionError as error:
                wrong.append(str(error))
            counted += there
            n = 3 * n if options.quick else n + 1  # quick: ever wider
    assert (
        run(JOBS[name][0] + (["--output", out("after.onnx")] if JOBS[name][1] else [])).returncode
        == 0
    )
    print(f"# {name}, {'warm' if warm else 'cold'}: {counted} failures", flush=True)
    assert not wrong, (len(wrong), wrong[:9])
    return counted


def faults_of(name):
    def function():
        cold = sweep(name, warm=name in MANY_JOBS)
        assert cold > 0
        if name in ("train", "embed", "predict") and not options.quick:
            sweep(name, warm=True)

    function.__name__ = "faults_" + name
    return function


for job in JOBS:
    if job.startswith("train-") and job not in METHOD_JOBS:
        continue
    if job == "bench-many" and options.quick:
        continue
    if not options.jobs or job in options.jobs.split(","):
        test(faults_of(job))


def kills():
    """At any moment: what was there stays or the new is whole, and the same command works after."""
    rng = random.Random(1)
    count = 20 if options.quick else options.kills
    names = [
        name
        for name in JOBS
        if name != "info" and not name.startswith("train-") and name not in MANY_JOBS
    ]
    killed = 0
    lasts = {}
    for name in names:
        shutil.rmtree(os.path.join(root, "cache"), ignore_errors=True)
        begun = time.monotonic()
        arguments, output = JOBS[name]
        done = run([*arguments, *(["--output", out(output)] if output else [])])
        assert done.returncode == 0, (name, done.stderr)
        lasts[name] = time.monotonic() - begun
    for i in range(count):
        name = names[i % len(names)]
        arguments, output = JOBS[name]
        path = output and out(output)
        if i % 2:
            shutil.rmtree(os.path.join(root, "cache"), ignore_errors=True)
        if name == "pull":
            shutil.rmtree(pulled, ignore_errors=True)
        if name == "sort":
            shutil.rmtree(out("sorted"), ignore_errors=True)
        if path:
            with open(path, "w") as f:
                f.write("old")
            arguments = [*arguments, "--output", path]
        process = subprocess.Popen(
            [options.cli, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(rng.random() * lasts[name])
        process.kill()
        killed += process.wait() < 0
        assert not path or open(path, "rb").read() == b"old" or is_whole(path), (i, name)
        done = run(arguments)
        assert done.returncode == 0, (i, name, done.stderr)
        assert not path or is_whole(path), (i, name)
        if name == "pull":
            check_pulled(i)
        if name == "sort":
            check_sorted(i)
        assert not leftovers() or not path, (i, name, leftovers())
        for file in leftovers():
            os.unlink(out(file))
    print(f"# {killed} of {count} were killed", flush=True)
    assert killed > count / 4


def swept_folder():
    """Another export takes the new folder for a leftover before it is locked."""
    folder, mark = out("exported"), os.path.join(work, "mark")
    there, n = True, 0
    while there:
        n += 1
        shutil.rmtree(folder, ignore_errors=True)
        if os.path.exists(mark):
            os.unlink(mark)
        fault = {"FAULT_CALL": "sweep", "FAULT_N": str(n), "FAULT_ROOT": root, "FAULT_MARK": mark}
        arguments = ["export", adapter, "--model", model, "--output", folder]
        done = run(arguments, LD_PRELOAD=options.shim, **fault)
        assert done.returncode == 0 and "model.onnx" in os.listdir(folder), (n, done.stderr)
        there = os.path.exists(mark)
    assert n > 1 and not leftovers(), (n, leftovers())


if not options.jobs:
    test(swept_folder)
    test(kills)
run_tests()
server.stop()
shutil.rmtree(work, ignore_errors=True)
finish()
