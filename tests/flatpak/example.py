#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""examples/classify.c beside fewshot-cli predict, on 240 drawn pictures: the same classes, the same
probabilities.

    example.py CLASSIFY FEWSHOT_CLI MODEL FOLDER
"""

import glob
import json
import os
import subprocess
import sys

example, cli, model, folder = sys.argv[1:5]
os.environ["XDG_CACHE_HOME"] = os.path.join(folder, "cache")
pictures, classifier = os.path.join(folder, "pictures"), os.path.join(folder, "c.safetensors")


def run(*arguments):
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


run(cli, "demo", "--pictures", pictures, "--output", classifier)
paths = sorted(glob.glob(os.path.join(pictures, "*", "*.png")))
said = json.loads(run(cli, "predict", model, classifier, *paths, "--json"))["predictions"]
lines = [line.split("\t") for line in run(example, model, classifier, *paths).splitlines()]
assert len(lines) == len(said) == len(paths) >= 200, (len(lines), len(said))
for line, one in zip(lines, said):
    assert line[:2] == [one["path"], one["class"]], (line, one)
    assert abs(float(line[2]) - max(one["probabilities"])) < 1e-4, (line, one)
