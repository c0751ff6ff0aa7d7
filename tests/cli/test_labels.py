#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Files of labels and keywords in pictures, as `labels`, `train`, `bench` and `embed` take them:
beside the csv module, json and pandas where it is there; hostile paths and broken files. TAP.

test_labels.py FEWSHOT_CLI GOLDEN_FOLDER"""

import csv
import glob
import json
import os
import random
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import venv_path  # noqa: F401
from program import dataset, json_of, model, run, tensors, work
from tap import finish, need, run_tests, test

data = dataset("plain")
classes = sorted(os.listdir(data))
pictures = sorted(glob.glob(data + "/*/*"))


def folder(name):
    path = os.path.join(work, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def copies(path, n=6):
    """(name below path, its class) of pictures of every class."""
    made = []
    for kind in classes:
        for picture in sorted(glob.glob(f"{data}/{kind}/*"))[:n]:
            name = f"{kind} {os.path.basename(picture)}"
            shutil.copy(picture, os.path.join(path, name))
            made.append((name, kind))
    return made


def write(path, text, **how):
    with open(path, "w", encoding="utf-8", newline="", **how) as f:
        f.write(text)
    return path


def labels(*arguments):
    """(answer, what was said)"""
    result = run("labels", *arguments, "--json")
    return json_of(result), result.stderr


def refused(path, word, command=("labels",)):
    result = run(*command, path)
    assert result.returncode == 1, (path, result.stdout, result.stderr)
    assert word in result.stderr and len(result.stderr.splitlines()) == 1, (word, result.stderr)


def expected(rows):
    counts = {}
    for _, kind in rows:
        counts[kind] = counts.get(kind, 0) + 1
    return counts


@test
def csv_as_python_reads_it():
    """Delimiters, quotes, line ends, orders of columns; the same pictures as the csv module."""
    path = folder("csv")
    rows = copies(path)
    tricky = [(f'odd "{i}", name;\t{i}.png', 'a, "b"\n|c') for i in range(3)]
    for name, _ in tricky:
        shutil.copy(pictures[0], os.path.join(path, name))
    for delimiter in ",\t;|":
        for end in ("\n", "\r\n", "\r"):
            for head in (
                ("path", "label"),
                ("Class-Name", "image path"),
                ("x", "file", "y", "tag"),
            ):
                file = os.path.join(path, "labels.csv")
                with open(file, "w", encoding="utf-8", newline="") as f:
                    out = csv.writer(f, delimiter=delimiter, lineterminator=end)
                    out.writerow(head)
                    for name, kind in rows + tricky:
                        values = {"path": name, "image path": name, "file": name}
                        values |= {"label": kind, "Class-Name": kind, "tag": kind}
                        # y ranks lowest of the names of classes
                        out.writerow([values.get(h, "0") for h in head])
                with open(file, encoding="utf-8", newline="") as f:
                    read = list(csv.reader(f, delimiter=delimiter))[1:]
                assert len(read) == len(rows) + 3
                answer, said = labels(file)
                assert answer["images"] == len(rows) + 3 and answer["left_out"] == 0, said
                assert answer["classes"] == expected(rows + tricky), (delimiter, end, head)
    frame = need("pandas").DataFrame(rows, columns=["file_name", "label"])
    frame.to_csv(os.path.join(path, "p.csv"), index=False)
    frame.to_json(os.path.join(path, "p.jsonl"), orient="records", lines=True)
    for name in ("p.csv", "p.jsonl"):
        assert (
            labels(os.path.join(path, name))[0]["classes"] == frame.label.value_counts().to_dict()
        )


@test
def without_a_header():
    """Two columns, whichever is the picture; ids without an ending; a byte order mark."""
    path = folder("bare")
    rows = copies(path, 3)
    for swap in (False, True):
        lines = [",".join(reversed(row) if swap else row) for row in rows]
        file = write(path + "/l.csv", "\ufeff" + "\n".join(lines))
        assert labels(file)[0]["classes"] == expected(rows)
    lines = ["id_code,diagnosis,label"] + [f"{os.path.splitext(n)[0]},9,{k}" for n, k in rows]
    assert labels(write(path + "/l.csv", "\n".join(lines)))[0]["classes"] == expected(rows)
    refused(write(path + "/l.csv", "a,b,c\nx,y,z\n"), "which column")
    refused(write(path + "/l.csv", "just words\n"), "which column")
    refused(write(path + "/l.csv", ""), "which column")


@test
def roles():
    """A column for what a picture is for; the test pictures are those of the report."""
    path = folder("roles")
    rows = copies(path, 12)
    words = ["train"] * 8 + ["val"] * 2 + ["Testing"] * 2
    lines = ["split,path,label"]
    lines += [f"{words[i % 12]},{name},{kind}" for i, (name, kind) in enumerate(rows)]
    file = write(path + "/l.csv", "\n".join(lines))
    answer, _ = labels(file)
    n = len(rows) // 12
    assert (answer["train"], answer["validation"], answer["test"]) == (8 * n, 2 * n, 2 * n)
    out = os.path.join(path, "c.safetensors")
    learned = json_of(run("train", model, file, "--method", "gda", "-o", out, "--json"))
    assert learned["test_images"] == 2 * n, learned
    answer, said = labels(write(path + "/l.csv", "\n".join([*lines, f"attic,{rows[0][0]},x"])))
    assert answer["left_out"] == 1 and "attic" in said


@test
def json_kinds():
    """Lists, lines, pictures and their classes, COCO as its own definition says, CoOp's split."""
    path = folder("json")
    os.makedirs(path + "/images")
    rows = copies(path + "/images")
    kinds = {
        "l.json": [{"file_name": n, "label": k} for n, k in rows],
        "m.json": dict(rows),
        "s.json": {
            "train": [[n, classes.index(k), k] for n, k in rows[::2]],
            "val": [],
            "test": [[n, classes.index(k), k] for n, k in rows[1::2]],
        },
    }
    for name, content in kinds.items():
        answer, said = labels(write(f"{path}/{name}", json.dumps(content, indent=1)))
        assert answer["classes"] == expected(rows) and not answer["left_out"], (name, said)
    lines = "\n".join(json.dumps({"file_name": n, "label": k}) for n, k in rows)
    for name in ("l.jsonl", "named-otherwise.json"):
        assert labels(write(f"{path}/{name}", lines))[0]["classes"] == expected(rows)
    rng = random.Random(1)
    ids = {n: rng.randrange(10**9) for n, _ in rows}
    several, none = rows[0][0], rows[1][0]
    coco = {
        "info": {},
        "images": [{"id": ids[n], "file_name": n, "width": 9} for n, _ in rows],
        "categories": [{"id": 10 * i + 7, "name": k} for i, k in enumerate(classes)],
        "annotations": [
            {"id": i, "image_id": ids[n], "category_id": 10 * classes.index(k) + 7, "bbox": [0] * 4}
            for i, (n, k) in enumerate(rows * 2)
            if n != none
        ],
    }
    coco["annotations"].append({"id": 999, "image_id": ids[several], "category_id": 17})
    by_picture = {}
    for annotation in coco["annotations"]:
        by_picture.setdefault(annotation["image_id"], set()).add(annotation["category_id"])
    names = {c["id"]: c["name"] for c in coco["categories"]}
    whole = [
        (n, names[min(by_picture[ids[n]])]) for n, _ in rows if len(by_picture.get(ids[n], ())) == 1
    ]
    answer, said = labels(write(path + "/coco.json", json.dumps(coco) + "\n"))  # as jq writes it
    assert answer["classes"] == expected(whole) and answer["left_out"] == len(rows) - len(whole)
    assert f"{several} has annotations of several" in said and f"{none} has no annotation" in said
    for wrong in (
        {"images": [{}], "annotations": [], "categories": []},
        {"images": [], "annotations": [{"image_id": 1, "category_id": 9}], "categories": []},
        {"images": [], "annotations": [], "categories": [3]},
    ):
        refused(write(path + "/w.json", json.dumps(wrong)), "COCO")
    refused(write(path + "/w.json", json.dumps({"train": [["a", "b"]]})), "split file")
    refused(write(path + "/w.json", '{"a.png": 1.5}'), "no labels that are known")
    refused(write(path + "/w.json", "[1, 2]"), "something else than objects")


@test
def hostile_paths():
    """Nothing outside the file's folder, and regular pictures alone; each with its sentence."""
    path = folder("hostile")
    os.makedirs(path + "/in")
    rows = copies(path + "/in", 2)
    shutil.copy(pictures[0], path + "/secret.png")
    os.mkfifo(path + "/in/pipe.png")
    os.makedirs(path + "/in/folder.png")
    write(path + "/in/words.txt", "no picture")
    bad = {
        "../secret.png": "outside",
        path + "/secret.png": "outside",
        "/etc/passwd": "outside",
        "x/../../secret.png": "outside",
        "..\\secret.png": "outside",
        "gone.png": "not there",
        "pipe.png": "not a picture",
        "folder.png": "not a picture",
        "words.txt": "not a picture",
        "https://example.org/a.png": "not there",
        "": "outside",
        "\x1b]0;x\x07.png": "not there",
    }
    lines = ["path,label"] + [f"{n},{k}" for n, k in rows] + [f"{n},bad" for n in bad]
    answer, said = labels(write(path + "/in/l.csv", "\n".join(lines)))
    assert answer["classes"] == expected(rows) and answer["left_out"] == len(bad), answer
    assert "\x1b" not in said
    for name, word in bad.items():
        if name.isprintable():
            assert any(name in line and word in line for line in said.splitlines()), (name, said)
    # an absolute path to what is in the folder, and one with dots, are the same pictures
    lines = ["path,label"] + [f"{path}/in/./{n},{k}" for n, k in rows]
    assert labels(write(path + "/in/l.csv", "\n".join(lines)))[0]["classes"] == expected(rows)
    twice = [f"{rows[0][0]},other", f"{rows[1][0]},{rows[1][1]}", f"./{rows[1][0]},{rows[1][1]}"]
    answer, said = labels(write(path + "/in/l.csv", "\n".join(lines + twice)))
    assert answer["left_out"] == 1 and "several classes" in said
    assert answer["images"] == len(rows) - 1
    refused(write(path + "/in/l.csv", "path,label\n../secret.png,x\n"), "outside")


@test
def broken_files():
    """A sentence each, from every command, and nothing is written."""
    path = folder("broken")
    rows = copies(path, 2)
    good = "path,label\n" + "\n".join(f"{n},{k}" for n, k in rows)
    texts = {
        "open.csv": (good + '\n"never closed,x\n', "never closed"),
        "middle.csv": (good + '\na"b.png,x\n', "middle of a field"),
        "behind.csv": (good + '\n"a"b.png,x\n', "behind the quote"),
        "wide.csv": (good + "\n" + "," * 5000, "too many fields"),
        "long.csv": (good + "\n" + "a" * 70000 + ",x", "too long"),
        "cut.json": ('{"a.png": ', "not valid JSON"),
        "deep.json": ("[" * 5000, "nested"),
        "cut.jsonl": ('{"path":"a.png","label":"x"}\n{"path"', "cut.jsonl:2"),
        "head.csv": ("path,label\n", "head.csv names no picture.\n"),
        "none.jsonl": ('{"label":"x"}\n', "names no picture"),
    }
    for name, (text, word) in texts.items():
        refused(write(f"{path}/{name}", text), word)
    with open(path + "/latin.csv", "wb") as f:
        f.write("path,label\nä.png,x\n".encode("latin-1"))
    refused(path + "/latin.csv", "UTF-8")
    with open(path + "/zero.csv", "wb") as f:
        f.write(b"path,label\na.png,\0\n")
    refused(path + "/zero.csv", "UTF-8")
    answer, said = labels(write(path + "/ragged.csv", good + "\nx,y,z\n"))
    assert answer["left_out"] == 1 and "3 fields" in said
    before = set(os.listdir(path))
    out = os.path.join(path, "out")
    for command in (
        ["train", model, path + "/latin.csv", "-o", out],
        ["bench", model, path + "/latin.csv"],
        ["embed", model, "--image-dir", path + "/latin.csv", "--output", out],
        ["check", model, path + "/latin.csv"],
    ):
        result = run(*command)
        assert result.returncode == 1 and "UTF-8" in result.stderr, (command, result.stderr)
    os.mkfifo(path + "/pipe.csv")
    refused(path + "/pipe.csv", "pipe")
    refused(os.path.join(path, rows[0][0]), "is a picture")
    os.unlink(path + "/pipe.csv")
    assert set(os.listdir(path)) == before


@test
def same_as_the_folder():
    """A CSV that `labels` wrote of a folder: train, bench and embed do what they do with it."""
    file = os.path.join(data, "..", "plain.csv")
    answer = json_of(run("labels", data, "-o", file, "--json"))
    assert answer["images"] == len(pictures) and list(answer["classes"]) == classes
    with open(file, encoding="utf-8", newline="") as f:
        read = [(row["path"], row["label"]) for row in csv.DictReader(f)]
    assert sorted(read) == [(p.removeprefix(work + "/"), p.split("/")[-2]) for p in pictures]
    outs = []
    for source in (data, file):
        out = os.path.join(work, f"same-{len(outs)}.safetensors")
        json_of(run("train", model, source, "--method", "gda", "-o", out, "--json"))
        outs.append(tensors(out)[0])
    assert outs[0] == outs[1]
    tables = []
    for source in (data, file):
        table = os.path.join(work, "table.json")
        asked = ["--methods", "zero-shot,gda", "--shots", "2", "-o", table, "--json"]
        json_of(run("bench", model, source, *asked))
        with open(table, encoding="utf-8") as f:
            cells = json.load(f)["summary"]
        tables.append([(c["method"], c["shots"], c["mean"], c["deviation"]) for c in cells])
    assert tables[0] == tables[1] and len(tables[0]) == 2, tables
    for i, source in enumerate((data, file)):
        out = os.path.join(work, f"features-{i}.safetensors")
        done = json_of(run("embed", model, "--image-dir", source, "--output", out, "--json"))
        assert done["images"] == len(pictures)
        outs.append(tensors(out)[0]["image_features"])
    assert outs[2] == outs[3]
    result = run("labels", data, "-o", os.path.join(folder("elsewhere"), "l.csv"))
    assert result.returncode == 1 and "below its own folder" in result.stderr


@test
def coop_split():
    """Named as DATA it is what --split makes of it: the same classes, draws and accuracies."""
    path = folder("coop")
    rows = copies(path, 10)
    numbers = {kind: len(classes) - 1 - i for i, kind in enumerate(classes)}  # not by name
    rng = random.Random(2)  # classes by chance: accuracies hang on the draws
    kinds = [rng.choice(classes) for _ in rows]
    entries = [[name, numbers[kind], kind] for (name, _), kind in zip(rows, kinds)]
    split = {"train": entries[::2], "val": entries[1::4], "test": entries[3::4]}
    file = write(path + "/split.json", json.dumps(split))
    tables = []
    for arguments in ([path, "--split", file], [file]):
        table = os.path.join(path, "table.json")
        asked = ["--methods", "gda", "--shots", "2", "--seeds", "4", "-o", table, "--json"]
        json_of(run("bench", model, *arguments, *asked))
        with open(table, encoding="utf-8") as f:
            content = json.load(f)
        tables.append([(c["runs"], c["mean"], c["deviation"]) for c in content["summary"]])
        os.unlink(table)
    assert tables[0] == tables[1] and tables[0][0][0] == 4 and 0 < tables[0][0][1] < 1, tables


@test
def imagenet_depths():
    """Class folders below ILSVRC/Data/CLS-LOC/{train,val}, with folders that hold none beside."""
    path = folder("imagenet")
    for role in ("train", "val"):
        for k, kind in enumerate(classes):
            inner = f"{path}/ILSVRC/Data/CLS-LOC/{role}/n{k:08}/deep"
            os.makedirs(inner)
            for i, picture in enumerate(sorted(glob.glob(f"{data}/{kind}/*"))[:3]):
                shutil.copy(picture, f"{inner}/{i}.JPEG")
    os.makedirs(path + "/ILSVRC/Annotations/CLS-LOC/val")
    write(path + "/ILSVRC/Annotations/CLS-LOC/val/x.xml", "<a/>")
    answer, _ = labels(path)
    assert answer["train"] == answer["validation"] == 3 * len(classes), answer
    assert list(answer["classes"]) == [f"n{k:08}" for k in range(len(classes))]


@test
def keywords():
    """Those of others, in XMP, beside and inside, and IPTC; chosen ones become classes."""
    path = folder("keywords")
    if "gexiv2" in run("labels", path, "--in-pictures").stderr:
        return
    for i, picture in enumerate(pictures[:8]):
        subprocess.run(["convert", picture, f"{path}/{i}.jpg"], check=True)
    tags = ["-XMP-dc:Subject=owl", "-IPTC:Keywords=heron", "-XMP-digiKam:TagsList=birds/owl"]
    iptc = ["-codedcharacterset=utf8", "-IPTC:Keywords=Käuzchen"]
    for names, arguments in (("01", tags[:1]), ("23", tags[1:2]), ("4", tags[2:]), ("5", iptc)):
        files = [f"{path}/{name}.jpg" for name in names]
        subprocess.run(["exiftool", "-q", "-overwrite_original", *arguments, *files], check=True)
    latin = ["-charset", "iptc=latin", "-IPTC:Keywords=Bär"]
    subprocess.run(["exiftool", "-q", "-overwrite_original", *latin, path + "/6.jpg"], check=True)
    subprocess.run(
        [
            "exiftool",
            "-q",
            "-o",
            path + "/7.jpg.xmp",
            "-XMP-dc:Subject=heron",
            "-XMP-dc:Subject=owl",
        ]
        + [path + "/7.jpg"],
        check=True,
    )
    found = json_of(run("labels", path, "--in-pictures", "--json"))["keywords"]
    assert found == {"owl": 4, "heron": 3, "Käuzchen": 1, "Bär": 1}, found
    answer, said = labels(path, "--keywords", "owl, heron", "-o", path + "/l.csv")
    assert answer["classes"] == {"heron": 2, "owl": 3} and answer["left_out"] == 1
    assert "7.jpg has several" in said
    assert labels(path + "/l.csv")[0]["classes"] == {"heron": 2, "owl": 3}
    result = run("labels", path, "--keywords", "nothing")
    assert result.returncode == 1 and "exactly one" in result.stderr


run_tests()
finish()
