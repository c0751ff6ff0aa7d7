#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Labelled pictures for other programs: `labels --format`. Beside datasets, where Python has it.
Prints TAP.

test_labelled.py FEWSHOT_CLI GOLDEN_FOLDER"""

import csv
import glob
import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import venv_path  # noqa: F401
from program import dataset, json_of, run, work
from tap import finish, need, run_tests, test

data = dataset("plain")
classes = sorted(os.listdir(data))


def split_set(name):
    path = os.path.join(work, name)
    for part, first, last in ("train", 0, 8), ("val", 8, 10), ("test", 10, 12):
        for kind in classes:
            os.makedirs(f"{path}/{part}/{kind}")
            for i in range(first, last):
                shutil.copy(f"{data}/{kind}/{i:03}.png", f"{path}/{part}/{kind}/")
    return path


@test
def yolo():
    """Folders of class folders; the split that there is, or one that is drawn; links."""
    split, out = split_set("s"), os.path.join(work, "yolo")
    result = run("labels", split, "--format", "yolo", "-o", out)
    assert result.returncode == 0 and "36 copied, 0 were there" in result.stderr, result.stderr
    for part, n in ("train", 8), ("val", 2), ("test", 2):
        for kind in classes:
            assert len(os.listdir(f"{out}/{part}/{kind}")) == n
    again = run("labels", split, "--format", "yolo", "-o", out)
    assert "0 copied, 36 were there already" in again.stderr, again.stderr
    os.rename(f"{split}/test/{classes[0]}/010.png", f"{split}/train/{classes[0]}/010.png")
    other = run("labels", split, "--format", "yolo", "-o", out)
    assert other.returncode == 1 and "from another split" in other.stderr, other.stderr
    linked = os.path.join(work, "linked")
    result = run("labels", data, "--format", "yolo", "--link", "-o", linked)
    assert "was drawn" in result.stderr and "36 linked" in result.stderr, result.stderr
    files = glob.glob(linked + "/*/*/*")
    assert len(files) == 36 and all(os.path.islink(f) and os.path.exists(f) for f in files)
    assert {f.split("/")[-3] for f in files} == {"train", "val", "test"}


@test
def namesakes_of_another_split():
    """Two pictures of a name in one class: the second has a numbered copy, and is found by it where
    it was for training before and is for testing now."""
    root, out = os.path.join(work, "namesakes"), os.path.join(work, "namesakes-yolo")
    names = [f"{where}/leaf.png" for where in "abcd"]
    for i, name in enumerate(names):
        os.makedirs(os.path.dirname(f"{root}/{name}"))
        shutil.copy(f"{data}/{classes[i % 2]}/{i:03}.png", f"{root}/{name}")

    def table_of(*roles):
        with open(f"{root}/labels.csv", "w", encoding="utf-8") as f:
            f.write("path,label,split\n")
            f.writelines(f"{n},{'xy'[i // 2]},{r}\n" for i, (n, r) in enumerate(zip(names, roles)))
        return run("labels", f"{root}/labels.csv", "--format", "yolo", "-o", out)

    result = table_of("train", "train", "train", "test")
    assert result.returncode == 0, result.stderr
    assert sorted(os.listdir(f"{out}/train/x")) == ["leaf (2).png", "leaf.png"]
    result = table_of("train", "test", "train", "test")
    assert result.returncode == 1, result.stderr
    assert "leaf (2).png is there from another split" in result.stderr, result.stderr
    assert not os.path.exists(f"{out}/test/x/leaf.png")


@test
def hugging_face():
    """Pictures beside metadata.csv, a card whose head says which classes there are."""
    split, out = split_set("h"), os.path.join(work, "hf")
    result = run("labels", split, "--format", "huggingface", "-o", out)
    assert result.returncode == 0, result.stderr
    for part, n in ("train", 24), ("validation", 6), ("test", 6):
        with open(f"{out}/{part}/metadata.csv", encoding="utf-8", newline="") as f:
            rows = list(csv.DictReader(f))
        assert len(rows) == n
        for row in rows:
            assert os.path.isfile(f"{out}/{part}/{row['file_name']}")
            assert row["label"] == os.path.dirname(row["file_name"])
    with open(out + "/README.md", encoding="utf-8") as f:
        card = f.read()
    assert all(f"'{i}': \"{kind}\"" in card for i, kind in enumerate(classes)), card
    assert "licence" in card and "36 pictures of 3 classes" in card
    assert json_of(run("labels", out + "/train/metadata.csv", "--json"))["images"] == 24
    os.environ["HF_DATASETS_CACHE"] = os.path.join(work, "hf-cache")
    read = need("datasets").load_dataset(out)
    assert {k: len(v) for k, v in read.items()} == {"train": 24, "validation": 6, "test": 6}
    names = read["train"].features["label"].names
    assert names == classes, read["train"].features
    row = read["test"][0]
    assert row["image"].size == (24, 24) and 0 <= row["label"] < 3


@test
def hugging_face_beside_others():
    """Somebody's README stays, and nothing is copied beside it; our own is written anew, and kept
    beside where somebody has completed it."""
    out = os.path.join(work, "hf-taken")
    os.mkdir(out)
    with open(out + "/README.md", "w", encoding="utf-8") as f:
        f.write("# Mine\n")
    result = run("labels", data, "--format", "huggingface", "-o", out)
    assert result.returncode == 1 and "not from Fewshot" in result.stderr, result.stderr
    with open(out + "/README.md", encoding="utf-8") as f:
        assert f.read() == "# Mine\n"
    assert os.listdir(out) == ["README.md"]
    os.remove(out + "/README.md")
    for _ in range(2):
        result = run("labels", data, "--format", "huggingface", "-o", out)
        assert result.returncode == 0 and "card" not in result.stderr, result.stderr
    with open(out + "/README.md", encoding="utf-8") as f:
        card = f.read()
    with open(out + "/README.md", "a", encoding="utf-8") as f:
        f.write("Taken by me, CC0.\n")
    result = run("labels", data, "--format", "huggingface", "-o", out)
    assert result.returncode == 0 and "is README.md~ now" in result.stderr, result.stderr
    with open(out + "/README.md~", encoding="utf-8") as f:
        assert f.read() == card + "Taken by me, CC0.\n"
    with open(out + "/README.md", encoding="utf-8") as f:
        assert f.read() == card


@test
def a_card_that_was_kept_stays():
    """Whatever is kept after it; nothing is kept twice, and what is told is its true name."""
    split, out = split_set("hf-kept"), os.path.join(work, "hf-kept-set")
    taken, away = f"{split}/train/{classes[0]}/000.png", os.path.join(work, "away.png")
    said = []
    for i in range(6):
        if i > 0:
            os.rename(*((taken, away) if i % 2 else (away, taken)))
        result = run("labels", split, "--format", "huggingface", "-o", out)
        assert result.returncode == 0, result.stderr
        said += re.findall(r"card that was there is (\S+) now", result.stderr)
        if i == 0:
            with open(out + "/README.md", "a", encoding="utf-8") as f:
                f.write("Taken by me, CC0.\n")
    assert said == ["README.md~", "README.md~2", "README.md~3", "README.md~2", "README.md~3"], said
    with open(out + "/README.md~", encoding="utf-8") as f:
        assert f.read().endswith("Taken by me, CC0.\n")
    assert len(glob.glob(out + "/README.md*")) == 4


@test
def a_name_that_no_table_can_tell():
    """Is refused before anything is copied; folders without a table take it."""
    split, out = split_set("latin"), os.path.join(work, "latin-set")
    where = f"{split}/test/{classes[0]}/".encode()
    try:
        os.rename(where + b"010.png", where + b"\xe4.png")
    except OSError:
        print("# this file system has names in UTF-8 alone")
        return
    result = run("labels", split, "--format", "huggingface", "-o", out)
    assert result.returncode == 1 and "\\xE4.png is not in UTF-8" in result.stderr, result.stderr
    assert not os.path.exists(out)
    result = run("labels", split, "--format", "yolo", "-o", out)
    assert result.returncode == 0 and "36 copied" in result.stderr, result.stderr


@test
def labels_as_coco():
    """The same pictures and classes, read back."""
    out = os.path.join(data, "..", "labels.json")
    result = run("labels", data, "--format", "coco", "-o", out)
    assert result.returncode == 0 and "36 named" in result.stderr, result.stderr
    assert "whole path" not in result.stderr, result.stderr
    assert json_of(run("labels", out, "--json"))["classes"] == dict.fromkeys(classes, 12)
    os.mkdir(os.path.join(work, "beside"))
    elsewhere = os.path.join(work, "beside", "labels.json")
    result = run("labels", data, "--format", "coco", "-o", elsewhere)
    assert "36 are named by their whole path" in result.stderr, result.stderr
    for wrong in (("--format", "x", "-o", out), ("--format", "yolo"), ("--link",)):
        assert run("labels", data, *wrong).returncode == 2


run_tests()
finish()
