#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Parts of pictures where labels are read, doubted and asked for, and where answers go on: a table
with a column “box”, check, label-next, --watch, --serve and --heat. TAP.

test_parts.py FEWSHOT_CLI GOLDEN_FOLDER"""

import csv
import http.client
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import venv_path  # noqa: F401
from program import cli, json_of, model, run, tensors, work
from strips import (
    COLOURS,
    SIDE,
    coco,
    folder,
    found,
    learned,
    megadetector,
    refused,
    square,
    strip,
)
from tap import finish, need, run_tests, test

os.environ["XDG_STATE_HOME"] = os.path.join(work, "state")
KINDS = list(COLOURS)


def features(data, name):
    """Of the pictures of a DATA, in its order."""
    result = run("embed", model, "--image-dir", data, "-o", f"{work}/{name}")
    assert result.returncode == 0, result.stderr
    return tensors(f"{work}/{name}")[0]


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text(path, content):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(content)
    return path


# ---- tables


@test
def a_table_with_boxes_is_what_it_was_written_of():
    """CSV, TSV, JSON lines and a list say the same, to the last bit of a feature."""
    where, file, data = coco("round")
    table = f"{where}/l.csv"
    result = run("labels", file, "--boxes", "annotations", "-o", table)
    assert result.returncode == 0, result.stderr
    rows = rows_of(table)
    assert len(rows) == 18 and {r["box"] for r in rows} == {
        "0 0 0.333333 1", "0.333333 0 0.333334 1", "0.666667 0 0.333333 1"
    }, rows  # fmt: skip
    whole = run("embed", model, "--image-dir", file, "--boxes", "annotations", "-o", f"{work}/w")
    assert whole.returncode == 0, whole.stderr
    want = tensors(f"{work}/w")[0]
    kinds = {
        "l.csv": None,
        "l.tsv": "\r\n".join("\t".join(r) for r in [list(rows[0]), *(r.values() for r in rows)]),
        "l.jsonl": "\n".join(json.dumps(r) for r in rows),
        "l.json": json.dumps([r | {"box": [float(x) for x in r["box"].split(" ")]} for r in rows]),
    }
    for name, content in kinds.items():
        other = text(f"{where}/{name}", content) if content else table
        answer = json_of(run("labels", other, "--json"))
        assert answer["classes"] == dict.fromkeys(KINDS, 6) and answer["left_out"] == 0, answer
        got = features(other, "g")
        assert got == want, name
        again = f"{where}/again.csv"
        assert run("labels", other, "-o", again).returncode == 0
        assert rows_of(again) == rows, name


@test
def an_empty_box_is_the_whole_picture():
    where = folder("empty")
    for i in range(4):
        strip(f"{where}/{i}.png", (KINDS[i % 2],) * 2, i)
    lines = ["path,label,box"]
    lines += [f"{i}.png,{KINDS[i % 2]},{'' if i < 2 else '0.5, 0, 0.5, 1'}" for i in range(2)]
    lines += [f'{i}.png,{KINDS[i % 2]},"0.5, 0, 0.5, 1"' for i in range(2, 4)]
    table = text(f"{where}/l.csv", "\n".join(lines))
    out = f"{where}/o.csv"
    assert run("labels", table, "-o", out).returncode == 0
    assert [r["box"] for r in rows_of(out)] == ["0 0 1 1"] * 2 + ["0.5 0 0.5 1"] * 2
    assert json_of(run("labels", out, "--json"))["images"] == 4
    # of any number of labels, and with a column a class, too
    flags = text(f"{where}/f.csv", "path,red,green,box\n0.png,1,0,\n1.png,1,1,0 0 .5 1\n"
                 "1.png,0,1,.5 0 .5 1\n")  # fmt: skip
    answer = json_of(run("labels", flags, "--labels", "any", "-o", f"{where}/any.csv", "--json"))
    assert answer["images"] == 3 and answer["classes"] == {"red": 2, "green": 2}, answer
    assert [r["box"] for r in rows_of(f"{where}/any.csv")] == [
        "0 0 1 1",
        "0 0 0.5 1",
        "0.5 0 0.5 1",
    ]
    # where a class is called so, its flags are flags
    flags = text(f"{where}/f.csv", "path,red,box\n0.png,1,0\n1.png,0,1\n2.png,1,1\n")
    answer = json_of(run("labels", flags, "--labels", "any", "--json"))
    assert answer["images"] == 3 and answer["classes"] == {"red": 2, "box": 2}, answer


@test
def what_is_no_box_is_left_out_and_said():
    where = folder("bad")
    strip(f"{where}/a.png", ("red", "green"), 1)
    bad = ["0 0 1", "0 0 1 1 1", "0,0,40,40", "a b c d", "-0.1 0 .5 .5", "0.6 0 .5 1", "0 0 0 1",
           "nan 0 1 1", "0 0 inf 1", "0 0 .5 1x", "1e999 0 1 1", "0;0;1;1"]  # fmt: skip
    lines = ["path,label,box", "a.png,red,0 0 .5 1"]
    lines += [f'a.png,red,"{box}"' for box in bad]
    result = run("labels", text(f"{where}/l.csv", "\n".join(lines)), "--json")
    answer = json_of(result)
    assert answer["images"] == 1 and answer["left_out"] == len(bad), answer
    said = [line for line in result.stderr.splitlines() if "has the box" in line]
    assert len(said) == len(bad) and "Line 3" in said[0] and "shares" in said[0], result.stderr
    values = [
        "0 0 1",
        [0, 0, 1],
        [0, 0, 1, "1"],
        [0, 0, 2, 1],
        {"x": 0},
        5,
        0.5,
        True,
        [[0, 0, 1, 1]],
    ]
    lines = [json.dumps({"path": "a.png", "label": "red", "box": box}) for box in values]
    lines += [json.dumps({"path": "a.png", "label": "red", "box": box}) for box in (None, "")]
    result = run("labels", text(f"{where}/l.jsonl", "\n".join(lines)), "--json")
    answer = json_of(result)
    assert answer["images"] == 1 and answer["left_out"] == len(values), (answer, result.stderr)
    assert "Entry 1" in result.stderr and "“box”" in result.stderr
    other = megadetector(where, {"a.png": [found(0)]})
    table = text(f"{where}/l.csv", "path,label,box\na.png,red,0 0 .5 1\n")
    refused(1, "has boxes of its own", "labels", table, "--boxes", other)
    twice = text(f"{where}/two.csv", "path,label,box\na.png,red,0 0 .5 1\na.png,blue,0 0 .5 1\n")
    refused(1, "a.png [0, 0, 0.5, 1] has several classes", "labels", twice)


@test
def parts_of_a_file_stay_together_with_any_number_of_labels():
    """Files are split, not their parts: none is moved for a sibling, whether twins are parted or
    not. One file is the twin of another."""
    where, file, _ = coco("any", 20)
    table = f"{where}/l.csv"
    assert run("labels", file, "--boxes", "annotations", "-o", table).returncode == 0
    with open(table, encoding="utf-8", newline="") as f:
        several = text(f"{where}/any.csv", f.read().replace("path,label,", "path,labels,"))
    for more in ((), ("--keep-twins",)):
        answer = json_of(run("train", model, several, "--labels", "any", *more, "--json", "-o",
                             f"{work}/any.safetensors"))  # fmt: skip
        assert answer["images"] == 60 and answer["twins_moved"] in ((0,) if more else (0, 3)), (
            answer
        )
        assert answer["test_images"] >= 9 and answer["test_images"] % 3 == 0, answer


# ---- doubts


def mislabel(name, n=20):
    """A table of strips, two squares of which are said to be what they are not."""
    where, file, _ = coco(name, n)
    table = f"{where}/l.csv"
    assert run("labels", file, "--boxes", "annotations", "-o", table).returncode == 0
    rows = rows_of(table)
    wrong = {}
    for at in (9, 32):
        right = rows[at]["label"]
        rows[at]["label"] = KINDS[(KINDS.index(right) + 1) % 3]
        wrong[rows[at]["path"], rows[at]["box"]] = right
    with open(table, "w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, rows[0])
        out.writeheader()
        out.writerows(rows)
    return where, table, wrong


@test
def each_part_is_checked_by_its_own_label():
    where, table, wrong = mislabel("doubts")
    told = json_of(run("check", model, table, "--json"))
    first = {
        (os.path.basename(d["path"]), " ".join(f"{x:.6g}" for x in d["box"])): d["suggested"]
        for d in told["doubts"][:2]
    }
    assert first == wrong, (first, wrong)
    csv_of = f"{where}/doubts.csv"
    lines = run("check", model, table, "--json-lines", "--csv", csv_of).stdout.splitlines()
    assert [json.loads(line) for line in lines] == told["doubts"]
    assert [r["box"] for r in rows_of(csv_of)[:2]] == [box for _, box in first], rows_of(csv_of)[:2]
    words = run("check", model, table, "--most", "1").stdout
    (path, box), right = next(iter(first.items()))
    shown = f"{path} [{box.replace(' ', ', ')}]"
    assert shown in words and f"looks like {right}" in words, words
    # the same of annotations, where nobody was mistaken
    told = json_of(run("check", model, f"{where}/coco.json", "--boxes", "annotations", "--json"))
    assert told["images"] == 60 and len(told["doubts"]) == 0, told["doubts"]
    refused(2, "go with --boxes", "check", model, table, "--box-confidence", "0.5")


@test
def parts_are_the_same_only_across_files():
    """Boxes of one file that nearly cover one another are none of one another; a copy elsewhere
    is."""
    numpy, image = need("numpy"), need("PIL.Image")
    where = folder("same")
    lines = ["path,label,box"]
    for i in range(8):
        squares = [square(KINDS[(i + k) % 3], 300 + 3 * i + k) for k in range(3)]
        image.fromarray(numpy.hstack(squares)).save(f"{where}/{i}.png")
        for k in range(3):
            lines.append(f"{i}.png,{KINDS[(i + k) % 3]},{k / 3:.6f} 0 0.333333 1")
    lines.append(f"0.png,{KINDS[0]},0.000001 0 0.333332 1")  # the same pixels as the first
    copy = numpy.hstack([square(KINDS[0], 300), square(KINDS[1], 900)])
    image.fromarray(copy).save(f"{where}/copy.png")
    lines.append(f"copy.png,{KINDS[0]},0 0 .5 1")
    told = json_of(run("check", model, text(f"{where}/l.csv", "\n".join(lines)), "--json"))
    groups = [
        sorted((os.path.basename(p["path"]), p["box"][2]) for p in group)
        for group in told["near_duplicates"]
    ]
    wanted = ("copy.png", 0.5)
    assert [g for g in groups if wanted in g], groups
    alone = [g for g in groups if wanted not in g]
    assert all(len({name for name, _ in g}) == len(g) for g in alone), groups
    words = run("check", model, f"{where}/l.csv").stdout
    assert "nearly the same: " in words and "copy.png [0, 0, 0.5, 1]" in words, words


# ---- what to label next


@test
def label_next_of_parts():
    where, file, data = coco("pool", 6)
    table = f"{where}/next.csv"
    told = json_of(run("label-next", model, where, "--boxes", file, "--most", "9", "-o", table,
                       "--json"))  # fmt: skip
    assert told["unlabelled_images"] == 18 and len(told["next"]) == 9, told
    kinds = {c["id"]: c["name"] for c in data["categories"]}
    truth = {}
    for a in data["annotations"]:
        key = f"{a['image_id']}.png", round(a["bbox"][0] / 3 / SIDE, 3)
        truth[key] = kinds[a["category_id"]]
    chosen = [truth[os.path.basename(p["path"]), round(p["box"][0], 3)] for p in told["next"]]
    assert set(chosen) == set(KINDS), chosen
    # the table is filled in and learned from; what is not is left out
    rows = rows_of(table)
    assert [r["label"] for r in rows] == [""] * 9 and len({r["path"] for r in rows}) > 1, rows
    for row, kind in list(zip(rows, chosen, strict=True))[:8]:
        row["label"] = kind
    with open(table, "w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    answer = json_of(run("labels", table, "--json"))
    assert answer["images"] == 8 and answer["left_out"] == 1, answer
    after = json_of(run("label-next", model, where, "--labelled", table, "--tiles", "2", "--most",
                        "3", "--json"))  # fmt: skip
    assert after["labelled_images"] == 8 and after["unlabelled_images"] == 24, after
    assert {tuple(p["box"][2:]) for p in after["next"]} == {(0.5, 0.5)}, after
    words = run("label-next", model, where, "--tiles", "2", "--most", "1").stdout
    assert words.strip().endswith(", 0.5, 0.5]"), words
    whole = json_of(run("label-next", model, where, "--most", "2", "-o", table, "--json"))
    assert all(isinstance(p, str) for p in whole["next"]) and "box" not in rows_of(table)[0]
    refused(2, "not both", "label-next", model, where, "--tiles", "2", "--boxes", "x")
    refused(1, "cannot be named", "label-next", model, where, "-o", f"{folder('away')}/n.csv")


# ---- answers that go on


@test
def a_watch_waits_for_its_boxes():
    """Pictures that the detector's file does not know come once it does; nothing is said twice,
    after a kill, too."""
    where, boxes = folder("watched"), folder("watched-boxes")
    strip(f"{where}/a.png", ("red", "green", "blue"), 20)
    file = megadetector(boxes, {f"{where}/a.png": [found(0), found(2)]})
    with open(f"{work}/answers", "w") as output, open(f"{work}/said", "w") as errors:

        def watch():
            command = [
                cli,
                "predict",
                "--model",
                model,
                learned(),
                "--watch",
                where,
                "--boxes",
                file,
            ]
            return subprocess.Popen([*command, "--json-lines"], stdout=output, stderr=errors)

        def answered(n, seconds=90):
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                with open(f"{work}/answers") as f:
                    lines = [json.loads(line) for line in f if line.endswith("\n")]
                if len(lines) >= n:
                    break
                time.sleep(0.05)
            return [(os.path.basename(a["path"]), round(a["box"][0], 2), a["class"]) for a in lines]

        def waiting(n):
            until = time.monotonic() + 90
            while time.monotonic() < until:
                with open(f"{work}/said") as f:
                    if f.read().count("waits for its boxes") >= n:
                        return True
                time.sleep(0.05)
            return False

        process = watch()
        first = [("a.png", 0, "red"), ("a.png", 0.67, "blue")]
        assert answered(2) == first
        strip(f"{where}/b.png", ("green", "blue", "red"), 21)
        assert answered(3, 4) == first  # it waits
        megadetector(boxes, {f"{where}/a.png": [found(0)], f"{where}/b.png": [found(1)]})
        later = [*first, ("b.png", 0.33, "blue")]
        assert answered(3) == later
        strip(f"{where}/c.png", ("red", "green", "blue"), 22)
        assert answered(4, 3) == later
        process.kill()
        process.wait()
        process = watch()
        assert waiting(3)
        text(file, "{")  # half written
        assert answered(4, 3) == later
        both = {f"{where}/a.png": [found(0)], f"{where}/b.png": [], f"{where}/c.png": [found(1)]}
        megadetector(boxes, both)
        assert answered(4) == [*later, ("c.png", 0.33, "green")]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    with open(f"{work}/said") as f:
        said = f.read()
    assert said.count("waits for its boxes") == 3 and "JSON" in said, said


@test
def a_watch_of_tiles():
    where = folder("watched-tiles")
    strip(f"{where}/a.png", ("green", "green", "green", "red"), 23)
    with open(f"{work}/tiles", "w") as output:
        command = [cli, "predict", "--model", model, learned(), "--watch", where, "--tiles", "2"]
        process = subprocess.Popen([*command, "--json-lines"], stdout=output)
        until = time.monotonic() + 90
        while time.monotonic() < until and os.path.getsize(f"{work}/tiles") == 0:
            time.sleep(0.05)
        time.sleep(2)
        process.terminate()
        assert process.wait(timeout=60) == 0
    with open(f"{work}/tiles") as f:
        lines = [json.loads(line) for line in f]
    want = json_of(run("predict", "--model", model, learned(), f"{where}/a.png", "--tiles", "2",
                       "--json"))["predictions"]  # fmt: skip
    assert len(lines) == 1 and lines[0]["box"] == want[0]["box"], (lines, want)


@test
def a_server_takes_a_box():
    where = folder("served")
    strip(f"{where}/a.png", ("red", "green", "blue"), 24)
    with open(f"{where}/a.png", "rb") as f:
        picture = f.read()
    server = subprocess.Popen(
        [cli, "predict", "--model", model, learned(), "--serve", "127.0.0.1:0"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    address = server.stderr.readline().split("//")[1].rstrip("/\n")

    def ask(path, body=picture):
        connection = http.client.HTTPConnection(address, timeout=60)
        connection.request("POST", path, body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    try:
        for k, kind in enumerate(("red", "green", "blue")):
            status, said = ask(f"/?box={k / 3:.4f},0,0.3333,1")
            assert (status, said["class"]) == (200, kind), said
            assert [round(x, 4) for x in said["box"]] == [round(k / 3, 4), 0, 0.3333, 1], said
            cut = json_of(run("predict", "--model", model, learned(), f"{where}/a.png", "--boxes",
                              megadetector(where, {"a.png": [found(k)]}), "--json"))  # fmt: skip
            assert abs(max(cut["predictions"][0]["probabilities"]) - said["probability"]) < 1e-5
        assert "box" not in ask("/")[1]
        for bad in ("", "0,0,1", "0,0,2,1", "a,b,c,d", "0,0,1,1,1", "nan,0,1,1", "0,0,0,0"):
            status, said = ask(f"/?box={bad}")
            assert status == 400 and "x,y,width,height" in said["error"], (bad, said)
        status, said = ask("/?box=0,0,.5,1", b"no picture")
        assert status == 415 and "The picture [0, 0, 0.5, 1] is not" in said["error"], said
    finally:
        server.terminate()
        server.wait(timeout=60)


@test
def heat_of_parts():
    """A map over each part, of the part alone: that of the same square as a picture of its own."""
    image, numpy = need("PIL.Image"), need("numpy")
    where, out, own = folder("heat"), folder("heat-out"), folder("heat-own")
    strip(f"{where}/a.png", ("red", "green", "blue"), 25)
    for k in range(3):
        part = image.open(f"{where}/a.png").crop((k * SIDE, 0, (k + 1) * SIDE, SIDE))
        part.save(f"{where}/{k}.png")
    third = [[k / 3, 0, 1 / 3, 1] for k in range(3)]
    detections = [{"category": "1", "conf": 0.9, "bbox": box} for box in third]
    file = megadetector(where, {"a.png": detections})
    result = run("predict", "--model", model, learned(), f"{where}/a.png", "--boxes", file,
                 "--heat", out)  # fmt: skip
    assert result.returncode == 0, result.stderr
    names = sorted(os.listdir(out))
    assert len(names) == 3 and names[0] == "a.png [0, 0, 0.333333, 1] – red.png", names
    squares = [f"{where}/{k}.png" for k in range(3)]
    assert run("predict", "--model", model, learned(), *squares, "--heat", own).returncode == 0
    for name, other in zip(names, sorted(os.listdir(own)), strict=True):
        one, two = image.open(f"{out}/{name}"), image.open(f"{own}/{other}")
        assert one.size == two.size == (SIDE, SIDE), (one.size, two.size)
        assert numpy.abs(numpy.asarray(one, int) - numpy.asarray(two, int)).max() <= 2, name
    # of tiles, the one that the answer is of
    best = folder("heat-best")
    result = run("predict", "--model", model, learned(), f"{where}/a.png", "--tiles", "3",
                 "--heat", best)  # fmt: skip
    assert result.returncode == 0 and len(os.listdir(best)) == 1, result.stderr
    assert " 0.333333] – " in os.listdir(best)[0], os.listdir(best)


run_tests()
finish()
