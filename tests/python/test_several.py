#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""One-vs-rest beside scikit-learn's: coefficients, losses, average precision, F1, thresholds, and
which strength and prior the folds choose. Prints TAP.

    test_several.py FEWSHOT_CLI"""

import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
import venv_path  # noqa: E402, F401
from drawn import several_folder  # noqa: E402

try:
    import numpy as np
    from safetensors import safe_open
    from sklearn import metrics
    from sklearn.linear_model import LogisticRegression
except ImportError as error:
    print(f"1..0 # SKIP {error}: ./test installs numpy, scikit-learn and safetensors")
    sys.exit(0)
from tap import finish, run_tests, test  # noqa: E402

cli = sys.argv[1]
work = tempfile.mkdtemp(prefix="fewshot-several-")
os.environ["XDG_CACHE_HOME"] = os.path.join(work, "cache")
folder = os.path.join(work, "pictures")
rows = several_folder(folder, noise=0.25)
names = sorted({label for _, has in rows for label in has})
file = os.path.join(folder, "labels.csv")
with open(file, "w") as f:
    f.write("path,labels\n" + "".join(f"{path},{';'.join(has)}\n" for path, has in rows))


def run(*arguments):
    result = subprocess.run([cli, *arguments], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


def dump(method):
    """What bench learned from half of the pictures, and what it was asked to say."""
    path = os.path.join(work, "dump.safetensors")
    table = os.path.join(work, "table.json")
    run("bench", "pocket", file, "--labels", "any", "--methods", method, "--seeds", "1",
        "--dump", path, "-o", table)  # fmt: skip
    with safe_open(path, "np") as f:
        tensors = {k: f.get_tensor(k) for k in f.keys()}
        meta = f.metadata()
    chosen = dict(part.split("=") for part in meta["chosen"].split())
    with open(table) as f:
        row = json.load(f)["rows"][0]
    return tensors, float(meta["logit_scale"]), float(chosen["c"]), float(chosen["prior"]), row


def unit(x):
    x = x.astype("d")
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def loss(z, y, v, c):
    """scikit-learn's objective, of logits z and the penalised weights v."""
    return c * np.logaddexp(0, np.where(y, -z, z)).sum() + 0.5 * (v**2).sum()


def split(t):
    train = t["roles"] == 0
    tested = t["roles"] == 2
    return unit(t["features"]), t["label_sets"] > 0, train, tested


@test
def coefficients():
    """Those of scikit-learn at the same C, and no larger a loss."""
    for c in (0.1, 1.0, 100.0):
        t, _, ours_c, prior, _ = dump(f"one-vs-rest:c={c},prior=0")
        assert (ours_c, prior) == (c, 0)
        x, y, train, _ = split(t)
        for k in range(y.shape[1]):
            theirs = LogisticRegression(C=c, tol=1e-10, max_iter=100000).fit(x[train], y[train, k])
            w, b = t["weight"][k].astype("d"), float(t["bias"][0, k])
            mine = loss(x[train] @ w + b, y[train, k], w, c)
            best = loss(theirs.decision_function(x[train]), y[train, k], theirs.coef_, c)
            # ours were rounded to single precision on their way into the file
            assert mine <= best * (1 + 1e-7) + 1e-6, (c, k, mine, best)
            apart = np.abs(w - theirs.coef_[0]).max() / np.abs(theirs.coef_).max()
            assert apart < 2e-3, (c, k, apart)


@test
def prior():
    """With CLIP's own classifier as the prior mean, nothing is left of the gradient."""
    c, g = 10.0, 0.5
    t, scale, *_ = dump(f"one-vs-rest:c={c},prior={g}")
    x, y, train, _ = split(t)
    for k in range(y.shape[1]):
        w, b = t["weight"][k].astype("d"), float(t["bias"][0, k])
        v = w - g * scale * t["text"][k]
        error = 1 / (1 + np.exp(-(x[train] @ w + b))) - y[train, k]
        slope = v + c * error @ x[train]
        assert np.abs(slope).max() < 1e-3 * max(1, np.abs(v).max()), (k, np.abs(slope).max())
        assert abs(error.sum()) < 1e-3, (k, error.sum())


@test
def measures():
    """Average precision, precision, recall and F1 of the test pictures, by sklearn.metrics."""
    t, _, _, _, row = dump("one-vs-rest")
    _, y, _, tested = split(t)
    p = t["scores"][tested].astype("d")
    said = t["scores"][tested] >= t["thresholds"]
    aps = [metrics.average_precision_score(y[tested, k], p[:, k]) for k in range(y.shape[1])]
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        y[tested], said, zero_division=0
    )
    near = {
        "map": np.mean(aps),
        "micro_f1": metrics.f1_score(y[tested], said, average="micro"),
        "macro_f1": metrics.f1_score(y[tested], said, average="macro"),
        "micro_precision": metrics.precision_score(y[tested], said, average="micro"),
        "micro_recall": metrics.recall_score(y[tested], said, average="micro"),
        "exact": metrics.accuracy_score(y[tested], said),
    }
    for key, value in near.items():
        assert abs(row[key] - value) < 1e-9, (key, row[key], value)
    for k, label in enumerate(row["per_label"]):
        assert abs(label["ap"] - aps[k]) < 1e-9 and abs(label["f1"] - f1[k]) < 1e-9, label
        assert abs(label["recall"] - recall[k]) < 1e-9, label
        assert (label["precision"] or 0) - precision[k] < 1e-9, label
        assert label["images"] == y[tested, k].sum()


def held_out(x, y, offset, fold, c, g):
    """Probabilities of each picture by what scikit-learn learns without its fold; the prior mean as
    more of the same loss: features that are penalised less and an offset that is known."""
    p = np.zeros(y.shape)
    for f in range(5):
        inside = fold != f
        for k in range(y.shape[1]):
            if g == 0:
                fit = LogisticRegression(C=c, tol=1e-8, max_iter=100000)
                fit.fit(x[inside], y[inside, k])
                p[~inside, k] = fit.predict_proba(x[~inside])[:, 1]
                continue
            o = g * offset[:, k]
            w = newton(x[inside], y[inside, k], o[inside], c)
            z = np.hstack([x[~inside], np.ones((len(x) - inside.sum(), 1))]) @ w + o[~inside]
            p[~inside, k] = 1 / (1 + np.exp(-z))
    return p


def newton(x, y, offset, c):
    """The plainest: dense Newton steps on the same objective."""
    x = np.hstack([x, np.ones((len(x), 1))])
    penalty = np.ones(x.shape[1])
    penalty[-1] = 0
    w = np.zeros(x.shape[1])
    w[-1] = -offset.mean()
    for _ in range(100):
        z = x @ w + offset
        p = 1 / (1 + np.exp(-z))
        gradient = penalty * w + c * (p - y) @ x
        hessian = np.diag(penalty + 1e-12) + c * (x * (p * (1 - p))[:, None]).T @ x
        step = np.linalg.solve(hessian, gradient)
        before = loss(z, y.astype(bool), penalty * w, c)
        length = 1.0
        while (
            loss(x @ (w - length * step) + offset, y.astype(bool), penalty * (w - length * step), c)
            > before
            and length > 1e-6
        ):
            length /= 2
        w = w - length * step
        if np.abs(gradient).max() < 1e-8 * (1 + c):
            break
    return w


@test
def chosen():
    """Folds share out each label, the strength and the prior are those of least log-loss on what
    they hold out, and thresholds those of largest F1 there."""
    t, scale, c, g, _ = dump("one-vs-rest")
    x, y, train, _ = split(t)
    x, y, fold = x[train], y[train], t["folds"][0].astype(int)
    for k in range(y.shape[1]):
        counts = np.bincount(fold[y[:, k]], minlength=5)
        assert counts.max() - counts.min() <= 2, (k, counts)
    text = t["text"].astype("d")
    offset = scale * x @ text.T
    losses = {}
    for prior in (0, 0.5, 1):
        for strength in (0.1, 1, 10, 100, 1000):
            p = held_out(x, y, offset, fold, strength, prior)
            losses[strength, prior] = metrics.log_loss(
                y.ravel(), np.clip(p.ravel(), 1e-300, 1), eps=1e-300
            )
    best = min(losses.values())
    assert losses[c, g] <= best * 1.001, ((c, g), losses)
    p = held_out(x, y, offset, fold, c, g)
    assert np.abs(p - t["out_of_fold"]).max() < 0.02, np.abs(p - t["out_of_fold"]).max()
    for k in range(y.shape[1]):
        ours = t["out_of_fold"][:, k].astype("d")
        precision, recall, at = metrics.precision_recall_curve(y[:, k], ours)
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        mine = metrics.f1_score(y[:, k], ours >= t["thresholds"][0, k])
        assert abs(mine - f1.max()) < 1e-9, (k, mine, f1.max())
        # in the middle between two probabilities
        above = ours[ours >= t["thresholds"][0, k]].min()
        below = ours[ours < t["thresholds"][0, k]].max(initial=0)
        assert abs(t["thresholds"][0, k] - (above + below) / 2) < 1e-6


@test
def file_and_program():
    """predict's probabilities are those of the file's weights; labels are those above."""
    classifier = os.path.join(work, "c.safetensors")
    report = json.loads(run("train", "pocket", file, "--labels", "any", "-o", classifier, "--json"))
    with safe_open(classifier, "np") as f:
        t = {k: f.get_tensor(k) for k in f.keys()}
        meta = f.metadata()
    assert meta["kind"] == "independent" and meta["labels"] == "any"
    assert float(meta["strength"]) == report["strength"]
    features = os.path.join(work, "f.safetensors")
    run("embed", "pocket", "--image-dir", file, "--labels", "any", "--output", features)
    with safe_open(features, "np") as f:
        x = unit(f.get_tensor("image_features"))
    p = 1 / (1 + np.exp(-(x @ t["weight"].T + t["bias"])))
    answers = json.loads(
        run("predict", "pocket", classifier, *[os.path.join(folder, r[0]) for r in rows[:40]],
            "--json")
    )["predictions"]  # fmt: skip
    classes = json.loads(meta["classes"])
    for i, answer in enumerate(answers):
        assert np.abs(np.array(answer["probabilities"]) - p[i]).max() < 1e-4, i
        has = {classes[k] for k in np.nonzero(p[i] >= t["thresholds"])[0]}
        assert {a["label"] for a in answer["labels"]} == has, (i, answer)


run_tests()
finish()
