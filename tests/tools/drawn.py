# SPDX-License-Identifier: MIT
"""Pictures that tests draw themselves."""

import os
import random
import struct
import zlib


def png(path, pixels):
    """pixels: rows of (r, g, b)."""
    rows = b"".join(b"\0" + bytes(v for p in row for v in p) for row in pixels)

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    with open(path, "wb") as f:
        f.write(
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", len(pixels[0]), len(pixels), 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b"")
        )


def striped_folder(folder, classes=3, pictures=12, size=24):
    """Class folders of stripes whose direction and colour tell the class."""
    rng = random.Random(5)
    for c in range(classes):
        os.makedirs(os.path.join(folder, f"kind {c}"), exist_ok=True)
        for i in range(pictures):
            tint = [rng.randrange(60, 250) if j == c % 3 else rng.randrange(60) for j in range(3)]
            rows = [
                [tint if ((x, y, x + y)[c % 3] // 4) % 2 else (240, 240, 240) for x in range(size)]
                for y in range(size)
            ]
            rows[0][0] = (i % 256, i // 256, c)  # no two alike
            png(os.path.join(folder, f"kind {c}", f"{i:03}.png"), rows)
    return folder


def several_folder(folder, pictures=120, size=32, noise=0.0, seed=7):
    """Pictures with any of a ball, a cross and stripes, or none: [(name, labels)]. noise: that
    share of the labels is wrong."""
    rng = random.Random(seed)
    os.makedirs(folder, exist_ok=True)
    made = []
    for i in range(pictures):
        has = [
            k for k, p in (("ball", 0.45), ("cross", 0.35), ("stripes", 0.25)) if rng.random() < p
        ]
        rows = [[(235 + rng.randrange(20),) * 3 for _ in range(size)] for _ in range(size)]
        for y in range(size if "stripes" in has else 0):
            if y // 3 % 2:
                rows[y] = [(90, 90, 230)] * size
        at, radius = rng.randrange(8, 12), rng.randrange(5, 8)
        for y in range(size if "ball" in has else 0):
            for x in range(size):
                if (x - at) ** 2 + (y - at) ** 2 <= radius**2:
                    rows[y][x] = (220, 30, 30)
        at = rng.randrange(19, 24)
        for d in range(-6, 7 if "cross" in has else -6):
            for w in (-1, 0, 1):
                rows[at + d][at + w] = rows[at + w][at + d] = (20, 140, 30)
        rows[0][0] = (i % 256, i // 256, 0)  # no two alike
        png(os.path.join(folder, f"{i:03}.png"), rows)
        said = [k for k in ("ball", "cross", "stripes") if (k in has) != (rng.random() < noise)]
        made.append((f"{i:03}.png", said))
    return made
