# SPDX-License-Identifier: MIT
"""What tests of people's inputs share: `TEST.py FEWSHOT_CLI GOLDEN_FOLDER`, a folder to work in
that goes at the end, folders of pictures no two of which are alike."""

import atexit
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from drawn import png

cli, golden = (os.path.abspath(a) for a in sys.argv[1:3])
work = tempfile.mkdtemp(prefix="fewshot-cases-")
atexit.register(shutil.rmtree, work, ignore_errors=True)
os.environ["XDG_CACHE_HOME"] = os.path.join(work, "cache")
model = os.path.join(golden, "vit")
adapter = os.path.join(work, "a.safetensors")


def run(*arguments, **how):
    return subprocess.run([cli, *arguments], capture_output=True, text=how.pop("text", True), **how)


def train(folder, *more):
    return run(
        "train", "--keep-twins", model, folder, "--epochs", "2", "-o", adapter, "--json", *more
    )


def bench(out, folder, *more):
    """Zero-shot CLIP alone, one draw of one picture a class."""
    return run(
        "bench",
        "--keep-twins",
        model,
        folder,
        *more,
        "--methods",
        "zero-shot",
        "--shots",
        "1",
        "--seeds",
        "1",
        "-o",
        out,
    )


def answer(result):
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def names_of(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    start, end = header["image_names"]["data_offsets"]
    return data[start:end].split(b"\0")[:-1], {
        k: data[slice(*v["data_offsets"])] for k, v in header.items() if k != "__metadata__"
    }


def embed(folder, *more):
    out = os.path.join(work, "e.safetensors")
    result = run("embed", model, "--image-dir", folder, "-o", out, "--json", *more)
    return answer(result), result.stderr, names_of(out)[0]


serial = 0


def classes(folder, names=("kind 0", "kind 1", "kind 2"), pictures=6):
    """Class folders of pictures that are in no other folder of this test."""
    global serial
    for k, name in enumerate(names):
        os.makedirs(os.path.join(os.fsencode(folder), os.fsencode(name)), exist_ok=True)
        for i in range(pictures):
            serial += 1
            rows = [
                [
                    ((250, 30, 30), (30, 250, 30), (30, 30, 250))[k % 3]
                    if (x + serial) % 5
                    else (serial % 256, serial // 256, k)
                    for x in range(16)
                ]
                for y in range(16)
            ]
            png(os.path.join(os.fsencode(folder), os.fsencode(name), b"%03d.png" % i), rows)
    return folder


def fresh(name):
    path = os.path.join(work, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path
