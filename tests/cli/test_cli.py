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
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from program import cli, dataset, golden, json_of, model, run, work
from tap import finish, run_tests, test


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
        "accuracy",
        "alpha",
        "seconds",
        "device",
        "output",
    ):
        assert key in first, key
    assert first["classes"] == 3 and first["images"] == 36 and first["refused"] == 0
    assert first["accuracy"] >= first["zero_shot_accuracy"]
    again = json_of(
        run("train", model, data, "--epochs", "60", "--lr", "0.01", "--output", out, "--json")
    )
    assert again["from_cache"] == 36
    assert again["accuracy"] == first["accuracy"] and again["alpha"] == first["alpha"]
    whole = json_of(run("eval", model, out, data, "--json"))
    assert whole["images"] == 36
    picture = os.path.join(data, "kind 1", "003.png")
    answer = json_of(run("predict", model, out, picture, "--json"))["predictions"][0]
    assert abs(sum(answer["probabilities"]) - 1) < 1e-4 and len(answer["cosines"]) == 3
    assert (
        run("predict", os.path.join(golden, "resnet"), out, picture).returncode == 1
    )  # another model's adapter


@test
def share_of_a_training_folder():
    """A folder with test pictures of its own has the share to validate on that is asked for."""
    data, path = dataset("plain"), os.path.join(work, "roles")
    for part, first, last in ("train", 0, 10), ("test", 10, 12):
        for kind in sorted(os.listdir(data)):
            os.makedirs(f"{path}/{part}/{kind}")
            for i in range(first, last):
                shutil.copy(f"{data}/{kind}/{i:03}.png", f"{path}/{part}/{kind}/")
    command = ["train", model, path, "--epochs", "2", "--output", os.path.join(work, "r"), "--json"]
    usual = json_of(run(*command, "--keep-twins"))
    assert usual["validation_images"] == 6 and usual["test_images"] == 6, usual
    half = json_of(run(*command, "--keep-twins", "--validation-share", "50"))
    assert half["validation_images"] == 15 and half["test_images"] == 6, half


@test
def every_option():
    data, out = dataset("plain"), os.path.join(work, "o.safetensors")
    for extra in (
        ["--optimizer", "sgd", "--no-final-relu"],
        ["--optimizer", "adam", "--hidden", "5"],
        ["--shots", "2", "--seed", "9"],
        ["--test-share", "50", "--validation-share", "10"],
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
        if "--test-share" in extra:
            tested = result["test_images"]
            assert tested == 3 * (result["train_images"] + tested + 3) // 6, result
            assert result["validation_images"] == 3, result
    for wrong in (["--test-share", "3"], ["--test-share", "61"], ["--validation-share", "-5"]):
        told = run("train", model, data, "--output", out, *wrong)
        assert told.returncode == 2 and "from 5 to 60" in told.stderr, told
    told = run("train", model, data, "--output", out, "--shots", "2", "--test-share", "30")
    assert told.returncode == 2 and "leave the shares out" in told.stderr, told


@test
def class_that_swallows_the_others():
    """Labels that say nothing, most of them one: what is learned calls nearly everything that."""
    data, out = os.path.join(work, "uneven"), os.path.join(work, "uneven.safetensors")
    luck = random.Random(5)
    for folder, _, names in sorted(os.walk(dataset("even", pictures=40))):
        for name in sorted(names):
            target = os.path.join(data, luck.choices(["big", "small", "tiny"], [4, 1, 1])[0])
            os.makedirs(target, exist_ok=True)
            shutil.copyfile(
                os.path.join(folder, name), f"{target}/{os.path.basename(folder)}{name}"
            )
    train = ["train", model, data, "--method", "linear-probe", "--output", out]
    told = run(*train)
    assert told.returncode == 0 and "“big” swallows the others" in told.stderr, told.stderr
    result = json_of(run(*train, "--json"))
    assert result["swallowing_class"] == "big" and result["balanced_accuracy"] < 0.5
    nothing = run("train", model, data, "--method", "tip-adapter", "--no-test", "--output", out)
    assert nothing.returncode == 0 and "swallows" not in nothing.stderr, nothing.stderr


@test
def folders_with_roles():
    plain, data = dataset("plain"), os.path.join(work, "roles")
    for role in ("train", "test", "val"):
        shutil.copytree(plain, os.path.join(data, role), dirs_exist_ok=True)
        for folder, _, names in os.walk(os.path.join(data, role)):
            for name in names:
                with open(os.path.join(folder, name), "ab") as f:
                    f.write(role.encode())  # no two alike
    train = ["train", model, data, "--epochs", "2", "--json"]
    train += ["--output", os.path.join(work, "r.safetensors")]
    result = json_of(run(*train, "--keep-twins"))
    roles = ("train_images", "validation_images", "test_images")
    assert [result[role] for role in roles] == [36, 36, 36], result
    result = json_of(run(*train))  # the same pixels are no test
    assert [result[role] for role in roles] == [36, 0, 0] and result["twins_moved"] == 72, result


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
        found = [
            n
            for n in (os.listdir(folder) if os.path.isdir(folder) else [])
            if n.endswith(".sqlite")
        ]
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
def pocket_demo():
    """The model that ships inside: far better than chance after 8 shots, and better than before by
    10 points. Its pictures take the place of older ones, and are not written into them."""
    out, samples = os.path.join(work, "demo.safetensors"), os.path.join(work, "samples")
    older = os.path.join(work, "older.png")
    os.makedirs(samples + "/bolt")
    with open(older, "wb") as f:
        f.write(b"as it was read")
    os.link(older, samples + "/bolt/bolt-01.png")
    result = json_of(run("demo", "--json", "--pictures", samples, "--output", out))
    with open(older, "rb") as f:
        assert f.read() == b"as it was read"
    assert len(os.listdir(samples + "/bolt")) == 40
    assert result["output"] == out and os.path.exists(out)
    assert result["classes"] == 6 and result["images"] == 240
    assert result["accuracy"] >= result["zero_shot_accuracy"] + 0.1, result
    assert result["accuracy"] >= 0.5, result


run_tests()
finish()
