#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Parts of pictures: bit for bit what Pillow's Image.crop and the usual resizing make of the
upright picture; of a large JPEG, a fraction that suits the part. Prints TAP.

    test_crops.py FEWSHOT_CLI GOLDEN_FOLDER"""

import os
import random
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
import venv_path  # noqa: E402, F401

try:
    import numpy as np
    from PIL import Image, ImageOps
    from safetensors.numpy import load_file
except ImportError as error:
    print(f"1..0 # SKIP {error}: ./test installs numpy, safetensors and Pillow")
    sys.exit(0)
from tap import check, finish  # noqa: E402

cli, golden = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="fewshot-crops-")
rng = random.Random(7)
UNIT = 1000000


def run(picture, box, *options):
    out = f"{work}/out.safetensors"
    box = ",".join(f"{x / UNIT:.6f}" for x in box)
    done = subprocess.run(
        [cli, "preprocess", f"{golden}/vit", picture, "--box", box, "-o", out, *options],
        capture_output=True,
        text=True,
    )
    return (load_file(out)["resized"] if done.returncode == 0 else None), done.stderr.strip()


def edges(first, length, side):
    """The rule of crop.h: each edge to the nearest pixel's edge, half a pixel up; one at least."""
    low = (first * side * 2 + UNIT) // (2 * UNIT)
    high = ((first + length) * side * 2 + UNIT) // (2 * UNIT)
    low = min(low, side - 1) if low >= high else low
    return low, max(high, low + 1)


def cropped(picture, box):
    image = ImageOps.exif_transpose(Image.open(picture))
    left, right = edges(box[0], box[2], image.width)
    top, bottom = edges(box[1], box[3], image.height)
    return image.crop((left, top, right, bottom))


def resized(image, side):
    """What open_clip does: over white, the shorter side, the middle."""
    if image.mode != "RGB":
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    w, h = image.size
    w, h = (side, side * h // w) if w <= h else (side * w // h, side)
    image = image.resize((w, h), Image.BICUBIC)
    left, top = round((w - side) / 2), round((h - side) / 2)
    return np.asarray(image.crop((left, top, left + side, top + side)))


def box_of(rng):
    left, top = rng.randrange(UNIT), rng.randrange(UNIT)
    return left, top, rng.randrange(1, UNIT - left + 1), rng.randrange(1, UNIT - top + 1)


noise = np.random.default_rng(3).integers(0, 256, (97, 143, 3), dtype=np.uint8)
pictures = {}
for name, options in {"plain.png": {}, "plain.bmp": {}, "plain.jpg": {"quality": 95}}.items():
    pictures[name] = f"{work}/{name}"
    Image.fromarray(noise).save(pictures[name], **options)
for turn in range(2, 9):
    exif = Image.Exif()
    exif[0x112] = turn
    pictures[f"turned-{turn}.jpg"] = f"{work}/turned-{turn}.jpg"
    Image.fromarray(noise).save(pictures[f"turned-{turn}.jpg"], exif=exif, quality=95)
Image.fromarray(np.dstack([noise, noise[:, :, 0]])).save(f"{work}/alpha.png")
pictures["alpha.png"] = f"{work}/alpha.png"

side = run(pictures["plain.png"], (0, 0, UNIT, UNIT))[0].shape[0]
for name, path in pictures.items():
    wrong = []
    boxes = [
        (0, 0, UNIT, UNIT),
        (0, 0, 1, 1),
        (UNIT - 1, UNIT - 1, 1, 1),
        (250000, 0, 500000, UNIT),
    ]
    for box in boxes + [box_of(rng) for _ in range(8)]:
        got, error = run(path, box, "--exact")
        part = cropped(path, box)
        if max(part.size) > 40 * min(part.size):
            continue  # open_clip's own resizing would be asked for a picture of no side
        want = resized(part, side)
        if got is None or (got != want).any():
            wrong.append(f"{box}: {error or int((got != want).sum())}")
    check(f"{name}: as Pillow's crop and resize", not wrong, "; ".join(wrong))

# ---- a fraction that suits the part: a drawing whose detail an eighth would not have
y, x = np.mgrid[0:2400, 0:2400]
drawing = ((np.sin(x / 3.0) + np.sin(y / 4.0)) * 60 + 128).astype(np.uint8)
Image.fromarray(np.dstack([drawing] * 3)).save(f"{work}/large.jpg", quality=95)
box = (400000, 300000, 40000, 40000)  # 96 pixels
got, error = run(f"{work}/large.jpg", box)
want = resized(cropped(f"{work}/large.jpg", box), side).astype(int)
apart = np.abs(got - want).mean() if got is not None else 255
check(f"a small part of a large JPEG keeps its detail ({apart:.2f} levels)", apart < 3, error)
whole, _ = run(f"{work}/large.jpg", (0, 0, UNIT, UNIT))
check("and the whole of it is decoded at a fraction, as it was", whole is not None)

# ---- hostile boxes
for text in [
    "0,0,0,1",
    "-0.1,0,0.5,0.5",
    "0.6,0,0.5,1",
    "nan,0,1,1",
    "inf,0,1,1",
    "0,0,1",
    "",
    "0,0,1,1,1",
    "a,b,c,d",
    "0,0,1e-9,1",
    "0,0,1e300,1",
]:
    done = subprocess.run(
        [
            cli,
            "preprocess",
            f"{golden}/vit",
            pictures["plain.png"],
            f"--box={text}",
            "-o",
            f"{work}/none",
        ],
        capture_output=True,
        text=True,
    )
    check(
        f"--box={text} is refused",
        done.returncode == 2 and "--box is" in done.stderr and not os.path.exists(f"{work}/none"),
        done.stderr,
    )
finish()
