#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Each method of `fewshot-cli bench` that needs features alone against an independent NumPy,
scikit-learn or PyTorch of the same formulas, on the same features, shots and initial values:
predictions on 99.9 % of the pictures and losses to 1e-4. Prints TAP.

    test_methods.py FEWSHOT_CLI
"""

import math
import os
import subprocess
import sys
import tempfile
import warnings

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
import tap  # noqa: E402
import venv_path  # noqa: E402, F401  build-test/venv

try:
    import automatic_reference
    import numpy as np
    import torch
    import torch.nn.functional as F
    from method_dump import Dump, check, learn, normal, unit
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
except ImportError as error:
    print(f"1..0 # SKIP {error}: ./test installs torch, scikit-learn, safetensors and Pillow")
    sys.exit(0)
warnings.simplefilter("ignore", ConvergenceWarning)
torch.set_default_dtype(torch.float64)


def zero_shot(cli, data):
    d = Dump(cli, "pocket", data, "zero-shot")
    d.judge("zero-shot", d.scale * d.f @ d.t.T)


def linear_probe(cli, data):
    d = Dump(cli, "pocket", data, "linear-probe:c=0.5")
    probe = LogisticRegression(C=0.5, max_iter=1000, tol=1e-8).fit(d.rows, d.row_labels)
    d.judge("linear probe", d.raw @ probe.coef_.T + probe.intercept_)

    def objective(w, b):
        logits = torch.tensor(d.rows @ w.T + b)
        return F.cross_entropy(logits, torch.tensor(d.row_labels)).item() + (w**2).sum() / (
            2 * 0.5 * len(d.rows)
        )

    gap = objective(d["weight"], d["bias"][0]) - objective(probe.coef_, probe.intercept_)
    check(
        abs(gap) <= 1e-5, f"linear probe: the objective is scikit-learn's within 1e-5 ({gap:.1e})"
    )

    d = Dump(cli, "pocket", data, "linear-probe", shots=4)

    def fit(c):
        return LogisticRegression(C=c, max_iter=1000).fit(d.rows, d.row_labels)

    def accuracy(c):
        return (fit(c).predict(d.raw[d.validation]) == d.labels[d.validation]).mean()

    best = max(accuracy(10.0**e) for e in range(-6, 8, 2))
    ours = accuracy(float(d.chosen["c"]))
    check(
        ours >= best - 1 / d.validation.sum(),
        f"linear probe: C = {d.chosen['c']} is as good on validation as the seven of the search "
        f"({ours:.3f}, {best:.3f})",
    )


def automatic(cli, data, shots, settings):
    d = Dump(cli, "pocket", data, f"automatic:{settings}", shots=shots)
    learned = d.train | d.validation if "validation=1" in settings else d.train
    check(
        np.array_equal(np.flatnonzero(learned), d["pictures"][0]),
        f"automatic:{settings}: learns from {learned.sum()} pictures, those that it may",
    )
    groups = None
    if "groups=0" not in settings:
        far = 2 - 2 * d.f[learned] @ d.f[learned].T
        nearest = np.median((far + 9 * np.eye(len(far))).min(1))
        groups = np.arange(len(far))
        while True:  # each takes the least number among those that are near, until nothing changes
            least = np.where(far <= max(0.1 * nearest, 1e-6), groups[None], len(far)).min(1)
            least = np.minimum(least, groups)
            if np.array_equal(least, groups):
                break
            groups = least
    seed = 3 if "seed=3" in settings else 1
    m = automatic_reference.fit(d.f[learned], d.labels[learned], d.t, d.scale, groups, seed)
    w, b = m["at"](0.7) if "alpha=0.7" in settings else (m["weight"], m["bias"])
    d.judge(f"automatic:{settings}, {shots} shots", d.f @ w.T + b)
    gap = np.abs(d["weight"] - w).max() / np.abs(w).max()
    check(gap <= 1e-6, f"automatic:{settings}: weights within 1e-6 of the largest ({gap:.1e})")
    check(np.array_equal(d["folds"][0], m["folds"]), f"automatic:{settings}: the folds are equal")
    gap = np.abs(d["out_of_fold"] - m["out_of_fold"]).max() / np.abs(m["out_of_fold"]).max()
    check(gap <= 1e-6, f"automatic:{settings}: out-of-fold logits, too ({gap:.1e})")


def tip(cli, data, views):
    options = ["--views", str(views)] if views else []
    d = Dump(cli, "pocket", data, "tip-adapter", *options)
    rows = unit(d.rows).reshape(d.train.sum(), 1 + views, -1)
    keys = unit(rows[:, 1:].mean(1)) if views else rows[:, 0]
    values = np.eye(d.k)[d.labels[d.train]]

    def scores(b, t, which=slice(None)):
        return d.scale * d.f[which] @ d.t.T + t * np.exp(-b * (1 - d.f[which] @ keys.T)) @ values

    grid = [
        (b, t)
        for b in 0.5 * 100 ** (np.arange(20) / 19)
        for t in 0.1 * 1000 ** (np.arange(20) / 19)
    ]
    right = [
        (scores(b, t, d.validation).argmax(1) == d.labels[d.validation]).sum() for b, t in grid
    ]
    b, t = grid[int(np.argmax(right))]
    d.judge(f"Tip-Adapter, {views} views", scores(b, t))
    chosen = float(d.chosen["sharpness"]), float(d.chosen["tau"])
    check(
        np.allclose(chosen, (b, t), rtol=1e-3),
        f"Tip-Adapter, {views} views: the grid's first best cell is chosen, {chosen}",
    )


def tip_f(cli, data):
    d = Dump(cli, "pocket", data, "tip-adapter-f:sharpness=5.5,tau=3,batch=4096")
    f, t, labels = torch.tensor(unit(d.rows)), torch.tensor(d.t), torch.tensor(d.row_labels)
    keys, values = torch.nn.Parameter(torch.tensor(d.f[d.train])), torch.eye(d.k)[labels]

    def logits(f):
        return d.scale * f @ t.T + 3 * torch.exp(-5.5 * (1 - f @ keys.T)) @ values

    losses = learn(
        [keys],
        lambda: F.cross_entropy(logits(f), labels),
        lambda p: torch.optim.AdamW(p, eps=1e-4, weight_decay=0.01),
        1e-3,
        20,
    )
    d.judge("Tip-Adapter-F", logits(torch.tensor(d.f)).detach().numpy(), losses)


def gda(cli, data):
    d = Dump(cli, "pocket", data, "gda")
    f, n, dim = unit(d.rows), len(d.rows), d.rows.shape[1]
    means = np.stack([f[d.row_labels == c].mean(0) for c in range(d.k)])
    centred = f - means[d.row_labels]
    sigma = centred.T @ centred / (n - 1)
    inverse = dim * np.linalg.pinv((n - 1) * sigma + np.trace(sigma) * np.eye(dim))
    w, b = means @ inverse, -math.log(d.k) - 0.5 * np.einsum("kd,de,ke->k", means, inverse, means)

    def scores(a):
        return d.scale * d.f @ d.t.T + a * (d.f @ w.T + b)

    grid = 0.01 * 10 ** (np.arange(16) * 4 / 15)
    a = grid[int(np.argmax([d.accuracy(scores(a)) for a in grid]))]
    d.judge("GDA", scores(a))
    check(
        math.isclose(float(d.chosen["a"]), a, rel_tol=1e-3),
        f"GDA: the first best weight is chosen, {d.chosen['a']}",
    )


def clap_method(cli, data):
    # at its own rate of 0.1 the first epochs swing so widely that f32 and f64 part ways
    d = Dump(cli, "pocket", data, "clap:batch=4096,epochs=60,lr=0.02")
    f, labels, t = (
        torch.tensor(unit(d.rows)),
        torch.tensor(d.row_labels),
        torch.tensor(d["text_raw"]),
    )
    p = (d.scale * f @ normal(t).T).softmax(1)
    strength = torch.stack([p[labels == c, c].mean() for c in range(d.k)])
    w = torch.nn.Parameter(t.clone())
    data_losses = []

    def loss():
        data_losses.append(F.cross_entropy(d.scale * f @ normal(w).T, labels))
        return data_losses[-1] + (strength * ((w - t) ** 2).sum(1)).mean()

    learn([w], loss, lambda p: torch.optim.SGD(p, momentum=0.9, lr=0.02), 0.02, 60, warmup=1)
    d.judge(
        "CLAP",
        (d.scale * torch.tensor(d.f) @ normal(w).T).detach().numpy(),
        [x.item() for x in data_losses],
    )


def lp_plus_plus(cli, data):
    d = Dump(cli, "pocket", data, "lp++:epochs=300")
    f, y, n = unit(d.rows), np.eye(d.k)[d.row_labels], len(d.rows)
    cosines = f @ d.t.T
    rate_w, rate_a = 4 * n / np.linalg.eigvalsh(f.T @ f)[-1], n / (4 * (cosines**2).sum(0).max())
    own = np.array([cosines[d.row_labels == c, c].mean() for c in range(d.k)])
    w, b, a = y.T @ f, np.zeros(d.k), np.full(d.k, 250 * own.mean())
    velocity_w, velocity_b, sum_a = np.zeros_like(w), np.zeros_like(b), np.zeros_like(a)
    losses, best, best_accuracy = [], None, -1
    for epoch in range(300):
        z = f @ (w + a[:, None] * d.t).T + b
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        losses.append(-np.log((p * y).sum(1)).mean())
        g = (p - y).T @ f / n
        velocity_w, velocity_b = 0.9 * velocity_w + g, 0.9 * velocity_b + (p - y).mean(0)
        sum_a = sum_a + (g * d.t).sum(1)
        w, b = w - rate_w * velocity_w, b - rate_w * velocity_b
        if (epoch + 1) % 10 == 0:
            a = a - rate_a * sum_a
        scores = d.f @ (w + a[:, None] * d.t).T + b
        if d.accuracy(scores) >= best_accuracy:
            best, best_accuracy = scores, d.accuracy(scores)
    d.judge("LP++", best, losses)


def adapter(cli, data, method, side, learned, *options):
    d = Dump(cli, "pocket", data, method + ",batch=4096,epochs=40,lr=0.003", *options)
    dim, h = d.raw.shape[1], d.raw.shape[1] // 4
    flat = torch.nn.Parameter(torch.tensor(d["weights.initial"][0]))
    t, labels = torch.tensor(d.t), torch.tensor(d.row_labels)
    relu = "relu=0" not in method
    ratios = [
        float(s.split("=")[1])
        for s in method.split(":")[1].split(",")
        if s[:5] in ("alpha", "beta=") and not learned
    ]

    def adapt(x, at, ratio):
        w1, w2 = (
            flat[at : at + h * dim].view(h, dim),
            flat[at + h * dim : at + 2 * h * dim].view(dim, h),
        )
        a = F.linear(F.relu(F.linear(x, w1)), w2)
        return ratio * (F.relu(a) if relu else a) + (1 - ratio) * x

    def logits(x):
        at, w = 0, t
        alpha, beta = torch.sigmoid(flat[-2:]) if learned else (ratios[0], ratios[-1])
        if side != "text":
            x, at = adapt(x, 0, alpha), 2 * h * dim
        if side != "visual":
            w = adapt(t, at, beta)
        return d.scale * normal(x) @ normal(w).T

    rows = torch.tensor(d.rows)
    losses = learn(
        [flat],
        lambda: F.cross_entropy(logits(rows), labels),
        lambda p: torch.optim.AdamW(p, weight_decay=1e-4),
        3e-3,
        len(d["losses"]),
    )
    d.judge(
        method + (f", {options[1]} views" if options else ""),
        logits(torch.tensor(d.raw)).detach().numpy(),
        losses,
    )


def proker(cli, data, views):
    options = ["--views", str(views)] if views else []
    d = Dump(cli, "pocket", data, "proker", *options)
    keys = unit(d.rows)
    missing = np.eye(d.k)[d.row_labels] - keys @ d.t.T

    def scores(b, weight, which=slice(None)):
        system = np.exp(-b * (1 - keys @ keys.T)) / weight + np.eye(len(keys))
        near = np.exp(-b * (1 - d.f[which] @ keys.T))
        return d.scale * (d.f[which] @ d.t.T + near @ np.linalg.solve(system, missing))

    grid = [(b, w) for b in np.linspace(0.5, 3, 20) for w in np.linspace(0.001, 1, 10)]
    own = d.labels[d.validation]
    right = [(scores(*cell, d.validation).argmax(1) == own).sum() for cell in grid]
    best = grid[int(np.argmax(right))]
    d.judge(f"ProKeR, {views} views", scores(*best))
    chosen = float(d.chosen["sharpness"]), float(d.chosen["lambda"])
    check(np.allclose(chosen, best, rtol=1e-3), f"ProKeR: {chosen} is best of the grid")


def prolip(cli, data):
    d = Dump(cli, "pocket", data, "prolip:epochs=100,lr=0.001")
    t, x = torch.tensor(d.t), torch.tensor(unit(d.rows))
    labels, all_rows = torch.tensor(d.row_labels), torch.tensor(d.f)
    m = torch.eye(x.shape[1]).requires_grad_()
    shots = np.bincount(d.row_labels).max()

    def loss():
        loss.fit = F.cross_entropy(d.scale * normal(x @ m.T) @ t.T, labels)
        return loss.fit + ((m - torch.eye(len(m))) ** 2).sum() / shots

    losses = []

    def recorded():
        total = loss()
        losses.append(loss.fit.item())
        return total

    learn([m], recorded, lambda p: torch.optim.Adam(p, eps=1e-4), 1e-3, len(d["losses"]))
    d.judge("ProLIP", (d.scale * normal(all_rows @ m.T) @ t.T).detach().numpy(), losses)


def grid_is_searched(cli, data):
    """The ratio of a grid is the one whose own run does best on validation pictures."""
    d = Dump(cli, "pocket", data, "clip-adapter:alpha=grid,epochs=10", shots=4)
    alone = {
        a: Dump(cli, "pocket", data, f"clip-adapter:alpha={a},epochs=10", shots=4)
        for a in (0.2, 0.4, 0.6, 0.8)
    }
    right = [x.accuracy(x["scores"]) for x in alone.values()]
    best = list(alone)[int(np.argmax(right))]
    check(
        float(d.chosen["alpha"]) == best and np.array_equal(alone[best]["scores"], d["scores"]),
        f"clip-adapter:alpha=grid is its best α's run, bit for bit ({best})",
    )


def determinism(cli, data):
    for method in ("clip-adapter", "tip-adapter-f", "clap", "coop:epochs=4", "linear-probe:c=1"):
        a, b = (
            Dump(cli, "pocket", data, method, shots=4),
            Dump(cli, "pocket", data, method, "--threads", "1", shots=4),
        )
        check(
            np.array_equal(a["scores"], b["scores"]),
            f"{method}: the same seed gives the same bits, with one thread as with all",
        )


def main():
    cli = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="fewshot-methods-") as work:
        data = os.path.join(work, "parts")
        subprocess.run(
            [
                cli,
                "demo",
                "--json",
                "--pictures",
                data,
                "--output",
                os.path.join(work, "demo.safetensors"),
            ],
            check=True,
            capture_output=True,
        )
        zero_shot(cli, data)
        linear_probe(cli, data)
        automatic(cli, data, 1, "seed=1")
        automatic(cli, data, 4, "seed=1")
        automatic(cli, data, 8, "groups=0,alpha=0.7")
        automatic(cli, data, 16, "validation=1,seed=3")
        tip(cli, data, 0)
        tip(cli, data, 3)
        tip_f(cli, data)
        proker(cli, data, 0)
        proker(cli, data, 2)
        gda(cli, data)
        clap_method(cli, data)
        prolip(cli, data)
        lp_plus_plus(cli, data)
        adapter(cli, data, "clip-adapter:alpha=0.4", "visual", False)
        adapter(cli, data, "clip-adapter:alpha=0.4,relu=0", "visual", False, "--views", "2")
        adapter(cli, data, "clip-adapter-text:beta=0.3", "text", False)
        adapter(cli, data, "clip-adapter-both:alpha=0.4,beta=0.3", "both", False)
        adapter(cli, data, "clip-adapter-both:alpha=learned", "both", True)
        grid_is_searched(cli, data)
        determinism(cli, data)
    tap.finish()


if __name__ == "__main__":
    main()
