#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Folders, lists and command lines as people have them, through fewshot-cli: what is a class, what is a picture, what is said aloud.
Prints TAP.

    test_folders.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from drawn import png, striped_folder  # noqa: E402
from tap import finish, run_tests, test  # noqa: E402

cli, golden = (os.path.abspath(a) for a in sys.argv[1:3])
work = tempfile.mkdtemp(prefix="fewshot-cases-")
os.environ["XDG_CACHE_HOME"] = os.path.join(work, "cache")
model = os.path.join(golden, "vit")
adapter = os.path.join(work, "a.safetensors")


def run(*arguments, **how):
    return subprocess.run([cli, *arguments], capture_output=True, text=how.pop("text", True), **how)


def train(folder, *more):
    return run("train", model, folder, "--epochs", "2", "-o", adapter, "--json", *more)


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


# ---- layouts


@test
def splits_by_any_name():
    for number, (names, counts) in enumerate(
        [
            (("train", "valid"), (6, 0, 6)),
            (("train", "validation"), (6, 0, 6)),
            (("Train", "Test"), (6, 0, 6)),
            (("training", "testing"), (6, 0, 6)),
            (("train", "val", "test"), (6, 6, 6)),
            (("TRAIN", "Valid", "TEST"), (6, 6, 6)),
            (("training_set", "test_set"), (6, 0, 6)),
            (("Training", "Validation", "Testing"), (6, 6, 6)),
        ]
    ):
        for wrapped in ("", "Some Data Set v2", "outer/inner"):
            root = fresh(f"split{number}")
            for name in names:
                classes(os.path.join(root, wrapped, name))
            result = answer(train(root))
            assert result["classes"] == 3 and result["images"] == 18 * len(names), (
                names,
                wrapped,
                result,
            )
            validated = result["validation_images"]
            assert (
                result["train_images"] + validated == 3 * (counts[0] + counts[1])
                and result["test_images"] == 3 * counts[2]
            ), (names, result)
            if counts[1]:
                assert validated == 3 * counts[1], (names, result)
            bench = run(
                "bench",
                model,
                root,
                "--methods",
                "zero-shot",
                "--shots",
                "1",
                "--seeds",
                "1",
                "-o",
                os.path.join(work, "b.json"),
            )
            assert (
                bench.returncode == 0
                and json.load(open(os.path.join(work, "b.json")))["runs"][0]["test_pictures"]
                == 3 * counts[2]
            ), bench.stderr
            assert answer(run("eval", model, adapter, root, "--json"))["images"] == 3 * counts[2]


@test
def a_train_is_a_class_among_others():
    root = classes(fresh("vehicles"), ("bus", "train", "car"))
    assert answer(train(root))["classes"] == 3


@test
def mixed_layouts_are_refused_by_name():
    root = fresh("mixed")
    for name in ("train", "test"):
        classes(os.path.join(root, name))
    classes(root, ("cat",))
    for command in (("train", model, root), ("bench", model, root), ("eval", model, adapter, root)):
        result = run(*command)
        assert result.returncode == 1 and "“cat”" in result.stderr and "split" in result.stderr, (
            command,
            result.stderr,
        )
    flat = fresh("flat split")
    classes(flat, ("train", "test"))
    result = train(flat)
    assert result.returncode == 1 and "no class folders" in result.stderr, result.stderr


@test
def one_folder_too_deep():
    root = fresh("deep")
    classes(os.path.join(root, "my_dataset"))
    for command in ("train", "bench"):
        result = run(command, model, root)
        assert (
            result.returncode == 1
            and "deeper" in result.stderr
            and os.path.join(root, "my_dataset") in result.stderr
        ), result.stderr
    assert answer(train(os.path.join(root, "my_dataset")))["classes"] == 3
    result = run("eval", model, adapter, root)
    assert result.returncode == 1 and "deeper" in result.stderr, result.stderr
    alone = classes(fresh("alone"), ("only",))
    for command in ("train", "bench"):
        result = run(command, model, alone)
        assert (
            result.returncode == 1 and "“only”" in result.stderr and "two classes" in result.stderr
        ), result.stderr
    trained = fresh("only train")
    classes(os.path.join(trained, "train"))
    result = train(trained)
    assert result.returncode == 1 and os.path.join(trained, "train") in result.stderr, result.stderr


@test
def what_others_leave_behind_is_no_class():
    root = classes(fresh("traces"))
    for name in (
        "__MACOSX",
        "@eaDir",
        ".thumbnails",
        ".Trash-1000",
        "#recycle",
        "$RECYCLE.BIN",
        "lost+found",
        ".git",
    ):
        classes(root, (name,), 2)
        classes(os.path.join(root, "kind 1"), (name,), 2)
    with open(os.path.join(root, "kind 0", "Thumbs.db"), "w") as f:
        f.write("x")
    result = train(root)
    assert (
        answer(result)["classes"] == 3
        and answer(result)["images"] == 18
        and answer(result)["refused"] == 0
    ), result.stdout
    done, _, names = embed(root)
    assert done["images"] == 18 and all(n.startswith(b"kind") for n in names), names


@test
def empty_folders_are_said_aloud():
    root = classes(fresh("empty"))
    os.makedirs(os.path.join(root, "nothing"))
    png(os.path.join(root, "loose.png"), [[(1, 2, 3)] * 8] * 8)
    result = train(root)
    assert (
        answer(result)["classes"] == 3
        and "nothing holds no pictures" in result.stderr
        and "1 picture in" in result.stderr
    ), result.stderr


@test
def links_to_folders():
    pool = classes(fresh("pool"))
    root = fresh("linked")
    for c in range(3):
        os.symlink(os.path.join(pool, f"kind {c}"), os.path.join(root, f"class {c}"))
    os.symlink(root, os.path.join(pool, "kind 0", "back"))  # in a circle
    os.symlink(os.path.join(root, "nowhere"), os.path.join(root, "broken"))
    try:
        result = answer(train(root))
        assert result["classes"] == 3 and result["images"] == 18, result
        done, _, names = embed(root)
        assert done["images"] == 18 and b"class 2/005.png" in names, names
    finally:
        os.remove(os.path.join(pool, "kind 0", "back"))
    os.symlink(root, os.path.join(root, "self"))
    result = answer(train(root))
    assert result["classes"] == 3 and result["images"] == 18, result


@test
def names_that_are_not_utf8():
    root = classes(fresh("bytes"), (b"caf\xe9", b"caf\xe8", "plain"))
    result = answer(train(root))
    assert result["classes"] == 3 and result["images"] == 18, result
    picture = os.path.join(os.fsencode(root), b"caf\xe9", b"000.png")
    told = answer(run("predict", model, adapter, picture, "--json"))
    assert sorted(told["classes"]) == ["cafè", "café", "plain"], told
    assert answer(run("eval", model, adapter, root, "--json"))["images"] == 18
    done, _, names = embed(root)
    assert done["images"] == 18 and b"caf\xe9/000.png" in names, names


@test
def unreadable_folders_are_passed_over():
    """Read as nobody: root can read everything."""
    root = classes(fresh("locked"), ("kind 0", "kind 1", "kind 2", "locked"))
    out = fresh("locked-out")
    user = ["setpriv", "--reuid", "65534", "--clear-groups"] if os.geteuid() == 0 else []
    for folder, _, _ in os.walk(work):
        os.chmod(folder, 0o755)
    os.chmod(out, 0o777)
    os.chmod(os.path.join(root, "locked"), 0)
    environment = {**os.environ, "XDG_CACHE_HOME": os.path.join(out, "cache")}
    try:
        if user and subprocess.run([*user, cli, "--version"], capture_output=True).returncode != 0:
            user = None  # nobody may not even run the program from here
        command = lambda *a: subprocess.run(
            [*user, cli, *a], capture_output=True, text=True, env=environment
        )
        if user is not None:
            done = command(
                "embed",
                model,
                "--image-dir",
                root,
                "-o",
                os.path.join(out, "e.safetensors"),
                "--json",
            )
            assert (
                answer(done)["images"] == 18
                and answer(done)["passed_over"] == 1
                and "locked" in done.stderr
            ), done.stderr
            assert os.listdir(out).count("e.safetensors.part") == 0
            done = command(
                "train",
                model,
                root,
                "--epochs",
                "2",
                "-o",
                os.path.join(out, "a.safetensors"),
                "--json",
            )
            assert (
                answer(done)["images"] == 18
                and answer(done)["classes"] == 3
                and "locked" in done.stderr
            ), done.stderr
            os.chmod(root, 0)
            done = command(
                "embed", model, "--image-dir", root, "-o", os.path.join(out, "f.safetensors")
            )
            assert done.returncode == 1 and "ermission" in done.stderr, done.stderr
    finally:
        os.chmod(root, 0o755)
        os.chmod(os.path.join(root, "locked"), 0o755)
    assert user is not None, "the program could not be run as another user"


# ---- pictures by their content


@test
def pictures_without_their_ending():
    root = classes(fresh("endings"))
    jpeg = open(os.path.join(golden, "pictures", "turned.jpg"), "rb").read()
    for i, name in enumerate(
        ("x.jfif", "x.jpe", "X.JPE", "noending", "wrong.txt", "download (1)", "12345678.dat")
    ):
        with open(os.path.join(root, "kind 0", name), "wb") as f:
            f.write(jpeg + bytes([i]))
    done, _, names = embed(root)
    assert done["images"] == 25 and b"kind 0/noending" in names, done
    assert answer(train(root))["images"] == 25
    with open(os.path.join(root, "kind 0", "notes.md"), "w") as f:
        f.write("BM is how a bitmap begins")
    assert embed(root)[0]["refused"] == 0
    told = answer(
        run("predict", model, adapter, os.path.join(root, "kind 0", "noending"), "--json")
    )
    assert len(told["predictions"]) == 1


# ---- the same picture twice


@test
def duplicates():
    root = fresh("duplicates")
    striped_folder(root, classes=2, pictures=10)
    for i in range(5):
        shutil.copy(
            os.path.join(root, "kind 0", f"00{i}.png"), os.path.join(root, "kind 1", f"copy{i}.png")
        )
    result = train(root)
    assert (
        answer(result)["duplicates"] == 5
        and answer(result)["images"] == 20
        and "same picture as" in result.stderr
    ), result.stdout
    told = answer(run("eval", model, adapter, root, "--json"))
    assert told["images"] == 20 and told["duplicates"] == 5, told
    out = os.path.join(work, "d.json")
    result = run(
        "bench", model, root, "--methods", "zero-shot", "--shots", "1", "--seeds", "1", "-o", out
    )
    assert (
        json.load(open(out))["runs"][0]["test_pictures"] == 10
        and "same picture as" in result.stderr
    ), result.stderr
    split = fresh("leaky")
    shutil.copytree(root, os.path.join(split, "train"))
    classes(os.path.join(split, "test"), ("kind 0", "kind 1"), 4)
    shutil.copy(
        os.path.join(root, "kind 0", "000.png"), os.path.join(split, "test", "kind 0", "seen.png")
    )
    result = train(split)
    assert answer(result)["test_images"] == 8 and "seen.png" in result.stderr, result.stderr


@test
def noise_stays_noise():
    """Copies of pictures with random labels: what is learned from is not tested on."""
    root, rng = fresh("noise"), random.Random(3)
    for k in range(2):
        os.makedirs(os.path.join(root, f"k{k}"))
        for i in range(24):
            first = os.path.join(root, f"k{k}", f"{i:02}-0.png")
            png(
                first,
                [
                    [tuple(rng.randrange(256) for _ in range(3)) for _ in range(16)]
                    for _ in range(16)
                ],
            )
            for copy in range(1, 4):
                shutil.copy(first, os.path.join(root, f"k{k}", f"{i:02}-{copy}.png"))
    out = os.path.join(work, "n.json")
    assert (
        run(
            "bench",
            model,
            root,
            "--methods",
            "tip-adapter linear-probe",
            "--shots",
            "8",
            "--seeds",
            "6",
            "-o",
            out,
        ).returncode
        == 0
    )
    rows = json.load(open(out))
    assert all(r["test_pictures"] == 24 for r in rows["runs"]), rows["runs"]
    assert all(abs(s["mean"] - 0.5) < 0.15 for s in rows["summary"]), rows["summary"]


# ---- names


@test
def lists_of_class_names_with_a_mark():
    root = classes(fresh("listed"), ("n01", "n02"))
    for mark in (b"", b"\xef\xbb\xbf"):
        for end in (b"\n", b"\r\n"):
            path = os.path.join(work, "names.txt")
            with open(path, "wb") as f:
                f.write(mark + b"n01 tabby cat" + end + b"n02 husky dog" + end)
            out = os.path.join(work, "names.md")
            done = run(
                "bench",
                model,
                root,
                "--class-names",
                path,
                "--methods",
                "zero-shot",
                "--shots",
                "8",
                "--seeds",
                "1",
                "-o",
                out,
            )
            assert (
                done.returncode == 0 and "“tabby cat”" in done.stderr and "“n01”" not in done.stderr
            ), done.stderr
    train_list = os.path.join(work, "train.txt")
    with open(train_list, "wb") as f:
        f.write(
            b"\xef\xbb\xbf"
            + b"".join(b"n0%d/00%d.png class%d\r\n" % (k, i, k) for k in (1, 2) for i in range(3))
        )
    test_list = os.path.join(work, "test.txt")
    with open(test_list, "wb") as f:
        f.write(
            b"\xff\xfe"
            + "".join(f"n0{k}/00{i}.png class{k}\r\n" for k in (1, 2) for i in range(3, 6)).encode(
                "utf-16-le"
            )
        )
    out = os.path.join(work, "l.json")
    done = run(
        "bench",
        model,
        root,
        "--train-list",
        train_list,
        "--test-list",
        test_list,
        "--methods",
        "zero-shot",
        "--shots",
        "1",
        "--seeds",
        "1",
        "-o",
        out,
    )
    assert done.returncode == 0 and json.load(open(out))["runs"][0]["test_pictures"] == 6, (
        done.stderr
    )
    prompts = os.path.join(work, "prompts.json")
    with open(prompts, "wb") as f:
        f.write(b"\xef\xbb\xbf" + json.dumps({"n01": "a drawing of a {}."}).encode())
    done = run(
        "bench",
        model,
        root,
        "--class-prompts",
        prompts,
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


@test
def prompts_that_are_alike():
    long = "a very long description of a bird of prey with brown wings and a white tail flying over water seen from "
    for pair in (
        (long + "above", long + "below"),
        ("Cat", "cat"),
        ("a_b", "a b"),
        ("tea &amp; cake", "tea & cake"),
    ):
        root = classes(fresh("alike"), (*pair, "other"))
        out = os.path.join(work, "x.csv")
        for result in (
            train(root),
            run(
                "bench",
                model,
                root,
                "--methods",
                "zero-shot",
                "--shots",
                "1",
                "--seeds",
                "1",
                "-o",
                out,
            ),
        ):
            assert (
                result.returncode == 0
                and "same prompt" in result.stderr
                and f"“{pair[0]}”" in result.stderr
            ), result.stderr
    assert "same prompt" not in train(classes(fresh("unlike"), ("cat", "dog", "fish"))).stderr


@test
def unknown_classes_are_said_aloud():
    root = classes(fresh("known"), ("cat", "dog"))
    assert train(root).returncode == 0
    classes(root, ("zebra", "yak"))
    result = run("eval", model, adapter, root)
    assert (
        result.returncode == 0
        and "12 pictures of 2 classes" in result.stderr
        and "“zebra”" in result.stderr
        and "12 pictures" in result.stdout
    ), result.stderr


@test
def one_picture_a_class():
    root, out = classes(fresh("single"), pictures=1), os.path.join(work, "single.csv")
    result = run(
        "bench", model, root, "--methods", "zero-shot", "--shots", "1", "--seeds", "1", "-o", out
    )
    assert (
        result.returncode == 1
        and "no test pictures" in result.stderr
        and "nan" not in result.stdout
        and not os.path.exists(out)
    ), result.stderr


# ---- a run that was stopped, and a folder that has changed since


@test
def embed_resumes_on_a_changed_folder():
    root, out = fresh("changing"), os.path.join(work, "changed.safetensors")
    classes(root, ("a", "b", "c", "d"), 500)
    command = ["embed", model, "--image-dir", root, "--no-cache", "--threads", "1", "-o", out]
    process = subprocess.Popen([cli, *command], stderr=subprocess.DEVNULL)
    end = time.time() + 60
    while time.time() < end and (
        not os.path.exists(out + ".part") or os.path.getsize(out + ".part") < 100000
    ):
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not os.path.exists(out), "it ended before it could be killed"
    kept = os.stat(os.path.join(root, "a", "010.png"))
    png(os.path.join(root, "a", "010.png"), [[(9, 99, 200)] * 16] * 16)
    os.utime(
        os.path.join(root, "a", "010.png"), ns=(kept.st_atime_ns, kept.st_mtime_ns)
    )  # as cp -p and tar do
    os.remove(os.path.join(root, "a", "020.png"))
    png(os.path.join(root, "a", "015a.png"), [[(200, 99, 9)] * 16] * 16)
    result = answer(run(*command, "--json"))
    assert result["resumed"] == 10, result
    again = os.path.join(work, "fresh.safetensors")
    assert run("embed", model, "--image-dir", root, "--no-cache", "-o", again).returncode == 0
    assert names_of(out) == names_of(again)


# ---- command lines


@test
def names_that_begin_with_a_dash():
    root = classes(fresh("dashes"), ("-a", "b", "--c"), 6)
    assert train(root).returncode == 0
    inside = os.path.join(root, "b")
    shutil.copy(os.path.join(inside, "000.png"), os.path.join(inside, "-x.png"))
    shutil.copy(os.path.join(inside, "000.png"), os.path.join(inside, "--"))
    shutil.copy(adapter, os.path.join(inside, "-a.safetensors"))
    here = {"cwd": inside}
    assert (
        len(answer(run("predict", "--json", model, adapter, "--", "-x.png", **here))["predictions"])
        == 1
    )
    assert (
        len(
            answer(
                run("predict", model, adapter, "--json", "--", "-x.png", "--", "000.png", **here)
            )["predictions"]
        )
        == 3
    )
    assert (
        len(
            answer(run("predict", "--json", model, "--", "-a.safetensors", "000.png", **here))[
                "predictions"
            ]
        )
        == 1
    )
    assert (
        run(
            "preprocess", "-o", os.path.join(work, "p.safetensors"), model, "--", "-x.png", **here
        ).returncode
        == 0
    )
    assert (
        run(
            "train",
            "--epochs",
            "1",
            "-o",
            os.path.join(work, "t.safetensors"),
            "--",
            model,
            "-d",
            cwd=work,
        ).returncode
        == 1
    )
    shutil.copytree(root, os.path.join(work, "-d"), dirs_exist_ok=True)
    assert (
        run(
            "train",
            "--epochs",
            "1",
            "-o",
            os.path.join(work, "t.safetensors"),
            "--",
            model,
            "-d",
            cwd=work,
        ).returncode
        == 0
    )
    assert run("eval", model, adapter, "--", "-d", cwd=work).returncode == 0
    assert (
        run(
            "bench",
            "--methods",
            "zero-shot",
            "--shots",
            "1",
            "--seeds",
            "1",
            "-o",
            "b.csv",
            model,
            "--",
            "-d",
            cwd=work,
        ).returncode
        == 0
    )
    assert len(json.loads(run("tokenize", model, "--", "--x", "-y").stdout)) == 2
    assert len(json.loads(run("tokenize", model, "--", "x", "--").stdout)) == 2
    assert (
        answer(
            run("embed", "--json", model, "-o", "-e.safetensors", "--", "-x.png", "000.png", **here)
        )["images"]
        == 2
    )
    assert (
        answer(run("merge", "--json", "-o", "m.safetensors", "--", "-e.safetensors", **here))[
            "images"
        ]
        == 2
    )
    assert run("snippet", "--", "-a.safetensors", **here).returncode == 0
    assert run("onnx", "-o", "x.onnx", "--", "-a.safetensors", **here).returncode == 0


@test
def numbers_that_are_none():
    root = classes(fresh("numbers"))
    for option in ("--lr", "--weight-decay"):
        for value in ("nan", "inf", "-1", "1e400", "0,01", "x", ""):
            result = train(root, option, value)
            assert result.returncode == 2 and option in result.stderr, (
                option,
                value,
                result.stderr,
            )
    for option in (
        "--epochs",
        "--batch",
        "--hidden",
        "--warmup",
        "--threads",
        "--shots",
        "--max-megapixels",
    ):
        result = train(root, option, "-1")
        assert result.returncode == 2 and option in result.stderr, (option, result.stderr)
    for setting in ("lr=nan", "alpha=nan", "lr=inf"):
        result = run(
            "bench",
            model,
            root,
            "--methods",
            f"clip-adapter:{setting}",
            "-o",
            os.path.join(work, "n.csv"),
        )
        assert result.returncode == 2, (setting, result.stderr)


@test
def outputs_that_are_no_files():
    root, out = classes(fresh("outputs")), fresh("nodes")
    os.mkfifo(os.path.join(out, "pipe"))
    os.makedirs(os.path.join(out, "folder"))
    os.symlink("pipe", os.path.join(out, "to pipe"))
    feature = os.path.join(work, "f.safetensors")
    assert (
        train(root).returncode == 0
        and run("embed", model, "--image-dir", root, "-o", feature).returncode == 0
    )
    commands = (
        ("train", model, root, "--epochs", "1"),
        ("embed", model, "--image-dir", root),
        ("merge", feature),
        ("onnx", adapter),
        ("preprocess", model, os.path.join(root, "kind 0", "000.png")),
        ("bench", model, root, "--methods", "zero-shot", "--shots", "1", "--seeds", "1"),
    )
    for command in commands:
        for name in ("pipe", "folder", "to pipe", "/dev/null", "/dev/full", "/dev/stdout"):
            before = os.stat(os.path.join(out, name)).st_ino
            result = run(*command, "-o", os.path.join(out, name), timeout=60)
            assert result.returncode == 1 and name in result.stderr, (command, name, result.stderr)
            assert os.stat(os.path.join(out, name)).st_ino == before or name == "/dev/stdout"
        assert sorted(os.listdir(out)) == ["folder", "pipe", "to pipe"], (command, os.listdir(out))
        real, link = os.path.join(out, "folder", "real"), os.path.join(out, "link")
        with open(real, "w") as f:
            f.write("old")
        os.chmod(real, 0o600)
        os.symlink("folder/real", link)
        assert run(*command, "-o", link).returncode == 0, command
        assert (
            os.path.islink(link)
            and open(real, "rb").read() != b"old"
            and os.stat(real).st_mode & 0o777 == 0o600
        ), command
        os.remove(real)
        assert (
            run(*command, "-o", link).returncode == 0
            and os.path.islink(link)
            and os.path.exists(real)
        ), command
        assert sorted(os.listdir(os.path.join(out, "folder"))) == ["real"]
        os.remove(link)
        os.remove(real)
        missing = run(*command, "-o", os.path.join(out, "no folder", "x"))
        assert missing.returncode == 1 and "no folder" in missing.stderr, missing.stderr
    assert not os.path.exists("/dev/null.part") and not os.path.exists("/dev/null.partial")


@test
def a_full_standard_output():
    root = classes(fresh("full"))
    assert train(root).returncode == 0
    picture = os.path.join(root, "kind 0", "000.png")
    for command in (
        ("train", model, root, "--epochs", "1", "-o", adapter, "--json"),
        ("train", model, root, "--epochs", "1", "-o", adapter),
        ("info", model),
        ("info", model, "--json"),
        ("tokenize", model, "x"),
        ("eval", model, adapter, root, "--json"),
        ("predict", model, adapter, picture),
        ("predict", model, adapter, picture, "--json"),
        ("models",),
        ("models", "--json"),
        ("devices",),
        ("snippet", adapter),
        ("--version",),
        ("train", "--help"),
        ("embed", model, "--image", picture, "-o", os.path.join(work, "e.safetensors"), "--json"),
        (
            "bench",
            model,
            root,
            "--methods",
            "zero-shot",
            "--shots",
            "1",
            "--seeds",
            "1",
            "-o",
            os.path.join(work, "b.csv"),
        ),
    ):
        with open("/dev/full", "w") as full:
            result = subprocess.run([cli, *command], stdout=full, stderr=subprocess.PIPE, text=True)
        assert result.returncode == 1 and "standard output" in result.stderr, (
            command,
            result.returncode,
            result.stderr,
        )
    closed = subprocess.run(
        ["sh", "-c", '"$0" info "$1" >&-', cli, model], stderr=subprocess.PIPE, text=True
    )
    assert closed.returncode == 1, closed


run_tests()
finish()
