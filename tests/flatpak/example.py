#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""examples/classify.c beside fewshot-cli predict, on 240 drawn pictures and a classifier of every
kind: the same classes, the same probabilities.

    example.py CLASSIFY FEWSHOT_CLI MODEL VIT FOLDER
"""

import glob
import json
import os
import subprocess
import sys

example, cli, pocket, vit, folder = sys.argv[1:6]
os.environ["XDG_CACHE_HOME"] = os.path.join(folder, "cache")
pictures, classifier = os.path.join(folder, "pictures"), os.path.join(folder, "c.safetensors")
KINDS = {  # as the file names them, and a method that leaves it
    "bottleneck": "clip-adapter:epochs=20",
    "linear": "automatic",
    "cache": "tip-adapter",
    "sum": "clip-adapter-both:epochs=20,alpha=0.6,beta=0.3",
    "tower": "clip-adapter:after=1,epochs=5,alpha=0.5",
}


def run(*arguments):
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


run(cli, "demo", "--pictures", pictures, "--output", classifier)
paths = sorted(glob.glob(os.path.join(pictures, "*", "*.png")))
for kind, method in KINDS.items():
    model = vit if kind == "tower" else pocket
    run(cli, "train", model, pictures, "--method", method, "--shots", "8", "--output", classifier)
    with open(classifier, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    assert header["__metadata__"]["kind"] == kind, (method, header["__metadata__"])
    said = json.loads(run(cli, "predict", model, classifier, *paths, "--json"))["predictions"]
    lines = [line.split("\t") for line in run(example, model, classifier, *paths).splitlines()]
    assert len(lines) == len(said) == len(paths) >= 200, (len(lines), len(said))
    for line, one in zip(lines, said):
        assert line[:2] == [one["path"], one["class"]], (kind, line, one)
        assert abs(float(line[2]) - max(one["probabilities"])) < 1e-4, (kind, line, one)
