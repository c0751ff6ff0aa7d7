#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`unpack`: archives as Python's zipfile and tarfile make them, hostile ones, kills in the middle.
Prints TAP.

test_unpack.py FEWSHOT_CLI GOLDEN_FOLDER"""

import csv
import glob
import io
import os
import re
import signal
import socket
import subprocess
import sys
import tarfile
import time
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import venv_path  # noqa: F401
from program import cli, dataset, json_of, model, run, tensors, work
from tap import finish, need, run_tests, test

data = dataset("plain", pictures=4)
classes = sorted(os.listdir(data))
files = sorted(glob.glob(data + "/*/*"))

probe = run("unpack", "/dev/null", "-o", os.path.join(work, "no"))
if "without libarchive" in probe.stderr:
    print("1..0 # SKIP built without libarchive: apt-get install libarchive-dev")
    sys.exit(0)


def place(name):
    return os.path.join(work, name)


def content(path):
    with open(path, "rb") as f:
        return f.read()


def make_zip(name, top="set/"):
    path = place(name)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for file in files:
            z.write(file, top + os.path.relpath(file, data))
    return path


def make_tar(name, entries, mode="w"):
    """entries: (TarInfo, bytes)"""
    path = place(name)
    with tarfile.open(path, mode) as t:
        for info, content in entries:
            info.size = len(content)
            t.addfile(info, io.BytesIO(content))
    return path


def refused(path, word, folder):
    result = run("unpack", path, "-o", folder)
    assert result.returncode == 1 and word in result.stderr, result.stderr
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert not os.path.exists(folder) and not leftovers(), leftovers()


def leftovers():
    return glob.glob(work + "/.*unpacking")


@test
def as_python_packs():
    """zip and tar of every compression: the same files, and a data set as the folder is."""
    made = [make_zip("flat.zip", ""), make_zip("wrapped.zip")]
    for mode, ending in ("w", "tar"), ("w:gz", "tar.gz"), ("w:bz2", "tbz2"), ("w:xz", "TAR.XZ"):
        path = place("t." + ending)
        with tarfile.open(path, mode) as t:
            t.add(data, "set")
        made.append(path)
    for path in made:
        out = place("out " + os.path.basename(path))
        told = json_of(run("unpack", path, "-o", out, "--json"))
        assert told["files"] == len(files) and told["left_out"] == 0, told
        for file in files:
            assert content(os.path.join(out, os.path.relpath(file, data))) == content(file)
        assert json_of(run("labels", out, "--json"))["classes"] == dict.fromkeys(classes, 4)
    assert not leftovers()
    beside = json_of(run("unpack", made[2], "--json"))
    assert beside["output"] == place("t") and os.path.isdir(place("t")), beside
    again = run("unpack", made[2])
    assert again.returncode == 1 and "is there already" in again.stderr, again.stderr


@test
def names_that_lead_elsewhere():
    """Nothing outside of the folder, no links, nothing hidden, nothing twice."""
    good = content(files[0])
    info = tarfile.TarInfo
    entries = [(info("a/1.png"), good), (info("../out.png"), good), (info("/tmp/abs.png"), good)]
    entries += [
        (info("a/../../x.png"), good),
        (info("a/./2.png"), good),
        (info(".hid/3.png"), good),
    ]
    entries += [(info("a/1.png"), b"other"), (info("a\\b.png"), good), (info("x" * 300), good)]
    for kind, name in (tarfile.SYMTYPE, "link"), (tarfile.LNKTYPE, "hard"):
        link = info(name)
        link.type, link.linkname = kind, "/etc/passwd"
        entries.append((link, b""))
    inside = info("b")
    inside.type, inside.linkname = tarfile.SYMTYPE, work
    entries += [(inside, b""), (info("b/through.png"), good)]
    for kind, name in (tarfile.CHRTYPE, "device"), (tarfile.FIFOTYPE, "pipe"):
        special = info(name)
        special.type = kind
        entries.append((special, b""))
    before = sorted(os.listdir(work))
    path = make_tar("hostile.tar", entries)
    out = place("hostile out")
    told = json_of(run("unpack", path, "-o", out, "--json"))
    kept = sorted(os.path.relpath(p, out) for p in glob.glob(out + "/**", recursive=True))
    assert [k for k in kept if k.endswith(".png")] == ["a/1.png", "a/2.png", "b/through.png"], kept
    assert not os.path.islink(out + "/b") and content(out + "/a/1.png") == good
    assert told["files"] == 3 and told["left_out"] == 12, told
    after = set(os.listdir(work)) - set(before)
    assert after == {"hostile.tar", "hostile out"}, after
    assert not os.path.exists("/tmp/abs.png")


@test
def bombs_and_broken_ones():
    """Too large for pictures, encrypted, damaged, none, no archive: a sentence, nothing there."""
    bomb = place("bomb.zip")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as z, z.open("zero.png", "w") as f:
        for _ in range(300):
            f.write(bytes(1 << 20))
    refused(bomb, "more than a set of pictures does", place("bomb"))
    locked = content(make_zip("plain.zip"))
    for at in re.finditer(b"PK\x03\x04", locked):
        locked = locked[: at.start() + 6] + b"\x01" + locked[at.start() + 7 :]
    for at in re.finditer(b"PK\x01\x02", locked):
        locked = locked[: at.start() + 8] + b"\x01" + locked[at.start() + 9 :]
    for name, bytes_of, word in (
        ("locked.zip", locked, "encrypted"),
        ("cut.tar.gz", content(place("t.tar.gz"))[:-700], "damaged"),
        ("text.zip", b"not an archive", "no archive"),
        ("begun.zip", b"PK", "no archive"),
        ("empty.zip", b"PK\x05\x06" + bytes(18), "no file"),
        ("none.zip", None, "No such file"),
    ):
        if bytes_of is not None:
            with open(place(name), "wb") as f:
                f.write(bytes_of)
        refused(place(name), word, place(name + " out"))
    refused(data, "no file", place("folder out"))


@test
def kills():
    """A killed run leaves nothing under the folder's name; the next one goes through."""
    path = place("large.tar")
    with tarfile.open(path, "w") as t:
        for i in range(2000):
            info = tarfile.TarInfo(f"c{i % 3}/{i}.png")
            info.size = 20000
            t.addfile(info, io.BytesIO(os.urandom(20000)))
    out = place("large out")
    for wait in 0.01, 0.03, 0.06:
        process = subprocess.Popen([cli, "unpack", path, "-o", out], stderr=subprocess.DEVNULL)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if os.path.exists(out):
            break
    stopped = subprocess.Popen([cli, "unpack", path, "-o", place("ctrl-c")], stderr=subprocess.PIPE)
    time.sleep(0.03)
    stopped.send_signal(signal.SIGINT)
    stopped.communicate()
    assert os.path.exists(place("ctrl-c")) == (stopped.returncode == 0)
    if not os.path.exists(out):
        assert json_of(run("unpack", path, "-o", out, "--json"))["files"] == 2000
    assert len(glob.glob(out + "/*/*")) == 2000 and not leftovers(), leftovers()


@test
def archives_as_data():
    """What is learned from an archive is what is learned from its folder; nothing of it stays."""
    places = os.path.join(os.environ["XDG_CACHE_HOME"], "fewshot/unpacked")
    path, folder = make_zip("data.zip"), place("data-folder")
    tar = place("data.tar.gz")
    with tarfile.open(tar, "w:gz") as t:
        t.add(data, "set")
    gone = os.path.join(places, f"{socket.gethostname()}-4194305")  # of a process that cannot be
    other = os.path.join(places, "another-computer-4194305")  # which only that one knows
    os.makedirs(gone)
    os.makedirs(other)
    json_of(run("unpack", path, "-o", folder, "--json"))
    said = {}
    for given in (folder, path, tar):
        out = place("learned.safetensors")
        trained = run("train", model, given, "--method", "gda", "-o", out, "--json")
        report = json_of(trained)
        said[given] = report["classes"], report["accuracy"], tensors(out)[0]
        assert ("fewshot-cli unpack" in trained.stderr) == (given != folder), trained.stderr
        embedded = run("embed", model, "--image-dir", given, "--no-cache", "-o", out, "--json")
        assert json_of(embedded)["images"] == len(files)
        said[given] += (content(out),)
        table = place("table.csv")
        how = ("--methods", "gda", "--shots", "1", "--seeds", "1", "-o", table)
        json_of(run("bench", model, given, *how, "--json"))
        measured = ("seconds", "peak_bytes")
        rows = [
            {k: row[k] for k in row if k not in measured} for row in csv.DictReader(open(table))
        ]
        said[given] += (rows,)
        left = os.listdir(places)
        assert given == folder or left == [os.path.basename(other)], left
    for given in (path, tar):
        for i, (ours, theirs) in enumerate(zip(said[given], said[folder])):
            assert ours == theirs, (given, i)
    with open(path, "rb") as f:
        half = f.read()[:300]
    broken = place("broken.zip")
    for content_of in half, b"PK":
        with open(broken, "wb") as f:
            f.write(content_of)
        result = run("train", model, broken, "-o", place("none"))
        assert result.returncode == 1 and "broken.zip" in result.stderr, result.stderr
    assert os.listdir(places) == [os.path.basename(other)]


@test
def data_says_what_to_do():
    """An archive or a Parquet file as DATA: a sentence with the way out, which works."""
    result = run("labels", place("t.tar"))
    assert result.returncode == 1 and "fewshot-cli unpack" in result.stderr, result.stderr
    parquet = place("d.parquet")
    with open(parquet, "wb") as f:
        f.write(b"PAR1")
    result = run("labels", parquet)
    assert result.returncode == 1 and len(result.stderr.splitlines()) == 1, result.stderr
    os.environ["HF_DATASETS_CACHE"] = place("cache")
    datasets = need("datasets")
    features = datasets.Features(
        {"image": datasets.Image(), "label": datasets.ClassLabel(names=classes)}
    )
    rows = {"image": files, "label": [classes.index(f.split("/")[-2]) for f in files]}
    datasets.Dataset.from_dict(rows, features=features).to_parquet(parquet)
    code = run("labels", parquet).stderr.split("makes a folder of it: ")[1]
    os.environ["PYTHONPATH"] = ":".join(sys.path)
    subprocess.run([sys.executable, "-c", code], cwd=work, check=True, capture_output=True)
    assert json_of(run("labels", place("out"), "--json"))["classes"] == dict.fromkeys(classes, 4)


run_tests()
finish()
