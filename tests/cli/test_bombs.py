#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Pictures that state more than they hold. Prints TAP.

test_bombs.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import os
import struct
import subprocess
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from hostile import (
    cli,
    vit,
    work,
)
from tap import finish, run_tests, test


def shrunk_png(path, width, height, depth, colour):
    """One colour, as small as deflate makes it."""

    def chunk(kind, data):
        end = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + end

    line = b"\0" + bytes((width * depth * {0: 1, 2: 3, 6: 4}[colour] + 7) // 8)
    pack = zlib.compressobj(9)
    rows = b"".join(pack.compress(line) for _ in range(height)) + pack.flush()
    with open(path, "wb") as f:
        f.write(
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
            + chunk(b"IDAT", rows)
            + chunk(b"IEND", b"")
        )


def peak(*arguments):
    """The exit status, what was said, and the memory that it took, in MB."""
    process = subprocess.Popen(
        [cli, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), said, usage.ru_maxrss / 1024


@test
def pictures_that_state_too_much():
    """A few bytes that state 200 megapixels are no picture; what is honest and large takes its
    turn."""
    folder = os.path.join(work, "bombs")
    os.makedirs(folder)
    head = struct.pack("<HH", 14000, 14000)

    def bitmap(bits, packing):
        begin = b"BM" + struct.pack("<IHHI", 1078 + 20, 0, 0, 1078)
        sizes = (40, 14000, 14000, 1, bits, packing, 20, 0, 0, 256, 0)
        return begin + struct.pack("<IiiHHIIiiII", *sizes) + bytes(1024) + b"\0\1" * 10

    files = {
        "screen.gif": b"GIF89a"
        + head
        + b"\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0\x3b",
        "frame.gif": b"GIF89a\n\0\n\0\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0"
        + head
        + b"\0\2\2\x44\1\0\x3b",
        "packed.bmp": bitmap(8, 1),
        "plain.bmp": bitmap(8, 0),
    }
    entries = [
        (256, 4, 14000),
        (257, 4, 14000),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, 14000),
        (279, 4, 100),
    ]

    def directory(tags):
        listed = [struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags]
        return struct.pack("<H", len(tags)) + b"".join(listed) + bytes(4)

    files["strip.tif"] = b"II*\0" + struct.pack("<I", 108) + bytes(100) + directory(entries)
    twice = [(256, 4, 14000), (256, 4, 10), (257, 4, 14000), (257, 4, 10), *entries[2:]]
    files["twice.tif"] = b"II*\0" + struct.pack("<I", 108) + bytes(100) + directory(twice)
    for name, data in files.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)
    shrunk_png(os.path.join(folder, "grey.png"), 14000, 14000, 1, 0)
    out = os.path.join(work, "bombs.safetensors")
    for name in sorted(os.listdir(folder)):
        status, said, memory = peak(
            "embed", vit, "--no-cache", "--image", os.path.join(folder, name), "--output", out
        )
        assert status == 1 and memory < 150, (name, status, said, memory)
    honest = os.path.join(work, "honest")
    os.makedirs(honest)
    shrunk_png(os.path.join(honest, "flat.png"), 4000, 4000, 8, 2)
    status, said, memory = peak(
        "embed", vit, "--no-cache", "--image", os.path.join(honest, "flat.png"), "--output", out
    )
    assert status == 0 and memory < 150, (said, memory)


run_tests()
finish()
