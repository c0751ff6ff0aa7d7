# SPDX-License-Identifier: MIT
"""What the tests of pictures with any number of labels share: drawn ones, their labels as a file,
and a classifier that learned from them."""

import os

from drawn import several_folder
from program import json_of, model, run, work

folder = os.path.join(work, "pictures")
rows = several_folder(folder, pictures=60)
names = ["ball", "cross", "stripes"]
without = sum(not has for _, has in rows)
classifier = os.path.join(work, "c.safetensors")


def write(name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(text)
    return path


def counts_of(some=rows):
    return {name: sum(name in has for _, has in some) for name in names}


def usual():
    return write("labels.csv", "path,labels\n" + "".join(f"{p},{';'.join(h)}\n" for p, h in rows))


def split(name):
    """The same, a third of them to test on."""
    return write(
        name,
        "path,labels,split\n"
        + "".join(
            f"{p},{';'.join(h)},{'test' if i % 3 == 0 else 'train'}\n"
            for i, (p, h) in enumerate(rows)
        ),
    )


def trained():
    if not os.path.exists(classifier):
        json_of(run("train", model, usual(), "--labels", "any", "-o", classifier, "--json"))
    return classifier
