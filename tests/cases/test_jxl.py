#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""JPEG XL by libjxl's loader for GdkPixbuf, beside what djxl makes of the same file. The loader is
the system's, or the one that tests/jxl/loader.sh has built. Prints TAP.

    test_jxl.py FEWSHOT_CLI GOLDEN_FOLDER LOADER_FOLDER
"""

import io
import os
import shutil
import struct
import subprocess
import sys
import zlib

import numpy as np
from PIL import Image, ImageCms, ImageOps

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from decoding import expected, facts, preprocess, refused, rng, same, saved, shown, smooth, swapped
from decoding import work as folder
from tap import Skipped, finish, run_tests, test

QUERY = "/usr/lib/x86_64-linux-gnu/gdk-pixbuf-2.0/gdk-pixbuf-query-loaders"
built = os.path.join(sys.argv[3], "libpixbufloader-jxl.so")


def find_loader():
    """A sentence why there is none, or None; the built one is then among the loaders."""
    if not shutil.which("cjxl") or not shutil.which("djxl"):
        return "cjxl and djxl are not installed"
    query = QUERY if os.path.exists(QUERY) else shutil.which("gdk-pixbuf-query-loaders")
    if not query:
        return "there is no gdk-pixbuf-query-loaders"
    known = subprocess.run([query], capture_output=True, text=True).stdout
    if "image/jxl" in known:
        return None
    if not os.path.exists(built):
        return "no loader of JPEG XL is installed, and tests/jxl/loader.sh has built none"
    more = subprocess.run([query, built], capture_output=True, text=True).stdout
    cache = os.path.join(folder, "loaders.cache")
    with open(cache, "w") as f:
        f.write(known + more)
    os.environ["GDK_PIXBUF_MODULE_FILE"] = cache
    return None if "image/jxl" in more else "the loader that was built is none"


missing = find_loader()


def encode(data, ending, *how):
    """The bytes of cjxl."""
    if missing:
        raise Skipped(missing)
    source, made = os.path.join(folder, "in." + ending), os.path.join(folder, "made.jxl")
    with open(source, "wb") as f:
        f.write(data)
    subprocess.run(["cjxl", source, made, *how], check=True, capture_output=True)
    with open(made, "rb") as f:
        return f.read()


def djxl(data):
    """The PNG of djxl, as Pillow opens it."""
    source, made = os.path.join(folder, "in.jxl"), os.path.join(folder, "out.png")
    with open(source, "wb") as f:
        f.write(data)
    subprocess.run(["djxl", source, made], check=True, capture_output=True)
    image = Image.open(made)
    image.load()
    return image


def compare(data, wanted, within=1):
    """What is shown and what a model gets, beside an 8-bit picture."""
    pixels = shown(data, 4096)
    if wanted.mode == "RGBA":
        same(pixels[..., 3], np.asarray(wanted)[..., 3], 0)
        seen = np.asarray(wanted)[..., 3] > 0
        same(pixels[..., :3][seen], np.asarray(wanted)[..., :3][seen], within)
    else:
        same(pixels[..., :3], np.asarray(wanted.convert("RGB")), within)
        assert (pixels[..., 3] == 255).all()
    same(preprocess(data, "x.jxl"), expected(wanted), within + 1)
    assert facts(data, "x.jxl")[:2] == wanted.size


@test
def eight_bits():
    """Lossless, of colours and grey, and lossy at two distances."""
    for channels in (3, 1):
        image = smooth(80, 60, channels)
        data = encode(saved(image, "PNG"), "png", "-d", "0")
        assert np.array_equal(np.asarray(djxl(data).convert("L" if channels == 1 else "RGB")),
                              np.asarray(image))  # fmt: skip
        compare(data, image)
    image = smooth(80, 60)
    for distance in ("1", "3"):
        data = encode(saved(image, "PNG"), "png", "-d", distance)
        compare(data, djxl(data))


def png_16(values, colour):
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    body = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, colour, 0, 0, 0)
    parts = [(b"IHDR", body), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d))
              for k, d in parts]  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@test
def sixteen_bits():
    """Each sample by its nearest of 256, not by its upper byte as of a PNG: the loader is given
    floats."""
    values = np.asarray(rng.integers(0, 65536, (24, 32, 3)), np.uint16)
    data = encode(png_16(values, 2), "png", "-d", "0")
    nearest = Image.fromarray(np.round(values / 257).astype(np.uint8))
    compare(data, nearest)


@test
def transparency():
    image = smooth(80, 60, 4)
    data = encode(saved(image, "PNG"), "png", "-d", "0")
    assert np.array_equal(np.asarray(djxl(data)), np.asarray(image))
    compare(data, image)


@test
def orientations():
    """Of a JPEG that was packed without loss: all eight."""
    image = smooth(80, 60)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x112] = orientation
        data = encode(saved(image, "JPEG", quality=95, exif=exif), "jpg")
        upright = djxl(data)
        turned = ImageOps.exif_transpose(
            Image.open(io.BytesIO(saved(image, "JPEG", quality=95, exif=exif)))
        )
        assert upright.size == turned.size, orientation
        same(np.asarray(upright, np.uint8), np.asarray(turned), 6)  # two decoders of one JPEG
        pixels = shown(data, 4096)
        same(pixels[..., :3], np.asarray(upright.convert("RGB")), 1)
        same(preprocess(data, "x.jxl"), expected(upright.convert("RGB")), 2)


@test
def colour_profiles():
    """The loader makes sRGB of every profile, for a model, too, which of other formats gets the
    file's own numbers."""
    image, profile = smooth(64, 48), swapped()
    data = encode(saved(image, "PNG", icc_profile=profile), "png", "-d", "0")
    other = djxl(data)
    wanted = ImageCms.profileToProfile(
        other.convert("RGB"),
        ImageCms.ImageCmsProfile(io.BytesIO(other.info["icc_profile"])),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    assert np.abs(np.asarray(wanted, int) - np.asarray(image, int)).max() > 60
    compare(data, wanted, 2)


@test
def damaged():
    """Half of a file is refused by a sentence; so is noise behind its head."""
    data = encode(saved(smooth(80, 60), "PNG"), "png", "-d", "0", "--container=1")
    for size in (len(data) // 2, len(data) - 1):
        refused(data[:size], "x.jxl", name="x.jxl")
    spoilt = bytearray(data)
    spoilt[len(data) // 2 :] = bytes(rng.integers(0, 256, len(data) - len(data) // 2, np.uint8))
    got = preprocess(bytes(spoilt), "x.jxl")
    assert isinstance(got, str) or got.shape == (32, 32, 3)


run_tests()
finish()
