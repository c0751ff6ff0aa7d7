#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Other pickles, pictures, names and cells of the kinds that an attack once found faults in; see
test_kinds.py. Prints TAP.

    test_contents.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import csv
import json
import os
import shutil
import struct
import subprocess
import sys
import time
import zipfile
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from hostile import WEIGHTS, cli, data, limited, model, picture, put, refused, run, work, worked
from tap import finish, run_tests, test

plain = model("plain-model")


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
    for program in programs.values():
        with zipfile.ZipFile(path, "w") as z:
            z.writestr("archive/data.pkl", b"\x80\x04" + program)
            z.writestr("archive/version", "3\n")
        refused(run("info", folder, preexec_fn=limited))
        put(path, b"\x80\x02" + program)  # without an archive around it
        refused(run("info", folder, preexec_fn=limited))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:  # 700 MB of zeroes
        with z.open("archive/data.pkl", "w", force_zip64=True) as f:
            for _ in range(700):
                f.write(bytes(1 << 20))
    refused(run("info", folder, preexec_fn=limited))
    with zipfile.ZipFile(path, "w") as z:
        for i in range(3000):
            z.writestr(f"archive/data/{i}", "x")
    whole = open(path, "rb").read()
    first = whole.index(b"PK\1\2")
    put(path, whole[:first] + b"".join([whole[first : first + 46 + 14]] * 20000) + whole[-22:])
    refused(run("info", folder, preexec_fn=limited))


def chunk(kind, content):
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def zeroes(megabytes):
    """Packed, piece by piece: what this process takes counts as the program's own at its start."""
    pack = zlib.compressobj(1)
    return b"".join(pack.compress(bytes(1 << 20)) for _ in range(megabytes)) + pack.flush()


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
    profile = chunk(b"iCCP", b"x\0\0" + zeroes(250))
    words = chunk(b"zTXt", b"x\0\0" + zeroes(250))
    bitmap = struct.pack("<IiiHHIIiiII", 40, 30000, -30000, 1, 24, 0, 0, 0, 0, 0, 0)
    core = struct.pack("<IHHHH", 12, side, side, 1, 1)
    tiff = [(256, 4, side), (257, 4, side), (258, 3, 8), (259, 3, 5), (262, 3, 1), (277, 3, 1)]
    tiff += [(322, 4, 60000), (323, 4, 60000), (324, 4, 8), (325, 4, 90)]
    tags = b"".join(
        struct.pack(">HHI", t, k, 1)
        + (struct.pack(">HH", v, 0) if k == 3 else struct.pack(">I", v))
        for t, k, v in tiff
    )
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="60000" height="60000"></svg>'
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
        "many-frames.gif": b"GIF89a" + struct.pack("<HH", 3000, 3000)
        + b"\x80\0\0\0\0\0\xff\xff\xff"
        + (b"\x2c\0\0\0\0" + struct.pack("<HH", 3000, 3000) + b"\0\2\2\x44\1\0") * 20000
        + b"\x3b",
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
    bad = [
        "\u2066",
        "\u2069",
        "\u200f",
        "\u061c",
        "\x7f",
        "\x85",
        "\x9b31m",
        "\x9d0;x\x9c",
        "\u2028",
    ]
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
                os.path.join(data, f"kind {i}", f"{j:03}.png"),
                small + b"/c\xe9%d/\xff%d.png" % (i, j),
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
    go(
        b"bench",
        odd + b"/model\xe9",
        small,
        b"--methods",
        b"zero-shot",
        b"--shots",
        b"1",
        b"--output",
        odd + b"/b\xff.json",
    )
    table = json.load(open(odd + b"/b\xff.json", encoding="utf-8"))
    assert table["runs"], table
    go(b"onnx", out, b"--output", odd + b"/o\xff.onnx")
    left = {n for n in os.listdir(odd) if n.endswith((b".safetensors", b".onnx"))}
    assert left == {b"a\x80.safetensors", b"e\xff.safetensors", b"m\xff.safetensors", b"o\xff.onnx"}


run_tests()
finish()
