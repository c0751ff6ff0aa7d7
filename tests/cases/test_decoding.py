#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Picture files as cameras, scanners and programs write them, against Pillow: what it opens is
opened, to the same pixels, and what has lost pixels is refused. Prints TAP.

    test_decoding.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import io
import os
import random
import resource
import struct
import subprocess
import sys
import zlib

import numpy as np
from PIL import Image

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from decoding import expected, preprocess, refused, same, saved, smooth, work
from tap import finish, run_tests, test

STORED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a.swapaxes(0, 1)[::-1],
    7: lambda a: a.swapaxes(0, 1)[::-1, ::-1],
    8: lambda a: a.swapaxes(0, 1)[:, ::-1],
}


@test
def every_orientation():
    for size in ((70, 50), (50, 70), (64, 64)):
        for mode in ("RGB", "L", "P", "1", "RGBA"):
            upright = smooth(*size, 4 if mode == "RGBA" else 3)
            if mode == "P":
                upright = upright.quantize(16)
            elif mode != "RGBA":
                upright = upright.convert(mode)
            plain = np.asarray(upright.convert("RGB") if mode in "P1" else upright)
            wanted = preprocess(saved(Image.fromarray(plain), "PNG"), "upright.png")
            for orientation in range(1, 9):
                turned = Image.fromarray(
                    np.ascontiguousarray(STORED[orientation](np.asarray(upright)))
                )
                if mode == "P":
                    turned = Image.fromarray(
                        np.ascontiguousarray(STORED[orientation](np.asarray(upright))), "P"
                    )
                    turned.putpalette(upright.getpalette())
                for compression in (None, "tiff_lzw"):
                    data = saved(
                        turned, "TIFF", tiffinfo={274: orientation}, compression=compression
                    )
                    same(preprocess(data, f"{mode}-{orientation}.tif"), wanted)
                if mode in ("RGB", "L"):
                    exif = Image.Exif()
                    exif[274] = orientation
                    same(preprocess(saved(turned, "PNG", exif=exif), "exif.png"), wanted)
                    same(
                        preprocess(saved(turned, "WEBP", exif=exif, lossless=True), "exif.webp"),
                        wanted,
                    )


def with_tag(data, tag, value):
    """A TIFF's SHORT of the first directory changed."""
    data = bytearray(data)
    at = struct.unpack_from("<I", data, 4)[0]
    for i in range(struct.unpack_from("<H", data, at)[0]):
        entry = at + 2 + 12 * i
        if struct.unpack_from("<H", data, entry)[0] == tag:
            struct.pack_into("<H", data, entry + 8, value)
            return bytes(data)
    raise AssertionError("there is no such tag")


@test
def transparent_tiffs():
    for channels in (4, 2):
        image = smooth(48, 40, channels)
        same(preprocess(saved(image, "TIFF"), "t.tif"), expected(image), 1)
        same(preprocess(saved(image, "TIFF"), "t.tif"), preprocess(saved(image, "PNG"), "t.png"), 1)
    image = smooth(48, 40, 4)
    plain = preprocess(saved(image.convert("RGB"), "PNG"), "t.png")
    same(preprocess(with_tag(saved(image, "TIFF"), 338, 0), "x.tif"), plain)
    # colours that are multiplied by alpha already
    pixels = np.asarray(image).astype(int)
    pixels[..., :3] = (pixels[..., :3] * pixels[..., 3:] + 127) // 255
    multiplied = Image.fromarray(pixels.astype(np.uint8), "RGBA")
    same(preprocess(with_tag(saved(multiplied, "TIFF"), 338, 1), "m.tif"), expected(image), 1)


@test
def cut_and_big_tiffs():
    image = smooth(64, 64)
    data = saved(image, "TIFF")
    refused(data[: len(data) // 2], name="cut.tif")
    strip = struct.pack("<HHIHHIHHI", 0x111, 4, 1, 0, 0, 0, 0, 0, 0)[:4]
    at = data.index(strip)
    moved = bytearray(data)
    struct.pack_into("<I", moved, at + 8, len(data) - 100)
    refused(bytes(moved), "cut off", name="moved.tif")
    for magic in (
        b"II\x2b\0\x08\0\0\0" + struct.pack("<Q", 16),
        b"MM\0\x2b\0\x08\0\0" + struct.pack(">Q", 16),
    ):
        refused(magic + bytes(64), "BigTIFF", name="big.tif")


@test
def gifs_by_their_first_frame():
    image = smooth(60, 45).quantize(64)
    other = smooth(60, 45).quantize(64)
    for frames in ([], [other, other]):
        data = saved(image, "GIF", save_all=bool(frames), append_images=frames)
        wanted = expected(Image.open(io.BytesIO(data)))
        for behind in (
            data,
            data[:-1],
            data + b"\n",
            data + b"\0\0",
            data + b"junk",
            data[:-1] + b"\0\0",
            data[:-1] + b"\0junk",
            data[:-1] + b";;",
        ):
            same(preprocess(behind, "x.gif"), wanted)
    whole = saved(image, "GIF")
    for cut in (20, len(whole) // 2, len(whole) - 40):
        refused(whole[:cut], "cut off", name="cut.gif")


@test
def lenient_jpegs():
    image = smooth(80, 60)
    data = saved(image, "JPEG", quality=95)
    wanted = expected(Image.open(io.BytesIO(data)))
    markers = []
    at = 2
    while data[at + 1] != 0xDA:
        markers.append(at)
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    markers.append(at)
    for marker in markers[1:]:
        for stray in (b"\0", b"\x12\x34\x56", b"\xff", b"\xff\xff", b"\0" * 30):
            changed = data[:marker] + stray + data[marker:]
            Image.open(io.BytesIO(changed)).load()  # Pillow's opinion
            same(preprocess(changed, "stray.jpg"), wanted)
    for behind in (b"\0\0", b"SEFH" + bytes(40) + b"SEFT", b"\n", bytes(5000)):
        same(preprocess(data + behind, "behind.jpg"), wanted)
    bare = data[:-2] + b"\0\0\x01\x0aSamsung" + bytes(60) + b"SEFT"
    Image.open(io.BytesIO(bare)).load()
    same(preprocess(bare, "bare.jpg"), wanted)
    for cut in (1, 2, 3, 20, len(data) // 3, len(data) // 2):
        refused(data[:-cut], "cut off", name="cut.jpg")
    progressive = saved(image, "JPEG", progressive=True)
    refused(progressive[:-2], "cut off", name="progressive.jpg")


@test
def bitmaps_with_a_wrong_size():
    for mode in ("RGB", "L", "P", "1"):
        image = smooth(37, 29).quantize(16) if mode == "P" else smooth(37, 29).convert(mode)
        data = saved(image, "BMP")
        wanted = expected(Image.open(io.BytesIO(data)))
        for stated in (0, 2, len(data) - 2, len(data) + 2, 1 << 30):
            same(preprocess(data[:2] + struct.pack("<I", stated) + data[6:], "x.bmp"), wanted)
        same(preprocess(data + b"behind", "x.bmp"), wanted)
        refused(data[:-8], "cut off", name="cut.bmp")
        refused(data[: len(data) // 2], "cut off", name="cut.bmp")
    refused(saved(smooth(8, 8), "BMP")[:54], "cut off", name="header.bmp")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@test
def pngs_without_their_end():
    image = smooth(50, 40)
    data = saved(image, "PNG")
    wanted = expected(image)
    for lost in (12, 11, 8, 4, 1):
        same(preprocess(data[:-lost], "x.png"), wanted)
    same(preprocess(data + b"behind", "x.png"), wanted)
    for lost in (13, 16, 40, len(data) // 2):
        refused(data[:-lost], "cut off", name="cut.png")


@test
def pngs_with_too_few_pixels():
    """Containers that are whole around pixels that are not."""
    for width, height, bits, colour, interlaced in (
        (14000, 14000, 8, 2, 0),
        (64, 48, 8, 2, 0),
        (64, 48, 8, 6, 0),
        (64, 48, 1, 0, 0),
        (64, 48, 8, 3, 0),
        (64, 48, 16, 2, 0),
        (33, 21, 8, 0, 1),
        (5, 3, 1, 0, 1),
        (64, 48, 8, 2, 1),
    ):
        samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
        passes = (
            [
                (0, 0, 8, 8),
                (4, 0, 8, 8),
                (0, 4, 4, 8),
                (2, 0, 4, 4),
                (0, 2, 2, 4),
                (1, 0, 2, 2),
                (0, 1, 1, 2),
            ]
            if interlaced
            else [(0, 0, 1, 1)]
        )
        rows = []
        for x, y, across, down in passes:
            w, h = -(-max(width - x, 0) // across), -(-max(height - y, 0) // down)
            rows += (
                [
                    b"\0"
                    + bytes(
                        random.Random(1).randrange(2) for _ in range((w * bits * samples + 7) // 8)
                    )
                ]
                * h
                if w and width < 1000
                else []
            )
        head = b"\x89PNG\r\n\x1a\n" + chunk(
            b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced)
        )
        head += chunk(b"PLTE", bytes(range(24))) if colour == 3 else b""
        pixels = b"".join(rows)
        if rows:
            got = preprocess(
                head + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""), "whole.png"
            )
            assert not isinstance(got, str), got
        for short in (pixels[:-1], pixels[: len(pixels) // 2], b""):
            refused(
                head + chunk(b"IDAT", zlib.compress(short)) + chunk(b"IEND", b""),
                "cut off",
                name="short.png",
            )
        refused(head + chunk(b"IEND", b""), "cut off", name="none.png")


@test
def lines_of_pixels():
    def line(width, height):
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        rows = zlib.compress((b"\0" + b"\x80" * 3 * width) * height, 1)
        return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")

    def limited():
        resource.setrlimit(resource.RLIMIT_DATA, (300 << 20, 300 << 20))

    grey = np.full((32, 32, 3), 128, np.uint8)
    for sides in ((1, 900000), (900000, 1)):
        same(preprocess(line(*sides), "line.png", preexec_fn=limited), grey)
    for sides in ((1, 19000000), (19000000, 1)):  # more than libpng takes
        got = preprocess(line(*sides), "line.png", preexec_fn=limited)
        assert isinstance(got, str) and "line.png" in got and got.count("\n") == 1, got


@test
def webp():
    image = smooth(50, 40)
    data = saved(image, "WEBP", lossless=True)
    same(preprocess(data, "x.webp"), expected(image))
    same(preprocess(data, "named.jpg"), expected(image))
    clear = smooth(50, 40, 4)
    same(preprocess(saved(clear, "WEBP", lossless=True, exact=True), "a.webp"), expected(clear), 1)
    moving = saved(image, "WEBP", lossless=True, save_all=True, append_images=[smooth(50, 40)])
    same(preprocess(moving, "moving.webp"), expected(image))
    refused(data[:-20], "cut off", name="cut.webp")
    none = os.path.join(work, "loaders.cache")
    open(none, "w").close()
    got = preprocess(data, "x.webp", env={**os.environ, "GDK_PIXBUF_MODULE_FILE": none})
    assert isinstance(got, str) and "webp-pixbuf-loader" in got, got


def encoded(image, name, *how):
    """By libheif's own program, without loss."""
    png, out = os.path.join(work, "source.png"), os.path.join(work, name)
    image.save(png)
    lossless = ["-L", "-p", "chroma=444", "--matrix_coefficients=0"]
    subprocess.run(
        ["heif-enc", *how, *lossless, png, "-o", out], check=True, capture_output=True, text=True
    )
    with open(out, "rb") as f:
        return f.read()


def box(kind, body):
    return struct.pack(">I4s", 8 + len(body), kind) + body


@test
def heic_and_avif():
    image = smooth(80, 64)
    none = os.path.join(work, "loaders.cache")
    open(none, "w").close()
    for name, how in (("x.heic", []), ("x.avif", ["-A"])):
        data = encoded(image, name, *how)
        same(preprocess(data, name), expected(image), 1)  # YCbCr rounds
        same(preprocess(data, "named.jpg"), expected(image), 1)
        turned = data.replace(b"ispe" + bytes(4) + struct.pack(">II", 80, 64), b"free" + bytes(12))
        assert turned != data
        refused(turned, "not a picture", name=name)
        refused(data[:-20], "cut off", name=name)
        large = data.replace(struct.pack(">II", 80, 64), struct.pack(">II", 80000, 64000))
        refused(large, "too large", name=name)
        got = preprocess(data, name, env={**os.environ, "GDK_PIXBUF_MODULE_FILE": none})
        assert isinstance(got, str) and "heif-gdk-pixbuf" in got, got
    one = box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")
    for size in range(0, len(data), 97):
        assert isinstance(preprocess(data[:size], "cut.avif"), str), size
    refused(one, "not a picture", name="brand.heic")
    # an item with more properties than there are, each said to be the picture's
    many = box(b"ipma", struct.pack(">IIHB", 1, 1, 1, 255) + b"\x7f\xff" * 255)
    meta = box(b"pitm", struct.pack(">IH", 0, 1)) + box(b"iprp", box(b"ipco", b"") + many)
    refused(one + box(b"meta", bytes(4) + meta), "not a picture", name="many.heic")


@test
def jpeg_xl_needs_a_module():
    """No loader of it is packaged for Debian 12: the sentence names one, and the size is read."""

    def bits(*fields):
        value = shift = 0
        for n, number in fields:
            value |= number << shift
            shift += n
        return b"\xff\x0a" + value.to_bytes(12, "little")

    small = bits((1, 1), (5, 4), (3, 0), (5, 9))  # 80 × 40
    shaped = bits((1, 0), (2, 1), (13, 2999), (3, 3))  # 4000 × 3000
    huge = bits((1, 0), (2, 3), (30, 99999), (3, 7))  # 200000 × 100000
    boxes = b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl " + bytes(4))
    for data in (
        small,
        shaped,
        boxes + box(b"jxlc", small),
        boxes + box(b"jxlp", bytes(4) + small),
    ):
        refused(data, "libjxl-gdk-pixbuf", name="x.jxl")
    refused(huge, "200000 × 100000", name="x.jxl")
    refused(boxes + box(b"jxlp", bytes(4) + huge), "200000 × 100000", name="x.jxl")
    refused(boxes + box(b"jxlc", small)[:-3], "cut off", name="x.jxl")
    refused(b"\xff\x0a", "not a picture", name="x.jxl")


run_tests()
finish()
