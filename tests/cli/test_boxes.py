#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Boxes of MegaDetector and COCO, and tiles: what is learned from and answered is the part, and
goes back into their formats. TAP.

test_boxes.py FEWSHOT_CLI GOLDEN_FOLDER"""

import csv
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import venv_path  # noqa: F401
from program import json_of, model, run, tensors, work
from strips import SIDE, coco, folder, found, learned, megadetector, refused, square, strip, write
from tap import finish, need, run_tests, test


@test
def each_annotation_is_an_example():
    where, file, data = coco("annotations")
    answer = json_of(run("labels", file, "--boxes", "annotations", "--json"))
    assert answer["classes"] == {"red": 6, "green": 6, "blue": 6}, answer
    # without boxes each of these pictures has several classes, and none is taken
    assert run("labels", file).returncode == 1
    one = json_of(
        run("labels", file, "--boxes", "annotations", "--box-categories", "Red,blue", "--json")
    )
    assert one["classes"] == {"red": 6, "blue": 6}, one
    refused(1, "has no category “cow”", "labels", file, "--boxes", "annotations",
            "--box-categories", "cow")  # fmt: skip


@test
def features_are_those_of_the_squares_alone():
    image = need("PIL.Image")
    where, file, data = coco("features", 2)
    run("embed", model, "--image-dir", file, "--boxes", "annotations", "-o", f"{work}/b.st")
    got, header = tensors(f"{work}/b.st")
    names = json.loads(header["__metadata__"]["names"]) if "names" in header.get(
        "__metadata__", {}) else None  # fmt: skip
    cut = folder("squares")
    for i in range(2):
        for k in range(3):
            picture = image.open(f"{where}/{i}.png")
            picture.crop((k * SIDE, 0, (k + 1) * SIDE, SIDE)).save(f"{cut}/{i}{k}.png")
    paths = [f"{cut}/{i}{k}.png" for i in range(2) for k in range(3)]
    run("embed", model, *[x for p in paths for x in ("--image", p)], "-o", f"{work}/s.st")
    want, _ = tensors(f"{work}/s.st")
    key = next(k for k in want if "name" not in k)
    assert got[key] == want[key], (names, list(want))


@test
def squares_are_told_apart():
    where, file, data = coco("told", 5)
    answer = json_of(run("predict", model, learned(), where, "--boxes", file, "--json"))
    assert len(answer["predictions"]) == 15, answer
    kinds = {c["id"]: c["name"] for c in data["categories"]}
    truth = {}
    for a in data["annotations"]:
        truth[f"{a['image_id']}.png", round(a["bbox"][0] / 3 / SIDE, 3)] = kinds[a["category_id"]]
    right = sum(
        truth[os.path.basename(p["path"]), round(p["box"][0], 3)] == p["class"]
        for p in answer["predictions"]
    )
    assert right == 15, (right, answer)


@test
def boxes_of_one_picture_stay_on_one_side_of_a_split():
    where, file, _ = coco("split", 12)
    out = folder("split-out")
    result = run("labels", file, "--boxes", "annotations", "--format", "yolo", "-o", f"{out}/y")
    assert result.returncode == 0, result.stderr
    sides = {}
    for split in os.listdir(f"{out}/y"):
        for kind in os.listdir(f"{out}/y/{split}"):
            for name in os.listdir(f"{out}/y/{split}/{kind}"):
                assert name.endswith("].png"), name
                sides.setdefault(name.split(" ")[0], set()).add(split)
                need("PIL.Image").open(f"{out}/y/{split}/{kind}/{name}").load()
    assert len(sides) == 12 and all(len(s) == 1 for s in sides.values()), sides


@test
def megadetector_comes_back_with_what_was_said_of_each_detection():
    where = folder("md")
    for i, kinds in enumerate([("red", "green", "blue"), ("blue", "blue", "red")]):
        strip(f"{where}/{i}.png", kinds, 30 + i)
    strip(f"{where}/empty.png", ("red",), 40)
    strip(f"{where}/other.png", ("red",), 41)
    given = {
        "0.png": [found(0), found(1, 0.05), found(2, 0.4, "2")],
        "1.png": [found(2, 0.21)],
        "empty.png": [],
    }
    file = megadetector(where, given)
    out = f"{where}/out.json"
    result = run("predict", model, learned(), where, "--boxes", file, "--format", "timelapse", "-o",
                 out)  # fmt: skip
    assert "1 pictures are not in the file of boxes" in result.stderr, result.stderr
    assert "1 pictures have nothing" in result.stderr, result.stderr
    said = json.load(open(out))
    assert said["info"]["format_version"] == "1.4"
    assert said["info"]["detector"] == "md_v5a.0.0.pt"
    assert said["detection_categories"] == {"1": "animal", "2": "person", "3": "vehicle"}
    names = said["classification_categories"]
    back = {i["file"]: i["detections"] for i in said["images"]}
    assert set(back) == set(given), back
    for name, list_ in given.items():
        assert len(back[name]) == len(list_), back
        for one, other in zip(back[name], list_, strict=True):
            assert one["category"] == other["category"] and one["conf"] == other["conf"]
            assert one["bbox"] == other["bbox"], (one, other)
            assert ("classifications" in one) == (other["conf"] >= 0.2), one
    first = [d["classifications"][0] for d in back["0.png"] if "classifications" in d]
    assert [names[c[0]] for c in first] == ["red", "blue"], back
    assert names[back["1.png"][0]["classifications"][0][0]] == "red"
    # a floor and a category
    result = json_of(run("predict", model, learned(), where, "--boxes", file, "--box-confidence",
                         "0.01", "--box-categories", "animal", "--json"))  # fmt: skip
    assert len(result["predictions"]) == 3, result
    # and it is read again: what was said of the detections are their classes
    answer = json_of(run("labels", out, "--boxes", "detections", "--json"))
    assert answer["classes"] == {"red": 2, "blue": 1}, answer


@test
def shards_of_boxes_are_merged():
    """Several lines a picture: what one run gives, byte for byte; pictures are counted."""
    where, file, _ = coco("sharded")
    with open(f"{where}/none.png", "w") as f:
        f.write("no picture")
    command = ("predict", model, learned(), where, "--boxes", file)
    for option, name in ("--csv", "t.csv"), ("--json-lines", "t.jsonl"):
        made = []
        for part in "1/3", "2/3", "3/3", None:
            made.append(f"{work}/{len(made)}-{name}")
            shard = ("--shard", part) if part else ()
            given = (option, made[-1]) if option == "--csv" else (option,)
            result = run(*command, *given, *shard)
            if option != "--csv":
                with open(made[-1], "w") as f:
                    f.write(result.stdout)
        *parts, whole = made
        out = f"{work}/merged-{name}"
        assert json_of(run("merge", *parts, "-o", out, "--json"))["images"] == 6
        assert open(out, "rb").read() == open(whole, "rb").read()
        result = run("merge", *parts, max(parts, key=os.path.getsize), "-o", out)
        assert result.returncode == 1 and "is in two of the files" in result.stderr, result.stderr


@test
def a_folder_gives_classes_and_megadetector_the_boxes():
    where = folder("foldered")
    detections = {}
    for kind in ("red", "blue"):
        os.makedirs(f"{where}/{kind}")
        for i in range(4):
            strip(f"{where}/{kind}/{i}.png", (kind, "green", kind), 60 + i)
            detections[f"{kind}\\{i}.png"] = [found(0), found(2, 0.8)]
    file = megadetector(where, detections)
    answer = json_of(run("labels", where, "--boxes", file, "--json"))
    assert answer["classes"] == {"red": 8, "blue": 8}, answer
    result = run("labels", where, "--boxes", file, "-o", f"{where}/l.csv")
    assert result.returncode == 0, result.stderr
    rows = list(csv.DictReader(open(f"{where}/l.csv")))
    assert len(rows) == 16 and rows[0]["box"].split(" ")[2:] == ["0.3333", "1"], rows[0]


@test
def coco_of_boxes_is_read_back():
    where, file, data = coco("again")
    out = f"{where}/again.json"
    result = run("labels", file, "--boxes", "annotations", "--format", "coco", "-o", out)
    assert result.returncode == 0, result.stderr
    again = json.load(open(out))
    assert len(again["images"]) == 6 and len(again["annotations"]) == 18
    assert len({a["id"] for a in again["annotations"]}) == 18

    def boxes(d):
        files = {i["id"]: i["file_name"] for i in d["images"]}
        names = {c["id"]: c["name"] for c in d["categories"]}
        return {(files[a["image_id"]], names[a["category_id"]], *a["bbox"])
                for a in d["annotations"]}  # fmt: skip

    assert boxes(again) == boxes(data), boxes(again) ^ boxes(data)
    answers = f"{where}/answers.json"
    result = run("predict", model, learned(), where, "--boxes", file, "--format", "coco", "-o",
                 answers)  # fmt: skip
    assert result.returncode == 0, result.stderr
    said = json.load(open(answers))
    assert len(said["images"]) == 6 and len(said["annotations"]) == 18
    assert {tuple(a["bbox"]) for a in said["annotations"]} == {
        tuple(a["bbox"]) for a in data["annotations"]
    }


@test
def camtrap_has_a_row_a_box_and_a_blank_where_nothing_is():
    image = need("PIL.Image")
    where = folder("camtrap")
    for i, name in enumerate(["a.jpg", "b.jpg"]):
        strip(f"{where}/x.png", ("red", "green", "blue"), 80 + i)
        exif = image.Exif()
        exif[0x9003] = "2026:05:01 10:00:00"
        exif.get_ifd(0x8769)[0x9003] = "2026:05:01 10:00:00"
        image.open(f"{where}/x.png").save(f"{where}/{name}", exif=exif, quality=95)
    os.remove(f"{where}/x.png")
    file = megadetector(folder("camtrap-md"), {f"{where}/a.jpg": [found(0), found(2)],
                                               f"{where}/b.jpg": [found(1, 0.01)]})  # fmt: skip
    result = run("predict", model, learned(), where, "--boxes", file, "--format", "camtrap-dp",
                 "-o", where, "--deployment", "latitude=1,longitude=2,zone=Z")  # fmt: skip
    assert result.returncode == 0, result.stderr
    rows = list(csv.DictReader(open(f"{where}/observations.csv")))
    assert [r["observationType"] for r in rows] == ["animal", "animal", "blank"], rows
    assert [r["bboxX"] for r in rows] == ["0", "0.6667", ""], rows
    assert rows[0]["classificationMethod"] == "machine" and rows[0]["bboxHeight"] == "1"
    assert len({r["observationID"] for r in rows}) == 3
    assert len(list(csv.DictReader(open(f"{where}/media.csv")))) == 2


def with_one_cut_off(name, detections):
    """A whole JPEG and one that ends early; the head and the time of both can be read."""
    image = need("PIL.Image")
    where = folder(name)
    strip(f"{where}/x.png", ("red", "green", "blue"), 80)
    exif = image.Exif()
    exif[0x9003] = "2026:05:01 10:00:00"
    exif.get_ifd(0x8769)[0x9003] = "2026:05:01 10:00:00"
    for name in ("a.jpg", "b.jpg"):
        image.open(f"{where}/x.png").save(f"{where}/{name}", exif=exif, quality=95)
    os.remove(f"{where}/x.png")
    os.truncate(f"{where}/a.jpg", os.path.getsize(f"{where}/a.jpg") // 2)
    file = megadetector(folder(f"{name} md"), {f"{where}/a.jpg": detections,
                                               f"{where}/b.jpg": [found(1)]})  # fmt: skip
    return where, file


@test
def a_picture_that_cannot_be_read_is_no_blank_one():
    """One of its detections is wanted, and refused; another is not. It stands once in each format,
    as a failure, or is left out and counted once."""
    wanted, unwanted = found(0), found(2, 0.01)
    for i, detections in enumerate([
        [wanted, unwanted], [unwanted, wanted], [unwanted, wanted, wanted, unwanted],
    ]):  # fmt: skip
        where, file = with_one_cut_off(f"cut off {i}", detections)
        common = ("predict", model, learned(), where, "--boxes", file, "--format")
        place = ("-o", where, "--deployment", "latitude=1,longitude=2,zone=Z")
        result = run(*common, "camtrap-dp", *place)
        assert result.returncode == 1, result.stderr
        assert "1 pictures are not in it" in result.stderr, result.stderr
        rows = list(csv.DictReader(open(f"{where}/observations.csv")))
        assert [r["observationType"] for r in rows] == ["animal"], rows
        media = list(csv.DictReader(open(f"{where}/media.csv")))
        assert [r["fileName"] for r in media] == ["b.jpg"], media
        result = run(*common, "timelapse", "-o", f"{where}/t.json")
        assert result.returncode == 1, result.stderr
        failed, read = json.load(open(f"{where}/t.json"))["images"]
        assert failed["file"] == "a.jpg" and failed["detections"] is None, failed
        assert "a.jpg" in failed["failure"], failed
        assert read["file"] == "b.jpg" and len(read["detections"]) == 1, read
        result = run(*common, "coco", "-o", f"{where}/c.json")
        assert result.returncode == 1, result.stderr
        assert "1 pictures are not in it" in result.stderr, result.stderr
        images = json.load(open(f"{where}/c.json"))["images"]
        assert [x["file_name"] for x in images] == ["b.jpg"], images


@test
def coco_counts_pictures_and_not_their_boxes():
    where, file, data = coco("unsized", 3)
    write_over = f"{where}/{data['images'][0]['file_name']}"
    with open(write_over, "wb") as f:
        f.write(b"no picture")
    result = run("labels", file, "--boxes", "annotations", "--format", "coco", "-o",
                 f"{where}/again.json")  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "2 named" in result.stderr, result.stderr
    assert "1 pictures are not in it" in result.stderr, result.stderr


@test
def a_picture_that_cannot_be_read_is_told_each_time():
    """However it is cut, and whatever was between."""
    where = folder("each time")
    strip(f"{where}/good.png", ("red", "green", "blue"), 85)
    with open(f"{where}/bad.png", "wb") as f:
        f.write(b"no picture")
    named = [f"{where}/{name}.png" for name in ("bad", "bad", "good", "bad")]
    for cut in ([], ["--tiles", "2"], ["--tiles", "2", "--each-tile"]):
        result = run("predict", model, learned(), *named, "--json-lines", *cut)
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        assert [x["path"] for x in lines if "error" in x] == [named[0]] * 3, (cut, lines)
        assert result.returncode == 1 and "3 of 4 pictures could not" in result.stderr, (
            cut, result.stderr)  # fmt: skip


@test
def tiles():
    where = folder("tiles")
    numpy, image = need("numpy"), need("PIL.Image")
    rows = [numpy.hstack([square("green", 90 + 2 * y + x) for x in range(3)]) for y in range(3)]
    pixels = numpy.vstack(rows)
    pixels[SIDE : 2 * SIDE, 2 * SIDE :] = square("red", 99)
    image.fromarray(pixels).save(f"{where}/big.png")
    each = json_of(run("predict", model, learned(), f"{where}/big.png", "--tiles", "3",
                       "--each-tile", "--json"))["predictions"]  # fmt: skip
    assert len(each) == 9 and [p["class"] for p in each].count("red") == 1, each
    red = next(p for p in each if p["class"] == "red")
    assert [round(x, 3) for x in red["box"]] == [0.667, 0.333, 0.333, 0.333], red
    by_side = json_of(run("predict", model, learned(), f"{where}/big.png", "--tiles", str(SIDE),
                          "--each-tile", "--json"))["predictions"]  # fmt: skip
    assert [p["box"] for p in by_side] == [p["box"] for p in each]
    best = json_of(run("predict", model, learned(), f"{where}/big.png", "--tiles", "3", "--json"))
    best = best["predictions"]
    assert len(best) == 1, best
    for k in range(3):
        assert best[0]["probabilities"][k] == max(p["probabilities"][k] for p in each)
    top = max(each, key=lambda p: max(p["probabilities"]))
    assert best[0]["box"] == top["box"] and best[0]["class"] == top["class"]


@test
def wrong_use_and_hostile_files():
    where = folder("hostile")
    strip(f"{where}/a.png", ("red",), 1)
    picture = f"{where}/a.png"
    for options, word in {
        ("--tiles", "1"): "--tiles is", ("--tiles", "20"): "--tiles is",
        ("--tiles", "x"): "--tiles is", ("--each-tile",): "--each-tile goes",
        ("--boxes", "detections"): "is a file here", ("--box-confidence", ".5"): "go with --boxes",
        ("--boxes", "x", "--tiles", "2"): "not both",
        ("--boxes", "x", "--box-confidence", "2"): "from 0 to 1",
        ("--boxes", "x", "--sort", "y"): "--sort", ("--boxes", "x", "--serve", "y"): "--serve",
        ("--boxes", "x", "--watch", "y", "--tags", "z"): "--tags",
    }.items():  # fmt: skip
        refused(2, word, "predict", model, learned(), picture, *options)
    refused(1, "could not be opened", "predict", model, learned(), picture, "--boxes", "gone.json")
    good = {"images": [], "detection_categories": {"1": "animal"}}
    for value, word in [
        ({}, "no boxes that are known"),
        ({**good, "images": {}}, "MegaDetector"),
        ({**good, "detection_categories": []}, "MegaDetector"),
        ({**good, "detection_categories": {"1": 5}}, "MegaDetector"),
        ({**good, "images": [5]}, "MegaDetector"),
        ({**good, "images": [{"file": "a.png", "detections": [5]}]}, "MegaDetector"),
        ({**good, "images": [{"file": "a.png", "detections": [found(0, 7)]}]}, "MegaDetector"),
        ({**good, "images": [{"file": "a.png", "detections": [found(0, 0.5, "9")]}]}, "Mega"),
        ({**good, "images": [{"file": "a.png", "detections": [
            {"category": "1", "conf": 0.5, "bbox": [0, 0, "1", 1]}]}]}, "MegaDetector"),
    ]:  # fmt: skip
        file = write(f"{where}/bad.json", value)
        refused(1, word, "predict", model, learned(), picture, "--boxes", file)
    # boxes that lie outside are counted, and those that stick out are cut
    file = write(f"{where}/out.json", {**good, "images": [{"file": "a.png", "detections": [
        {"category": "1", "conf": 0.5, "bbox": [2, 0, 1, 1]},
        {"category": "1", "conf": 0.5, "bbox": [0, 0, 0, 1]},
        {"category": "1", "conf": 0.5, "bbox": [-0.5, 0, 1, 1.5]}]}]})  # fmt: skip
    result = run("predict", model, learned(), picture, "--boxes", file, "--json")
    assert "2 boxes are no boxes" in result.stderr, result.stderr
    assert len(json_of(result)["predictions"]) == 1


run_tests()
finish()
