# SPDX-License-Identifier: MIT
"""What tests of `fewshot-cli tag` share: a classifier, folders of pictures, and what exiftool and
exiv2 find in them."""

import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys

from program import dataset, json_of, model, run, work

disk = os.path.join(work, "disk")  # of pictures and journals alone
os.environ["XDG_STATE_HOME"] = os.path.join(disk, "state")
data = dataset("plain")
drawn = sorted(glob.glob(data + "/*/*"))
classifier = os.path.join(work, "classifier.safetensors")
json_of(run("train", model, data, "--epochs", "60", "--lr", "0.01", "-o", classifier, "--json"))
missing = run("tag", "--undo", work)
if "gexiv2" in missing.stderr:
    print("1..0 # SKIP built without gexiv2")
    sys.exit(0)
LISTS = ("XMP-dc:Subject", "XMP-lr:HierarchicalSubject", "XMP-digiKam:TagsList")


def folder(name, pictures=drawn):
    """Pictures of all classes in one folder, anew."""
    path = os.path.join(disk, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    for at, picture in enumerate(pictures):
        kind = os.path.basename(os.path.dirname(picture))
        shutil.copy(picture, f"{path}/{at:03}-{kind}{os.path.splitext(picture)[1]}")
    return path


def tag(*arguments, code=0, least="0"):
    bound = ["--least", least] if least else []
    result = run("tag", "--model", model, classifier, *arguments, *bound)
    assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
    return result


def counts(*arguments, **how):
    return json.loads(tag(*arguments, "--json", **how).stdout)


def undo(path, code=0):
    result = run("tag", "--undo", path, "--json")
    assert result.returncode == code, (result.stdout, result.stderr)
    return json.loads(result.stdout) if result.stdout else result.stderr


def state(path):
    return {
        name: hashlib.sha256(open(name, "rb").read()).hexdigest()
        for name in glob.glob(path + "/**", recursive=True, include_hidden=True)
        if os.path.isfile(name)
    }


def exiftool(path):
    """Tag by tag; a list is always a list."""
    result = subprocess.run(
        ["exiftool", "-json", "-G1", "-struct", "-a", path],
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(result.stdout)[0]
    for name in LISTS:
        value = found.get(name, [])
        found[name] = [str(v) for v in (value if isinstance(value, list) else [value])]
    return found


def exiv2(path):
    """(key, value) of all that exiv2 prints."""
    result = subprocess.run(
        ["exiv2", "-PXkv", "print", path], check=True, capture_output=True, text=True
    )
    lines = [line.partition(" ") for line in result.stdout.splitlines()]
    return [(key, value.strip()) for key, _, value in lines]
