# SPDX-License-Identifier: MIT
"""What tests of decoding share: `TEST.py FEWSHOT_CLI GOLDEN_FOLDER`, drawn pictures, what the
program makes of a file, and what Pillow does."""

import ctypes
import io
import json
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image, ImageCms

cli, golden = sys.argv[1:3]
model = os.path.join(golden, "vit")
work = tempfile.mkdtemp(prefix="fewshot-decoding-")
rng = np.random.default_rng(26)


def preprocess(data, name="x", **how):
    path, out = os.path.join(work, name), os.path.join(work, "out.safetensors")
    with open(path, "wb") as f:
        f.write(data)
    done = subprocess.run(
        [cli, "preprocess", model, path, "--exact", "-o", out],
        capture_output=True,
        text=True,
        **how,
    )
    if done.returncode:
        return done.stderr
    with open(out, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        body = f.read()
    start, end = header["resized"]["data_offsets"]
    return np.frombuffer(body[start:end], np.uint8).reshape(header["resized"]["shape"])


def saved(image, kind, **how):
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def smooth(width, height, channels=3):
    """A picture that no turn or mirroring leaves as it is."""
    small = rng.integers(0, 256, (5, 7, channels), np.uint8)
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
    picture = Image.fromarray(small.squeeze(), mode)
    return picture.resize((width, height), Image.Resampling.BICUBIC)


def expected(image):
    """Over white, shorter side to 32, the middle."""
    image = (
        image.convert("RGBA")
        if "A" in image.mode or image.info.get("transparency") is not None
        else image.convert("RGB")
    )
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image).convert("RGB")
    w, h = image.size
    size = (32, 32 * h // w) if w <= h else (32 * w // h, 32)
    image = image.resize(size, Image.Resampling.BICUBIC)
    left, top = round((size[0] - 32) / 2), round((size[1] - 32) / 2)
    return np.asarray(image.crop((left, top, left + 32, top + 32)))


def same(got, wanted, within=0):
    assert not isinstance(got, str), got
    worst = int(np.abs(got.astype(int) - wanted.astype(int)).max())
    assert worst <= within, worst


def refused(data, *words, name="x"):
    got = preprocess(data, name)
    assert isinstance(got, str), "it was accepted"
    for word in words:
        assert word in got, got


def shown(data, side, part=""):
    """few_thumbnail's pixels; part: what stands behind the file in an address."""
    library = open_library()
    library.few_decode_budget_new.restype = ctypes.c_void_p
    library.few_decode_budget_new.argtypes = [ctypes.c_uint64]
    library.few_thumbnail.restype = ctypes.POINTER(ctypes.c_uint8)
    library.few_thumbnail.argtypes = [
        *(ctypes.c_char_p, ctypes.c_uint, ctypes.c_void_p),
        *(ctypes.POINTER(ctypes.c_uint), ctypes.POINTER(ctypes.c_uint), ctypes.c_void_p),
    ]
    path = os.path.join(work, "shown")
    with open(path, "wb") as f:
        f.write(data)
    width, height = ctypes.c_uint(), ctypes.c_uint()
    budget = library.few_decode_budget_new(1 << 30)
    rgba = library.few_thumbnail(
        (path + part).encode(), side, budget, ctypes.byref(width), ctypes.byref(height), None
    )
    assert rgba, "no thumbnail"
    shape = height.value, width.value, 4
    return np.ctypeslib.as_array(rgba, shape).copy()


def open_library():
    return ctypes.CDLL(os.path.join(os.path.dirname(cli), "../../engine/libfewshot.so"))


class Facts(ctypes.Structure):
    _fields_ = [
        ("media_type", ctypes.c_char_p),
        ("width", ctypes.c_uint),
        ("height", ctypes.c_uint),
        ("taken", ctypes.c_char * 20),
    ]


def facts(data, name):
    """few_image_facts: width, height, when it was taken; None: it is refused."""
    path, told = os.path.join(work, name), Facts()
    with open(path, "wb") as f:
        f.write(data)
    if not open_library().few_image_facts(path.encode(), ctypes.byref(told), None):
        return None
    return told.width, told.height, told.taken.decode()


def swapped():
    """sRGB's profile with red and green the other way round: nobody can overlook it."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    at = {bytes(profile[i : i + 4]): i for i in range(132, 132 + 12 * 40, 12)}
    red, green = at[b"rXYZ"] + 4, at[b"gXYZ"] + 4
    profile[red : red + 8], profile[green : green + 8] = (
        profile[green : green + 8],
        profile[red : red + 8],
    )
    return bytes(profile)
