# SPDX-License-Identifier: MIT
"""Zero-shot and K-shot accuracy of the pocket model on pictures that its training never saw,
through fewshot-cli itself.

    python3 evaluate.py PICTURES.npz FEWSHOT_CLI MODEL_FOLDER [options of fewshot-cli train, as
    --preset published]

Three sets: the held-out pictures of PICTURES.npz (new pictures of kinds that training knows),
Fashion-MNIST's test pictures (120 a class; Debian's dataset-fashion-mnist) and the machine parts
that the program draws (both: kinds and pictures that training never saw). Trains with 1, 2, 4, 8
and 16 shots, seeds 1, 2, 3, the program's default settings; what is left is the test set. Prints
Markdown: mean ± standard deviation."""

import glob
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np
from pictures import over_white
from PIL import Image

pictures, cli, model, *options = sys.argv[1:]
work = tempfile.mkdtemp(prefix="fewshot-held-out-")


def held_out():
    data = np.load(pictures)
    names = json.loads(str(data["names"]))
    folder = os.path.join(work, "held-out")
    for i in np.nonzero(data["held"])[0]:
        place = os.path.join(folder, names[data["labels"][i]])
        os.makedirs(place, exist_ok=True)
        Image.fromarray(over_white(data["images"][i]).round().astype(np.uint8)).save(
            os.path.join(place, f"{i:06}.png")
        )
    return folder


def fashion():
    names = [
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
    found = glob.glob("/usr/share/dataset*/fashion-mnist/t10k-images*") + glob.glob(
        "/usr/share/dataset-fashion-mnist/t10k-images*"
    )
    if not found:
        return None

    def read(path, offset):
        return np.frombuffer(
            (gzip.open if path.endswith("gz") else open)(path, "rb").read(), np.uint8, offset=offset
        )

    images, labels = (
        read(found[0], 16).reshape(-1, 28, 28),
        read(found[0].replace("images-idx3", "labels-idx1"), 8),
    )
    folder = os.path.join(work, "fashion")
    for k, name in enumerate(names):
        os.makedirs(os.path.join(folder, name))
        for i in np.nonzero(labels == k)[0][:120]:
            Image.fromarray(255 - images[i]).save(os.path.join(folder, name, f"{i:05}.png"))
    return folder


def parts():
    folder = os.path.join(work, "parts")
    subprocess.run(
        [
            cli,
            "demo",
            "--json",
            "--pictures",
            folder,
            "--output",
            os.path.join(work, "demo.safetensors"),
        ],
        check=True,
        capture_output=True,
    )
    return folder


def train(folder, template, shots, seed):
    answer = subprocess.run(
        [
            cli,
            "train",
            model,
            folder,
            "--shots",
            str(shots),
            "--seed",
            str(seed),
            "--template",
            template,
            "--output",
            os.path.join(work, "a.safetensors"),
            "--json",
            *options,
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(answer.stdout)


for title, folder, template in (
    ("Held-out pictures of known kinds", held_out(), "clip art of a {}."),
    ("Fashion-MNIST", fashion(), "a photo of a {}."),
    ("Drawn machine parts", parts(), "a photo of a {}."),
):
    if not folder:
        print(f"\n{title}: not installed")
        continue
    n_classes, n_pictures = len(os.listdir(folder)), len(glob.glob(os.path.join(folder, "*", "*")))
    print(
        f"\n**{title}**: {n_classes} classes, {n_pictures} pictures, chance {100 / n_classes:.1f} "
        "%\n\n| shots | zero-shot | adapter |\n|---|---|---|"
    )
    for shots in (1, 2, 4, 8, 16):
        runs = [train(folder, template, shots, seed) for seed in (1, 2, 3)]
        cells = [[100 * r[k] for r in runs] for k in ("zero_shot_accuracy", "accuracy")]
        print(
            f"| {shots} | "
            + " | ".join(f"{statistics.mean(c):.1f} ± {statistics.stdev(c):.1f}" for c in cells)
            + " |",
            flush=True,
        )
