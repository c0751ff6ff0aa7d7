#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`fewshot-cli tag`: keywords in sidecars and pictures, read back by exiftool and exiv2; those of
others through every step; refusals, undoing. Kills are in tests/faults. Prints TAP.

test_tag.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as tree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import sidecars
from program import cli, model, run, work
from tagging import (
    LISTS,
    classifier,
    counts,
    drawn,
    exiftool,
    exiv2,
    folder,
    state,
    tag,
    undo,
)
from tap import finish, run_tests, test


def classes_of(path):
    """What predict says, picture by picture."""
    lines = run("predict", "--model", model, classifier, path, "--json-lines").stdout
    answers = [json.loads(line) for line in lines.splitlines()]
    return {a["path"]: a["class"] for a in answers}


def foreign(path):
    """Every text and attribute of a sidecar that is not ours."""
    values = []
    for element in tree.parse(path).iter():
        if "fewshot.github.io" not in element.tag:
            values += [v.strip() for v in (element.text or "",) if v.strip()]
        values += [
            v.strip()
            for name, v in element.attrib.items()
            if "fewshot.github.io" not in name
            and not name.endswith(("about", "parseType", "xmptk"))
        ]
    return [v for v in values if v]


@test
def new_sidecars():
    """One beside each picture, as predict says; both readers find the three lists and the marks."""
    path = folder("new", drawn[::9])
    before = state(path)
    said = classes_of(path)
    assert counts(path)["new"] == len(said)
    assert before.items() <= state(path).items(), "a picture was written"
    for picture, name in said.items():
        found = exiftool(picture + ".xmp")
        assert found[LISTS[0]] == [name], found
        assert found[LISTS[1]] == [f"Fewshot|{name}"]
        assert found[LISTS[2]] == [f"Fewshot/{name}"]
        keys = dict(exiv2(picture + ".xmp"))
        mark = "Xmp.fewshot.Tags[1]/fewshot:"
        assert keys["Xmp.dc.subject"] == name and keys["Xmp.digiKam.TagsList"] == f"Fewshot/{name}"
        assert keys[mark + "Label"] == name and 0 < float(keys[mark + "Probability"]) <= 1
        assert "classifier.safetensors" in keys[mark + "Model"] and "T" in keys[mark + "Date"]


def watch(path, *arguments):
    """predict --watch until every picture has its line; what it said."""
    n = len([name for name in os.listdir(path) if not name.endswith(".xmp")])
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [cli, "predict", "--model", model, classifier, "--watch", path, *arguments],
            stdout=said,
            stderr=subprocess.PIPE,
            text=True,
        )
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            said.seek(0)
            if len(said.readlines()) >= n:
                process.terminate()
                break
            time.sleep(0.1)
        complaints = process.communicate(timeout=60)[1]
        said.seek(0)
        return process.returncode, said.read(), complaints


@test
def watched():
    """A watch tags what comes, as `tag` does; a folder that cannot be written to loses nothing."""
    path, beside = folder("watched", drawn[::9]), folder("beside", drawn[::9])
    code, said, complaints = watch(path, "--tags", "My/Root", "--reject", "auto")
    assert code == 0 and len(said.splitlines()) == len(drawn[::9]), (code, said, complaints)
    assert counts(beside, "--root", "My/Root", least="0.5")["new"] > 0
    ours, theirs = (
        {os.path.basename(f): exiftool(f)[LISTS[1]] for f in sorted(glob.glob(where + "/*.xmp"))}
        for where in (path, beside)
    )
    assert ours == theirs and ours, (ours, theirs)
    assert undo(path)["restored"] == len(ours) and not glob.glob(path + "/*.xmp")
    target, late = os.path.join(work, "late"), folder("late", drawn[:2])
    open(target, "w").close()
    code, said, complaints = watch(late, "--sort", target)
    assert code == 1 and not said and "late" in complaints, (code, said, complaints)
    os.unlink(target)
    code, said, complaints = watch(late, "--sort", target)
    assert code == 0 and len(said.splitlines()) == 2, (code, said, complaints)
    assert len(glob.glob(target + "/*/*")) == 2
    assert run("predict", "--model", model, classifier, path, "--tags", "A").returncode == 2


@test
def second_run():
    """Changes nothing where nothing changed, and its own alone where something has."""
    path = folder("second", drawn[:2])
    tag(path)
    first = state(path)
    assert counts(path)["same"] == 2 and state(path) == first
    picture = sorted(glob.glob(path + "/*.xmp"))[0]
    name = exiftool(picture)[LISTS[0]][0]
    subprocess.run(
        ["exiftool", "-q", "-overwrite_original", "-XMP-dc:Subject+=mine", picture], check=True
    )
    assert counts(path, "--root", "Machine/Seen")["changed"] == 2
    found = exiftool(picture)
    assert sorted(found[LISTS[0]]) == sorted(["mine", name])
    assert found[LISTS[1]] == [f"Machine|Seen|{name}"]
    assert found[LISTS[2]] == [f"Machine/Seen/{name}"]
    assert counts(path, least="1")["removed"] == 2
    found = exiftool(picture)
    assert found[LISTS[0]] == ["mine"] and not found[LISTS[1]] and not found[LISTS[2]]
    assert not [pair for pair in exiv2(picture) if "fewshot" in pair[0]], exiv2(picture)


@test
def keyword_of_the_person():
    """A keyword that was there before is not ours: it stays when the tag goes."""
    path = folder("person", drawn[:1])
    picture, name = next(iter(classes_of(path).items()))
    subprocess.run(
        ["exiftool", "-q", "-o", picture + ".xmp", f"-XMP-dc:Subject={name}", picture], check=True
    )
    tag(path)
    assert exiftool(picture + ".xmp")[LISTS[0]] == [name]
    tag(path, least="1")
    found = exiftool(picture + ".xmp")
    assert found[LISTS[0]] == [name] and not found[LISTS[1]]


@test
def sidecars_of_others():
    """darktable's, Lightroom's, digiKam's: every value is still there, in photo.xmp as well."""
    for program, text in sidecars.ALL.items():
        for shared in (False, True):
            path = folder("others", drawn[:1])
            picture, name = next(iter(classes_of(path).items()))
            file = (os.path.splitext(picture)[0] if shared else picture) + ".xmp"
            with open(file, "w", encoding="utf-8") as f:
                f.write(text)
            before, exif, old = foreign(file), exiftool(file), exiv2(file)
            assert counts(path)["new"] == 1
            assert len(glob.glob(path + "/*.xmp")) == 1, program
            after = foreign(file)
            for value in before:
                assert value in after, (program, value)
                after.remove(value)
            assert sorted(set(after)) == sorted({name, f"Fewshot|{name}", f"Fewshot/{name}"}), after
            now = exiftool(file)
            for key, value in exif.items():
                if key in LISTS:
                    assert now[key][: len(value)] == value and len(now[key]) == len(value) + 1
                elif key.startswith("XMP-") and key != "XMP-x:XMPToolkit":
                    assert now[key] == value, (program, key)
            new = exiv2(file)
            lists = ("Xmp.dc.subject", "Xmp.lr.hierarchicalSubject", "Xmp.digiKam.TagsList")
            assert [x for x in old if x[0] not in lists and x not in new] == [], program
            assert undo(path)["restored"] == 1
            assert open(file, encoding="utf-8").read() == text


@test
def shared_sidecar():
    """photo.xmp of two pictures: the tags of one outlast those of the other."""
    path = folder("shared", [drawn[0], drawn[-1]])
    one, two = sorted(glob.glob(path + "/*"))
    names = list(classes_of(path).values())
    ends = [os.path.splitext(p)[1] for p in (one, two)]
    first = f"{path}/a{ends[0]}"
    os.rename(one, first)
    other = f"{path}/a.webp" if ends[1] != ".webp" else f"{path}/a.png"
    os.rename(two, other)
    with open(path + "/a.xmp", "w", encoding="utf-8") as f:
        f.write(sidecars.DARKTABLE)
    tag(path)
    tag(path)
    found = exiftool(path + "/a.xmp")[LISTS[0]]
    assert found == ["holiday", "darktable|format|png", *sorted(set(names), key=names.index)], found
    tag(first, least="1")
    assert exiftool(path + "/a.xmp")[LISTS[0]][2:] == [names[1]]
    assert undo(first)["restored"] == 1 and undo(path)["restored"] == 2
    assert open(path + "/a.xmp", encoding="utf-8").read() == sidecars.DARKTABLE


@test
def rejected():
    """No tag for what is stranger than the classes' own pictures; the default where it is known."""
    path = folder("rejected", drawn[:3])
    assert counts(path, least="1")["without_tag"] == 3
    assert not glob.glob(path + "/*.xmp")
    result = run("tag", "--model", model, classifier, path, "--reject", "0.05", "-n", "--json")
    assert result.returncode == 0 or "--reject" in result.stderr, result.stderr
    assert not glob.glob(path + "/*.xmp")
    for wrong in (["--least", "x"], ["--least", "2"], ["--reject", "7"]):
        assert run("tag", "--model", model, classifier, path, *wrong).returncode == 2
    assert not glob.glob(path + "/*.xmp")


@test
def dry_run():
    path = folder("dry", drawn[:3])
    before = state(path)
    result = counts(path, "--dry-run")
    assert result["new"] == 3 and "journal" not in result
    assert state(path) == before
    shown = tag(path, "-n").stdout.splitlines()
    assert len(shown) == 3 and all(line.startswith("new\t") for line in shown)
    for inside in (["--inside"],):
        assert counts(path, "-n", *inside)["new"] == 3 and state(path) == before


@test
def hostile_sidecars():
    """Each is a sentence, left byte by byte as it is, and the other pictures are tagged."""
    for name, (text, word) in sidecars.HOSTILE.items():
        path = folder("hostile", drawn[:2])
        file = sorted(glob.glob(path + "/*"))[0] + ".xmp"
        data = text if isinstance(text, bytes) else text.encode()
        with open(file, "wb") as f:
            f.write(data)
        started = time.monotonic()
        result = tag(path, code=1)
        assert time.monotonic() - started < 20, name
        assert word in result.stderr and "passwd" not in result.stderr, (name, result.stderr)
        assert open(file, "rb").read() == data, name
        assert len(glob.glob(path + "/*.xmp")) == 2, name
    path = folder("hostile", drawn[:1])
    file = glob.glob(path + "/*")[0] + ".xmp"
    os.mkfifo(file)
    assert "pipe" in tag(path, code=1).stderr
    os.unlink(file)
    os.mkdir(file)
    assert "folder" in tag(path, code=1).stderr


@test
def inside():
    """Only when asked; the pixels and what else is there stay; undone, too."""
    kinds = [".png", ".jpg", ".webp", ".tif"]
    path = folder("inside", drawn[:1])
    source = glob.glob(path + "/*")[0]
    for kind in kinds:
        subprocess.run(["convert", source, "-depth", "8", f"{path}/made{kind}"], check=True)
    os.unlink(source)
    jpeg = path + "/made.jpg"
    subprocess.run(
        ["exiftool", "-q", "-overwrite_original", "-Artist=Somebody", "-XMP-dc:Subject=mine"]
        + ["-XMP-xmp:Rating=4", jpeg],
        check=True,
    )

    def pixels(name):
        return subprocess.run(["convert", name, "rgb:-"], check=True, capture_output=True).stdout

    before = {name: pixels(name) for name in glob.glob(path + "/*")}
    assert counts(path, "--inside")["new"] == len(kinds)
    assert set(glob.glob(path + "/*")) == set(before), "there is another file"
    for name, seen in before.items():
        assert pixels(name) == seen, name
        assert exiftool(name)[LISTS[1]][0].startswith("Fewshot|"), name
    found = exiftool(jpeg)
    assert found["IFD0:Artist"] == "Somebody" and found["XMP-xmp:Rating"] == 4
    assert found[LISTS[0]][0] == "mine" and len(found[LISTS[0]]) == 2
    assert counts(path, "--inside")["same"] == len(kinds)
    assert undo(path)["restored"] == len(kinds)
    for name, seen in before.items():
        assert pixels(name) == seen and not exiftool(name)[LISTS[1]], name
    assert exiftool(jpeg)[LISTS[0]] == ["mine"]
    assert not glob.glob(os.path.join(os.environ.get("TMPDIR", "/tmp"), "fewshot-tag-*"))


@test
def undone():
    """Back byte by byte, the last run first; what somebody has written since stays."""
    path = folder("undone", drawn[:3])
    states = [state(path)]
    tag(path)
    states.append(state(path))
    tag(path, "--root", "Other")
    touched = sorted(glob.glob(path + "/*.xmp"))[0]
    with open(touched, "a") as f:
        f.write("<!-- mine -->")
    ours = open(touched).read()
    assert undo(path, code=1) == {"restored": 2, "changed": 1, "failed": 0}
    assert open(touched).read() == ours
    with open(touched, "w") as f:
        f.write(ours.replace("<!-- mine -->", ""))
    assert undo(path, code=1) == {"restored": 2, "changed": 1, "failed": 0}
    os.unlink(touched)
    assert state(path) == states[0]
    assert "no run of tags" in undo(path, code=1)


@test
def a_label_stays_in_its_line():
    """Tabs and line ends in a class's name are shown, as they are in a file's."""
    where, odd = os.path.join(work, "odd names"), os.path.join(work, "odd.safetensors")
    for at, kind in enumerate(sorted({os.path.dirname(picture) for picture in drawn})):
        shutil.copytree(kind, f"{where}/kind\n{at}\tnew")
    given = ("--method", "gda:a=1", "--no-test", "-o", odd)
    assert run("train", model, where, *given).returncode == 0
    path = folder("odd label", drawn[:1])
    result = run("tag", "--model", model, odd, path, "--least", "0", "--dry-run")
    assert result.returncode == 0, result.stderr
    (line,) = result.stdout.splitlines()
    assert len(line.split("\t")) == 4 and "kind\\x0A" in line, line


run_tests()
finish()
