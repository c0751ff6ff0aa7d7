#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""fewshot-cli as a script sees it: JSON, exit codes, bad data, Ctrl-C, kill -9. Prints TAP.

test_cli.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from drawn import striped_folder
from tap import finish, run_tests, test

cli, golden = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="fewshot-cli-")
os.environ["XDG_CACHE_HOME"] = os.path.join(work, "cache")
model = os.path.join(golden, "vit")


def run(*arguments, **how):
    return subprocess.run([cli, *arguments], capture_output=True, text=True, **how)


def json_of(result):
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def dataset(name, **how):
    return striped_folder(os.path.join(work, name), **how)


@test
def usage():
    assert run().returncode == 2
    assert run("frobnicate").returncode == 2
    assert run("train", model).returncode == 2
    assert run("train", model, "x", "--alpha", "7").returncode == 2
    assert run("train", model, "x", "--optimizer", "lion").returncode == 2
    assert run("--help").returncode == 0


@test
def info_and_tokens():
    assert "ViT 8/32" in run("info", model).stdout
    assert json_of(run("info", model, "--json"))["dim"] == 24
    ids = json.loads(run("tokenize", model, "a photo of a cat.", "").stdout)
    assert ids[0][0] == 543 and ids[0][-1] == 544 and ids[1] == [543, 544], ids


@test
def train_eval_predict():
    data, out = dataset("plain"), os.path.join(work, "a.safetensors")
    first = json_of(
        run("train", model, data, "--epochs", "60", "--lr", "0.01", "--output", out, "--json")
    )
    for key in (
        "classes",
        "images",
        "refused",
        "zero_shot_accuracy",
        "adapter_accuracy",
        "alpha",
        "seconds",
        "device",
        "output",
    ):
        assert key in first, key
    assert first["classes"] == 3 and first["images"] == 36 and first["refused"] == 0
    assert first["adapter_accuracy"] >= first["zero_shot_accuracy"]
    again = json_of(
        run("train", model, data, "--epochs", "60", "--lr", "0.01", "--output", out, "--json")
    )
    assert again["from_cache"] == 36
    assert (
        again["adapter_accuracy"] == first["adapter_accuracy"] and again["alpha"] == first["alpha"]
    )
    whole = json_of(run("eval", model, out, data, "--json"))
    assert whole["images"] == 36
    picture = os.path.join(data, "kind 1", "003.png")
    answer = json_of(run("predict", model, out, picture, "--json"))["predictions"][0]
    assert abs(sum(answer["probabilities"]) - 1) < 1e-4 and len(answer["cosines"]) == 3
    assert (
        run("predict", os.path.join(golden, "resnet"), out, picture).returncode == 1
    )  # another model's adapter


@test
def every_option():
    data, out = dataset("plain"), os.path.join(work, "o.safetensors")
    for extra in (
        ["--optimizer", "sgd", "--no-final-relu"],
        ["--optimizer", "adam", "--hidden", "5"],
        ["--shots", "2", "--seed", "9"],
        ["--preset", "published", "--epochs", "3"],
        ["--preset", "seed", "--epochs", "3"],
        ["--alpha", "0.3", "--template", "{} stripes"],
    ):
        result = json_of(
            run(
                "train",
                model,
                data,
                "--epochs",
                "4",
                "--batch",
                "8",
                *extra,
                "--output",
                out,
                "--json",
            )
        )
        if "--alpha" in extra:
            assert result["alpha"] == 0.3 and result["trained_alpha"] == 0.3
        if "--shots" in extra:
            assert result["train_images"] == 6 and result["validation_images"] == 6


@test
def folders_with_roles():
    plain, data = dataset("plain"), os.path.join(work, "roles")
    for role in ("train", "test", "val"):
        shutil.copytree(plain, os.path.join(data, role), dirs_exist_ok=True)
        for folder, _, names in os.walk(os.path.join(data, role)):
            for name in names:
                with open(os.path.join(folder, name), "ab") as f:
                    f.write(role.encode())  # no two alike
    result = json_of(
        run(
            "train",
            model,
            data,
            "--epochs",
            "2",
            "--output",
            os.path.join(work, "r.safetensors"),
            "--json",
        )
    )
    assert (result["train_images"], result["validation_images"], result["test_images"]) == (
        36,
        36,
        36,
    ), result


@test
def bad_data():
    data = dataset("bad")
    with open(os.path.join(data, "kind 0", "000.png"), "r+b") as f:
        f.truncate(40)
    open(os.path.join(data, "kind 0", "001.png"), "wb").close()
    with open(os.path.join(data, "kind 0", "002.jpg"), "w") as f:
        f.write("not a picture")
    os.makedirs(os.path.join(data, "empty class"))
    result = run(
        "train",
        model,
        data,
        "--epochs",
        "2",
        "--output",
        os.path.join(work, "b.safetensors"),
        "--json",
    )
    assert json_of(result)["refused"] == 3
    assert (
        "000.png" in result.stderr
        and "001.png is empty" in result.stderr
        and "002.jpg is not a picture" in result.stderr
    ), result.stderr
    alone = dataset("alone", classes=1)
    result = run("train", model, alone, "--output", os.path.join(work, "b.safetensors"))
    assert result.returncode == 1 and "two classes" in result.stderr, result.stderr
    result = run("train", model, os.path.join(work, "nowhere"))
    assert result.returncode == 1 and "nowhere" in result.stderr
    os.makedirs(os.path.join(work, "hollow"))
    assert "no class folders" in run("train", model, os.path.join(work, "hollow")).stderr
    result = run("train", os.path.join(work, "nowhere"), data)
    assert result.returncode == 1 and "nowhere" in result.stderr


@test
def interrupted():
    data, out = dataset("plain"), os.path.join(work, "i.safetensors")
    with open(out, "w") as f:
        f.write("old")
    process = subprocess.Popen(
        [cli, "train", model, data, "--epochs", "100000", "--hidden", "8000", "--output", out],
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    message = process.communicate(timeout=20)[1]
    assert process.returncode == 1 and "stopped" in message, message
    assert open(out).read() == "old"
    assert not [n for n in os.listdir(work) if n.startswith(".i.safetensors")]


@test
def killed():
    """kill -9 while it encodes and trains: the cache opens again and no picture is encoded
    twice."""
    data, cache = dataset("many", pictures=400, size=64), os.path.join(work, "killed")
    environment = {**os.environ, "XDG_CACHE_HOME": cache}
    out = os.path.join(work, "k.safetensors")

    def records():
        folder = os.path.join(cache, "fewshot", "features")
        found = [n for n in (os.listdir(folder) if os.path.isdir(folder) else [])
                 if n.endswith(".sqlite")]
        if not found:
            return 0
        try:
            with contextlib.closing(sqlite3.connect(os.path.join(folder, found[0]))) as db:
                return db.execute("SELECT count(*) FROM features").fetchone()[0]
        except sqlite3.OperationalError:  # just being made
            return 0

    process = subprocess.Popen(
        [cli, "train", model, data, "--epochs", "100000", "--output", out],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    end = time.time() + 60
    while records() < 100 and time.time() < end:
        time.sleep(0.002)
    process.kill()
    process.wait()
    kept = records()
    assert kept >= 100
    for _ in range(2):
        result = json_of(
            run("train", model, data, "--epochs", "1", "--output", out, "--json", env=environment)
        )
        assert result["images"] == 1200 and result["from_cache"] >= kept, (kept, result)
        kept = result["images"]
    assert records() == 1200


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


def tensors(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    return {
        k: data[slice(*v["data_offsets"])] for k, v in header.items() if k != "__metadata__"
    }, header


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
    assert json_of(run("merge", *reversed(parts), "-o", merged, "--json"))["images"] == 100
    assert open(merged, "rb").read() == open(single, "rb").read()
    twice = run("merge", parts[0], parts[0], "-o", merged)
    assert twice.returncode == 1 and "do not belong together" in twice.stderr, twice.stderr
    other = os.path.join(work, "other.safetensors")
    json_of(
        run("embed", model, "--image-dir", folder, "--no-cache", "--exact", "-o", other, "--json")
    )
    mixed = run("merge", parts[0], other, "-o", merged)
    assert mixed.returncode == 1 and "jpeg" in mixed.stderr, mixed.stderr
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


@test
def preprocess():
    out = os.path.join(work, "p.safetensors")
    picture = os.path.join(golden, "pictures", "wide.png")
    assert run("preprocess", model, picture, "--output", out).returncode == 0
    with open(out, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
    assert header["pixels"]["shape"] == [3, 32, 32] and header["pixels"]["dtype"] == "F32", header
    assert header["resized"]["shape"] == [32, 32, 3] and header["resized"]["dtype"] == "U8", header
    small = run("embed", model, "--image", picture, "--max-megapixels", "1", "--output", out)
    assert small.returncode == 0, small.stderr


@test
def bench():
    """Every format, the same numbers again, and the rest of a run that was stopped."""
    data, out = dataset("bench", pictures=20), os.path.join(work, "bench.json")
    arguments = [
        "bench",
        model,
        data,
        "--methods",
        "zero-shot,clip-adapter:alpha=0.4,epochs=4 gda",
        "--shots",
        "1,4",
        "--seeds",
        "2",
    ]
    done = run(*arguments, "-o", out)
    assert done.returncode == 0, done.stderr
    table = json.load(open(out))
    assert len(table["runs"]) == 3 * 2 * 2 and not os.path.exists(out + ".partial")
    assert {r["method"] for r in table["runs"]} == {
        "zero-shot",
        "clip-adapter:alpha=0.4,epochs=4",
        "gda",
    }
    assert all(
        r["low"] <= r["test"] <= r["high"] and r["test_pictures"] == 30 for r in table["runs"]
    ), table["runs"]
    assert all(s["runs"] == 2 and s["deviation"] is not None for s in table["summary"])
    assert any(
        r["too_few_to_choose"] for r in table["runs"] if r["shots"] == 1 and r["method"] == "gda"
    )
    csv, markdown = os.path.join(work, "bench.csv"), os.path.join(work, "bench.md")
    assert (
        run(*arguments, "-o", csv).returncode == 0
        and run(*arguments, "-o", markdown, "--literature", "eurosat").returncode == 0
    )
    lines = open(csv).read().splitlines()
    assert len(lines) == 13 and lines[5].split(",")[0] == '"clip-adapter:alpha=0.4', lines
    text = open(markdown).read()
    assert (
        "| gda |" in text and "literature" in text and "61.4" in text and "30 test pictures" in text
    ), text
    first = {(r["method"], r["shots"], r["seed"]): r["test"] for r in table["runs"]}
    for line in lines[1:]:
        method = line.split('"')[1] if line.startswith('"') else line.split(",")[0]
        shots, seed, accuracy = line[len(method) + 2 * line.startswith('"') + 1 :].split(",")[:3]
        assert abs(first[method, int(shots), int(seed)] - float(accuracy)) < 1e-5


@test
def bench_goes_on():
    data, out = dataset("bench", pictures=20), os.path.join(work, "stopped.csv")
    arguments = [
        "bench",
        model,
        data,
        "--methods",
        "zero-shot clap:epochs=20000",
        "--shots",
        "1,2",
        "--seeds",
        "3",
        "-o",
        out,
    ]
    process = subprocess.Popen(
        [cli, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.time() + 60
    while time.time() < deadline and (
        not os.path.exists(out + ".partial") or open(out + ".partial").read().count("\n") < 4
    ):
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert not os.path.exists(out), "it ended before it could be killed"
    lines = open(out + ".partial").read().splitlines()
    assert len(lines) >= 4
    marked = [json.loads(line) for line in lines[1:]]
    marked[0]["test"] = 0.4321  # what is done is not done again
    with open(out + ".partial", "w") as f:
        f.write(
            "\n".join([lines[0], *map(json.dumps, marked)]) + '\n{"method": "zero-sh'
        )  # a torn line
    short = [
        a if a != "zero-shot clap:epochs=20000" else "zero-shot clap:epochs=20" for a in arguments
    ]
    assert run(*short).returncode == 0
    rows = open(out).read()
    assert (
        rows.count("0.43210") == 1
        and rows.count("clap:epochs=20,") == 6
        and rows.count("zero-shot,") == 6
        and "20000" not in rows
    ), rows
    # other data, other rows
    with open(out + ".partial", "w") as f:
        f.write("\n".join([lines[0], *map(json.dumps, marked)]) + "\n")
    assert run("bench", model, dataset("other", pictures=9), *short[3:]).returncode == 0
    assert "0.43210" not in open(out).read()


@test
def bench_on_lists():
    images = dataset("bench", pictures=20)

    def entry(c, i):
        return [f"kind {c}/{i:03}.png", c, f"kind_{c}"]

    split = {
        "train": [entry(c, i) for c in range(3) for i in range(8)]
        + [["kind 0/missing.png", 0, "kind_0"]],
        "val": [entry(c, i) for c in range(3) for i in range(8, 12)],
        "test": [entry(c, i) for c in range(3) for i in range(12, 20)],
    }
    path, out = os.path.join(work, "split_zhou_Test.json"), os.path.join(work, "split.json")
    json.dump(split, open(path, "w"))
    done = run(
        "bench",
        model,
        "--split",
        path,
        "--images",
        images,
        "--methods",
        "zero-shot gda",
        "--shots",
        "2,16",
        "--seeds",
        "1",
        "-o",
        out,
    )
    assert done.returncode == 0, done.stderr
    assert "missing.png" in done.stderr and "fewer than 16" in done.stderr, done.stderr
    runs = json.load(open(out))["runs"]
    assert len(runs) == 4 and all(r["test_pictures"] == 24 for r in runs)
    # the shots are those of CoOp's code: random.sample, class by class, training pictures first
    dump = os.path.join(work, "dump.safetensors")
    for seed in range(1, 4):
        assert (
            run(
                "bench",
                model,
                "--split",
                path,
                "--images",
                images,
                "--methods",
                "zero-shot",
                "--shots",
                "3",
                "--seeds",
                str(seed),
                "--dump",
                dump,
                "-o",
                out,
            ).returncode
            == 0
        )
        roles = struct.unpack("<60f", tensors(dump)[0]["roles"])
        draw, expected = random.Random(seed), [3.0] * 36 + [2.0] * 24
        for start, each, shots, role in ((0, 8, 3, 0.0), (24, 4, 3, 1.0)):
            for c in range(3):
                for i in draw.sample(range(start + c * each, start + (c + 1) * each), shots):
                    expected[i] = role
        assert list(roles) == expected, (seed, roles)
    same = run(
        "bench",
        model,
        images,
        "--split",
        path,
        "--methods",
        "zero-shot",
        "--shots",
        "1",
        "--seeds",
        "1",
        "-o",
        out,
    )
    assert same.returncode == 0, same.stderr
    lists = {}
    for part in ("train", "test"):
        lists[part] = os.path.join(work, part + ".txt")
        with open(lists[part], "w") as f:
            os.makedirs(os.path.join(work, "flat"), exist_ok=True)
            for name, _label, title in split[part]:
                if "missing" not in name:
                    flat = name.replace("/", "-").replace(" ", "")
                    shutil.copy(os.path.join(images, name), os.path.join(work, "flat", flat))
                    f.write(f"{flat} {title.replace('_', ' ')}\n")
    prompts = os.path.join(work, "prompts.json")
    json.dump({"kind 1": "a drawing of a {}."}, open(prompts, "w"))
    done = run(
        "bench",
        model,
        "--train-list",
        lists["train"],
        "--test-list",
        lists["test"],
        "--images",
        os.path.join(work, "flat"),
        "--class-prompts",
        prompts,
        "--prompts",
        "ensemble",
        "--methods",
        "zero-shot",
        "--shots",
        "1",
        "--seeds",
        "1",
        "-o",
        out,
    )
    assert done.returncode == 0, done.stderr
    assert json.load(open(out))["runs"][0]["test_pictures"] == 24


@test
def bench_says_what_is_wrong():
    data, out = dataset("bench", pictures=20), os.path.join(work, "w.csv")
    for status, words, arguments in (
        (2, "There is no method", ["--methods", "magic"]),
        (2, "--shots", ["--shots", "0"]),
        (2, "--seeds", ["--seeds", "0"]),
        (2, "ensemble", ["--prompts", "poems"]),
        (2, "{}", ["--template", "none"]),
        (2, "eurosat", ["--literature", "x"]),
        (1, "No such file", ["--split", "/no/such.json"]),
        (2, "0 to 1", ["--methods", "clip-adapter:alpha=2"]),
    ):
        done = run("bench", model, data, *arguments, "-o", out)
        assert done.returncode == status and words in done.stderr, (arguments, done.stderr)
    one = run(
        "bench",
        model,
        dataset("single", classes=1),
        "--methods",
        "zero-shot gda",
        "--shots",
        "1",
        "--seeds",
        "1",
        "-o",
        out,
    )
    assert one.returncode == 1 and "at least two" in one.stderr, one.stderr
    assert not os.path.exists(out)
    unreadable = os.path.join(work, "unreadable")
    for c in range(2):
        os.makedirs(os.path.join(unreadable, "___" if c else "!!"), exist_ok=True)
        for i in range(6):
            shutil.copy(
                os.path.join(data, f"kind {c}", f"{i:03}.png"),
                os.path.join(unreadable, "___" if c else "!!"),
            )
    nameless = run(
        "bench",
        model,
        unreadable,
        "--methods",
        "zero-shot coop:epochs=2,context=2",
        "--shots",
        "1",
        "--seeds",
        "1",
        "-o",
        out,
    )
    assert (
        nameless.returncode == 0
        and "“___” holds no word" in nameless.stderr
        and "“!!” holds" not in nameless.stderr
    ), nameless.stderr
    deep = run(
        "bench",
        model,
        data,
        "--methods",
        "clip-adapter:after=99 zero-shot",
        "--shots",
        "1",
        "--seeds",
        "1",
        "-o",
        out,
    )
    assert deep.returncode == 0 and "blocks" in deep.stderr and "zero-shot," not in deep.stderr, (
        deep.stderr
    )
    resnet = run(
        "bench",
        os.path.join(golden, "resnet"),
        data,
        "--methods",
        "clip-adapter:after=1",
        "--shots",
        "1",
        "--seeds",
        "1",
        "-o",
        out,
    )
    assert resnet.returncode == 1 and "ResNet" in resnet.stderr, resnet.stderr


@test
def pocket_demo():
    """The model that ships inside: far better than chance after 8 shots, and better than before by
    10 points."""
    out = os.path.join(work, "demo.safetensors")
    result = json_of(
        run("demo", "--json", "--pictures", os.path.join(work, "samples"), "--output", out)
    )
    assert result["output"] == out and os.path.exists(out)
    assert result["classes"] == 6 and result["images"] == 240
    assert result["adapter_accuracy"] >= result["zero_shot_accuracy"] + 0.1, result
    assert result["adapter_accuracy"] >= 0.5, result


run_tests()
shutil.rmtree(work, ignore_errors=True)
finish()
