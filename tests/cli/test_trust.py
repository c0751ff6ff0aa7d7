#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`fewshot-cli`: what may be believed of answers. Calibration, answer sets, negatives. Prints TAP.

test_trust.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import csv
import json
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from drawn import png
from program import dataset, json_of, model, run, work
from tap import finish, run_tests, test

data = dataset("plain", pictures=20)
plain = os.path.join(work, "plain.safetensors")
warned = os.path.join(work, "warned.safetensors")
strange = os.path.join(work, "strange")


def draw_negatives():
    """Noise, each of its own two colours."""
    rng = random.Random(3)
    os.makedirs(strange, exist_ok=True)
    for i in range(16):
        pair = [[rng.randrange(256) for _ in range(3)] for _ in range(2)]
        rows = [[pair[rng.randrange(2)] for _ in range(24)] for _ in range(24)]
        png(os.path.join(strange, f"{i:02}.png"), rows)


def predictions(classifier, *arguments):
    result = run("predict", "--model", model, classifier, *arguments, "--json-lines")
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@test
def train_tells():
    draw_negatives()
    told = json_of(run("train", model, data, "-o", plain, "--json"))
    assert told["cross_validated_images"] == told["train_images"], told
    low, high = told["cross_validated_accuracy_low"], told["cross_validated_accuracy_high"]
    assert 0 < low <= told["cross_validated_accuracy"] <= high <= 1
    assert told["calibration_error"] < told["zero_shot_calibration_error"]
    assert 1 <= told["answer_set_size"] <= 3 and told["negatives"] == 0
    told = json_of(run("train", model, data, "--negatives", strange, "-o", warned, "--json"))
    assert told["negatives"] == 16 and told["negatives_refused"] >= 0.4, told
    lines = run("train", model, data, "--negatives", strange, "-o", warned).stdout
    assert "expected calibration error" in lines and "16 negatives" in lines, lines


@test
def answer_sets():
    """The class is among them for nine of ten pictures; the likeliest stands first; words, JSON and
    CSV say the same."""
    table = os.path.join(work, "sets.csv")
    answers = predictions(plain, data, "-r", "--sets", "--csv", table)
    held = [os.path.basename(os.path.dirname(a["path"])) in a["set"] for a in answers]
    assert sum(held) >= 0.9 * len(held), held
    assert all(a["set"][0] == a["class"] for a in answers)
    with open(table, newline="") as f:
        assert [r["set"].split(", ") for r in csv.DictReader(f)] == [a["set"] for a in answers]
    words = run("predict", "--model", model, plain, data, "-r", "--sets").stdout.splitlines()
    for line, a in zip(words, answers, strict=True):
        told = "one of: " + ", ".join(a["set"]) if len(a["set"]) > 1 else "no other than"
        assert told in line, (line, a)


@test
def none_of_these():
    """About the share that was asked for, of the own pictures; what negatives taught besides."""
    for classifier in plain, warned:
        own = predictions(classifier, data, "-r", "--reject", "0.1")
        assert sum(a["refused"] for a in own) <= 0.2 * len(own)
        assert not any(a["refused"] for a in predictions(classifier, data, "-r", "--reject", "0"))
    draws = []
    for classifier in plain, warned:
        answers = predictions(classifier, strange, "--reject", "0.1")
        draws.append(sum(a["refused"] for a in answers))
    assert draws[1] >= draws[0] >= 12, draws


@test
def what_is_not_known():
    """Another α, another method, too few pictures: a sentence each."""
    picture = os.path.join(strange, "00.png")
    other = run("predict", "--model", model, plain, picture, "--sets", "--alpha", "0.1")
    assert other.returncode == 2 and "own α" in other.stderr, other.stderr
    out = os.path.join(work, "gda.safetensors")
    json_of(run("train", model, data, "--method", "gda:a=1", "-o", out, "--json"))
    other = run("predict", "--model", model, out, picture, "--sets")
    assert other.returncode == 1 and "Train it again" in other.stderr, other.stderr
    few = dataset("few", pictures=2)
    told = json_of(run("train", model, few, "-o", out, "--json"))
    assert told["answer_level"] == 0 and told["answer_set_size"] is None, told
    other = run("predict", "--model", model, out, picture, "--sets")
    assert other.returncode == 1 and "too few" in other.stderr, other.stderr
    empty = os.path.join(work, "empty")
    os.makedirs(empty)
    other = run("train", model, data, "--negatives", empty, "-o", out)
    assert other.returncode == 1 and "no picture" in other.stderr, other.stderr


@test
def check_finds_flipped():
    """Labels that were swapped lead the list with their own class as suggestion; lines, JSON, lines
    of JSON and CSV say the same."""
    mixed = dataset("mixed", pictures=20)
    swapped = {}
    for i, (wrong, right) in enumerate((("kind 0", "kind 1"), ("kind 2", "kind 0"))):
        path = os.path.join(mixed, wrong, f"swapped{i}.png")
        os.rename(os.path.join(mixed, right, f"00{i}.png"), path)
        swapped[path] = right
    told = json_of(run("check", model, mixed, "--json"))
    first = told["doubts"][: len(swapped)]
    assert {d["path"]: d["suggested"] for d in first} == swapped, first
    assert all(d["p_class"] < d["p_suggested"] for d in told["doubts"])
    table = os.path.join(work, "doubts.csv")
    lines = run("check", model, mixed, "--json-lines", "--csv", table).stdout.splitlines()
    assert [json.loads(line) for line in lines] == told["doubts"]
    with open(table, newline="") as f:
        assert [r["path"] for r in csv.DictReader(f)] == [d["path"] for d in told["doubts"]]
    words = run("check", model, mixed, "--most", "1").stdout
    assert words.count("looks like") == 1 and first[0]["suggested"] in words, words
    assert run("check", model, mixed, "--most", "-1").returncode == 2


@test
def check_learns_from_no_test():
    """Test pictures are looked at, and what is said of the others owes nothing to them."""
    split = os.path.join(work, "split")
    for part, first, last in ("train", 0, 14), ("test", 14, 20):
        for kind in sorted(os.listdir(data)):
            os.makedirs(os.path.join(split, part, kind))
            for name in sorted(os.listdir(os.path.join(data, kind)))[first:last]:
                os.symlink(os.path.join(data, kind, name), os.path.join(split, part, kind, name))

    def flip(part, name, wrong, right):
        path = os.path.join(split, part, wrong, "swapped.png")
        os.rename(os.path.join(split, part, right, name), path)
        return path

    def doubts():
        told = json_of(run("check", model, split, "--json"))["doubts"]
        return {d["path"]: (d["suggested"], d["p_class"]) for d in told}

    learned = flip("train", "003.png", "kind 0", "kind 1")
    before = doubts()
    assert before[learned][0] == "kind 1", before
    tested = flip("test", "016.png", "kind 2", "kind 0")
    after = doubts()
    assert after.pop(tested)[0] == "kind 0", after
    parts = (os.path.join(split, "train"), os.path.join(split, "test"))
    mine = [{p: v for p, v in d.items() if p.startswith(parts[0])} for d in (before, after)]
    assert mine[0] == mine[1], mine


@test
def label_next_spreads():
    """Without labels, pictures of every kind; with them, pictures of the kinds that have none."""
    pile = os.path.join(work, "pile")
    os.makedirs(pile)
    for kind in sorted(os.listdir(data)):
        for name in sorted(os.listdir(os.path.join(data, kind)))[:9]:
            source = os.path.join(data, kind, name)
            os.symlink(source, os.path.join(pile, f"{kind}-{name}"))
    told = json_of(run("label-next", model, pile, "--most", "6", "--json"))
    kinds = {os.path.basename(p).split("-")[0] for p in told["next"]}
    assert len(told["next"]) == 6 and kinds == set(os.listdir(data)), told
    assert run("label-next", model, pile, "--most", "6").stdout.splitlines() == told["next"]
    some = dataset("some", classes=2, pictures=4)
    after = json_of(run("label-next", model, pile, "--labelled", some, "--most", "6", "--json"))
    assert after["labelled_images"] == 8 and "kind 2" in " ".join(after["next"]), after
    every = json_of(run("label-next", model, pile, "--labelled", data, "--json"))
    assert len(every["next"]) == 10 and len(set(every["next"])) == 10
    parts = {part: os.path.join(work, "split", part) for part in ("", "train")}
    chosen = [
        json_of(run("label-next", model, pile, "--labelled", p, "--json")) for p in parts.values()
    ]
    assert chosen[0] == chosen[1] and chosen[0]["labelled_images"] == 42, chosen  # no test picture


run_tests()
finish()
