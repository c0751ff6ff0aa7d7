#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""trust.py LIBRARY CLI MODEL SETS [DRAWS]: what answers of "automatic" are worth beyond accuracy,
by the library itself on packaged sets (data/pocket/training/few_shot_sets.py makes SETS): how often
the right class is in a 90 % answer set and how large that is, how well pictures of classes that
were never learned are told apart, how well labels that were changed are found, and what the
pictures that are proposed for labelling bring beside random ones. Nothing is tuned here."""

import ctypes as c
import os
import sys

import numpy as np
from automatic import Task
from caution import REPORTED, TUNED, draw, read_set

UNLABELLED = 2**32 - 1


class Look(c.Structure):
    _fields_ = [("distance", c.c_float), ("odds", c.c_float)]


def open_library(path):
    library = c.CDLL(path)
    pointer = c.c_void_p
    for name, result, arguments in (
        ("few_automatic_learn", pointer, [pointer, c.c_uint, c.c_double] + [pointer] * 5),
        ("few_automatic_unref", None, [pointer]),
        ("few_automatic_probabilities", c.c_int,
         [pointer, c.c_double, pointer, c.c_uint, pointer, pointer]),
        ("few_automatic_answer_level", c.c_double, [pointer, c.c_double]),
        ("few_automatic_suspects", None, [pointer] * 4),
        ("few_trust_new", pointer, [pointer, pointer, c.c_uint, pointer, pointer]),
        ("few_trust_unref", None, [pointer]),
        ("few_trust_look", Look, [pointer, pointer]),
        ("few_trust_strangeness", c.c_double, [pointer, Look, c.c_double]),
        ("few_label_next", c.c_uint,
         [pointer, c.c_uint, c.c_double, c.c_uint, c.c_uint64, c.c_uint] + [pointer] * 3),
    ):  # fmt: skip
        getattr(library, name).restype = result
        getattr(library, name).argtypes = arguments
    return library


class Learned:
    """What automatic makes of x, y; and the arrays that it stands on."""

    def __init__(self, library, x, y, t, scale):
        self.library, self.k = library, len(t)
        self.x, self.t = np.ascontiguousarray(x, np.float32), np.ascontiguousarray(t, np.float32)
        self.y, self.roles = y.astype(np.uint32), np.zeros(len(y), np.uint8)
        self.task = Task(len(y), len(t), self.x.ctypes.data, self.y.ctypes.data)
        self.task.roles, self.task.text_features = self.roles.ctypes.data, self.t.ctypes.data
        self.handle = library.few_automatic_learn(
            c.byref(self.task), x.shape[1], scale, *[None] * 5
        )

    def probabilities(self, x):
        x, p = np.ascontiguousarray(x, np.float32), np.zeros((len(x), self.k))
        self.library.few_automatic_probabilities(
            self.handle, np.nan, x.ctypes.data, len(x), p.ctypes.data, None
        )
        return p

    def strangeness(self, x, p):
        x = np.ascontiguousarray(x, np.float32)
        trust = self.library.few_trust_new(self.handle, c.byref(self.task), x.shape[1], None, None)
        looks = [self.library.few_trust_look(trust, row.ctypes.data) for row in x]
        out = [self.library.few_trust_strangeness(trust, a, b) for a, b in zip(looks, p.max(1))]
        self.library.few_trust_unref(trust)
        return np.array(out)

    def own(self):
        """p (own label) of what was learned from, out of fold; NaN where nothing tells."""
        p = np.zeros(len(self.y))
        self.library.few_automatic_suspects(self.handle, None, p.ctypes.data, None)
        return p

    def level(self):
        return self.library.few_automatic_answer_level(self.handle, 0.9)

    def __del__(self):
        self.library.few_automatic_unref(self.handle)


def area(scores, positive):
    """Under the ROC curve; ties count half."""
    a, b = scores[positive], scores[~positive]
    return ((a[:, None] > b).mean() + (a[:, None] == b).mean() / 2) * 100


def answer_sets(library, x, y, t, scale, learned, rest, _):
    model = Learned(library, x[learned], y[learned], t, scale)
    p, level = model.probabilities(x[rest]), model.level()
    if level == 0:
        return np.nan, np.nan
    inside = p >= level
    inside[np.arange(len(p)), p.argmax(1)] = True
    return inside[np.arange(len(p)), y[rest]].mean() * 100, inside.sum(1).mean()


def none_of_these(library, x, y, t, scale, learned, rest, random):
    known = random.permutation(len(t))[: len(t) - max(1, len(t) // 3)]
    place = np.full(len(t), -1)
    place[known] = np.arange(len(known))
    mine = learned[np.isin(y[learned], known)]
    model = Learned(library, x[mine], place[y[mine]], t[known], scale)
    p = model.probabilities(x[rest])
    stranger = place[y[rest]] < 0
    cosines = x[rest] @ t[known].T
    return (
        area(-cosines.max(1), stranger),
        area(1 - p.max(1), stranger),
        area(model.strangeness(x[rest], p), stranger),
    )


def wrong_labels(library, x, y, t, scale, learned, _, random):
    flipped = np.zeros(len(learned), bool)
    flipped[random.permutation(len(learned))[: max(1, len(learned) // 10)]] = True
    labels = y[learned] + flipped * random.randint(1, len(t), len(learned))
    own = Learned(library, x[learned], labels % len(t), t, scale).own()
    own = np.where(np.isnan(own), 2, own)  # these are never listed
    first = np.argsort(own, kind="stable")[: flipped.sum()]
    return area(-own, flipped), flipped[first].mean() * 100


def label_next(library, x, y, t, scale, learned, rest, random):
    """Of a pool of up to 24 pictures a class of which one of each has its label: the gain of five,
    ten and twenty labels more, and of as many random ones."""
    one = np.array([random.choice(learned[y[learned] == k]) for k in np.unique(y[learned])])
    pool = random.permutation(np.setdiff1d(learned, one))
    rows = np.concatenate([one, pool])
    labels = np.concatenate([y[one], np.full(len(pool), UNLABELLED)]).astype(np.uint32)
    xs, ts = np.ascontiguousarray(x[rows], np.float32), np.ascontiguousarray(t, np.float32)
    task = Task(len(rows), len(t), xs.ctypes.data, labels.ctypes.data)
    task.text_features = ts.ctypes.data
    gains = []
    for most in (5, 10, 20):
        order = np.zeros(len(rows), np.uint32)
        n = library.few_label_next(
            c.byref(task),
            x.shape[1],
            scale,
            most,
            random.randint(1 << 30),
            0,
            None,
            order.ctypes.data,
            None,
        )
        right = []
        for more in (rows[order[:n]], pool[:n]):
            mine = np.concatenate([one, more])
            p = Learned(library, x[mine], y[mine], t, scale).probabilities(x[rest])
            right.append((p.argmax(1) == y[rest]).mean() * 100)
        gains.append(right[0] - right[1])
    return gains


def measure(library, sets, draws, study, shots):
    rows = []
    for x, y, t, scale, test in sets.values():
        values = []
        for seed in range(draws):
            learned, rest = draw(y, test, shots, seed)
            random = np.random.RandomState(seed)
            values.append(study(library, x, y, t, scale, np.array(learned), rest, random))
        rows.append(np.nanmean(values, 0))
    return rows


def main():
    library, (cli, model, folder) = open_library(sys.argv[1]), sys.argv[2:5]
    draws = int(sys.argv[5]) if len(sys.argv) > 5 else 10
    sets = {
        name: read_set(cli, model, os.path.join(folder, name), template)
        for name, template in (TUNED | REPORTED).items()
    }
    studies = [
        (answer_sets, "in the set", "classes in it"),
        (none_of_these, "largest cosine", "softmax", "strangeness"),
        (wrong_labels, "AUROC", "precision at k"),
    ]
    print(f"| mean of {draws} draws | shots | " + " | ".join(sets) + " |")
    print("|---|---:|" + "---|" * len(sets))
    for study, *names in studies:
        for shots in (4, 16):
            rows = measure(library, sets, draws, study, shots)
            for i, name in enumerate(names):
                cells = " | ".join(f"{row[i]:.1f}" for row in rows)
                what = study.__name__.replace("_", " ")
                print(f"| {what}: {name} | {shots} | {cells} |", flush=True)
    rows = measure(library, sets, draws, label_next, 24)
    for i, most in enumerate((5, 10, 20)):
        cells = " | ".join(f"{row[i]:+.1f}" for row in rows)
        print(f"| label next: {most} more, beside random | 1 | {cells} |", flush=True)


if __name__ == "__main__":
    main()
