#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What other programs read: `predict --format`, `card`. Beside the published schemas, and pandas,
frictionless and pycocotools where they are there. Prints TAP.

test_others.py FEWSHOT_CLI GOLDEN_FOLDER"""

import contextlib
import csv
import datetime
import glob
import json
import os
import re
import shutil
import struct
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import venv_path  # noqa: F401
from program import dataset, golden, json_of, model, run, work
from tap import finish, need, run_tests, test

SCHEMAS = os.path.join(os.path.dirname(golden.rstrip("/")), "camtrap-dp")
PLACE = "id=A 1,latitude=50.5,longitude=-3.25,zone=+02:00,project=P,contact=C"
data = dataset("plain")
classes = sorted(os.listdir(data))
classifier = os.path.join(work, "c.safetensors")
trained = json_of(run("train", model, data, "-o", classifier, "--json"))


def exif(path, taken):
    """The time into a PNG, as EXIF."""
    text = taken.encode() + b"\0"
    head = struct.pack(
        "<2sHIHHHIIIHHHII", b"II", 42, 8, 1, 0x8769, 4, 1, 26, 0, 1, 0x9003, 2, 20, 44
    )
    chunk = head + struct.pack("<I", 0) + text
    with open(path, "rb") as f:
        png = f.read()
    crc = struct.pack(">I", zlib.crc32(b"eXIf" + chunk))
    with open(path, "wb") as f:
        f.write(png[:33] + struct.pack(">I", len(chunk)) + b"eXIf" + chunk + crc + png[33:])


def folder(name, timed=True):
    """Pictures of every class in sub-folders, one that is none and one that is broken."""
    path = os.path.join(work, name)
    shutil.rmtree(path, ignore_errors=True)
    for c, kind in enumerate(classes):
        os.makedirs(f"{path}/sub {c}")
        for i, picture in enumerate(sorted(glob.glob(f"{data}/{kind}/*"))[:3]):
            copy = shutil.copy(picture, f"{path}/sub {c}/{i}, “ü”.png")
            if timed:
                exif(copy, f"2026:05:0{1 + c} 12:00:0{i}")
    with open(f"{path}/broken.png", "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\nno")
    return path


def predict(path, *arguments):
    """What the lines say, by the path; the format's own file is written."""
    result = run("predict", "--model", model, classifier, path, "-r", "--json-lines", *arguments)
    return {a["path"]: a for a in map(json.loads, result.stdout.splitlines())}, result


@test
def timelapse():
    """MegaDetector's format: categories by number, one detection of all of the picture."""
    path = folder("t")
    out = os.path.join(path, "answers.json")
    told, result = predict(path, "--reject", "0.2", "--format", "timelapse", "-o", out)
    with open(out, encoding="utf-8") as f:
        read = json.load(f)
    assert float(read["info"]["format_version"]) >= 1.2 and "classifier" in read["info"]
    names = read["classification_categories"]
    assert [names[str(i)] for i in range(3)] == classes and read["detection_categories"]["1"]
    assert len(read["images"]) == len(told) == 10, result.stderr
    for image in read["images"]:
        answer = told[os.path.join(path, image["file"])]
        if "error" in answer:
            assert image["detections"] is None and image["failure"] == answer["error"], image
            continue
        if answer["refused"]:
            assert image["detections"] == [], image
            continue
        (found,) = image["detections"]
        ranked = found["classifications"]
        assert found["bbox"] == [0, 0, 1, 1] and found["category"] == "1", found
        assert abs(found["conf"] - answer["probability"]) < 1e-5 and found["conf"] == ranked[0][1]
        assert names[ranked[0][0]] == answer["class"] and len(ranked) == 3, ranked
        assert [p for _, p in ranked] == sorted((p for _, p in ranked), reverse=True)
    outside = os.path.join(work, "elsewhere")
    os.makedirs(outside)
    predict(path, "--format", "timelapse", "-o", outside + "/x.json")
    with open(outside + "/x.json", encoding="utf-8") as f:
        assert all(os.path.isabs(i["file"]) for i in json.load(f)["images"])
    frame = need("pandas").json_normalize(read["images"], "detections", ["file"])
    assert set(frame.category) == {"1"}


@test
def coco():
    """Ids, sizes and categories; read back by `labels` as by pycocotools."""
    path = folder("c")
    out = os.path.join(path, "answers.json")
    told, result = predict(path, "--format", "coco", "-o", out)
    assert "1 pictures are not in it" in result.stderr, result.stderr
    with open(out, encoding="utf-8") as f:
        read = json.load(f)
    categories = {c["id"]: c["name"] for c in read["categories"]}
    images = {i["id"]: i for i in read["images"]}
    assert len(images) == len(read["annotations"]) == 9 and list(categories.values()) == classes
    for annotation in read["annotations"]:
        image = images[annotation["image_id"]]
        answer = told[os.path.join(path, image["file_name"])]
        assert categories[annotation["category_id"]] == answer["class"]
        assert annotation["bbox"] == [0, 0, image["width"], image["height"]] == [0, 0, 24, 24]
        assert abs(annotation["score"] - answer["probability"]) < 1e-5
    counts = json_of(run("labels", out, "--json"))["classes"]
    wanted = [a["class"] for a in told.values() if "class" in a]
    assert counts == {k: wanted.count(k) for k in sorted(set(wanted))}, counts
    coco = need("pycocotools.coco")
    with contextlib.redirect_stdout(sys.stderr):  # it talks
        assert sorted(coco.COCO(out).getImgIds()) == sorted(images)


def fits(field, text):
    """Whether a cell is what the schema says."""
    rules = field.get("constraints", {})
    if text == "":
        return not rules.get("required")
    if field["type"] == "datetime":
        datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
    if field["type"] in ("number", "integer"):
        number = float(text)
        if not rules.get("minimum", number) <= number <= rules.get("maximum", number):
            return False
    if field["type"] == "boolean" and text not in ("true", "false"):
        return False
    return text in rules.get("enum", [text]) and re.match(rules.get("pattern", ""), text)


def table(path, name):
    with open(f"{path}/{name}.csv", encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    with open(f"{SCHEMAS}/{name}-table-schema.json", encoding="utf-8") as f:
        fields = {field["name"]: field for field in json.load(f)["fields"]}
    assert rows and list(rows[0]) == list(fields), list(rows[0])
    for field in fields.values():
        rules = field.get("constraints", {})
        if rules.get("required"):
            assert all(r[field["name"]] for r in rows), field["name"]
        if rules.get("unique"):
            assert len({r[field["name"]] for r in rows}) == len(rows)
    for row in rows:
        for key, text in row.items():
            assert fits(fields[key], text), (name, key, text)
    return rows


@test
def camtrap():
    """Tables as the published schemas say, references that lead somewhere, the pictures' times."""
    path = folder("d")
    place = ("--format", "camtrap-dp", "-o", path, "--deployment", PLACE)
    told, result = predict(path, "--reject", "0.2", *place)
    assert "1 pictures are not in it" in result.stderr, result.stderr
    (deployment,) = table(path, "deployments")
    media, observations = table(path, "media"), table(path, "observations")
    assert len(media) == len(observations) == 9
    assert deployment["deploymentStart"] == "2026-05-01T12:00:00+02:00", deployment
    assert deployment["deploymentEnd"] == "2026-05-03T12:00:02+02:00", deployment
    seen = {o["mediaID"]: o for o in observations}
    taxa = set()
    for row in media:
        answer = told[os.path.join(path, row["filePath"])]
        observation = seen[row["mediaID"]]
        day = 1 + int(row["filePath"][4])
        assert row["timestamp"].startswith(f"2026-05-0{day}T12:00:0"), row
        assert row["deploymentID"] == observation["deploymentID"] == deployment["deploymentID"]
        assert observation["eventStart"] == row["timestamp"]
        if answer["refused"]:
            assert observation["observationType"] == "unknown", observation
            continue
        assert observation["scientificName"] == answer["class"]
        assert abs(float(observation["classificationProbability"]) - answer["probability"]) < 1e-5
        taxa.add(answer["class"])
    with open(path + "/datapackage.json", encoding="utf-8") as f:
        package = json.load(f)
    assert {t["scientificName"] for t in package["taxonomic"]} == taxa
    assert package["temporal"] == {"start": "2026-05-01", "end": "2026-05-03"}
    assert package["project"]["title"] == "P" and package["contributors"][0]["title"] == "C"
    check_package(package, path)
    again = predict(path, *place)[1]
    assert again.returncode == 1 and "is there already" in again.stderr, again.stderr


def in_folders(name, n=3):
    """Pictures of n sites, each with two cameras' folders."""
    image = need("PIL.Image")
    path = os.path.join(work, name)
    for site in range(n):
        for camera in ("a", "b"):
            where = f"{path}/site {site}/{camera}"
            os.makedirs(where)
            for i in range(2):
                exif = image.Exif()
                taken = f"2026:05:0{1 + site} 12:00:0{i}"
                exif[0x9003] = taken
                exif.get_ifd(0x8769)[0x9003] = taken
                picture = image.open(f"{data}/{classes[site % len(classes)]}/00{i}.png")
                picture.convert("RGB").save(f"{where}/{i}.jpg", exif=exif)
    return path


@test
def camtrap_of_several_deployments():
    """Each folder is one, with a place of its own where that is told; readers accept it."""
    path = in_folders("sites")
    common = ("--format", "camtrap-dp", "-o", path, "--deployments", "folders")
    places = (
        "latitude=1,longitude=2,zone=+02:00,contact=C,project=P",
        "folder=site 1,latitude=10.5,longitude=-20.25,location=The pond,zone=Z",
        "folder=site 2/b,id=B2,latitude=30,longitude=40",
    )
    told = [x for place in places for x in ("--deployment", place)]
    result = predict(path, *common, *told)[1]
    assert result.returncode == 0, result.stderr
    rows = {r["deploymentID"]: r for r in table(path, "deployments")}
    assert set(rows) == {"site 0", "site 1", "site 2", "B2"}, rows
    assert [rows["site 0"][k] for k in ("latitude", "longitude")] == ["1", "2"], rows
    assert [rows["site 1"][k] for k in ("latitude", "longitude", "locationName")] == [
        "10.5", "-20.25", "The pond"
    ], rows  # fmt: skip
    assert rows["site 1"]["deploymentStart"] == "2026-05-02T12:00:00Z", rows
    assert rows["B2"]["deploymentEnd"] == "2026-05-03T12:00:01+02:00", rows
    of = {}
    for name in ("media", "observations"):
        for row in table(path, name):
            of.setdefault(row["deploymentID"], set()).add(row["mediaID"])
    assert {k: len(v) for k, v in of.items()} == {"site 0": 4, "site 1": 4, "site 2": 2, "B2": 2}
    for row in table(path, "media"):
        folder_of = row["filePath"].rsplit("/", 1)[0]
        wanted = "B2" if folder_of == "site 2/b" else folder_of.split("/")[0]
        assert row["deploymentID"] == wanted, row
    with open(path + "/datapackage.json", encoding="utf-8") as f:
        package = json.load(f)
    assert package["spatial"]["type"] == "MultiPoint"
    assert [40, 30] in package["spatial"]["coordinates"], package["spatial"]
    assert package["temporal"] == {"start": "2026-05-01", "end": "2026-05-03"}
    assert package["project"]["title"] == "P" and package["contributors"][0]["title"] == "C"
    check_package(package, path)


@test
def deployments_that_cannot_be():
    path = in_folders("wrong", 1)
    place = "latitude=1,longitude=2,zone=Z"
    common = ("--format", "camtrap-dp", "-o", path)
    for more, word in (
        (("--deployments", "files", "--deployment", place), "knows folders"),
        (("--deployment", place, "--deployment", place), "one alone"),
        (("--deployment", f"folder=../x,{place}"), "below that of the package"),
        (("--deployment", f"folder=/x,{place}"), "below that of the package"),
        (
            ("--deployment", f"folder=x,{place}", "--deployment", f"folder=y,id=x,{place}"),
            "same id",
        ),
        (
            ("--deployment", f"folder=x,{place}", "--deployment", f"folder=x,id=y,{place}"),
            "same folder",
        ),
        (("--deployment", "folder=x,latitude=1,longitude=2"), "zone"),
        (("--deployments", "folders"), "latitude"),
    ):
        result = predict(path, *common, *more)[1]
        assert result.returncode == 2 and word in result.stderr, (more, result.stderr)
    result = predict(path, *common, "--deployment", f"folder=other,{place}")[1]
    assert result.returncode == 1 and "where the camera stood that took site 0/a" in result.stderr
    # one by its folder's name, another by an id: neither takes the other's place
    told = ("--deployments", "folders", "--deployment", place)
    clash = "folder=site 0/b,id=site 0,latitude=50"
    result = predict(path, *common, *told, "--deployment", clash)[1]
    assert result.returncode == 1 and "Two deployments are called “site 0”" in result.stderr
    assert not glob.glob(path + "/*.csv") and not os.path.exists(path + "/datapackage.json")


def check_package(package, path):
    """The profile, and frictionless with the schemas that are here in the place of the web's."""
    with open(SCHEMAS + "/camtrap-dp-profile.json", encoding="utf-8") as f:
        profile = json.load(f)
    own = profile["allOf"][1]
    own["properties"]["spatial"].pop("$ref")  # of the web
    own["properties"]["resources"]["items"]["oneOf"][0]["properties"]["schema"] = {}
    need("jsonschema").Draft4Validator({**own, "$defs": profile["$defs"]}).validate(package)
    for resource in package["resources"]:
        name = resource["schema"].rsplit("/", 1)[1]
        with open(f"{SCHEMAS}/{name}", encoding="utf-8") as f:
            resource["schema"] = json.load(f)
        resource.pop("profile")
    package.pop("profile")
    checked = need("frictionless").Package(package, basepath=path).validate()
    assert checked.valid, checked.flatten(["type", "note"])


@test
def camtrap_wants_to_know():
    """Where, when and which zone; a folder above the pictures; pictures with a time."""
    path = folder("e")
    for place, word in (
        ("latitude=1,longitude=2", "zone"),
        ("longitude=2,zone=Z", "latitude"),
        ("latitude=1,longitude=200,zone=Z", "longitude"),
        ("latitude=1,longitude=2,zone=CET", "zone"),
        ("latitude=1,longitude=2,zone=Z,start=yesterday", "start"),
        ("latitude=x,longitude=2,zone=Z", "--deployment is"),
    ):
        result = predict(path, "--format", "camtrap-dp", "-o", path, "--deployment", place)[1]
        assert result.returncode == 2 and word in result.stderr, result.stderr
    place = ("--format", "camtrap-dp", "--deployment", "latitude=1,longitude=2,zone=Z")
    elsewhere = os.path.join(work, "away")
    os.makedirs(elsewhere)
    result = predict(path, *place, "-o", elsewhere)[1]
    assert result.returncode == 1 and "folder that holds the pictures" in result.stderr
    assert os.listdir(elsewhere) == []
    untimed, table = folder("f", timed=False), os.path.join(work, "f.csv")
    result = predict(untimed, *place, "-o", untimed, "--csv", table)[1]
    assert result.returncode == 1 and "when it was taken" in result.stderr, result.stderr
    assert not glob.glob(untimed + "/*.csv") and os.path.getsize(table) > 0
    with open(untimed + "/media.csv", "w", encoding="utf-8") as f:
        f.write("of somebody else\n")
    result = predict(untimed, *place, "-o", untimed)[1]
    assert result.returncode == 1 and "media.csv is there already" in result.stderr, result.stderr
    with open(untimed + "/media.csv", encoding="utf-8") as f:
        assert f.read() == "of somebody else\n"
    for arguments in (("--format", "x", "-o", "y"), ("--format", "coco"), ("-o", "y")):
        assert predict(path, *arguments)[1].returncode == 2


@test
def card():
    """What it was measured on stands beside the number; what is not known is said so."""
    text = run("card", classifier).stdout
    n, right = trained["test_images"], 100 * trained["accuracy"]
    assert f"{right:.1f} % right" in text and f"of {n} pictures" in text, text
    assert "test pictures, which nothing was learned from" in text
    low, high = 100 * trained["accuracy_low"], 100 * trained["accuracy_high"]
    assert f"{low:.1f}–{high:.1f}" in text, (low, high, text)
    assert all(kind in text for kind in classes) and "Automatic" in text
    untold = os.path.join(work, "whole.safetensors")
    gda = ("--method", "gda:a=1", "--no-test", "-o", untold, "--json")
    json_of(run("train", model, data, *gda))
    text = run("card", untold).stdout
    assert "Nothing: this classifier was not measured" in text and "not calibrated" in text
    out = os.path.join(work, "card.md")
    assert run("card", untold, "-o", out).returncode == 0
    with open(out, encoding="utf-8") as f:
        assert f.read() == text
    assert run("card", os.path.join(work, "none")).returncode == 1


run_tests()
finish()
