# SPDX-License-Identifier: MIT
"""What tests of the methods share: a run of the program with all that it learned, and training as
the papers' code does it."""

import math
import os
import subprocess
import sys

import numpy as np
from safetensors import safe_open

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import tap

TRAIN, VALIDATION, TEST = 0, 1, 2


def check(ok, what):
    tap.check(what, ok)


class Dump:
    """What one run of the program left: its features, shots, scores and learned tensors."""

    def __init__(self, cli, model, data, method, *options, shots=8):
        work = os.path.dirname(data)
        path = os.path.join(work, "dump.safetensors")
        done = subprocess.run(
            [
                cli,
                "bench",
                model,
                data,
                "--methods",
                method,
                "--shots",
                str(shots),
                "--seeds",
                "1",
                "--dump",
                path,
                "-o",
                os.path.join(work, "table.csv"),
                *options,
            ],
            capture_output=True,
            text=True,
        )
        self.output = done.stdout + done.stderr
        if done.returncode:
            raise RuntimeError(self.output)
        with safe_open(path, "np") as f:
            self.tensors = {name: f.get_tensor(name).astype(np.float64) for name in f.keys()}
            self.metadata = f.metadata()
        self.scale = float(self.metadata["logit_scale"])
        self.chosen = dict(pair.split("=") for pair in self.metadata["chosen"].split())
        self.roles, self.labels = self["roles"].astype(int), self["labels"].astype(int)
        self.raw = self["features"]
        self.f, self.t = unit(self.raw), self["text"]
        self.train, self.validation = self.roles == TRAIN, self.roles == VALIDATION
        self.k = len(self.t)
        # pictures, and their views behind each
        self.rows, self.row_labels = self.raw[self.train], self.labels[self.train]
        if "views" in self.tensors:
            views = self["views"]
            self.row_labels = np.repeat(self.row_labels, 1 + views.shape[1])
            self.rows = np.concatenate([self.rows[:, None], views], 1).reshape(-1, views.shape[2])

    def __getitem__(self, name):
        return self.tensors[name]

    def accuracy(self, scores):
        """on validation pictures"""
        return (scores[self.validation].argmax(1) == self.labels[self.validation]).mean()

    def judge(self, title, scores, losses=None):
        agree = (scores.argmax(1) == self["scores"].argmax(1)).mean()
        far = np.abs(scores - self["scores"]).max()
        check(
            agree >= 0.999,
            f"{title}: {100 * agree:.2f} % of {len(scores)} predictions agree, scores differ by "
            f"{far:.1e} at most",
        )
        if losses is not None:
            gap = (
                np.abs(np.array(losses) / self["losses"] - 1).max()
                if len(losses) == len(self["losses"])
                else np.inf
            )
            check(
                gap <= 1e-4,
                f"{title}: {len(losses)} losses within 1e-4 of theirs (largest relative difference "
                f"{gap:.1e})",
            )


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def normal(x):
    return x / x.norm(dim=-1, keepdim=True)


def cosine_rate(rate, epoch, epochs, warmup=0):
    if epoch < warmup:
        return 1e-5
    return 0.5 * rate * (1 + math.cos(math.pi * (epoch - warmup) / epochs))


def learn(parameters, loss_of, make, rate, epochs, warmup=0):
    """Full-batch training; the loss before each step."""
    optimizer, losses = make(parameters), []
    for epoch in range(epochs):
        for group in optimizer.param_groups:
            group["lr"] = cosine_rate(rate, epoch, epochs, warmup)
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
