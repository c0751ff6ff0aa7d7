# SPDX-License-Identifier: MIT
"""Leaves of eight trees, drawn: other colours, turns, sizes and grounds each time. Two kinds of
maple are hard to tell apart."""

import math
import os
import random

from PIL import Image, ImageDraw, ImageFilter

SIDE, FINE = 180, 2
KINDS = ("birch", "field maple", "ginkgo", "holly", "linden", "norway maple", "oak", "willow")
GREENS = (
    (74, 124, 47),
    (52, 101, 52),
    (106, 138, 52),
    (141, 128, 40),
    (150, 86, 32),
    (96, 110, 60),
)


def lobes(a, angles, height, width):
    """Bumps of an outline at some angles and at their mirror images."""
    return sum(
        height * (1 - 0.2 * abs(at)) * math.exp(-(((a - at) / width) ** 2))
        for angle in angles
        for at in {angle, -angle}
    )


def radius(kind, a):
    """Of the outline at an angle, which is 0 at the tip."""
    c, n = math.cos(a), math.cos
    if kind == "birch":
        return 0.52 + 0.2 * c + 0.10 * n(2 * a) + 0.02 * n(31 * a)
    if kind == "linden":
        return 0.55 - 0.25 * abs(math.sin(a / 2)) ** 9 + 0.07 * c + 0.015 * n(40 * a)
    if kind == "willow":
        return 0.16 / math.sqrt(math.sin(a) ** 2 + 0.045 * c * c)
    if kind == "oak":
        return (0.3 + 0.28 * abs(c) + 0.09 * n(9 * a)) * (1 - 0.1 * c)
    if kind == "ginkgo":
        fan = 0.82 if abs(a) < 1.0 else max(0.06, 0.82 - 2.1 * (abs(a) - 1.0))
        return fan * (1 - 0.28 * math.exp(-((a / 0.09) ** 2)))
    if kind == "holly":
        return (0.3 + 0.32 * c * c) * (1 + 0.2 * abs(n(5 * a)) ** 6)
    if kind == "field maple":
        return 0.26 + lobes(a, (0, 0.95, 1.8), 0.46, 0.32)
    return 0.26 + lobes(a, (0, 0.8, 1.6), 0.48, 0.2) + lobes(a, (0.32, 1.2), 0.12, 0.08)


def outline(kind, rng, size, turn, middle):
    stretch = rng.uniform(0.9, 1.1)
    for i in range(360):
        a = math.radians(i - 180)
        r = radius(kind, a) * size
        x, y = r * math.sin(a) * stretch, -r * math.cos(a)
        yield (
            middle[0] + x * math.cos(turn) - y * math.sin(turn),
            middle[1] + x * math.sin(turn) + y * math.cos(turn),
        )


def draw(kind, rng):
    side = SIDE * FINE
    ground = rng.choice(((232, 226, 214), (205, 196, 180), (240, 240, 238), (170, 160, 146)))
    picture = Image.new("RGB", (side, side), ground)
    pen = ImageDraw.Draw(picture)
    for _ in range(rng.randrange(30, 90)):  # gravel
        x, y, r = rng.randrange(side), rng.randrange(side), rng.randrange(3, 15)
        shade = rng.randrange(-16, 12)
        pen.ellipse((x - r, y - r, x + r, y + r), tuple(v + shade for v in ground))
    picture = picture.filter(ImageFilter.GaussianBlur(2))
    green = tuple(min(255, max(0, v + rng.randrange(-18, 18))) for v in rng.choice(GREENS))
    size, turn = side * rng.uniform(0.42, 0.56), rng.uniform(0, 2 * math.pi)
    middle = [side / 2 + rng.uniform(-0.06, 0.06) * side for _ in range(2)]
    corners = list(outline(kind, rng, size, turn, middle))
    shadow = Image.new("L", picture.size)
    ImageDraw.Draw(shadow).polygon([(x + 8, y + 11) for x, y in corners], 90)
    picture.paste((40, 36, 30), mask=shadow.filter(ImageFilter.GaussianBlur(7)))
    pen = ImageDraw.Draw(picture)
    pen.polygon(corners, green)
    dark, light = (tuple(int(v * f) for v in green) for f in (0.72, 1.18))
    base, tip = corners[0], corners[180]
    stem = [base[i] + (base[i] - tip[i]) * 0.25 for i in range(2)]
    pen.line([*map(tuple, (stem, tip))], dark, 5)
    for i in range(20, 180, 20):  # veins
        for corner in (corners[i], corners[360 - i]):
            foot = [base[k] + (tip[k] - base[k]) * (i / 210) for k in range(2)]
            end = [foot[k] + (corner[k] - foot[k]) * 0.8 for k in range(2)]
            pen.line([tuple(foot), tuple(end)], light, 2)
    return picture.resize((SIDE, SIDE), Image.LANCZOS)


def write(folder, each=18, seed=3):
    rng = random.Random(seed)
    for kind in KINDS:
        os.makedirs(os.path.join(folder, kind), exist_ok=True)
        for i in range(each):
            draw(kind, rng).save(os.path.join(folder, kind, f"{kind} {i + 1:02}.png"))
    return folder
