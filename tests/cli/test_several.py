#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Pictures with any number of labels: every kind of file that says so, and what train, predict,
tag, eval, labels and embed make of it or refuse. TAP.

test_several.py FEWSHOT_CLI GOLDEN_FOLDER"""

import csv
import glob
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import venv_path  # noqa: F401
from program import cli, json_of, model, run, tensors, work
from several_set import (
    classifier,
    counts_of,
    folder,
    names,
    rows,
    split,
    trained,
    usual,
    without,
    write,
)
from tap import Skipped, finish, run_tests, test


def coco():
    boxes = [(i, names.index(k) + 1) for i, (_, has) in enumerate(rows) for k in has for _ in "ab"]
    return json.dumps(
        {
            "images": [{"id": i, "file_name": p} for i, (p, _) in enumerate(rows)],
            "annotations": [
                {"id": n, "image_id": i, "category_id": c, "bbox": [0, 0, 1, 1]}
                for n, (i, c) in enumerate(boxes)
            ],
            "categories": [{"id": c + 1, "name": n} for c, n in enumerate(names)],
        }
    )


FILES = {
    "semicolons.csv": lambda: "path,labels\n" + "".join(f"{p},{';'.join(h)}\n" for p, h in rows),
    "bars.tsv": lambda: "file\ttag\n" + "".join(f"{p}\t{' | '.join(h)}\n" for p, h in rows),
    "headless.csv": lambda: "".join(f"{p},{';'.join(h)}\n" for p, h in rows),
    "rows.csv": lambda: (
        "path,label\n" + "".join(f"{p},{k}\n" for p, h in rows for k in (h or [""]))
    ),
    "flags.csv": lambda: (
        "image,ball,cross,stripes\n"
        + "".join(f"{p},{','.join(str(int(n in h)) for n in names)}\n" for p, h in rows)
    ),
    "flags.tsv": lambda: (
        "image\tsplit\tball\tcross\tstripes\n"
        + "".join(
            f"{p}\ttrain\t" + "\t".join("yes" if n in h else "" for n in names) + "\n"
            for p, h in rows
        )
    ),
    "lines.jsonl": lambda: "".join(
        json.dumps({"file_name": p, "labels": h}) + "\n" for p, h in rows
    ),
    "list.json": lambda: json.dumps([{"path": p, "label": ";".join(h)} for p, h in rows]),
    "map.json": lambda: json.dumps(dict(rows)),
    "coco.json": coco,
}


@test
def files():
    """Each says the same: labels with how many pictures, and pictures without any."""
    for name, make in FILES.items():
        path = write(name, make())
        answer = json_of(run("labels", path, "--labels", "any", "--json"))
        assert answer["classes"] == counts_of(), (name, answer)
        assert answer["images"] == len(rows), (name, answer)
        assert answer["without_label"] == without and answer["left_out"] == 0, (name, answer)
        os.remove(path)


@test
def written_again():
    """labels -o writes what it reads again, and Python's csv reads."""
    again = os.path.join(folder, "again.csv")
    json_of(run("labels", usual(), "--labels", "any", "-o", again, "--json"))
    with open(again, newline="") as f:
        read = [(row["path"], sorted(filter(None, row["labels"].split(";")))) for row in
                csv.DictReader(f)]  # fmt: skip
    assert read == [(p, sorted(h)) for p, h in rows], read[:5]
    answer = json_of(run("labels", again, "--labels", "any", "--json"))
    assert answer["classes"] == counts_of()


@test
def copies_join():
    """A picture that lies in several class folders has all of their labels."""
    classes = os.path.join(work, "folders")
    for p, has in rows:
        for name in has or ["empty"]:
            os.makedirs(os.path.join(classes, name), exist_ok=True)
            shutil.copy(os.path.join(folder, p), os.path.join(classes, name, f"{name} {p}"))
    answer = json_of(run("train", model, classes, "--labels", "any", "--no-test", "-o",
                         os.path.join(work, "joined.safetensors"), "--json"))  # fmt: skip
    assert answer["train_images"] == len(rows), answer
    with_twins = {label["label"]: label["images"] for label in answer["per_label"]}
    assert with_twins == {**counts_of(), "empty": without}, with_twins


@test
def one_class_points_here():
    """Without the option what it does is as before, and it says how these are taken."""
    path = write("two.csv", "path,label\n" + "".join(f"{p},{k}\n" for p, h in rows for k in h))
    several = sum(len(h) > 1 for _, h in rows)
    result = run("labels", path, "--json")
    answer = json_of(result)
    assert answer["images"] == sum(len(h) == 1 for _, h in rows), answer
    assert answer["left_out"] == several
    assert f"{several} of them have several classes: --labels any" in result.stderr, result.stderr
    both = write("both.csv", f"path,label\n{rows[0][0]},ball\n{rows[0][0]},cross\n")
    result = run("labels", both)
    assert result.returncode == 1 and "--labels any" in result.stderr, result.stderr
    result = run("labels", usual())
    assert "looks like several classes: --labels any" in result.stderr, result.stderr


@test
def hostile():
    """A thousand labels a picture, labels twice, a flag that is none: taken, or a sentence."""
    many = [f"k{i}" for i in range(1000)]
    path = write(
        "many.csv",
        "path,labels\n"
        + "".join(
            f"{p},{';'.join(many if i % 2 else many[:1] * 3)}\n" for i, (p, _) in enumerate(rows)
        ),
    )
    answer = json_of(run("labels", path, "--labels", "any", "--json"))
    assert len(answer["classes"]) == 1000 and answer["classes"]["k0"] == len(rows)
    report = json_of(run("train", model, path, "--labels", "any", "-o",
                         os.path.join(work, "many.safetensors"), "--json"))  # fmt: skip
    assert report["classes"] == 1000
    path = write("empty.json", json.dumps([{"path": p, "labels": ["", " ", *h]} for p, h in rows]))
    answer = json_of(run("labels", path, "--labels", "any", "--json"))
    assert answer["classes"] == counts_of() and answer["without_label"] == without, answer
    path = write("bad.csv", f"image,ball,cross\n{rows[0][0]},1,maybe\n")
    result = run("labels", path, "--labels", "any")
    assert result.returncode == 1 and "“maybe”" in result.stderr and "line 2" in result.stderr
    path = write("all.csv", "path,labels\n" + "".join(f"{p},ball\n" for p, _ in rows))
    result = run("train", model, path, "--labels", "any", "-o", os.path.join(work, "x.safetensors"))
    assert result.returncode == 1 and "others have not" in result.stderr, result.stderr
    few = write(
        "few.csv",
        "path,labels\n"
        + "".join(f"{p},{'rare' if i < 2 else ''}\n" for i, (p, _) in enumerate(rows)),
    )
    result = run("train", model, few, "--labels", "any", "--no-test", "-o",
                 os.path.join(work, "few.safetensors"), "--json")  # fmt: skip
    answer = json_of(result)
    assert "too few to choose a threshold" in result.stderr and "“rare”" in result.stderr
    assert answer["per_label"][0]["threshold"] == 0.5


@test
def trained_and_measured():
    """The report counts what eval counts; a test set of the file's own is kept."""
    report = json_of(run("train", model, usual(), "--labels", "any", "--keep-twins", "-o",
                         classifier, "--json"))  # fmt: skip
    assert report["method"] == "one-vs-rest" and report["labels"] == "any"
    assert report["train_images"] + report["test_images"] == len(rows)
    assert abs(report["test_images"] - len(rows) / 5) <= 2, report
    assert report["map"] > report["zero_shot_map"], report
    assert 0 <= report["cross_validated_map"] <= 1
    assert [label["label"] for label in report["per_label"]] == names
    marked = split("split.csv")
    own = os.path.join(work, "own.safetensors")
    report = json_of(run("train", model, marked, "--labels", "any", "--keep-twins", "-o", own,
                         "--json"))  # fmt: skip
    assert report["test_images"] == 20, report
    measured = json_of(run("eval", model, own, marked, "--json"))
    assert measured["images"] == 20
    for key in ("map", "micro_f1", "macro_f1", "exact", "zero_shot_map"):
        assert abs(measured[key] - report[key]) < 1e-6, (key, measured[key], report[key])


@test
def predicted():
    """Text, JSON, lines and CSV name the same labels; a picture with none says so."""
    c = trained()
    pictures = [os.path.join(folder, p) for p, _ in rows]
    table = os.path.join(work, "answers.csv")
    whole = json_of(run("predict", model, c, *pictures, "--json", "--csv", table))
    lines = [json.loads(line) for line in
             run("predict", model, c, *pictures, "--json-lines").stdout.splitlines()]  # fmt: skip
    said = run("predict", model, c, *pictures).stdout.splitlines()
    with open(table, newline="") as f:
        cells = list(csv.DictReader(f))
    thresholds = json_of(run("info", c, "--json"))["thresholds"]
    assert json_of(run("info", c, "--json"))["labels"] == "any"
    none = 0
    for answer, line, text, row in zip(whole["predictions"], lines, said, cells, strict=True):
        has = [a["label"] for a in answer["labels"]]
        p = answer["probabilities"]
        assert set(has) == {n for n, q, t in zip(names, p, thresholds) if q >= t - 1e-9}, answer
        assert has == [a["label"] for a in line["labels"]] and "class" not in line
        assert row["labels"].split(";") == (has or [""]), row
        assert text.split(": ", 1)[1].startswith(f"{has[0]} (" if has else "none of the labels")
        assert [a["probability"] for a in answer["labels"]] == sorted(
            (a["probability"] for a in answer["labels"]), reverse=True
        )
        none += not has
    assert none > 0 and any(";" in row["labels"] for row in cells)


@test
def refusals():
    """What knows one class a picture says so, and writes nothing."""
    c = trained()
    picture = os.path.join(folder, rows[0][0])
    out = os.path.join(work, "out")
    for arguments, word in (
        (("predict", model, c, picture, "--sort", out), "--sort"),
        (("predict", model, c, picture, "--sets"), "--sets"),
        (("predict", model, c, picture, "--reject", "0.1"), "--reject"),
        (("predict", model, c, picture, "--alpha", "0.5"), "--alpha"),
        (("predict", model, c, picture, "--format", "timelapse", "-o", out), "--format coco"),
        (("tag", model, c, folder, "--reject", "0.1"), "--reject"),
        (("train", model, usual(), "--labels", "any", "--alpha", "0.5"), "--labels any"),
        (("train", model, usual(), "--labels", "any", "--epochs", "5"), "--labels any"),
        (("train", model, usual(), "--labels", "two"), "--labels"),
        (("train", model, usual(), "--labels", "any", "--method", "gda"), "any number"),
        (("train", model, usual(), "--method", "one-vs-rest"), "one class each"),
        (("labels", usual(), "--labels", "any", "--format", "yolo", "-o", out), "huggingface"),
        (("bench", model, usual(), "--labels", "any", "--literature", "dtd"), "--literature"),
        (("train", model, usual(), "--report", out), "--labels any"),
        (("bench", model, usual(), "--labels", "any", "--methods", "gda"), "any number"),
        (("merge", c, c, "-o", out), "cannot be joined"),
        (("add", c, usual(), "--model", model, "-o", out), "cannot be joined"),
    ):
        result = run(*arguments, *(("-o", out) if arguments[0] == "train" else ()))
        assert result.returncode in (1, 2) and word in result.stderr, (arguments, result.stderr)
        assert not os.path.exists(out), arguments


@test
def embedded():
    """Pictures with several labels are among those that a file names."""
    out = os.path.join(work, "f.safetensors")
    json_of(run("embed", model, "--image-dir", usual(), "--labels", "any", "-o", out, "--json"))
    _, header = tensors(out)
    assert header["image_features"]["shape"][0] == len(rows)


@test
def tagged():
    """All labels above their thresholds become keywords, and keywords become labels again."""
    if not shutil.which("exiv2"):
        raise Skipped("exiv2 is not there")
    c = trained()
    copy = os.path.join(work, "tagged")
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*.csv", "*.json", "*.tsv"))
    result = run("tag", model, c, copy, "--json", "--root", "")
    if "gexiv2" in result.stderr:
        raise Skipped("built without gexiv2")
    json_of(result)
    answers = json_of(run("predict", model, c, copy, "--json"))["predictions"]
    for answer in answers[:20]:
        sidecar = answer["path"] + ".xmp"
        has = sorted(a["label"] for a in answer["labels"])
        words = []
        if os.path.exists(sidecar):
            read = subprocess.run(["exiv2", "-g", "Xmp.dc.subject", "-Pt", sidecar],
                                  capture_output=True, text=True).stdout  # fmt: skip
            words = sorted(w.strip() for w in read.strip().split(",") if w.strip())
        assert words == has, (answer, words)
    again = json_of(run("labels", copy, "--keywords", ",".join(names), "--labels", "any", "--json"))
    expected = {n: sum(n in [a["label"] for a in x["labels"]] for x in answers) for n in names}
    assert again["classes"] == expected, (again, expected)


@test
def in_parts():
    """Tiles have what they have, the picture what any of its tiles has; lines say which tile."""
    c = trained()
    pictures = [os.path.join(folder, p) for p, _ in rows[:12]]

    def labels_of(*how):
        found = {p: set() for p in pictures}
        for line in run("predict", model, c, *pictures, "--json-lines", *how).stdout.splitlines():
            answer = json.loads(line)
            found[answer["path"]] |= {a["label"] for a in answer["labels"]}
        return found

    joined, each = labels_of("--tiles", "2"), labels_of("--tiles", "2", "--each-tile")
    assert joined == each and any(joined.values()), (joined, each)
    said = run("predict", model, c, pictures[0], "--tiles", "2", "--each-tile").stdout.splitlines()
    assert len(said) == 4 and "[0.5, 0, 0.5, 0.5]" in said[1], said


@test
def watched():
    """A watch writes as keywords what `tag` does: all labels, or none."""
    c = trained()
    path, beside = (os.path.join(work, name) for name in ("watched", "beside"))
    for place in (path, beside):
        os.makedirs(place)
        for p, _ in rows[:20]:
            shutil.copy(os.path.join(folder, p), place)
    result = run("tag", model, c, beside, "--json", "--root", "A")
    if "gexiv2" in result.stderr:
        raise Skipped("built without gexiv2")
    json_of(result)
    process = subprocess.Popen(
        [cli, "predict", "--model", model, c, "--watch", path, "--tags", "A", "--json-lines"],
        stdout=subprocess.PIPE,
        text=True,
    )
    for _ in rows[:20]:
        assert process.stdout.readline()
    process.terminate()
    assert process.wait(timeout=60) == 0
    process.stdout.close()
    words = [
        {
            os.path.basename(f): set(re.findall(r"A\|(\w+)", open(f, encoding="utf-8").read()))
            for f in glob.glob(place + "/*.xmp")
        }
        for place in (path, beside)
    ]
    assert words[0] == words[1] and any(len(w) > 1 for w in words[0].values()), words


run_tests()
finish()
