#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Other inputs of the kinds that an attack once found faults in (test_hostile, test_identity and
test_bombs have those that it found): a fault's whole kind is mended, not its first input. Every run
has ten seconds and 600 MB. Prints TAP.

    test_kinds.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import csv
import json
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import time
import zipfile
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from hostile import CONFIG, WEIGHTS, cli, data, limited, model, picture, refused, run, work, worked
from tap import finish, run_tests, test

plain = model("plain-model")
adapter = os.path.join(work, "good.safetensors")
worked(run("train", plain, data, "--epochs", "2", "--output", adapter))
shelf = os.path.join(os.environ["XDG_DATA_HOME"], "fewshot/models")
os.makedirs(shelf, exist_ok=True)


def put(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(content if isinstance(content, bytes) else content.encode())
    return path


def fingerprint(folder):
    return json.loads(worked(run("info", folder, "--json")).stdout)["fingerprint"]


def embedded(folder, *options):
    """How many features of one picture and one text came from the cache, and what there is."""
    out = os.path.join(work, "e.safetensors")
    arguments = ["embed", folder, "--image", picture, "--text", "red stripes", "--output", out]
    answer = json.loads(worked(run(*arguments, "--json", *options)).stdout)
    with open(out, "rb") as f:
        length = struct.unpack("<Q", f.read(8))[0]
        header = json.loads(f.read(length))
        content = f.read()
    return answer["from_cache"], {
        name: content[slice(*header[name]["data_offsets"])]
        for name in ("image_features", "text_features")
    }


@test
def settings_that_change_a_feature():
    """Each gives another identity, and features as if there were no cache; an adapter of the one
    does not open on the other."""
    embedded(plain)
    cached, first = embedded(plain)
    assert cached == 1
    config = json.load(open(os.path.join(plain, CONFIG)))
    seen = {fingerprint(plain)}
    for part, member, value in (
        ("preprocess_cfg", "interpolation", "bilinear"),
        ("preprocess_cfg", "resize_mode", "squash"),
        ("preprocess_cfg", "resize_mode", "longest"),
        ("model_cfg", "quick_gelu", False),
    ):
        folder = model("setting")
        other = json.loads(json.dumps(config))
        other[part][member] = value
        put(os.path.join(folder, CONFIG), json.dumps(other))
        cached, features = embedded(folder)
        assert cached == 0, (member, value)
        assert features == embedded(folder, "--no-cache")[1], (member, value)
        assert fingerprint(folder) not in seen, (member, value)
        seen.add(fingerprint(folder))
        refused(run("predict", folder, adapter, picture), "trained")
    # the same settings in another order and with blanks are the same model
    folder = model("reordered")
    turned = {k: dict(reversed(v.items())) for k, v in reversed(config.items())}
    put(os.path.join(folder, CONFIG), json.dumps(turned, indent=7))
    assert embedded(folder) == (1, first) and fingerprint(folder) == fingerprint(plain)


@test
def tokenizers_that_change_a_text():
    """Merges in another order and a vocabulary with two words swapped: another identity, other
    texts, an adapter that is refused."""
    _, first = embedded(plain)

    def turn_merges(folder):
        path = os.path.join(folder, "merges.txt")
        lines = open(path).read().split("\n")
        put(path, "\n".join([lines[0], *reversed(lines[1:])]))

    def swap_words(folder):
        path = os.path.join(folder, "vocab.json")
        words = json.load(open(path))
        a, b = "r</w>", "e"
        words[a], words[b] = words[b], words[a]
        put(path, json.dumps(words))

    for change in (turn_merges, swap_words):
        folder = model("tokenizer")
        change(folder)
        assert fingerprint(folder) != fingerprint(plain), change
        _, features = embedded(folder)
        assert features["image_features"] == first["image_features"], change
        assert features == embedded(folder, "--no-cache")[1], change
        refused(run("predict", folder, adapter, picture), "trained")


@test
def precision_and_shards():
    """bf16 has its own features, and shards of two precisions or two configs are not one file."""
    squashed = model("squashed")
    text = open(os.path.join(squashed, CONFIG)).read()
    put(os.path.join(squashed, CONFIG), text.replace('"shortest"', '"squash"'))
    exact = embedded(plain)[1]
    assert embedded(plain, "--precision", "bf16")[1]["image_features"] != exact["image_features"]
    assert embedded(plain) == (1, exact)
    shards = []
    for i, (folder, *more) in enumerate(
        ((plain,), (plain, "--precision", "bf16"), (squashed,)), start=1
    ):
        shards.append(os.path.join(work, f"shard{i}.safetensors"))
        part = ["--image-dir", data, "--shard", f"{min(i, 2)}/2", "--output", shards[-1]]
        worked(run("embed", folder, *part, *more))
    out = os.path.join(work, "merged.safetensors")
    for other in shards[1:]:
        refused(run("merge", shards[0], other, "--output", out), "cannot be one file")
        assert not os.path.exists(out)


@test
def weights_that_look_alike():
    """Two models that swap their weights, a link that is turned, another name of the same file that
    is written: the features are always those of the weights that are there."""
    one, two = model("alike-1"), model("alike-2")
    weights = [os.path.join(folder, WEIGHTS) for folder in (one, two)]
    other = bytearray(open(weights[1], "rb").read())
    other[-7] ^= 0x80
    put(weights[1], bytes(other))
    for path in weights:
        os.utime(path, (1, 1))
    before = [fingerprint(one), fingerprint(two)]
    assert before[0] != before[1]
    os.rename(weights[0], weights[0] + ".x")
    os.rename(weights[1], weights[0])
    os.rename(weights[0] + ".x", weights[1])
    assert [fingerprint(one), fingerprint(two)] == before[::-1]
    linked = model("alike-link")
    path = os.path.join(linked, WEIGHTS)
    for target, wanted in ((weights[1], before[0]), (weights[0], before[1])):
        os.unlink(path)
        os.symlink(target, path)
        assert fingerprint(linked) == wanted
    name = os.path.join(work, "another-name")
    os.link(weights[1], name)
    content = bytearray(open(name, "rb").read())
    content[len(content) // 3 * 2] ^= 0x40
    with open(name, "r+b") as f:
        f.write(content)
    os.utime(name, (1, 1))
    assert fingerprint(two) not in before


DEEP = 300000
SICK = {
    "objects": b'{"a":' * DEEP,
    "mixed": b'[{"a":' * DEEP,
    "comment before": b'/* " */ {"a":' + b"[" * DEEP,
    "comment inside a key": b'{"a\\"/*": ' + b"[" * DEEP,
    "line comment with a quote": b'{ // "\n"a":' + b"[" * DEEP,
    "star star": b'{/***/"a":/*"**/' + b"[" * DEEP,
    "wide": '{"a":1}'.encode("utf-16"),
    "wider": '{"a":1}'.encode("utf-32"),
    "no text": b'{"a":"\xff\xfe"}',
    "a zero": b'{"a":1}\0{"b":2}',
    "two": b'{"a":1}{"b":2}',
    "half a pair": b'{"\\ud800":1}',
    "a list": b"[1]",
    "a number": b"1e999999999",
    "nothing": b"",
    "a blank": b" \n",
    "a comma": b'{"a":1,}',
    "not a number": b'{"a":NaN}',
}


@test
def json_that_is_none():
    """In each place that JSON is read from: a sentence with the file's name."""
    header = os.path.join(work, "sick.safetensors")
    prompts, catalogue = os.path.join(work, "prompts.json"), os.path.join(work, "catalogue.json")
    table = os.path.join(work, "b.csv")
    for kind, content in SICK.items():
        for name in (CONFIG, "vocab.json", "tokenizer.json"):
            folder = model("sick")
            if name == "tokenizer.json":
                os.unlink(os.path.join(folder, "vocab.json"))
                os.unlink(os.path.join(folder, "merges.txt"))
            put(os.path.join(folder, name), content)
            refused(run("info", folder, preexec_fn=limited), name)
            shutil.rmtree(folder)
        put(header, struct.pack("<Q", len(content)) + content)
        refused(run("snippet", header, preexec_fn=limited), "sick.safetensors")
        put(prompts, content)
        few = ["bench", plain, data, "--methods", "zero-shot", "--shots", "1", "--seeds", "1"]
        for option in ("--split", "--class-prompts"):
            done = run(*few, option, prompts, "--output", table, preexec_fn=limited)
            if kind not in ("half a pair", "a number") or done.returncode != 0:
                refused(done)
        put(catalogue, content)
        models = run("models", env={**os.environ, "FEWSHOT_CATALOGUE": catalogue})
        assert models.returncode in (0, 1) and models.stderr, (kind, models)


@test
def removing_by_odd_names():
    """Names that lead elsewhere remove nothing, and a record names files of its own folder alone."""
    outside = put(os.path.join(work, "outside/fewshot-model.ini"), "[model]\n")
    kept = put(os.path.join(work, "outside/kept.txt"), "kept")
    for name in ("", ".", "..", "/", "../../../outside", os.path.dirname(outside), "a/../..", "*"):
        done = run("remove", "--", name)
        assert done.returncode in (1, 2) and done.stderr, (name, done)
    names = ["weights.bin", kept, "../../../../outside/kept.txt", "", ".", "sub/inner.txt", "pipe"]
    record = "[model]\nrepository=x/y\nrevision=main\n"
    record += "".join(f"[file {n}]\nbytes=4\nsha256=\n" for n in names)
    mine = os.path.join(shelf, "vit-b-32")
    for name in ("weights.bin", "fewshot-model.ini", "sub/inner.txt"):
        put(os.path.join(mine, name), record if name.endswith("ini") else "test")
    os.mkfifo(os.path.join(mine, "pipe"))
    os.link(kept, os.path.join(mine, "weights.bin.part"))  # another name of it goes, not the file
    worked(run("remove", "vit-b-32"))
    assert open(kept).read() == "kept" and os.path.exists(outside)
    assert not os.path.exists(os.path.join(mine, "weights.bin"))
    # a record that is a link, and a folder behind a link
    other = os.path.join(shelf, "vit-b-16")
    os.makedirs(other)
    put(os.path.join(other, "weights.bin"), "test")
    os.symlink(put(os.path.join(work, "record.ini"), record), f"{other}/fewshot-model.ini")
    run("remove", "vit-b-16")
    assert os.path.exists(os.path.join(work, "record.ini")) and open(kept).read() == "kept"
    shutil.rmtree(mine, ignore_errors=True)
    shutil.rmtree(other, ignore_errors=True)


@test
def cut_off_of_every_kind():
    """An adapter, a shard, a pickle, a vocabulary, a part and a picture that are cut off and made
    whole again while they are read: done, or a sentence."""
    pickled = model("cut-pickle")
    os.unlink(os.path.join(pickled, WEIGHTS))
    path = os.path.join(pickled, "open_clip_pytorch_model.bin")
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("archive/data.pkl", b"\x80\x02}." + b"." * 200000)
        z.writestr("archive/version", "3\n")
    spelt = model("cut-words")
    shard, out = os.path.join(work, "cut.safetensors"), os.path.join(work, "cut-out.safetensors")
    worked(run("embed", plain, "--image-dir", data, "--output", shard))
    copied = os.path.join(work, "cut.png")
    shutil.copy(picture, copied)
    rng = random.Random(3)
    for path, arguments in (
        (adapter, ["predict", plain, adapter, picture]),
        (shard, ["merge", shard, "--output", out]),
        (path, ["info", pickled]),
        (os.path.join(spelt, "vocab.json"), ["info", spelt]),
        (os.path.join(spelt, CONFIG), ["info", spelt]),
        (copied, ["embed", plain, "--image", copied, "--no-cache", "--output", out]),
    ):
        whole = open(path, "rb").read()
        for i in range(8):
            process = subprocess.Popen(
                [cli, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            )
            while process.poll() is None:
                os.truncate(path, rng.randrange(len(whole)))
                time.sleep(0.0004 * i)
                with open(path, "r+b") as f:
                    f.write(whole)
            said = process.stderr.read()
            assert process.returncode in (0, 1) and "CRITICAL" not in said, (path, said)
        put(path, whole)


@test
def sockets_and_devices():
    """And pipes where nobody looked for them: a sentence at once."""
    places = os.path.join(work, "odd-places")
    os.makedirs(places)
    listening = socket.socket(socket.AF_UNIX)
    os.chdir(places)
    listening.bind("socket")
    os.mkfifo("pipe")
    os.symlink("/dev/full", "full")
    os.symlink("/dev/tty", "terminal")
    os.symlink("loop", "loop")
    out = os.path.join(work, "odd-out.safetensors")
    for strange in (os.path.join(places, n) for n in os.listdir(places)):
        for name in ("preprocessor_config.json", "tokenizer_config.json", "spiece.model"):
            folder = model("odd-model")
            os.symlink(strange, os.path.join(folder, name))
            done = run("info", folder, preexec_fn=limited)
            assert done.returncode in (0, 1) and "CRITICAL" not in done.stderr, (name, done)
            shutil.rmtree(folder)
        for name in (CONFIG, WEIGHTS, "merges.txt"):
            folder = model("odd-model")
            os.unlink(os.path.join(folder, name))
            os.symlink(strange, os.path.join(folder, name))
            refused(run("info", folder, preexec_fn=limited), name)
            shutil.rmtree(folder)
        for arguments in (
            ["predict", plain, strange, picture],
            ["predict", plain, adapter, strange],
            ["predict", plain, adapter, "--list", strange],
            ["train", plain, data, "--negatives", strange, "--output", out],
            ["train", plain, strange, "--output", out],
            ["label-next", plain, strange],
            ["check", plain, strange],
            ["verify", strange, data],
            ["export", strange, "--output", os.path.join(work, "odd-folder")],
            ["merge", strange, "--output", out],
        ):
            done = run(*arguments, preexec_fn=limited)
            assert done.returncode in (1, 2) and done.stderr, (arguments, done)
        # among pictures it is passed over, and in the cache's and the catalogue's place done without
        mixed = os.path.join(work, "mixed")
        shutil.copytree(data, mixed)
        os.symlink(strange, os.path.join(mixed, "kind 1", "odd.png"))
        worked(run("check", plain, mixed, "--no-cache", preexec_fn=limited))
        shutil.rmtree(mixed)
        cache = os.path.join(work, "odd-cache")
        os.makedirs(os.path.join(cache, "fewshot"))
        os.symlink(strange, os.path.join(cache, "fewshot", "features"))
        where = {**os.environ, "XDG_CACHE_HOME": cache, "FEWSHOT_CATALOGUE": strange}
        worked(run("predict", plain, adapter, picture, env=where, preexec_fn=limited))
        shutil.rmtree(cache)
        done = run("models", env=where, preexec_fn=limited)
        assert done.returncode in (0, 1), done
    os.chdir("/")
    listening.close()


@test
def pickles_of_other_kinds():
    """Long numbers, frames, memo of huge places, tuples that double, archives that unpack to
    gigabytes or lie on top of one another: a sentence."""
    folder = model("odd-pickle")
    os.unlink(os.path.join(folder, WEIGHTS))
    path = os.path.join(folder, "open_clip_pytorch_model.bin")
    double = b"}q\0" + b"".join(b"h%ch%c\x86q%c" % (i, i, i + 1) for i in range(200))
    programs = {
        "a long number": b"\x8b" + struct.pack("<i", 1 << 30) + b"\1" * 100,
        "a negative length": b"\x8b" + struct.pack("<i", -5),
        "digits": b"L" + b"9" * 3000000 + b"L\n.",
        "a frame beyond the end": b"\x95" + struct.pack("<Q", 1 << 60) + b"N.",
        "a far memo": b"Nr" + struct.pack("<I", 0xFFFFFFFF) + b".",
        "a text of 16 EB": b"\x8d" + struct.pack("<Q", 1 << 62) + b"x.",
        "doubling": double + b".",
        "a call": b"cos\nsystem\nX\2\0\0\0id\x85R.",
        "no end": b"(" * 100,
        "a stop in an empty stack": b".",
        "extension": b"\x84\xff\xff\xff\x7f.",
        "persistent text": b"P" + b"x" * 2000000 + b"\n.",
    }
    for name, program in programs.items():
        with zipfile.ZipFile(path, "w") as z:
            z.writestr("archive/data.pkl", b"\x80\x04" + program)
            z.writestr("archive/version", "3\n")
        refused(run("info", folder, preexec_fn=limited))
        put(path, b"\x80\x02" + program)  # without an archive around it
        refused(run("info", folder, preexec_fn=limited))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:  # 700 MB of zeroes
        with z.open("archive/data.pkl", "w", force_zip64=True) as f:
            for _ in range(11):
                f.write(bytes(64 << 20))
    refused(run("info", folder, preexec_fn=limited))
    with zipfile.ZipFile(path, "w") as z:
        for i in range(3000):
            z.writestr(f"archive/data/{i}", "x")
    whole = open(path, "rb").read()
    first = whole.index(b"PK\1\2")
    put(path, whole[:first] + b"".join([whole[first : first + 46 + 14]] * 20000) + whole[-22:])
    refused(run("info", folder, preexec_fn=limited))


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(
        ">I", zlib.crc32(kind + content)
    )


def png(width, height, *more, depth=8, colour=2):
    size = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    rows = zlib.compress(bytes(100000))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", size), *more, chunk(b"IDAT", rows), chunk(b"IEND", b""))
    )


@test
def pictures_that_state_too_much():
    """In each format that is opened, and in those that its decoder would know under such a name."""
    side = 65500
    jpeg = b"\xff\xd8" + b"\xff\xc2\0\x11\x08" + struct.pack(">HH", side, side)
    jpeg += b"\3\1\x44\0\2\x11\0\3\x11\0" + b"\xff\xda\0\x0c\3\1\0\2\0\3\0\0\0\0" + bytes(40)
    flags = struct.pack("<I", 0x10) + (16382).to_bytes(3, "little") * 2
    webp = b"VP8X" + struct.pack("<I", 10) + flags
    lossless = struct.pack("<I", 16383 | 16383 << 14)
    webp_l = b"VP8L" + struct.pack("<I", 30) + b"\x2f" + lossless + bytes(25)
    profile = chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(250 << 20), 1))
    words = chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(250 << 20), 1))
    bitmap = struct.pack("<IiiHHIIiiII", 40, 30000, -30000, 1, 24, 0, 0, 0, 0, 0, 0)
    core = struct.pack("<IHHHH", 12, side, side, 1, 1)
    tiff = [(256, 4, side), (257, 4, side), (258, 3, 8), (259, 3, 5), (262, 3, 1), (277, 3, 1)]
    tiff += [(322, 4, 60000), (323, 4, 60000), (324, 4, 8), (325, 4, 90)]
    tags = b"".join(struct.pack(">HHI", t, k, 1) + (
        struct.pack(">HH", v, 0) if k == 3 else struct.pack(">I", v)) for t, k, v in tiff)
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="60000" height="60000"><path d="M0 0"/></svg>'
    files = {
        "progressive.jpg": jpeg,
        "wide.png": png(2147483647, 1),
        "tall.png": png(1, 2147483647, depth=1, colour=0),
        "deep.png": png(14000, 14000, depth=16, colour=6),
        "profile.png": png(20, 20, profile),
        "words.png": png(20, 20, words),
        "canvas.webp": b"RIFF" + struct.pack("<I", len(webp) + 4) + b"WEBP" + webp,
        "lossless.webp": b"RIFF" + struct.pack("<I", len(webp_l) + 4) + b"WEBP" + webp_l,
        "upside-down.bmp": b"BM" + struct.pack("<IHHI", 100, 0, 0, 54) + bitmap + bytes(46),
        "core.bmp": b"BM" + struct.pack("<IHHI", 100, 0, 0, 26) + core + bytes(74),
        "tiles.tif": b"MM\0*" + struct.pack(">I", 108) + bytes(100)
        + struct.pack(">H", len(tiff)) + tags + bytes(4),
        "many-frames.gif": b"GIF89a" + struct.pack("<HH", 3000, 3000) + b"\x80\0\0\0\0\0\xff\xff\xff"
        + (b"\x2c\0\0\0\0" + struct.pack("<HH", 3000, 3000) + b"\0\2\2\x44\1\0") * 20000 + b"\x3b",
        "svg.png": svg,
        "xpm.gif": '/* XPM */\nstatic char *x[] = {"60000 60000 2 1", "a c #000", "b c #fff"};',
        "pnm.bmp": "P6 60000 60000 255\n",
        "ico.png": b"\0\0\1\0\1\0\0\0\0\0\1\0\x20\0" + struct.pack("<II", 60, 22)
        + struct.pack("<IiiHHIIiiII", 40, 60000, 60000, 1, 32, 0, 0, 0, 0, 0, 0) + bytes(20),
        "tga.jpg": b"\0\0\x0a" + bytes(9) + struct.pack("<HH", side, side) + b"\x20\0" + bytes(20),
        "ani.webp": b"RIFF\0\0\0\x7fACONanih\x24\0\0\0" + b"\xff" * 36,
    }  # fmt: skip
    folder = os.path.join(work, "stating")
    out = os.path.join(work, "stating.safetensors")
    for name, content in files.items():
        path = put(os.path.join(folder, name), content)
        begun = time.monotonic()
        process = subprocess.Popen(
            [cli, "embed", plain, "--no-cache", "--image", path, "--output", out],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        memory, seconds = usage.ru_maxrss / 1024, time.monotonic() - begun
        assert process.returncode in (0, 1), (name, process.returncode, said)
        assert memory < 200 and usage.ru_utime < 5, (name, memory, usage.ru_utime, seconds)
        assert "CRITICAL" not in said, (name, said)


@test
def cells_of_tables():
    """What a spreadsheet would count is text, in whatever column, and what the table holds comes
    back whole."""
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "a;b", " =1", "＝1"]
    folder = os.path.join(work, "cells")
    for i, name in enumerate(names):
        for j in range(4):
            at = (i * 4 + j) % 36
            source = os.path.join(data, f"kind {at // 12}", f"{at % 12:03}.png")
            os.makedirs(os.path.join(folder, name), exist_ok=True)
            shutil.copy(source, os.path.join(folder, name, f"=cmd|' C calc'!{i}.{j}.png"))
    out, table = os.path.join(work, "cells.safetensors"), os.path.join(work, "cells.csv")
    worked(run("train", plain, folder, "--keep-twins", "--epochs", "1", "--output", out))
    inside = os.path.join(folder, names[0])
    os.chdir(inside)
    pictures = sorted(os.listdir(inside))
    worked(run("predict", plain, out, "--csv", table, "--", *pictures))
    os.chdir("/")
    rows = list(csv.reader(open(table, newline="", encoding="utf-8")))
    assert len(rows) == len(pictures) + 1, rows
    worked(run("check", plain, folder, "--csv", table))
    rows += csv.reader(open(table, newline="", encoding="utf-8"))
    for row in rows:
        for cell in row:
            try:
                float(cell)  # a number of ours, minus or not
            except ValueError:
                assert cell.lstrip(" ")[:1] not in tuple("=+-@\t\r\n＝＋－＠"), row


@test
def letters_that_a_terminal_obeys():
    """Directions, tags, control bytes that are no UTF-8 and marks that nobody sees, in classes,
    file names and arguments."""
    bad = ["\u2066", "\u2069", "\u200f", "\u061c", "\x7f", "\x85", "\x9b31m", "\x9d0;x\x9c", "\u2028"]
    folder = os.path.join(work, "letters")
    for i, letters in enumerate(bad):
        place = os.path.join(folder, f"{i}{letters}")
        os.makedirs(place)
        for j in range(2):
            source = os.path.join(data, f"kind {i % 3}", f"{i // 3 * 2 + j:03}.png")
            shutil.copy(source, os.path.join(place, f"{letters}{j}.png"))
    raw = os.path.join(os.fsencode(folder), b"raw\x9b2J\xff")
    os.makedirs(raw)
    for j in range(2):
        source = os.path.join(data, "kind 0", f"{8 + j:03}.png")
        shutil.copy(source, raw + b"/\x9b\xe2\x80.%d.png" % j)
    out = os.path.join(work, "letters.safetensors")
    runs = [run("train", plain, folder, "--keep-twins", "--epochs", "1", "--output", out)]
    worked(runs[0])
    runs += [
        run("predict", plain, out, "-r", folder),
        run("predict", plain, out, "-r", folder, "--top", "3"),
        run("check", plain, folder),
        run("label-next", plain, folder),
        run("eval", plain, out, folder),
        run("predict", plain, os.path.join(folder, bad[0]), picture),
        run("embed", plain, "--image-dir", os.path.join(folder, "no" + bad[6]), "--output", out),
        run("train", plain, folder + bad[7], "--output", out),
    ]
    for done in runs:
        for text in (done.stdout, done.stderr):
            sent = [
                c
                for c in text
                if (ord(c) < 32 and c not in "\n\t")
                or 0x7F <= ord(c) < 0xA0
                or 0xDC80 <= ord(c) <= 0xDCFF
                or c in "\u2028\u2029\u200e\u200f\u061c\u2066\u2067\u2068\u2069\u202a\u202d\u202e"
            ]
            assert not sent, (done.args, sent, text)


@test
def names_that_are_no_utf8():
    """Of folders, outputs, lists and models: what was written is found again under that name."""
    odd = os.fsencode(work) + b"/odd\xff\xfe"
    shutil.copytree(os.fsencode(data), odd + b"/kind\xe9")
    shutil.copytree(os.fsencode(plain), odd + b"/model\xe9")
    out = odd + b"/a\x80.safetensors"

    def go(*arguments):
        done = subprocess.run([cli.encode(), *arguments], capture_output=True, timeout=10)
        assert done.returncode == 0, done
        done.stdout.decode(), done.stderr.decode()
        return done

    small = odd + b"/small"
    for i in range(2):
        os.makedirs(small + b"/c\xe9%d" % i)
        for j in range(4):
            shutil.copy(
                os.path.join(data, f"kind {i}", f"{j:03}.png"), small + b"/c\xe9%d/\xff%d.png" % (i, j)
            )
    go(b"train", odd + b"/model\xe9", small, b"--epochs", b"1", b"--output", out)
    assert os.path.exists(out)
    sorted_into = odd + b"/sorted\xff"
    listed = os.fsencode(put(os.path.join(work, "list.txt"), small + b"/c\xe90/\xff1.png\n"))
    go(b"predict", out, b"--model", odd + b"/model\xe9", b"-r", small, b"--sort", sorted_into)
    copies = [name for _, _, found in os.walk(sorted_into) for name in found]
    assert len(copies) == 8, copies
    go(b"predict", out, b"--model", odd + b"/model\xe9", b"--list", listed)
    embedded_to = odd + b"/e\xff.safetensors"
    go(b"embed", odd + b"/model\xe9", b"--image-dir", small, b"--output", embedded_to)
    go(b"merge", embedded_to, b"--output", odd + b"/m\xff.safetensors")
    go(b"bench", odd + b"/model\xe9", small, b"--methods", b"zero-shot", b"--shots", b"1", b"--output",
       odd + b"/b\xff.json")  # fmt: skip
    table = json.load(open(odd + b"/b\xff.json", encoding="utf-8"))
    assert table["runs"], table
    go(b"onnx", out, b"--output", odd + b"/o\xff.onnx")
    left = {n for n in os.listdir(odd) if n.endswith((b".safetensors", b".onnx"))}
    assert left == {b"a\x80.safetensors", b"e\xff.safetensors", b"m\xff.safetensors", b"o\xff.onnx"}


run_tests()
finish()
