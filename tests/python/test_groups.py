#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Pictures that belong together do not fall on both sides of a split: bursts by the EXIF that
libraries of others write, sub-folders, JPEGs saved again at another quality. Prints TAP.

    test_groups.py FEWSHOT_CLI
"""

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
import venv_path  # noqa: E402, F401
from tap import finish, run_tests, test  # noqa: E402

try:
    import numpy as np
    from PIL import Image
except ImportError as error:
    print(f"1..0 # SKIP {error}: ./test installs Pillow")
    sys.exit(0)

cli = sys.argv[1]
work = tempfile.mkdtemp(prefix="fewshot-groups-")
os.environ["XDG_CACHE_HOME"] = f"{work}/cache"
CLASSES, PICTURES = ("bolt", "nut"), 20


def draw(seed, kind):
    """A picture that is like no other: coarse noise over the colour of its class."""
    random = np.random.RandomState(seed)
    coarse = random.randint(0, 256, (6, 8, 3)) * 0.6 + np.roll([90, 10, 40], kind)
    large = np.kron(coarse, np.ones((16, 16, 1)))
    return Image.fromarray(large.clip(0, 255).astype(np.uint8))


def save(picture, path, quality=92, taken=None, camera="K1", kind="JPEG"):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    exif = Image.Exif()
    if taken is not None:
        exif[0x10F], exif[0x110] = "Acme", camera
        clock = f"2024:05:01 {taken // 3600:02}:{taken // 60 % 60:02}:{taken % 60:02}"
        exif[0x8769] = {0x9003: clock, 0x9291: "5"}
    picture.save(path, kind, quality=quality, exif=exif.tobytes())


def folder(name, place=lambda i: f"{i:03}.jpg", **how):
    """PICTURES of each class; how: a value or a function of the picture's number."""
    path = f"{work}/{name}"
    for kind, label in enumerate(CLASSES):
        for i in range(PICTURES):
            told = {key: value(i) if callable(value) else value for key, value in how.items()}
            save(draw(1000 * kind + i, kind), f"{path}/{label}/{place(i)}", **told)
    return path


def train(data, *more):
    out = f"{work}/c.safetensors"
    done = subprocess.run(
        [cli, "train", "pocket", data, "--method", "gda:a=1", "--json", "-o", out, *more],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def moved(data, *more):
    told = train(data, *more)
    assert told["test_images"] + told["validation_images"] + told["train_images"] == 2 * PICTURES
    return told["twins_moved"]


@test
def bursts():
    """Five of a burst, then a pause of a minute."""
    seconds = lambda i: 3600 + 60 * (i // 5) + i % 5  # noqa: E731
    data = folder("bursts", taken=seconds)
    told = train(data)
    assert told["twins_moved"] > 4, told
    assert moved(data, "--groups", "none") == 0
    assert moved(folder("cameras", taken=seconds, camera=lambda i: f"K{i}")) == 0
    assert moved(folder("slow", taken=lambda i: 3600 + 60 * i)) == 0
    assert moved(folder("timeless")) == 0


@test
def other_kinds():
    """EXIF as Pillow writes it into PNG, WebP and TIFF."""
    seconds = lambda i: 3600 + 60 * (i // 5) + i % 5  # noqa: E731
    for kind in "PNG", "WEBP", "TIFF":
        place = lambda i, kind=kind: f"{i:03}.{kind.lower()}"  # noqa: E731
        data = folder(kind, place=place, taken=seconds, kind=kind)
        assert moved(data) > 4, kind
        assert moved(data, "--groups", "none") == 0, kind


@test
def bursts_of_phones():
    """HEIC and AVIF by libheif's own program, which takes a JPEG's EXIF with it."""
    for ending, how in ("heic", []), ("avif", ["-A"]):
        data = folder(ending, taken=lambda i: 3600 + 60 * (i // 5) + i % 5)
        for label in CLASSES:
            for name in sorted(os.listdir(f"{data}/{label}")):
                source = f"{data}/{label}/{name}"
                command = ["heif-enc", *how, source, "-o", f"{source[:-4]}.{ending}"]
                subprocess.run(command, check=True, capture_output=True)
                os.remove(source)
        assert moved(data) > 4, ending
        assert moved(data, "--groups", "none") == 0, ending


@test
def folders():
    data = folder("folders", place=lambda i: f"tray {i // 5}/{i:03}.jpg")
    assert moved(data) == 0
    assert moved(data, "--groups", "folders") > 4
    assert moved(folder("flat"), "--groups", "folders") == 0
    done = subprocess.run(
        [cli, "train", "pocket", data, "--groups", "cousins"], capture_output=True, text=True
    )
    assert done.returncode == 2 and "--groups knows" in done.stderr, done.stderr


@test
def saved_again():
    """Each bolt twice, at two qualities: features that JPEG moves tell no copy, pixels do."""
    data = folder("again")
    for i in range(PICTURES):
        save(draw(i, 0), f"{data}/bolt/{i:03}-again.jpg", quality=60)
    told = train(data)
    kept = train(data, "--keep-twins")
    assert kept["twins_moved"] == 0 and told["twins_moved"] > 4, told
    # both of a pair are tested on, or none
    assert sum(c["images"] for c in told["per_class"] if c["class"] == "bolt") % 2 == 0, told


@test
def folds_part_no_copies():
    """Each picture again at another quality and labels that mean nothing: what folds say of
    pictures unseen is no better than chance, where copies stay apart it is."""
    random = np.random.RandomState(5)
    data = f"{work}/chance"
    for i in range(2 * PICTURES):
        label = CLASSES[random.randint(2)]
        for quality in (92, 60):
            save(draw(i, 0), f"{data}/{label}/{i:03}-{quality}.jpg", quality)
    said = {}
    for more in ((), ("--keep-twins",)):
        out = f"{work}/a.safetensors"
        done = subprocess.run(
            [cli, "train", "pocket", data, "--method", "automatic", "--no-test", "--json", *more]
            + ["-o", out],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        said[more] = json.loads(done.stdout)["cross_validated_accuracy"]
    assert said[()] < 0.7 and said[("--keep-twins",)] > 0.8, said


@test
def bench_parts_bursts():
    data = folder("bench", taken=lambda i: 3600 + 60 * (i // 5) + i % 5)
    said = {}
    for groups in ("bursts", "none"):
        done = subprocess.run(
            [cli, "bench", "pocket", data, "--methods", "zero-shot", "--shots", "2", "--seeds", "1"]
            + ["--groups", groups, "-o", f"{work}/{groups}.csv"],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        said[groups] = done.stdout
    assert "a twin among the training pictures" in said["bursts"], said
    assert "twin" not in said["none"], said


@test
def hostile_exif():
    """A directory that says it is longer than the file, and one that leads to itself."""
    data = folder("hostile", taken=3600)
    for name in sorted(os.listdir(f"{data}/bolt"))[:10]:
        path = f"{data}/bolt/{name}"
        content = bytearray(open(path, "rb").read())
        at = content.index(b"Exif\0\0") + 6
        content[at + 4 : at + 8] = b"\xff\xff\xff\x7f" if name < "005" else b"\0\0\0\0"
        with open(path, "wb") as file:
            file.write(content)
        Image.open(io.BytesIO(content)).load()
    train(data)


run_tests()
shutil.rmtree(work, ignore_errors=True)
finish()
