# SPDX-License-Identifier: MIT
"""What tests of decoding share: `TEST.py FEWSHOT_CLI GOLDEN_FOLDER`, drawn pictures, what the
program makes of a file, and what Pillow does."""

import io
import json
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

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
