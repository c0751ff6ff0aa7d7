#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Raw files of cameras, colour profiles and 16 bits a sample, against Pillow and its ImageCms.
Prints TAP.

    test_raws.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import io
import os
import random
import struct
import subprocess
import sys
import zlib

import numpy as np
from PIL import Image, ImageCms, ImageOps

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import raws
from decoding import (
    cli,
    expected,
    facts,
    preprocess,
    refused,
    rng,
    same,
    saved,
    shown,
    smooth,
    swapped,
)
from tap import Skipped, finish, run_tests, test


def with_orientation(data, orientation):
    image = Image.open(io.BytesIO(data))
    image.load()
    image.getexif()[0x112] = orientation
    return image


@test
def colour_profiles():
    """The eye sees what the profile says, as Pillow's ImageCms makes it; a model the numbers, as
    Pillow gives them to one."""
    library = os.path.join(os.path.dirname(cli), "../../engine/libfewshot.so")
    if "liblcms2" not in subprocess.run(["ldd", library], capture_output=True, text=True).stdout:
        raise Skipped("built without lcms2")
    image, profile = smooth(64, 48), swapped()
    wanted = ImageCms.profileToProfile(
        image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    )
    assert np.abs(np.asarray(wanted, int) - np.asarray(image, int)).max() > 60
    for kind in ("PNG", "TIFF"):
        data = saved(image, kind, icc_profile=profile)
        same(preprocess(data), expected(image), 0)
        assert np.array_equal(shown(data, 64)[..., :3], np.asarray(wanted)), kind
        right = shown(data, 64, "//box=0.5,0,0.5,1")
        assert np.array_equal(right[..., :3], np.asarray(wanted)[:, 32:]), kind
    exif = Image.Exif()
    exif[0x112] = 6
    data = saved(image, "JPEG", quality=95, icc_profile=profile, exif=exif)
    decoded = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    wanted = ImageCms.profileToProfile(
        decoded, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    )
    assert np.array_equal(shown(data, 64)[..., :3], np.asarray(wanted)), "turned"
    for spoilt in (b"", b"no profile", profile[:200], bytes(400)):
        data = saved(image, "PNG", icc_profile=spoilt)
        assert np.array_equal(shown(data, 64)[..., :3], np.asarray(image)), spoilt[:10]


@test
def sixteen_bits():
    """Of each sample the upper byte: of colours as Pillow gives them to a model."""
    values = rng.integers(0, 65536, (24, 32, 3), np.uint16)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)

    def png(colour, rows):
        body = struct.pack(">IIBBBBB", 32, 24, 16, colour, 0, 0, 0)
        parts = [(b"IHDR", body), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
        chunks = [
            struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d))
            for k, d in parts
        ]
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)

    data = png(2, rows)
    same(preprocess(data), expected(Image.open(io.BytesIO(data)).convert("RGB")), 0)
    upper = Image.fromarray((values >> 8).astype(np.uint8))
    same(preprocess(data), expected(upper), 0)
    grey = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values[..., 0])
    upper = Image.fromarray((values[..., 0] >> 8).astype(np.uint8)).convert("RGB")
    same(preprocess(png(0, grey)), expected(upper), 0)


@test
def raw_files_of_a_stranger():
    """What names the same over and over is read in no time."""
    for data in (raws.orf_endless(4000), raws.cr3_endless(2500, 1 << 20)):
        began = os.times()
        refused(data, "a camera's raw file", name="x.orf")
        taken = sum(os.times()[:4]) - sum(began[:4])  # of the processor, by the program, too
        assert taken < 20, taken


@test
def raw_files():
    """The largest ordinary JPEG in them, turned as the raw file says; Pillow reads it beside."""
    image = smooth(96, 72)
    large, small = saved(image, "JPEG", quality=95), saved(image.resize((24, 18)), "JPEG")
    exif = Image.Exif()
    exif[0x112] = 3
    other = saved(image, "JPEG", quality=95, exif=exif)
    for name, write in raws.ALL.items():
        for orientation in (1, 3, 6, 8):
            told = orientation if name != "x.raf" else 1
            data = write(large, small, orientation)
            turned = ImageOps.exif_transpose(with_orientation(large, told))
            same(preprocess(data, name), expected(turned), 0)
            same(preprocess(data, "named.jpg"), expected(turned), 0)
            got = preprocess(write(other, small, orientation), name)
            own = told if name != "x.raf" else 3  # whose head says nothing of it
            same(got, expected(ImageOps.exif_transpose(with_orientation(large, own))), 0)
        data = write(b"\xff\xd8\xff\xc3" + large[4:], b"", 1)
        refused(data, "a camera's raw file", name=name)
        for size in range(0, len(data), len(data) // 10):
            preprocess(data[:size], name)
        spoilt = bytearray(write(large, small, 6))
        for _ in range(10):
            spoilt[random.randrange(min(len(spoilt), 400))] = random.randrange(256)
            preprocess(bytes(spoilt), name)
    # of several the largest: a CR3 whose track is a lossless one has its preview
    lossless = b"\xff\xd8\xff\xc3" + large[4:]
    same(preprocess(raws.cr3(lossless, small, 6, large), "x.cr3"),
         expected(ImageOps.exif_transpose(with_orientation(large, 6))), 0)  # fmt: skip
    plain = saved(image, "TIFF")
    same(preprocess(plain, "plain.tif"), expected(image), 0)
    loop = raws.tiff([[(0x106, 3, [32803]), (0x14A, 4, [8])]])
    refused(loop, "a camera's raw file", name="loop.nef")


@test
def raw_times():
    """When it was taken, which a CR3 and an ORF have in places of their own."""
    large, small = saved(smooth(96, 72), "JPEG"), saved(smooth(24, 18), "JPEG")
    for name, data in {
        "x.cr3": raws.cr3(large, small, 6),
        "x.orf": raws.orf(large, small, 6),
        "om.orf": raws.orf(large, small, 6, "om", ">"),
    }.items():
        assert facts(data, name) == (72, 96, "2026-05-01T10:00:00"), (name, facts(data, name))
        for size in range(0, len(data), len(data) // 20):
            facts(data[:size], name)


run_tests()
finish()
