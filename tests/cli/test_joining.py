#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Classifiers merged, and classes added, beside the same closed forms in NumPy on the features of
all pictures: the whole answers as if it had learned from all of them at once. Prints TAP.

test_joining.py FEWSHOT_CLI GOLDEN_FOLDER"""

import functools
import glob
import hashlib
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from program import dataset, json_of, model, run, tensors, work
from tap import finish, run_tests, test

try:
    import numpy as np
except ImportError as error:
    print(f"1..0 # SKIP {error}: apt-get install python3-numpy")
    sys.exit(0)

data = dataset("all", classes=5, pictures=10)
classes = sorted(os.listdir(data))
SCALE = json_of(run("info", model, "--json"))["logit_scale"]
TIP = "tip-adapter:tau=2,sharpness=4"
PROKER = "proker:sharpness=2,lambda=0.05"
GDA = "gda:a=0.7"


def part(name, kinds):
    path = os.path.join(work, name)
    for kind in kinds:
        for picture in glob.glob(f"{data}/{kind}/*"):
            os.makedirs(f"{path}/{kind}", exist_ok=True)
            shutil.copy(picture, f"{path}/{kind}/")
    return path


first = part("first", classes[:3])
second = part("second", classes[3:])
tested = dataset("tested", classes=5, pictures=4)


def out(name):
    return os.path.join(work, name + ".safetensors")


# The same is asked for again and again: what was computed once is kept, as files and as rows.
@functools.cache
def train(folder, method):
    file = out(f"{os.path.basename(folder)} by {method}")
    json_of(run("train", model, folder, "--method", method, "--no-test", "-o", file, "--json"))
    return file


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


@functools.cache
def features(folder):
    """Unit features by the path below the folder."""
    file = out("features")
    result = run("embed", model, "--image-dir", folder, "-o", file)
    assert result.returncode == 0, result.stderr
    raw, header = tensors(file)
    rows = np.frombuffer(raw["image_features"], "<f4").astype(float)
    rows = rows.reshape(header["image_features"]["shape"])
    names = raw["image_names"].rstrip(b"\0").split(b"\0")
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return dict(zip((n.decode() for n in names), rows, strict=True))


@functools.cache
def texts(names):
    file = out("texts")
    prompts = [f"a photo of a {name}." for name in names]
    assert run("embed", model, "--text", *prompts, "-o", file).returncode == 0
    raw, header = tensors(file)
    rows = np.frombuffer(raw["text_features"], "<f4").astype(float)
    rows = rows.reshape(header["text_features"]["shape"])
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@functools.cache
def learned_rows(folder):
    by_path = features(folder)
    x = np.array(list(by_path.values()))
    y = np.array([classes.index(os.path.dirname(p)) for p in by_path])
    return x, y


def softmax(logits):
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def tip(x, y, t, q):
    return SCALE * q @ t.T + 2 * np.exp(-4 * (1 - q @ x.T)) @ np.eye(len(t))[y]


def proker(x, y, t, q):
    kernel = np.exp(-2 * (1 - x @ x.T))
    a = np.linalg.solve(kernel / 0.05 + np.eye(len(x)), np.eye(len(t))[y] - x @ t.T)
    return SCALE * (q @ t.T + np.exp(-2 * (1 - q @ x.T)) @ a)


def gda(x, y, t, q):
    means = np.array([x[y == c].mean(0) if (y == c).any() else t[c] for c in range(len(t))])
    centred = x - means[y]
    scatter = centred.T @ centred
    d = x.shape[1]
    shrunk = scatter + np.trace(scatter) / (len(x) - 1) * np.eye(d)
    w = d * np.linalg.solve(shrunk, means.T)
    return SCALE * q @ t.T + 0.7 * (q @ w - 0.5 * (means.T * w).sum(0))


def zero_shot(x, y, t, q):
    return SCALE * q @ t.T


FORMS = {"tip": (TIP, tip), "proker": (PROKER, proker), "gda": (GDA, gda)}
FORMS["zero"] = ("zero-shot", zero_shot)


def answers(classifier):
    told = json_of(
        run("predict", "--model", model, classifier, tested, "-r", "--json", "--alpha", "1")
    )
    rows = {os.path.relpath(p["path"], tested): p["probabilities"] for p in told["predictions"]}
    return told["classes"], rows


def assert_like(classifier, form, folder):
    """Probabilities of held-out pictures, to 1e-4."""
    named, rows = answers(classifier)
    assert named == classes, named
    x, y = learned_rows(folder)
    asked = features(tested)
    wanted = softmax(form(x, y, texts(tuple(classes)), np.array([asked[name] for name in rows])))
    error = np.abs(np.array(list(rows.values())) - wanted).max()
    assert error < 1e-4, error


@test
def merged_is_the_union():
    """Two classifiers of other classes: as one that learned from both folders."""
    for name, (method, form) in FORMS.items():
        a, b = train(first, method), train(second, method)
        told = json_of(run("merge", a, b, "-o", out(name + " ab"), "--json"))
        assert told["classes"] == 5 and told["joined"] == 0, told
        assert_like(out(name + " ab"), form, data)
        assert_like(train(data, method), form, data)


@test
def added_is_the_union():
    """Class folders, or one folder that is a class, whose pictures alone are encoded."""
    for name, (method, form) in FORMS.items():
        if name == "zero":
            continue
        base = train(first, method)
        told = json_of(
            run("add", "--model", model, base, second, "-o", out(name + " more"), "--json")
        )
        assert told["added_images"] == 20 and told["classes"] == 5, told
        assert_like(out(name + " more"), form, data)
        one = ("--class", classes[3], "-o", out(name + " one"))
        json_of(run("add", "--model", model, base, f"{second}/{classes[3]}", *one, "--json"))
        two = ("--class", classes[4], "-o", out(name + " two"))
        step = out(name + " one")
        json_of(run("add", "--model", model, step, f"{second}/{classes[4]}", *two, "--json"))
        assert_like(out(name + " two"), form, data)


@test
def same_class_in_both():
    """Refused, or joined: the pictures of both teach it; the same picture in both counts once."""
    low, high = os.path.join(work, "low"), os.path.join(work, "high")
    for kind in classes:
        for i, picture in enumerate(sorted(glob.glob(f"{data}/{kind}/*"))):
            for folder, wanted in (low, i < 6), (high, i >= 6):
                if wanted:
                    os.makedirs(f"{folder}/{kind}", exist_ok=True)
                    shutil.copy(picture, f"{folder}/{kind}/")
    for name, (method, form) in FORMS.items():
        a, b = train(low, method), train(high, method)
        refused = run("merge", a, b, "-o", out("no"))
        assert refused.returncode == 1 and "--join" in refused.stderr, refused.stderr
        assert not os.path.exists(out("no"))
        told = json_of(run("merge", a, b, "--join", "-o", out(name + " joined"), "--json"))
        assert told["classes"] == told["joined"] == 5, told
        assert_like(out(name + " joined"), form, data)
        said = run("merge", a, b, "--join", "-o", out("told")).stdout
        assert ("counts as often" in said) == (name == "gda"), said
    a = train(low, TIP)
    told = json_of(run("merge", a, a, "--join", "-o", out("twice"), "--json"))
    assert told["twins"] == 30, told
    told = json_of(run("add", "--model", model, a, low, "--join", "-o", out("again"), "--json"))
    assert told["twins"] == 30, told
    assert_like(out("again"), tip, low)


@test
def automatic_as_gda():
    """What automatic learned cannot be joined; its files tell what GDA needs."""
    a, b = train(first, "automatic"), train(second, "automatic")
    refused = run("merge", a, b, "-o", out("no"))
    assert refused.returncode == 1 and "--as gda" in refused.stderr, refused.stderr
    whole = ("--as", "gda", "--settings", "a=0.7", "-o", out("auto ab"), "--json")
    told = json_of(run("merge", a, b, *whole))
    assert told["method"] == "gda", told
    assert_like(out("auto ab"), gda, data)
    json_of(run("add", "--model", model, a, second, *whole))
    assert_like(out("auto ab"), gda, data)


@test
def what_does_not_fit():
    """Trained weights, another method, other settings, another model: a sentence, and no file."""
    tip_a, gda_b = train(first, TIP), train(second, GDA)
    other = train(second, "tip-adapter:tau=3,sharpness=4")
    adapter = train(first, "clip-adapter:epochs=2")
    for files, word in (
        ((tip_a, gda_b), "only what one method"),
        ((tip_a, other), "--settings tau=2"),
        ((adapter, adapter), "cannot be joined without its pictures"),
        ((tip_a, os.path.join(work, "nothing")), "nothing"),
    ):
        result = run("merge", *files, "-o", out("no"))
        assert result.returncode == 1 and word in result.stderr, result.stderr
        assert len(result.stderr.splitlines()) == 1 and not os.path.exists(out("no"))
    result = run("add", "--model", model, adapter, second, "-o", out("no"))
    assert result.returncode == 1 and "Train on all of them" in result.stderr, result.stderr
    json_of(run("merge", tip_a, other, "--settings", "tau=2", "-o", out("set"), "--json"))
    assert_like(out("set"), tip, data)
    with open(tip_a, "rb") as f:
        bytes_of = f.read()
    stranger = out("stranger")
    sums = json_of(run("info", tip_a, "--json"))["backbone_sha256"]
    with open(stranger, "wb") as f:
        f.write(bytes_of.replace(sums.encode(), b"0" * 64))
    result = run("merge", tip_a, stranger, "-o", out("no"))
    assert result.returncode == 1 and "different models" in result.stderr, result.stderr
    for wrong in (("--settings", "tau=x"), ("--as", "coop"), ("--settings", "lambda=0")):
        result = run("merge", tip_a, tip_a, *wrong, "-o", out("no"))
        assert result.returncode == 2, result.stderr


@test
def ancestry():
    """The file tells its parents; what held for the parts alone is not in it; it can go on."""
    a, b = train(first, GDA), train(second, GDA)
    json_of(run("merge", a, b, "-o", out("child"), "--json"))
    told = json_of(run("info", out("child"), "--json"))
    assert told["made"] == "merged" and told["parents"] == [sha256(a), sha256(b)], told
    assert told["classes"] == classes and told["accuracy"] is None and told["trained"], told
    words = run("info", out("child")).stdout
    assert sha256(a) in words and sha256(b) in words and "merged" in words, words
    _, header = tensors(out("child"))
    assert "reject" not in header["__metadata__"] and "trust" not in header
    third = dataset("third", classes=6, pictures=3)
    last = ("--class", "kind 5", "-o", out("grandchild"), "--json")
    json_of(run("add", "--model", model, out("child"), f"{third}/kind 5", *last))
    told = json_of(run("info", out("grandchild"), "--json"))
    assert told["made"] == "added" and told["parents"] == [sha256(out("child"))], told
    trained = json_of(run("info", a, "--json"))
    assert trained["made"] == "trained" and trained["parents"] == [], trained
    assert json.loads(run("info", model, "--json").stdout)["dim"] > 0


run_tests()
finish()
