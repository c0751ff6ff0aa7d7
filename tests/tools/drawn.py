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
