# SPDX-License-Identifier: MIT
"""Pictures of coloured squares side by side, for tests of parts of pictures, and the files of boxes
that COCO and MegaDetector make for them."""

import json
import os
import shutil

from program import model, run, work
from tap import need

SIDE = 40
COLOURS = {"red": (200, 30, 30), "green": (30, 180, 40), "blue": (30, 40, 200)}


def folder(name):
    path = os.path.join(work, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def square(kind, number):
    """Stripes of one colour; no two are the same."""
    numpy = need("numpy")
    rng = numpy.random.default_rng([number, len(kind)])
    pixels = numpy.empty((SIDE, SIDE, 3), numpy.int64)
    pixels[:] = COLOURS[kind]
    pixels[:: 2 + number % 5] //= 2
    return numpy.clip(pixels + rng.integers(-20, 20, pixels.shape), 0, 255).astype(numpy.uint8)


def strip(path, kinds, number):
    """Squares side by side, as one picture."""
    numpy, image = need("numpy"), need("PIL.Image")
    row = numpy.hstack([square(kind, number * 10 + i) for i, kind in enumerate(kinds)])
    image.fromarray(row).save(path)


def write(path, value):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(value, f)
    return path


def coco(name, n=6):
    """Pictures of three squares each, in an order of their own, and their annotations."""
    where = folder(name)
    kinds = list(COLOURS)
    images, annotations = [], []
    for i in range(n):
        order = kinds[i % 3 :] + kinds[: i % 3]
        strip(f"{where}/{i}.png", order, i)
        images.append({"id": i, "file_name": f"{i}.png", "width": 3 * SIDE, "height": SIDE})
        for k, kind in enumerate(order):
            box = [k * SIDE, 0, SIDE, SIDE]
            annotations.append(
                {"id": len(annotations), "image_id": i, "category_id": kinds.index(kind) + 5,
                 "bbox": box, "area": SIDE * SIDE, "iscrowd": 0}
            )  # fmt: skip
    categories = [{"id": k + 5, "name": kind} for k, kind in enumerate(kinds)]
    data = {"images": images, "annotations": annotations, "categories": categories}
    return where, write(f"{where}/coco.json", data), data


def megadetector(where, detections, **more):
    """The layout of format 1.4, as MegaDetector writes it."""
    images = [{"file": name, "detections": list_} for name, list_ in detections.items()]
    return write(
        f"{where}/md.json",
        {
            "images": images,
            "detection_categories": {"1": "animal", "2": "person", "3": "vehicle"},
            "info": {
                "detection_completion_time": "2026-01-01 10:00:00",
                "format_version": "1.4",
                "detector": "md_v5a.0.0.pt",
                "detector_metadata": {"megadetector_version": "v5a.0.0"},
            },
            **more,
        },
    )


def found(k, conf=0.9, category="1"):
    return {"category": category, "conf": conf, "bbox": [round(k / 3, 4), 0, 0.3333, 1]}


def learned():
    """A classifier of the squares."""
    classifier = os.path.join(work, "squares.safetensors")
    if not os.path.exists(classifier):
        _, file, _ = coco("learned", 8)
        result = run("train", model, file, "--boxes", "annotations", "--no-test", "-o", classifier)
        assert result.returncode == 0, result.stderr
    return classifier


def refused(status, word, *arguments):
    """In one sentence."""
    result = run(*arguments)
    assert result.returncode == status and word in result.stderr, (word, result.stderr)
    assert len(result.stderr.splitlines()) == 1, result.stderr
