# SPDX-License-Identifier: MIT
"""Four labelled picture sets from Debian packages that the pocket model's training never saw, as
folders for `fewshot-cli bench`.

    /usr/bin/python3 few_shot_sets.py FOLDER

FOLDER/fashion-mnist/{train,test}   dataset-fashion-mnist: 40 training and 100 test pictures a class
FOLDER/digits/{train,test}          python3-sklearn's handwritten digits: 40 and 50 a class
FOLDER/stamps                       tuxpaint-stamps-default: the held-out pictures of groups with
                                    ten or more
FOLDER/openclipart                  openclipart-png: likewise
"""

import glob
import gzip
import os
import sys

import numpy as np
from pictures import OPENCLIPART, STAMPS, over_white, package_pictures
from PIL import Image

LEAST = 10
FASHION = [
    "t-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
]


def save(pixels, *place):
    folder = os.path.join(*place[:-1])
    os.makedirs(folder, exist_ok=True)
    Image.fromarray(pixels).save(os.path.join(folder, place[-1]))


def fashion(folder):
    for part, stem, wanted in (("train", "train", 40), ("test", "t10k", 100)):
        found = glob.glob(f"/usr/share/dataset*/fashion-mnist/{stem}-images*") + glob.glob(
            f"/usr/share/dataset-fashion-mnist/{stem}-images*"
        )
        if not found:
            sys.exit("Install dataset-fashion-mnist.")

        def read(path, offset):
            return np.frombuffer(
                (gzip.open if path.endswith("gz") else open)(path, "rb").read(),
                np.uint8,
                offset=offset,
            )

        images = read(found[0], 16).reshape(-1, 28, 28)
        labels = read(found[0].replace("images-idx3", "labels-idx1"), 8)
        for k, name in enumerate(FASHION):
            for i in np.nonzero(labels == k)[0][:wanted]:
                save(255 - images[i], folder, "fashion-mnist", part, name, f"{i:05}.png")


DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def digits(folder):
    from sklearn.datasets import load_digits

    data = load_digits()
    for k, name in enumerate(DIGITS):
        own = np.nonzero(data.target == k)[0]
        for part, members in (("train", own[:40]), ("test", own[-50:])):
            for i in members:
                pixels = (255 - data.images[i] * (255 / 16)).round().astype(np.uint8)
                large = np.kron(pixels, np.ones((8, 8), np.uint8))
                save(large, folder, "digits", part, f"the digit {name}", f"{i:04}.png")


def held_out(folder):
    pictures, _, label, is_held, names = package_pictures()
    for title, root in (("stamps", STAMPS), ("openclipart", OPENCLIPART)):
        ours = [
            i for i, (_, path, _, _) in enumerate(pictures) if is_held[i] and path.startswith(root)
        ]
        for k, name in enumerate(names):
            members = [i for i in ours if label[i] == k]
            for i in members if len(members) >= LEAST else ():
                save(
                    over_white(pictures[i][0]).round().astype(np.uint8),
                    folder,
                    title,
                    name,
                    f"{i:06}.png",
                )


fashion(sys.argv[1])
digits(sys.argv[1])
held_out(sys.argv[1])
for title in (
    "fashion-mnist/train",
    "fashion-mnist/test",
    "digits/train",
    "digits/test",
    "stamps",
    "openclipart",
):
    classes = sorted(glob.glob(os.path.join(sys.argv[1], title, "*")))
    print(
        f"{title}: {len(classes)} classes,",
        ", ".join(f"{os.path.basename(c)} {len(os.listdir(c))}" for c in classes),
    )
