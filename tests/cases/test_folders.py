#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Folders as people have them, through fewshot-cli: what is a class, what is a picture, what is
said aloud. Prints TAP.

    test_folders.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import json
import os
import random
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from drawn import png, striped_folder
from people import (
    adapter,
    answer,
    bench,
    classes,
    cli,
    embed,
    fresh,
    golden,
    model,
    run,
    train,
    work,
)
from tap import finish, run_tests, test


@test
def splits_by_any_name():
    for number, (names, counts) in enumerate(
        [
            (("train", "valid"), (6, 6, 0)),
            (("train", "validation"), (6, 6, 0)),
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
            compared = bench(os.path.join(work, "b.json"), root)
            assert compared.returncode == 0 and json.load(open(os.path.join(work, "b.json")))[
                "runs"
            ][0]["test_pictures"] == 3 * (counts[2] or counts[1]), compared.stderr
            measured = run("eval", model, adapter, root, "--json")
            assert answer(measured)["images"] == 3 * (counts[2] or counts[1])
            assert ("no test pictures" in measured.stderr) == (counts[2] == 0), measured.stderr


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

        def command(*a):
            arguments = [*user, cli, *a]
            return subprocess.run(arguments, capture_output=True, text=True, env=environment)

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
    result = bench(out, root)
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


run_tests()
finish()
