#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""caution.py CLI MODEL SETS [--report] [DRAWS]: how "automatic" weighs its parts without being
worse than CLIP, by the NumPy reference on the features of packaged sets.

SETS is what data/pocket/training/few_shot_sets.py makes of Debian's packages. The priors below are
compared on half of the sets and on simulated ones (TUNED and WORLDS), without --report; the
reference's and the one that was taken on all sets with it. A set that brings no test pictures is
halved anew in each of the ten draws, which says more than one half does: its 50 to 180 pictures
decide a difference of two points by chance. "floor" is the calibration error that these very
probabilities would have if they were right (labels drawn from them): no answer can have less.
"alike" counts each class of the test pictures as much as any other, as the shots have them. Ten
minutes of one core each, nearly all of it the reference's plain search for weights: DRAWS makes
fewer."""

import os
import subprocess
import sys
import tempfile

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
import automatic_reference as reference  # noqa: E402
import venv_path  # noqa: E402, F401
from safetensors import safe_open  # noqa: E402

TUNED = {"digits": "a photo of a {}.", "stamps": "clip art of a {}."}
REPORTED = {"fashion-mnist": "a photo of a {}.", "openclipart": "clip art of a {}."}
# classes, dimensions, how far texts are off, noise, whether test pictures are uneven by class
WORLDS = [
    (5, 64, 0.6, 3, True),
    (10, 128, 0.3, 3, True),
    (20, 128, 0.3, 3, False),
    (8, 64, 1.0, 2.5, False),
    (12, 256, 0.3, 5, True),
    (6, 256, 1.0, 5, False),
    (15, 96, 0.2, 3, True),
    (3, 128, 0.5, 5, False),
]
SHOTS, DRAWS, TEST = (2, 4, 8, 16), 10, 2
# weight of zero-shot in the prior, its strength and that of the learned parts in pictures, and that
# of the factor in the end (0: none)
CANDIDATES = [
    (w, zero, learned, 3)
    for w, zero, learned in (
        (0.3, 15, 15),
        (0.4, 3, 20),
        (0.4, 10, 15),
        (0.4, 15, 10),
        (0.4, 15, 15),
        (0.4, 20, 15),
        (0.5, 15, 15),
    )
]
TAKEN = (0.4, 15, 15, 3)


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def log_softmax(z):
    z = z - z.max(1, keepdims=True)
    return z - np.log(np.exp(z).sum(1, keepdims=True))


def read_set(cli, model, folder, template):
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(
            [cli, "bench", model, folder, "--methods", "zero-shot", "--shots", "1", "--seeds", "1"]
            + ["--keep-twins", "--template", template, "--dump", f"{place}/set"]
            + ["-o", f"{place}/rows.csv"],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with safe_open(f"{place}/set", "np") as file:
            tensors = {name: file.get_tensor(name).astype(float) for name in file.keys()}
            scale = float(file.metadata()["logit_scale"])
    test = tensors["roles"] == TEST if os.path.isdir(f"{folder}/test") else None
    return unit(tensors["features"]), tensors["labels"].astype(int), tensors["text"], scale, test


def make_world(k, d, off, noise, uneven, seed):
    random = np.random.RandomState(seed)
    base, means, shared = random.randn(d), random.randn(k, d), random.randn(d, 12)
    share = random.dirichlet(np.ones(k) * 1.5) if uneven else np.ones(k) / k
    share = np.maximum(share, 0.02) / np.maximum(share, 0.02).sum()
    y = np.concatenate([random.randint(0, k, 60 * k), random.choice(k, 600, p=share)])
    x = 0.5 * random.randn(len(y), 12) @ shared.T + 0.6 * random.randn(len(y), d)
    covariance = 0.25 * shared @ shared.T + 0.36 * np.eye(d)
    texts = np.sqrt(d) * unit(np.linalg.solve(covariance, means.T).T)
    texts += random.randn(d) + off * random.randn(k, d)
    scale = (20.0, 40.0, 100.0)[seed % 3]
    return (
        unit(base + 0.5 * means[y] + noise * x),
        y,
        unit(texts),
        scale,
        np.arange(len(y)) >= 60 * k,
    )


def draw(y, test, shots, seed):
    """Which pictures are learned from, and tested on."""
    random = np.random.RandomState(1000 + seed)
    if test is None:
        test = np.zeros(len(y), bool)
        for k in np.unique(y):
            mine = random.permutation(np.flatnonzero(y == k))
            test[mine[: (len(mine) + seed % 2) // 2]] = True
    free = random.permutation(np.flatnonzero(~test))
    learned = [i for k in np.unique(y) for i in free[y[free] == k][:shots]]
    return random.permutation(learned), np.flatnonzero(test)


def learn_parts(x, y, t, scale, rest):
    """Out-of-fold logits of each part, told pictures, and each part's logits of `rest`; those of
    the linear part also as the reference has them, which holds what its classes miss against it."""
    n, k = len(x), len(t)
    fold, told = reference.folds(y), np.zeros(n, bool)

    def fit(rows):
        w, b, _, _ = reference.discriminants(x[rows], y[rows], t)
        parts = [(scale * t, 0), (w, b)]
        if n <= 4 * k:
            parts.append((reference.few_shot_linear(x[rows], y[rows], t, scale), 0))
        return parts

    whole = fit(np.ones(n, bool))
    out, short = np.zeros((len(whole), n, k)), np.zeros((n, k))
    for j in set(fold):
        seen, held = fold != j, fold == j
        told[held] = np.isin(y[held], y[seen])
        for part, (w, b) in enumerate(fit(seen)):
            out[part, held] = x[held] @ w.T + b
        short[held] = reference.shares(y, seen, k)
    there = np.stack([rest @ w.T + b for w, b in whole])
    q = reference.SPREAD / reference.spread(out[1, told])
    out[1] *= q
    there[1] *= q
    evened = out.copy()
    if len(whole) == 3:
        evened[2] += short
    return out[:, told], evened[:, told], y[told], there


def weigh(parts, y, candidate):
    if candidate is None:
        return reference.stack(parts, y, 3, [0.5] * len(parts))
    prior, zero, learned, factor = candidate
    units = np.array([max(reference.spread(z), 1e-9) / reference.SPREAD for z in parts])
    others = len(parts) - 1
    w = reference.stack(
        parts / units[:, None, None], y, [zero] + [learned] * others, [prior] + [0] * others
    )
    w = w / units
    if factor:
        total = np.einsum("b,bnk->nk", w, parts)
        w = w * max(reference.stack([total], y, factor, [1.0])[0], 0.05)
    return w


def calibration(p, y, share):
    top, right = p.max(1), p.argmax(1) == y
    bins = np.clip(np.ceil(top * 15).astype(int) - 1, 0, 14)
    return sum(abs((share * (top - right))[bins == b].sum()) for b in range(15)) * 100


def judge(z, y, random):
    p = np.exp(log_softmax(z))
    drawn = (random.rand(len(p), 1) > p.cumsum(1)).sum(1).clip(0, p.shape[1] - 1)
    loss = -log_softmax(z)[np.arange(len(y)), y].mean()
    even = np.full(len(y), 1 / len(y))
    alike = 1 / np.bincount(y)[y]
    alike /= alike.sum()
    return (
        (z.argmax(1) == y).mean() * 100,
        loss,
        calibration(p, y, even),
        calibration(p, drawn, even),
        calibration(p, y, alike),
        calibration(p, drawn, alike),
    )


def main():
    cli, model, folder = sys.argv[1:4]
    report = "--report" in sys.argv
    draws = int(sys.argv[-1]) if sys.argv[-1].isdigit() else DRAWS
    sets = {
        name: read_set(cli, model, os.path.join(folder, name), template)
        for name, template in (TUNED | REPORTED if report else TUNED).items()
    }
    if not report:
        sets |= {f"world {i + 1}": make_world(*w, i) for i, w in enumerate(WORLDS)}
    candidates = [None, TAKEN] if report else [None] + CANDIDATES
    rows = {c: {} for c in candidates}
    for name, (x, y, t, scale, test) in sets.items():
        for shots in SHOTS:
            runs = {c: [] for c in candidates}
            for seed in range(draws):
                random = np.random.RandomState(seed)
                learned, rest = draw(y, test, shots, seed)
                parts, evened, labels, there = learn_parts(
                    x[learned], y[learned], t, scale, x[rest]
                )
                zero = (there[0].argmax(1) == y[rest]).mean() * 100
                for c in candidates:
                    told = evened if c else parts
                    z = np.einsum("b,bnk->nk", weigh(told, labels, c), there)
                    runs[c].append((zero, *judge(z, y[rest], random)))
            for c in candidates:
                rows[c].setdefault(name, []).append(np.mean(runs[c], 0))
    print("| prior | set | accuracy | worst drop | log-loss |", end="")
    print(" calibration error % | floor | alike | floor |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for c in candidates:
        groups = rows[c].items() if report else [("all", sum(rows[c].values(), []))]
        for name, values in groups:
            zero, accuracy, loss, *errors = np.mean(values, 0)
            drop = max(0, max(v[0] - v[1] for v in values))
            cells = " | ".join(f"{error:.1f}" for error in errors)
            print(
                f"| {c or 'even'} | {name} | {accuracy:.2f} | {drop:.1f} | {loss:.3f} | {cells} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
