#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a precision costs: cosines of pictures' features with f32's, and accuracies of few-shot
methods in both.

    tests/bench/precision.py BUILD MODEL FOLDER… [--precision int8] [--methods zero-shot,…]
    [--shots 1,4,16] [--seeds 3]

Each FOLDER has a folder a class. Prints a line a folder, and last the worst of all: exit status 1
where a cosine is below 0.9995 or the mean accuracy of a folder differs by more than 0.3 points."""

import argparse
import json
import math
import os
import struct
import subprocess
import sys
import tempfile

LEAST_COSINE, MOST_POINTS = 0.9995, 0.3


def features(path):
    with open(path, "rb") as f:
        (length,) = struct.unpack("<Q", f.read(8))
        entry = json.loads(f.read(length))["image_features"]
        f.seek(8 + length + entry["data_offsets"][0])
        n, d = entry["shape"]
        values = memoryview(f.read(n * d * 4)).cast("f")
    return [values[i * d : (i + 1) * d] for i in range(n)]


def cosine(a, b):
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


class Cli:
    def __init__(self, build, precision):
        self.precision = precision
        self.program = os.path.join(build, "app/cli/fewshot-cli")
        self.env = {**os.environ, "LD_LIBRARY_PATH": os.path.join(build, "engine")}

    def run(self, *arguments):
        command = [self.program, *arguments, "--precision", self.precision, "--no-cache"]
        subprocess.run(command, env=self.env, check=True, capture_output=True)

    def embed(self, model, folder, work):
        out = f"{work}/{self.precision}.safetensors"
        self.run("embed", model, "--image-dir", folder, "-o", out)
        return features(out)

    def accuracy(self, model, folder, work, args):
        """The mean over methods, shots and draws, in points."""
        out = f"{work}/{self.precision}.json"
        methods = ("--methods", args.methods, "--shots", args.shots, "--seeds", str(args.seeds))
        self.run("bench", model, folder, *methods, "-o", out)
        with open(out) as f:
            means = [cell["mean"] for cell in json.load(f)["summary"]]
        return 100 * sum(means) / len(means)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("model")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--precision", default="int8")
    parser.add_argument("--methods", default="zero-shot,tip-adapter,gda,automatic")
    parser.add_argument("--shots", default="1,4,16")
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    exact, other = Cli(args.build, "f32"), Cli(args.build, args.precision)
    lowest, furthest = 1.0, 0.0
    for folder in args.folders:
        with tempfile.TemporaryDirectory() as work:
            pairs = zip(
                exact.embed(args.model, folder, work),
                other.embed(args.model, folder, work),
                strict=True,
            )
            cosines = sorted(cosine(a, b) for a, b in pairs)
            points = [cli.accuracy(args.model, folder, work, args) for cli in (exact, other)]
        print(
            f"{os.path.basename(os.path.normpath(folder)):16} {len(cosines):5} pictures, cosine at "
            f"least {cosines[0]:.6f}, mean {sum(cosines) / len(cosines):.6f}; accuracy f32 "
            f"{points[0]:.2f}, {args.precision} {points[1]:.2f}",
            flush=True,
        )
        lowest = min(lowest, cosines[0])
        furthest = max(furthest, abs(points[1] - points[0]))
    print(f"worst: cosine {lowest:.6f}, {furthest:.2f} points")
    return lowest < LEAST_COSINE or furthest > MOST_POINTS


if __name__ == "__main__":
    sys.exit(main())
