#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Methods that learn from features, on random ones of many classes (RN50's 1,024 numbers), beside
one epoch of CLIP-Adapter's own training: as a table in Markdown.

    tests/bench/epoch.py BUILD_FOLDER [--classes 1000] [--shots 16] [--methods NAME …]
        [--work FOLDER]

Theirs keeps no features: each batch of 32 pictures goes through the image tower, and the prompts
of all classes through the text tower, 77 tokens each. One of its steps is measured before every
method, in PyTorch (f32, random weights, no gradient but the adapter's), and taken times the batches
of an epoch; decoding and augmenting the pictures is left out, in their favour. Ours begins at the
features, which are made once: as many passes through the image tower as one epoch of theirs."""

import argparse
import os
import re
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../tools"))
METHODS = [
    "zero-shot",
    "gda",
    "tip-adapter",
    "automatic",
    "clip-adapter",
    "linear-probe",
    "clap",
    "lp++",
    "prolip",
    "tip-adapter-f",
    "proker",
]
BATCH, TOKENS, ALPHA = 32, 77, 0.2


class Theirs:
    """A step of the published training loop."""

    def __init__(self, classes):
        import clip_reference
        import clip_weights
        import torch

        self.torch, self.clip = torch, clip_reference
        self.cfg = clip_weights.ARCHITECTURES["RN50"]
        self.weights = clip_weights.random_weights(self.cfg)
        d = self.cfg["embed_dim"]
        self.adapter = torch.nn.Sequential(
            torch.nn.Linear(d, d // 4, bias=False),
            torch.nn.ReLU(inplace=True),
            torch.nn.Linear(d // 4, d, bias=False),
            torch.nn.ReLU(inplace=True),
        )
        self.optimizer = torch.optim.SGD(self.adapter.parameters(), 1e-5, momentum=0.9)
        side = self.cfg["vision_cfg"]["image_size"]
        self.pixels = torch.randn(BATCH, 3, side, side)
        self.labels = torch.randint(classes, (BATCH,))
        self.ids = torch.randint(self.cfg["text_cfg"]["vocab_size"], (classes, TOKENS))

    def step(self):
        torch, functional = self.torch, self.torch.nn.functional
        start = time.perf_counter()
        with torch.no_grad():
            features = self.clip.encode_image(self.weights, self.cfg, self.pixels)
            texts = functional.normalize(
                self.clip.encode_text(self.weights, self.cfg, self.ids), dim=1
            )
        blend = functional.normalize(ALPHA * self.adapter(features) + (1 - ALPHA) * features, dim=1)
        loss = functional.cross_entropy(100 * blend @ texts.t(), self.labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return time.perf_counter() - start


def measure(bench, model, classes, shots, name):
    """Seconds by the clock and of all processors, and MB."""
    out = subprocess.run(
        [bench, model, str(classes), str(shots), name], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"([\d.]+) s +([\d.]+) s of CPU +(\d+) MB", out)
    assert found, out
    return float(found[1]), float(found[2]), int(found[3])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--shots", type=int, default=16)
    parser.add_argument("--methods", nargs="*", default=METHODS)
    parser.add_argument("--work", default="/tmp/fewshot-bench")
    args = parser.parse_args()
    model = f"{args.work}/RN50"
    if not os.path.exists(model):
        subprocess.check_call(
            [sys.executable, os.path.join(HERE, "../tools/clip_reference.py"), "RN50", model]
        )
    bench = os.path.join(args.build, "tests/bench/bench-methods")
    theirs = Theirs(args.classes)
    theirs.step()  # warms up
    steps, clock, processors = [], 0, 0
    print("| method | seconds | of CPU | MB beyond the features |\n|---|---:|---:|---:|")
    for name in args.methods:
        steps.append(theirs.step())
        seconds, cpu, memory = measure(bench, model, args.classes, args.shots, name)
        clock, processors = clock + seconds, processors + cpu
        print(f"| `{name}` | {seconds:.1f} | {cpu:.1f} | {memory} |", flush=True)
    batches = args.classes * args.shots // BATCH
    epoch = batches * statistics.median(steps)
    print(f"| all of these | {clock:.0f} | {processors:.0f} | |")
    print(
        f"\nTheirs: {statistics.median(steps):.1f} s a step ({min(steps):.1f} to "
        f"{max(steps):.1f}), {batches} of them {epoch:.0f} s; all of ours take "
        f"{clock / epoch:.3f} of it."
    )


if __name__ == "__main__":
    main()
