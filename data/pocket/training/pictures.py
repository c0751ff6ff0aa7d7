# SPDX-License-Identifier: MIT
"""The pocket model's pictures: three Debian packages and drawings made here.

    /usr/bin/python3 pictures.py OUTPUT.npz

Packages: openclipart-png, tuxpaint-stamps-default, fonts-noto-color-emoji (Pillow renders the
emoji). Every picture becomes SIZE x SIZE RGBA (fitted, transparent border) with a list of captions.
Pictures of the GROUPS are split into training and held-out by near-duplicate cluster, so that a
held-out picture has no near copy in training. The split is a function of the file names and pixels
alone: the same on every machine."""

import glob
import json
import math
import os
import random
import re
import sys
import unicodedata
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from PIL import Image, ImageDraw, ImageFile, ImageFont

SIZE = 112
OPENCLIPART = "/usr/share/openclipart/png"
STAMPS = "/usr/share/tuxpaint/stamps"
EMOJI_FONT = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
HELD_OUT_PER_GROUP = 60
MAX_PIXELS = 30_000_000

# The held-out classification task: folder names of the two packages, by class.
GROUPS = {
    "bird": ["birds"],
    "insect": ["insects", "bugs"],
    "fish": ["fish"],
    "mammal": ["mammals"],
    "fruit": ["fruit"],
    "vegetable": ["vegetables"],
    "flower": ["flowers"],
    "tree": ["trees"],
    "flag": ["flags"],
    "tool": ["tools"],
    "dessert": ["desserts", "dessert"],
    "vehicle": ["vehicles"],
    "house": ["homes", "houses", "furniture"],
    "face": ["faces", "smilies"],
}

# Folders whose pictures say little about a thing (icons of one theme, cards, colour ramps).
SKIPPED_FOLDERS = {"special", "diagrams", "connectors", "cards", "flowchart", "duplicates"}

SINGULAR = {
    "birds": "bird",
    "bugs": "insect",
    "insects": "insect",
    "mammals": "mammal",
    "fruit": "fruit",
    "vegetables": "vegetable",
    "flowers": "flower",
    "trees": "tree",
    "flags": "flag",
    "tools": "tool",
    "desserts": "dessert",
    "dessert": "dessert",
    "faces": "face",
    "smilies": "face",
    "animals": "animal",
    "buildings": "building",
    "homes": "house",
    "houses": "house",
    "plants": "plant",
    "vehicles": "vehicle",
    "dinosaurs": "dinosaur",
    "dinosaur": "dinosaur",
    "weapons": "weapon",
    "toys": "toy",
    "books": "book",
    "hats": "hat",
    "mushrooms": "mushroom",
    "arrows": "arrow",
    "stars": "star",
    "clocks": "clock",
    "beverages": "drink",
    "boating": "boat",
    "roadsigns": "road sign",
    "planets": "planet",
    "monuments": "monument",
    "cats": "cat",
    "dogs": "dog",
    "big_cats": "big cat",
    "horses": "horse",
    "shapes": "shape",
    "icons": "icon",
    "signs_and_symbols": "sign",
    "transportation": "vehicle",
    "people": "person",
}


def fitted(image):
    image = image.convert("RGBA")
    image.thumbnail((SIZE, SIZE), Image.BICUBIC)
    canvas = Image.new("RGBA", (SIZE, SIZE), (255, 255, 255, 0))
    canvas.paste(image, ((SIZE - image.width) // 2, (SIZE - image.height) // 2))
    return np.asarray(canvas)


def over_white(pixels):
    alpha = pixels[..., 3:].astype(np.float32) / 255
    return pixels[..., :3] * alpha + 255 * (1 - alpha)


def words_of(name):
    name = re.sub(r"[_\-\d.]+", " ", name)
    name = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    return [w for w in name.lower().split() if len(w) > 2]


def folder_name(folder):
    return SINGULAR.get(folder, folder.replace("_", " "))


def list_package_pictures():
    """Yields (path, folders, words): words come from the caption file or the file name."""
    for path in sorted(glob.glob(f"{STAMPS}/**/*.png", recursive=True)):
        if path.endswith("_mirror.png"):
            continue
        text = path[:-4] + ".txt"
        caption = os.path.basename(path)[:-4]
        if os.path.exists(text):
            caption = open(text, encoding="utf8", errors="ignore").readline().strip() or caption
        folders = path.split("/stamps/")[1].split("/")[:-1]
        yield path, folders, re.findall(r"[a-z']+", caption.lower())
    for path in sorted(glob.glob(f"{OPENCLIPART}/**/*.png", recursive=True)):
        folders = path.split("/png/")[1].split("/")[:-1]
        if SKIPPED_FOLDERS.isdisjoint(folders):
            yield path, folders, words_of(os.path.basename(path)[:-4])


def load(path):
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        with Image.open(path) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            return fitted(image)
    except Exception as error:
        print(f"left out: {path}: {error}", file=sys.stderr)
        return None


def emoji():
    font = ImageFont.truetype(EMOJI_FONT, 109)
    for code in [*range(0x1F300, 0x1FAFF), *range(0x2600, 0x27BF)]:
        name = unicodedata.name(chr(code), "").lower()
        if not name or "variation" in name or "modifier" in name:
            continue
        image = Image.new("RGBA", (136, 128), (0, 0, 0, 0))
        ImageDraw.Draw(image).text((0, 0), chr(code), font=font, embedded_color=True)
        pixels = np.asarray(image)
        if pixels[..., 3].max() and pixels[..., :3].max():
            yield fitted(image), name


# ---- drawings: colour x texture x shape x count x place, so that composition is in the world the
# model knows

COLOURS = {
    "red": (214, 40, 40),
    "orange": (245, 140, 30),
    "yellow": (245, 215, 50),
    "green": (50, 160, 70),
    "blue": (45, 95, 210),
    "purple": (130, 60, 170),
    "pink": (245, 130, 175),
    "brown": (125, 80, 45),
    "black": (25, 25, 25),
    "white": (250, 250, 250),
    "grey": (135, 135, 135),
    "gold": (205, 165, 50),
}
POLYGONS = {"triangle": 3, "square": 4, "pentagon": 5, "hexagon": 6, "octagon": 8}
SHAPES = [
    *POLYGONS,
    "circle",
    "ring",
    "star",
    "cross",
    "heart",
    "crescent",
    "gear",
    "arrow",
    "leaf",
    "rectangle",
]
TEXTURES = ["", "", "", "striped", "dotted", "chequered", "outlined"]
NUMBERS = ["", "", "two", "three", "four", "five"]


def outline(shape, turn, rng):
    """Points of a unit shape around the origin."""

    def polar(radii):
        n = len(radii)
        return [
            (r * math.cos(turn + 2 * math.pi * i / n), r * math.sin(turn + 2 * math.pi * i / n))
            for i, r in enumerate(radii)
        ]

    def turned(points):
        c, s = math.cos(turn), math.sin(turn)
        return [(c * x - s * y, s * x + c * y) for x, y in points]

    if shape in POLYGONS:
        return polar([1] * POLYGONS[shape])
    if shape in ("circle", "ring"):
        return polar([1] * 48)
    if shape == "star":
        return polar([1, 0.42] * 5)
    if shape == "gear":
        teeth = rng.randint(8, 14)
        return polar([1, 1, 0.78, 0.78] * teeth)
    if shape == "cross":
        return turned(
            [
                (-0.3, -1),
                (0.3, -1),
                (0.3, -0.3),
                (1, -0.3),
                (1, 0.3),
                (0.3, 0.3),
                (0.3, 1),
                (-0.3, 1),
                (-0.3, 0.3),
                (-1, 0.3),
                (-1, -0.3),
                (-0.3, -0.3),
            ]
        )
    if shape == "arrow":
        return turned(
            [(-1, -0.25), (0.1, -0.25), (0.1, -0.65), (1, 0), (0.1, 0.65), (0.1, 0.25), (-1, 0.25)]
        )
    if shape == "rectangle":
        return turned([(-1, -0.5), (1, -0.5), (1, 0.5), (-1, 0.5)])
    t = np.linspace(0, 2 * math.pi, 60, endpoint=False)
    if shape == "heart":
        return turned(
            list(
                zip(
                    np.sin(t) ** 3,
                    -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 17,
                )
            )
        )
    if shape == "leaf":
        return turned([(math.cos(a), 0.45 * math.sin(a) * abs(math.sin(a)) ** 0.3) for a in t])
    if shape == "crescent":
        outer = [(math.cos(a), math.sin(a)) for a in np.linspace(0.7, 2 * math.pi - 0.7, 40)]
        inner = [
            (0.35 + 0.75 * math.cos(a), 0.75 * math.sin(a))
            for a in np.linspace(2 * math.pi - 1.1, 1.1, 40)
        ]
        return turned(outer + inner)
    raise ValueError(shape)


def textured(mask, colour, texture, rng, size):
    layer = Image.new("RGBA", (size, size), (*colour, 255))
    draw = ImageDraw.Draw(layer)
    other = (255, 255, 255, 255) if sum(colour) < 600 else (60, 60, 60, 255)
    step = rng.randint(size // 16, size // 10)
    if texture == "striped":
        for x in range(-size, size * 2, step * 2):
            draw.line([(x, 0), (x + size // 2, size)], fill=other, width=step)
    if texture == "dotted":
        for y in range(0, size, step * 2):
            for x in range(0, size, step * 2):
                draw.ellipse([x, y, x + step, y + step], fill=other)
    if texture == "chequered":
        for y in range(0, size, step):
            for x in range((y // step % 2) * step, size, step * 2):
                draw.rectangle([x, y, x + step - 1, y + step - 1], fill=other)
    layer.putalpha(mask)
    return layer


def drawing(seed):
    rng = random.Random(seed)
    size = SIZE * 2
    shape, name = rng.choice(SHAPES), rng.choice(list(COLOURS))
    texture, number = rng.choice(TEXTURES), rng.choice(NUMBERS)
    colour = tuple(min(255, max(0, c + rng.randint(-18, 18))) for c in COLOURS[name])
    count = NUMBERS.index(number) if number else 1
    places = (
        [(0, 0)]
        if count == 1
        else rng.sample([(x, y) for x in (-0.5, 0, 0.5) for y in (-0.5, 0, 0.5)], count)
    )
    radius = rng.uniform(0.28, 0.46) if count == 1 else rng.uniform(0.14, 0.19)
    mask = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(mask)
    turn = rng.uniform(0, 2 * math.pi)
    for px, py in places:
        cx, cy = (
            size * (0.5 + px * 0.6 + rng.uniform(-0.04, 0.04)),
            size * (0.5 + py * 0.6 + rng.uniform(-0.04, 0.04)),
        )
        points = [
            (cx + x * radius * size, cy + y * radius * size) for x, y in outline(shape, turn, rng)
        ]
        if texture == "outlined":
            draw.line(points + points[:2], fill=255, width=max(3, size // 40))
        else:
            draw.polygon(points, fill=255)
        hole = {"ring": 0.55, "gear": 0.3}.get(shape, 0) * radius * size
        if hole and texture != "outlined":
            draw.ellipse([cx - hole, cy - hole, cx + hole, cy + hole], fill=0)
    picture = textured(mask, colour, "" if texture == "outlined" else texture, rng, size)
    plural = shape + ("es" if shape.endswith("s") else "s") if count > 1 else shape
    if plural == "leafs":
        plural = "leaves"
    full = " ".join(w for w in (number, texture, name, plural) if w)
    return fitted(picture), [
        full,
        " ".join(w for w in (name, plural) if w),
        " ".join(w for w in (number, plural) if w),
    ]


# ---- near duplicates


def fingerprint(pixels):
    """64-bit difference hash plus the mean colour."""
    small = np.asarray(
        Image.fromarray(over_white(pixels).astype(np.uint8))
        .resize((9, 8), Image.BICUBIC)
        .convert("L"),
        int,
    )
    return (small[:, 1:] > small[:, :-1]).ravel()


def clusters(prints, stems):
    """Union of pictures with nearly equal hashes or equal names but for digits."""
    parent = list(range(len(prints)))

    def root(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    by_stem = {}
    for i, stem in enumerate(stems):
        parent[root(i)] = root(by_stem.setdefault(stem, i))
    bits = np.stack(prints).astype(np.float32)
    ones = bits.sum(1)
    for i in range(len(bits)):
        distance = ones + ones[i] - 2 * (bits @ bits[i])
        for j in np.nonzero(distance <= 3)[0]:
            parent[root(int(j))] = root(i)
    return [root(i) for i in range(len(prints))]


def package_pictures():
    """[(pixels, path, folders, words)], the cluster and the label (-1: none) of each, whether it is
    held out, names of labels."""
    listed = list(list_package_pictures())
    with ProcessPoolExecutor() as pool:
        loaded = list(pool.map(load, [path for path, _, _ in listed], chunksize=32))
    pictures = [(pixels, *entry) for pixels, entry in zip(loaded, listed) if pixels is not None]

    cluster = clusters(
        [fingerprint(p) for p, *_ in pictures],
        [
            re.sub(r"[\d_\-]+$", "", os.path.basename(path)[:-4]) + "/" + "/".join(folders)
            for _, path, folders, _ in pictures
        ],
    )
    names = list(GROUPS)
    label = [
        next((k for k, n in enumerate(names) if set(GROUPS[n]) & set(folders)), -1)
        for _, _, folders, _ in pictures
    ]
    is_held = np.zeros(len(pictures), bool)
    for k, _ in enumerate(names):
        members = [i for i, one in enumerate(label) if one == k]
        order = sorted({cluster[i] for i in members})
        random.Random(k).shuffle(order)
        wanted = min(len(members) // 2, HELD_OUT_PER_GROUP)
        taken = 0
        for c in order:
            ours = [i for i in members if cluster[i] == c]
            if taken + len(ours) <= wanted:
                is_held[ours] = True
                taken += len(ours)
    return pictures, cluster, label, is_held, names


def main(output, drawings=4000):
    pictures, cluster, label, is_held, names = package_pictures()
    # Authors' names are rare words or the commonest surnames: keep words seen on 2 to 400 pictures.
    counts = Counter(w for _, _, _, words in pictures for w in set(words))
    authors = {
        "architetto",
        "architett",
        "archite",
        "archit",
        "arch",
        "francesco",
        "franc",
        "fra",
        "rollandin",
        "rolland",
        "ganson",
        "geral",
        "gerald",
        "juli",
        "julien",
        "misc",
        "clip",
        "art",
        "dan",
        "jon",
        "phillips",
        "yves",
        "guillou",
        "guillo",
        "guil",
        "mimooh",
        "nicu",
        "buculei",
        "benji",
        "park",
        "susan",
        "figo",
        "leigh",
        "purdie",
        "the",
        "and",
    }

    images, captions, held, labels = [], [], [], []
    held_clusters = {cluster[i] for i in np.nonzero(is_held)[0]}

    for i, (pixels, _path, folders, words) in enumerate(pictures):
        if cluster[i] in held_clusters and not is_held[i]:
            continue  # a copy of a held-out picture filed under another folder
        useful = [w for w in words if 2 <= counts[w] <= 400 and w not in authors]
        kinds = [folder_name(f) for f in folders[::-1]]
        texts = []
        if useful:
            texts.append(" ".join(useful[:6]))
            texts.append(" ".join(useful[:6]) + ", " + kinds[0])
        texts += kinds[:2]
        (
            images.append(pixels),
            captions.append(texts),
            held.append(bool(is_held[i])),
            labels.append(label[i] if is_held[i] else -1),
        )
    for pixels, name in emoji():
        images.append(pixels), captions.append([name]), held.append(False), labels.append(-1)
    for seed in range(drawings):
        pixels, texts = drawing(seed)
        images.append(pixels), captions.append(texts), held.append(False), labels.append(-1)
    print(
        f"{len(images)} pictures, {sum(held)} held out:",
        {n: sum(1 for h, one in zip(held, labels) if h and one == k) for k, n in enumerate(names)},
    )
    np.savez(
        output,
        images=np.stack(images),
        captions=json.dumps(captions),
        held=np.array(held),
        labels=np.array(labels),
        names=json.dumps(names),
    )


if __name__ == "__main__":
    main(sys.argv[1])
