# SPDX-License-Identifier: MIT
"""The method "automatic" once more, in NumPy and in the plainest way: what the engine computes in
blocks, by updates and on threads is here an inverse, a loop and a search through all sets of
weights that are zero."""

import itertools

import numpy as np

SPREAD = 3.0  # standard deviation that logits are brought to


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def spread(z):
    return np.sqrt(((z - z.mean(1, keepdims=True)) ** 2).mean())


def splitmix(seed):
    word = 2**64 - 1
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & word
        z = ((seed ^ seed >> 30) * 0xBF58476D1CE4E5B9) & word
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & word
        yield z ^ z >> 31


def folds(labels, groups=None, seed=1):
    """Groups, a class after the other, shuffled within the class and dealt to ten folds."""
    groups = list(range(len(labels))) if groups is None else list(groups)
    n_folds, random = max(2, min(10, len(set(groups)))), splitmix(seed)
    order = []
    for label in sorted(set(labels)):
        members = [g for g, y in zip(groups, labels) if y == label]
        waiting = [g for g in dict.fromkeys(members) if g not in order]
        for last in range(len(waiting) - 1, 0, -1):
            other = next(random) % (last + 1)
            waiting[last], waiting[other] = waiting[other], waiting[last]
        order += waiting
    return np.array([order.index(g) % n_folds for g in groups], int)


def discriminants(x, y, t):
    """Gaussian discriminants: W, b, and the centre and precision of their metric."""
    d, have = x.shape[1], np.unique(y)
    count = np.array([(y == k).sum() for k in range(len(t))])
    mean = np.stack([x[y == k].mean(0) if count[k] else np.zeros(d) for k in range(len(t))])
    centre, middle = mean[have].mean(0), t[have].mean(0)
    away, texts = mean[have] - centre, t[have] - middle
    size = (texts**2).sum()
    rho = max(0, (away * texts).sum() / size) if size > 1e-12 else 0
    prior = centre + rho * (t - middle)
    centred = x - mean[y]
    scatter, dof = centred.T @ centred, len(x) - len(have)
    if dof > 0 and np.trace(scatter) > 1e-9 * len(x):
        v = np.trace(scatter) / (d * dof)
        far = ((mean[have] - prior[have]) ** 2).sum(1) - d * v / count[have]
        worth = 0.5 * d * v / max(far.mean(), 1e-3 * d * v)
        leaned = (
            np.stack(
                [
                    (c * m + worth * p) / (c + worth) if c else p
                    for c, m, p in zip(count, mean, prior)
                ]
            )
            - centre
        )
        f, even = ((scatter / dof) ** 2).sum(), (d * v) ** 2
        above = (dof + 1 - 2 / d) * (f - even / d)
        r = min(max(((1 - 2 / d) * f + even) / above, 1e-4), 1 - 1e-4) if above > 0 else 1 - 1e-4
        precision = np.linalg.inv((1 - r) * scatter / dof + r * v * np.eye(d))
    else:
        leaned = np.where(count[:, None] > 0, (mean + prior) / 2, prior) - centre
        precision = np.eye(d) / max((leaned**2).sum() / len(t), 1e-12)
    w = leaned @ precision
    return w, -(w * leaned).sum(1) / 2 - w @ centre, centre, precision


def few_shot_linear(x, y, t, scale):
    """300 steps of gradient descent on visual weights and the texts' weights."""
    have = np.unique(y)
    truth, texts = (y[:, None] == have).astype(float), t[have]
    v, a = np.zeros_like(texts), np.full(len(have), float(scale))
    step = 4 * len(x) / np.linalg.eigvalsh(x @ x.T)[-1]
    text_step = len(x) / (4 * max(((x @ texts.T) ** 2).sum(0).max(), 1e-12))
    for _ in range(300):
        gradient = (softmax(x @ (v + a[:, None] * texts).T) - truth).T @ x / len(x)
        v, a = v - step * gradient, a - text_step * (gradient * texts).sum(1)
    w = scale * t
    w[have] = v + a[:, None] * texts
    return w


def stack(parts, y, strength, prior):
    """The non-negative weights of least regularised cross-entropy, by trying every choice of those
    that are zero."""
    parts, prior, n = np.stack(parts), np.array(prior), len(y)
    strength = np.broadcast_to(np.asarray(strength, float), prior.shape)
    own = parts[:, np.arange(n), y]

    def look(w):
        z = np.einsum("b,bnk->nk", w, parts)
        p = softmax(z)
        top = z.max(1)
        loss = (top + np.log(np.exp(z - top[:, None]).sum(1)) - w @ own).mean()
        mean = (parts * p).sum(2)
        gradient = (mean - own).mean(1) + 2 * strength / n * (w - prior)
        curve = np.einsum("bnk,cnk,nk->bc", parts, parts, p) / n - mean @ mean.T / n
        return (
            loss + (strength / n * (w - prior) ** 2).sum(),
            gradient,
            curve + 2 / n * np.diag(strength),
        )

    best = None
    for used in itertools.product((False, True), repeat=len(prior)):
        used = np.array(used)
        w = np.where(used, prior, 0)
        for _ in range(200):
            loss, gradient, curve = look(w)
            step = np.zeros(len(w))
            step[used] = -np.linalg.solve(curve[np.ix_(used, used)], gradient[used])
            width = 1.0
            while width > 1e-12 and look(w + width * step)[0] > loss:
                width /= 2
            w = w + width * step
            if np.abs(step).max() < 1e-13:
                break
        loss = look(w)[0]
        if (w >= 0).all() and (best is None or loss < best[0]):
            best = loss, w
    return best[1]


def cautious(parts, y):
    """Weights from a prior at zero-shot that is 15 pictures strong, of parts with a standard
    deviation of 3; then one factor for all of them, 3 pictures strong."""
    units = [spread(z) / SPREAD for z in parts]
    even = [z / u if u > 1e-6 else np.zeros_like(z) for z, u in zip(parts, units)]
    w = stack(even, y, 15, [0.4] + [0] * (len(parts) - 1))
    w = np.array([v / u if u > 1e-6 else 0 for v, u in zip(w, units)])
    total = np.einsum("b,bnk->nk", w, np.stack(parts))
    return list(w * max(stack([total], y, 3, [1.0])[0], 0.05))


def shares(y, seen, k):
    """What a linear classifier of the seen pictures holds against classes that miss some, [K]."""
    whole, part = np.bincount(y, minlength=k), np.bincount(y[seen], minlength=k)
    return np.where(part > 0, np.log(np.maximum(whole, 1) / np.maximum(part, 1)), 0)


def fit(x, y, t, scale, groups=None, seed=1, even=False):
    """A dictionary of everything that the engine says of the same pictures; even: the reference's
    prior, which trusts all parts alike."""
    n, k = len(x), len(t)
    zero = scale * x @ t.T
    told, fold = np.zeros(n, bool), np.zeros(n, int)
    weights, q = [1.0, 0.0, 0.0], 1.0
    gda, linear, distance = np.zeros((n, k)), np.zeros((n, k)), np.zeros(n)
    w_gda, b_gda, w_linear = np.zeros_like(t), np.zeros(k), np.zeros_like(t)
    if len(set(y)) > 1:
        few = n <= 4 * k
        fold = folds(y, groups, seed)
        w_gda, b_gda, _, _ = discriminants(x, y, t)
        if few:
            w_linear = few_shot_linear(x, y, t, scale)
        for j in set(fold):
            seen, held = fold != j, fold == j
            if len(set(y[seen])) < 2:
                continue
            told[held] = np.isin(y[held], y[seen])
            w, b, centre, precision = discriminants(x[seen], y[seen], t)
            gda[held] = x[held] @ w.T + b
            off = x[held] - centre
            distance[held] = (off @ precision * off).sum(1) - 2 * gda[held].max(1)
            if few and np.bincount(y).max() > 1:
                linear[held] = x[held] @ few_shot_linear(x[seen], y[seen], t, scale).T
                if not even:
                    linear[held] += shares(y, seen, k)
        if told.sum() >= max(2, n / 2):
            q = SPREAD / max(spread(gda[told]), 1e-9)
            parts = [zero[told], q * gda[told]] + ([linear[told]] if few else [])
            if even:
                weights = list(stack(parts, y[told], 3, [0.5] * len(parts))) + [0.0]
            else:
                weights = cautious(parts, y[told]) + [0.0]
        else:
            gda, linear = x @ w_gda.T + b_gda, x @ w_linear.T
            q = SPREAD / max(spread(gda), 1e-9)
            a = stack([zero], y, 1, [1.0])[0]
            weights = [a, 0.25, 0]
            if few:
                weights = [
                    0.3 * a,
                    0.3 * 0.25,
                    0.7 * max(a, 0.1) * spread(zero) / max(spread(linear), 1e-9),
                ]
    a, g, b = weights[:3]
    learned, rows = g * q * gda + b * linear, told if told.sum() >= 2 else np.ones(n, bool)
    spread_zero = max(spread(zero[rows]), 1e-9) if n else 1.0
    spread_learned = spread(learned[rows]) if n else 0.0
    total = a * spread_zero + spread_learned
    w_learned, b_learned = g * q * w_gda + b * w_linear, g * q * b_gda

    def at(alpha):
        level = total if total > 0 else spread_zero
        part = level * alpha / spread_learned if spread_learned > 0 else 0
        return level * (1 - alpha) / spread_zero * scale * t + part * w_learned, part * b_learned

    return {
        "weight": a * scale * t + w_learned,
        "bias": b_learned,
        "out_of_fold": a * zero + learned,
        "folds": fold,
        "told": told,
        "weights": np.array([a, g, q, b]),
        "at": at,
        "alpha": spread_learned / total if total > 0 else 0.0,
        "distances": distance,
    }
