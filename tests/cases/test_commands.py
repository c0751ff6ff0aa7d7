#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Lists of names, numbers, outputs and command lines as people have them, and runs that were
stopped. Prints TAP.

    test_commands.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from drawn import png
from people import (
    adapter,
    answer,
    bench,
    classes,
    cli,
    fresh,
    golden,
    model,
    names_of,
    run,
    train,
    work,
)
from tap import finish, run_tests, test


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
                "--keep-twins",
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
    done = bench(out, root, "--train-list", train_list, "--test-list", test_list)
    assert done.returncode == 0 and json.load(open(out))["runs"][0]["test_pictures"] == 6, (
        done.stderr
    )
    prompts = os.path.join(work, "prompts.json")
    with open(prompts, "wb") as f:
        f.write(b"\xef\xbb\xbf" + json.dumps({"n01": "a drawing of a {}."}).encode())
    done = bench(out, root, "--class-prompts", prompts)
    assert done.returncode == 0, done.stderr


@test
def prompts_that_are_alike():
    long = (
        "a very long description of a bird of prey with brown wings and a white tail flying over "
        "water seen from "
    )
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
            bench(out, root),
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
    result = bench(out, root)
    assert (
        result.returncode == 1
        and "no test pictures" in result.stderr
        and "nan" not in result.stdout
        and not os.path.exists(out)
    ), result.stderr


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


@test
def git_lfs_pointers():
    """What a clone without git-lfs holds, in the place of any file that is read."""
    root = classes(fresh("pointers"))
    assert train(root).returncode == 0
    out = os.path.join(work, "l.safetensors")

    def pointer(path, version="https://git-lfs.github.com/spec/v1", end="\n"):
        with open(path, "w", newline="") as f:
            f.write(f"version {version}{end}oid sha256:{'5a' * 32}{end}size 605157884{end}")
        return path

    def named(path, *command):
        done = run(*command)
        told = done.stderr
        assert done.returncode == 1 and path in told and "Git LFS pointer" in told, (path, told)
        assert "605 MB" in told and "git lfs pull" in told, told

    for kind in ("vit", "hf"):
        for name in os.listdir(os.path.join(golden, kind)):
            copy = os.path.join(fresh("clone"), kind)
            shutil.copytree(os.path.join(golden, kind), copy)
            named(pointer(os.path.join(copy, name)), "embed", copy, "--text", "x", "-o", out)
    for name in ("model.pt", "pytorch_model.bin", "model.safetensors.index.json"):
        copy = os.path.join(fresh("clone"), "vit")
        shutil.copytree(model, copy)
        os.remove(os.path.join(copy, "open_clip_model.safetensors"))
        path = pointer(os.path.join(copy, name), end="\r\n")
        named(path, "info", copy)
    hawser = pointer(os.path.join(work, "h.safetensors"), "https://hawser.github.com/spec/v1")
    picture = pointer(os.path.join(work, "p.jpg"))
    listed = pointer(os.path.join(work, "names.txt"))
    named(hawser, "predict", model, hawser, os.path.join(root, "kind 0", "000.png"))
    named(picture, "predict", model, adapter, picture)
    named(picture, "embed", model, "--image", picture, "-o", out)
    named(listed, "bench", model, root, "--class-names", listed, "-o", out)
    named(listed, "bench", model, root, "--class-prompts", listed, "-o", out)
    named(listed, "bench", model, "--split", listed, "--images", root, "-o", out)
    named(hawser, "merge", hawser, "-o", out)
    pointer(os.path.join(root, "kind 1", "000.png"))
    result = train(root)
    assert answer(result)["refused"] == 1 and "Git LFS pointer" in result.stderr, result.stderr


run_tests()
finish()
