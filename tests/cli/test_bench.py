#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`fewshot-cli bench`: its tables, runs that go on, lists of pictures, what it says. Prints TAP.

test_bench.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import json
import os
import random
import shutil
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from program import cli, dataset, golden, model, run, tensors, work
from tap import finish, run_tests, test


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
def bench_of_copies_reads_chance():
    """Labels that say nothing, and each picture there five times: nothing can be learned."""
    data, out = os.path.join(work, "copies"), os.path.join(work, "copies.json")
    source = dataset("originals", pictures=8)
    names = sorted(os.path.join(f, n) for f, _, ns in os.walk(source) for n in ns)
    luck = random.Random(3)
    for number, name in enumerate(names):
        for copy in range(5):
            folder = os.path.join(data, "abcd"[luck.randrange(4)])
            os.makedirs(folder, exist_ok=True)
            target = os.path.join(folder, f"{number}-{copy}.png")
            shutil.copyfile(name, target)
            with open(target, "ab") as f:
                f.write(b"%d" % copy)  # other bytes, the same picture
    arguments = [
        "bench",
        model,
        data,
        "--methods",
        "gda",
        "--shots",
        "8",
        "--seeds",
        "6",
        "-o",
        out,
    ]
    done = run(*arguments)
    assert done.returncode == 0 and "have a twin" in done.stdout, done.stdout + done.stderr
    rows = json.load(open(out))["runs"]
    # all test pictures of a draw may be twins of what is learned from
    rows = [row for row in rows if row["test_pictures"]]
    right = sum(row["test"] * row["test_pictures"] for row in rows)
    tested = sum(row["test_pictures"] for row in rows)
    assert right < tested / 2, (right, tested)
    row = rows[0]
    assert row["log_loss"] > 0 and 0 <= row["calibration_error"] <= 1 and 0 <= row["balanced"] <= 1


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
    marked[1]["too_few_to_choose"] = []  # nobody wrote it, and it is a row all the same
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
def shards():
    """Three parts, one of them not there: the whole does what is left and writes the table."""
    data, out = dataset("shards", pictures=20), os.path.join(work, "sharded.json")
    arguments = ["bench", model, data, "--methods", "zero-shot,gda", "--shots", "1,2"]
    arguments += ["--seeds", "2", "-o", out]
    for part in ("1/3", "3/3"):
        assert run(*arguments, "--shard", part).returncode == 0
    assert not os.path.exists(out)
    done = run(*arguments)
    # 8 runs: the numbers 1, 4 and 7 are the second part's
    assert done.returncode == 0 and done.stdout.count(" shots, seed ") == 3, done.stdout
    assert len(json.load(open(out))["runs"]) == 8
    assert not [name for name in os.listdir(work) if name.startswith("sharded.json.")]
    said = run(*arguments, "--shard", "slurm", env={**os.environ, "SLURM_ARRAY_TASK_ID": "1"})
    assert said.returncode == 2 and "job array" in said.stderr, said.stderr


run_tests()
finish()
