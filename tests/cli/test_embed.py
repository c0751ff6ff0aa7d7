#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`fewshot-cli embed`: files, shards and their merging, kill -9, memory, precision. Prints TAP.

test_embed.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import json
import os
import resource
import shutil
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from program import cli, dataset, golden, json_of, model, run, tensors, work
from tap import finish, run_tests, test


@test
def embed():
    data, out = dataset("plain"), os.path.join(work, "e.safetensors")
    json_of(run("embed", model, "--image-dir", data, "--output", out, "--json"))
    with open(out, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
    assert header["image_features"]["shape"] == [36, 24]
    json_of(run("embed", model, "--text", "a cat", "--text", "a dog", "--output", out, "--json"))
    with open(out, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
    assert header["text_features"]["shape"] == [2, 24]


def tree(name, copies):
    """A picture at many depths, under names whose order by components is not that by bytes, and one
    that is none."""
    folder = os.path.join(work, name)
    source = open(os.path.join(golden, "pictures", "noise.png"), "rb").read()
    for below in ("a", "a/b", "a.x", "c/d/e", "."):
        os.makedirs(os.path.join(folder, below), exist_ok=True)
        for i in range(copies):
            with open(os.path.join(folder, below, f"{i}.png"), "wb") as f:
                f.write(source + bytes([i % 256, i // 256, len(below)]))  # no two alike
    with open(os.path.join(folder, "a", "bad.jpg"), "w") as f:
        f.write("no picture")
    os.makedirs(os.path.join(folder, ".hidden"), exist_ok=True)
    shutil.copy(os.path.join(folder, "0.png"), os.path.join(folder, ".hidden"))
    return folder


def names_of(path):
    return [n.decode() for n in tensors(path)[0]["image_names"].split(b"\0")[:-1]]


@test
def shards():
    """Eight shards by GNU parallel, merged: the file that one run writes, byte for byte."""
    folder, single, merged = (
        tree("tree", 20),
        os.path.join(work, "single.safetensors"),
        os.path.join(work, "merged.safetensors"),
    )
    result = json_of(
        run("embed", model, "--image-dir", folder, "--no-cache", "-o", single, "--json")
    )
    assert result["images"] == 100 and result["refused"] == 1, result
    found = sorted(
        (
            os.path.relpath(os.path.join(d, f), folder)
            for d, _, files in os.walk(folder)
            for f in files
            if f.endswith(".png") and ".hidden" not in d
        ),
        key=lambda p: p.split("/"),
    )
    assert names_of(single) == found
    done = subprocess.run(
        [
            "parallel",
            "--will-cite",
            "-j2",
            cli,
            "embed",
            model,
            "--image-dir",
            folder,
            "--no-cache",
            "--shard",
            "{}/8",
            "-o",
            work + "/shard-{}.safetensors",
            ":::",
            *map(str, range(1, 9)),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    parts = [f"{work}/shard-{i}.safetensors" for i in range(1, 9)]
    assert (
        sorted(n for p in parts for n in names_of(p)) == sorted(found)
        and sum(len(names_of(p)) > 0 for p in parts) == 8
    )
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    joined = run(
        *("merge", *reversed(parts), "-o", merged, "--json"),
        # fewer files than there are parts, where the system would allow more
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (8, most)),
    )
    assert json_of(joined)["images"] == 100
    assert open(merged, "rb").read() == open(single, "rb").read()
    twice = run("merge", parts[0], parts[0], "-o", merged)
    assert twice.returncode == 1 and "do not belong together" in twice.stderr, twice.stderr
    other = os.path.join(work, "other.safetensors")
    json_of(
        run("embed", model, "--image-dir", folder, "--no-cache", "--exact", "-o", other, "--json")
    )
    mixed = run("merge", parts[0], other, "-o", merged)
    assert mixed.returncode == 1 and "jpeg" in mixed.stderr, mixed.stderr
    with open(parts[1], "rb") as f:  # as if its device had multiplied in half precision
        content = f.read()
    assert content.count(b'"precision":"f32"') == 1
    with open(other, "wb") as f:
        f.write(content.replace(b'"precision":"f32"', b'"precision":"f16"'))
    mixed = run("merge", parts[0], other, "-o", merged)
    assert mixed.returncode == 1 and "another precision" in mixed.stderr, mixed.stderr
    for wrong in ("0/4", "5/4", "x", "1/2/3"):
        assert (
            run("embed", model, "--image-dir", folder, "--shard", wrong, "-o", other).returncode
            == 2
        ), wrong


@test
def embed_resumes():
    """kill -9 at any moment: the same command goes on and ends with the same bytes."""
    folder, whole, out = (
        tree("long", 900),
        os.path.join(work, "whole.safetensors"),
        os.path.join(work, "resumed.safetensors"),
    )
    command = ["embed", model, "--image-dir", folder, "--no-cache", "--threads", "1", "-o"]
    json_of(run(*command, whole, "--json"))
    part = out + ".part"
    torn = False
    for _attempt in range(200):
        process = subprocess.Popen([cli, *command, out], stderr=subprocess.DEVNULL)
        started = os.path.getsize(part) if os.path.exists(part) else 0
        end = time.time() + 20
        while (
            time.time() < end
            and process.poll() is None
            and (not os.path.exists(part) or os.path.getsize(part) <= started)
        ):
            time.sleep(0.001)
        process.kill()
        process.wait()
        assert not os.path.exists(out), "it ended before it could be killed"
        if not torn and os.path.getsize(part) > 50000:
            torn = True
            with open(part, "r+b") as f:
                f.truncate(os.path.getsize(part) - 5)
        elif torn and os.path.getsize(part) > 200000:
            break
    other = run("embed", model, "--image-dir", folder, "--no-cache", "--exact", "-o", out)
    assert other.returncode == 1 and "Delete it" in other.stderr, other.stderr
    resumed = json_of(run(*command, out, "--json"))
    assert 0 < resumed["resumed"] < 4501, resumed
    assert open(out, "rb").read() == open(whole, "rb").read() and not os.path.exists(out + ".part")


def wide_model(dim):
    """The golden ViT with features of `dim` numbers."""
    folder = os.path.join(work, "wide")
    shutil.copytree(model, folder)
    path = os.path.join(folder, "open_clip_model.safetensors")
    data, header = tensors(path)
    del header["__metadata__"]
    at = 0
    for name, entry in header.items():
        if name in ("visual.proj", "text_projection"):
            entry["shape"][1] = dim
            data[name] = struct.pack("<f", 0.1) * (entry["shape"][0] * dim)
        entry["data_offsets"] = [at, at + len(data[name])]
        at += len(data[name])
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(data[name] for name in header))
    config = json.load(open(os.path.join(folder, "open_clip_config.json")))
    config["model_cfg"]["embed_dim"] = dim
    json.dump(config, open(os.path.join(folder, "open_clip_config.json"), "w"))
    return folder


@test
def embed_memory_is_flat():
    """9,900 more pictures whose features are 16 KB each."""
    peaks, wide = [], wide_model(4096)
    for copies in (20, 2000):
        folder, out = tree(f"flat{copies}", copies), os.path.join(work, "flat.safetensors")
        process = subprocess.Popen(
            [cli, "embed", wide, "--image-dir", folder, "--no-cache", "-o", out],
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0
        peaks.append(usage.ru_maxrss / 1024)
    assert os.path.getsize(out) > 150e6 and peaks[1] - peaks[0] < 20, peaks


@test
def nothing_when_all_is_refused():
    """What was there stays, and no part file; of an empty shard a file is written."""
    folder, out = os.path.join(work, "bad"), os.path.join(work, "bad.safetensors")
    os.makedirs(folder)
    for i in range(3):
        with open(os.path.join(folder, f"{i}.png"), "w") as f:
            f.write("no picture")
    bad = [os.path.join(folder, f"{i}.png") for i in range(3)]
    for what in (["--image", *bad], ["--image-dir", folder], ["--image", *bad, "--text", "a cat"]):
        for old in (None, b"old"):
            if old:
                with open(out, "wb") as f:
                    f.write(old)
            done = run("embed", model, *what, "-o", out)
            assert done.returncode == 1 and "Every picture was refused" in done.stderr, done.stderr
            assert (open(out, "rb").read() if os.path.exists(out) else None) == old, what
            assert not os.path.exists(out + ".part"), what
        os.unlink(out)
    assert run("embed", model, "--image-dir", folder, "--shard", "1/9", "-o", out).returncode == 0
    assert names_of(out) == []


@test
def precision_and_threads():
    picture, out = os.path.join(golden, "pictures", "wide.png"), os.path.join(work, "x.safetensors")
    assert run("embed", model, "--image", picture, "--precision", "f64", "-o", out).returncode == 1
    assert run("embed", model, "--image", picture, "--threads", "1", "-o", out).returncode == 0
    exact = tensors(out)[0]["image_features"]
    if "avx512_bf16" in open("/proc/cpuinfo").read():
        for _ in range(2):  # the second time from a cache of its own
            assert (
                run("embed", model, "--image", picture, "--precision", "bf16", "-o", out).returncode
                == 0
            )
            features, header = tensors(out)
            assert (
                features["image_features"] != exact
                and header["__metadata__"]["precision"] == "bf16"
            )
        assert run("embed", model, "--image", picture, "-o", out).returncode == 0
        assert tensors(out)[0]["image_features"] == exact
    else:
        refused = run("embed", model, "--image", picture, "--precision", "bf16", "-o", out)
        assert refused.returncode == 1 and "bf16" in refused.stderr, refused.stderr


run_tests()
finish()
