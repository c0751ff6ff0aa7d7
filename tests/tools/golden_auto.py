#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes tests/data/golden/automatic.safetensors: what automatic_reference.py makes of random tasks
and of the odd ones: a class without pictures, one class, one picture a class, fewer pictures than
dimensions, equal pictures, imbalance, groups; most with the prior that trusts all parts alike,
those called cautious with the usual one.

    /usr/bin/python3 tests/tools/golden_auto.py [REFERENCE]

With REFERENCE, a folder with runs of another implementation (name.npz: X, y, T, s, W, b, folds,
oof), these are cases, too, with its answers."""

import glob
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import automatic_reference as automatic  # noqa: E402
import numpy as np  # noqa: E402
import venv_path  # noqa: E402, F401
from safetensors.numpy import save_file  # noqa: E402

out = {}


def unit(x):
    x = x.astype(np.float64)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def world(shots, d, scale=30.0, noise=1.0, seed=1):
    """Raw features around class means that texts point to, more or less; what f32 can hold."""
    random = np.random.RandomState(seed)
    base, means = random.randn(d), random.randn(len(shots), d)
    y = random.permutation(np.repeat(np.arange(len(shots)), shots))
    x = 8 * (base + 0.4 * means[y] + 0.4 * noise * random.randn(len(y), d))
    t = unit(random.randn(d) + means + 0.7 * random.randn(len(shots), d))
    return x.astype(np.float32), y, t.astype(np.float32), scale


def keep(name, x, y, t, scale, groups=None, answer=None):
    if answer is None:
        even = not name.startswith("cautious-")
        answer = automatic.fit(unit(x), y, t.astype(np.float64), scale, groups, even=even)
    weight, bias = answer["at"](0.3) if "at" in answer else (np.zeros(0), np.zeros(0))
    groups = np.arange(len(y)) if groups is None else groups
    floats = {
        "x": x,
        "t": t,
        "scale": np.array([scale]),
        "weight": answer["weight"],
        "bias": answer["bias"],
        # of a thousand classes they would be large
        "out_of_fold": answer["out_of_fold"] if len(t) < 1000 else np.zeros(0),
        "at.weight": weight,
        "at.bias": bias,
        "weights": answer.get("weights", np.zeros(0)),
        "distances": answer.get("distances", np.zeros(0)),
    }
    whole = {
        "y": y,
        "groups": groups,
        "folds": answer["folds"],
        "told": answer.get("told", np.zeros(0)),
    }
    for key, value in floats.items():
        out[f"{name}.{key}"] = np.ascontiguousarray(value, np.float32)
    for key, value in whole.items():
        out[f"{name}.{key}"] = np.ascontiguousarray(value, np.int32)


def equal(which):
    x, y, t, scale = world([6] * 4, 24)
    return x[which(y)], y, t, scale


keep("few", *world([2] * 5, 32))
keep("four-shots", *world([4] * 7, 40, 100))
keep("one-shot", *world([1] * 5, 32))
keep("tall", *world([30, 30, 25], 20))
keep("wide", *world([9] * 4, 64))
keep("many-classes", *world([6] * 40, 16, seed=3))
keep("empty-class", *world([14, 0, 9, 20], 24))
keep("empty-class-few", *world([3, 0, 2, 3, 0], 24))
keep("one-class", *world([0, 8, 0], 16))
keep("no-pictures", *world([0, 0, 0], 16))
keep("single-class", *world([5], 16))
keep("two-classes", *world([8, 8], 16))
keep("imbalance", *world([90, 6, 5, 4], 32, noise=2))
keep("singles-and-many", *world([1, 22, 1, 9], 24))
keep("all-equal", *equal(lambda y: np.zeros(len(y), int)))
keep("equal-in-class", *equal(lambda y: np.array([list(y).index(k) for k in y])))
keep("line", *world([5, 6, 7], 1))
keep("plane", *world([5, 6, 7], 2))
keep("noise", *world([12] * 4, 24, 100, noise=9))
x, y, t, scale = world([9] * 5, 28)
keep("groups", x, y, t, scale, np.random.RandomState(2).randint(0, 17, len(y)))
keep("group-a-class", x, y, t, scale, y)
keep("one-group", x, y, t, scale, np.zeros(len(y), int))
keep("equal-texts", x, y, np.repeat(t[:1], 5, 0), scale)
keep("thousand-empty", *world(([2] + [0] * 49) * 20, 8, seed=6))
keep("cautious-few", *world([2] * 5, 32))
keep("cautious-four-shots", *world([4] * 7, 40, 100))
keep("cautious-one-shot", *world([1] * 5, 32))
keep("cautious-tall", *world([30, 30, 25], 20))
keep("cautious-empty-class", *world([3, 0, 2, 3, 0], 24))
keep("cautious-noise", *world([12] * 4, 24, 100, noise=9))
keep("cautious-groups", x, y, t, scale, np.random.RandomState(2).randint(0, 17, len(y)))
keep("cautious-equal-texts", x, y, np.repeat(t[:1], 5, 0), scale)
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.npz"))) if len(sys.argv) > 1 else []:
    z = np.load(path)
    keep(
        os.path.basename(path)[:-4],
        z["X"],
        z["y"],
        z["T"],
        float(z["s"]),
        answer={"weight": z["W"], "bias": z["b"], "out_of_fold": z["oof"], "folds": z["folds"]},
    )
names = list(dict.fromkeys(key.split(".")[0] for key in out))
save_file(
    out, os.path.join(ROOT, "tests/data/golden/automatic.safetensors"), {"cases": " ".join(names)}
)
