#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes tests/data/golden/trust.safetensors: calibration, answer sets and “none of these” once
more, in NumPy and in the plainest way, for tasks with and without negatives.

    /usr/bin/python3 tests/tools/golden_trust.py"""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import automatic_reference as automatic  # noqa: E402
import numpy as np  # noqa: E402
import venv_path  # noqa: E402, F401
from safetensors.numpy import save_file  # noqa: E402

BINS = 15
out = {}


def unit(x):
    x = x.astype(np.float64)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def reliability(p, y):
    """[bins, 3] number, mean confidence, accuracy; and the expected calibration error."""
    top, right = p.max(1), p.argmax(1) == y
    table, error = np.zeros((BINS, 3)), 0.0
    for b in range(BINS):
        inside = (top > b / BINS) & (top <= (b + 1) / BINS)
        if inside.any():
            table[b] = inside.sum(), top[inside].mean(), right[inside].mean()
            error += inside.mean() * abs(table[b, 1] - table[b, 2])
    return table, error


def rank(values, x):
    return (values[None, :] <= np.asarray(x)[:, None]).mean(1)


def beyond(values, x):
    """Their ranks, and how far they are outside."""
    most = values.max()
    return rank(values, x) + np.maximum(x - most, 0) / max(most - np.median(values), 1e-9)


def distance(x, seen, y, t):
    w, b, centre, precision = automatic.discriminants(seen, y, t)
    off = x - centre
    return (off @ precision * off).sum(1) - 2 * (x @ w.T + b).max(1)


def case(name, shots, d, seed, n_negatives, noise=1.0):
    random = np.random.RandomState(seed)
    k = len(shots)
    base, means = random.randn(d), random.randn(k, d)
    y = random.permutation(np.repeat(np.arange(k), shots))
    raw = 8 * (base + 0.4 * means[y] + 0.4 * noise * random.randn(len(y), d))
    texts = unit(random.randn(d) + means + 0.7 * random.randn(k, d)).astype(np.float32)
    others = 8 * (base + 0.4 * random.randn(d) + 0.5 * random.randn(n_negatives + 40, d))
    raw, others = raw.astype(np.float32), others.astype(np.float32)
    negatives, strangers = others[:n_negatives], others[n_negatives:]
    x, t = unit(raw), texts.astype(np.float64)
    fit = automatic.fit(x, y, t, 30.0)
    told = fit["told"]
    p = automatic.softmax(fit["out_of_fold"])[told]
    before, error_before = reliability(automatic.softmax(30 * x @ t.T)[told], y[told])
    after, error_after = reliability(p, y[told])
    own = p[np.arange(len(p)), y[told]]
    place = int(np.ceil((len(p) + 1) * 0.9))
    level = max(np.sort(own)[::-1][place - 1], 0) if place <= len(p) else 0.0
    sets = (p >= level) | (p == p.max(1, keepdims=True))
    doubts, distances = 1 - p.max(1), fit["distances"][told]

    def look(f):
        q = automatic.softmax(f @ fit["weight"].T + fit["bias"])
        doubt = rank(doubts, 1 - q.max(1))
        return (beyond(distances, distance(f, x, y, t)) + doubt) / 2

    strange = (rank(distances, distances) + rank(doubts, doubts)) / 2
    seen, refused = look(unit(strangers)), np.zeros(0)
    if n_negatives:
        both = np.concatenate([x, unit(negatives)])
        either = automatic.fit(both, (np.arange(len(both)) >= len(x)) * 1, np.zeros((2, d)), 1.0)
        odds = either["out_of_fold"] @ [-1, 1]
        known = odds[: len(x)][told]
        strange = (strange + rank(known, known)) / 2
        refused = np.sort((look(unit(negatives)) + beyond(known, odds[len(x) :])) / 2)
        new = unit(strangers) @ (either["weight"][1] - either["weight"][0])
        seen = (seen + beyond(known, new + either["bias"][1] - either["bias"][0])) / 2
    strange = np.sort(strange)
    shares = [0.0, 0.05, 0.2, 1.0]
    levels = np.append(0, strange)
    refusal = [next(s for s in levels if (strange > s).sum() <= q * len(strange)) for q in shares]
    floats = {
        "x": raw,
        "t": texts,
        "negatives": negatives,
        "strangers": strangers,
        "before": before,
        "after": after,
        "strangeness": seen,
        "refusal": refusal,
        "refused": [(refused > r).mean() if n_negatives else 0 for r in refusal],
        "numbers": [error_before, error_after, level, sets.sum(1).mean(), told.sum()],
    }
    for key, value in floats.items():
        out[f"{name}.{key}"] = np.ascontiguousarray(value, np.float32)
    out[f"{name}.y"] = y.astype(np.int32)


case("tall", [30, 30, 25], 20, 1, 0)
case("wide", [12] * 4, 64, 2, 0)
case("imbalance", [60, 8, 6, 5], 24, 3, 15, 2)
case("negatives", [15] * 3, 32, 4, 20)
case("few", [2] * 4, 24, 5, 0)
case("too-few", [2, 2], 16, 6, 0)
save_file(
    out,
    os.path.join(ROOT, "tests/data/golden/trust.safetensors"),
    {"cases": " ".join(dict.fromkeys(key.split(".")[0] for key in out))},
)
