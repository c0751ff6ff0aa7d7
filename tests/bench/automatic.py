#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Seconds that "automatic" takes beside scikit-learn's logistic regression (one fit at one C, where
automatic learns eleven times to find its weights), on random features, and the memory that each
needs beyond the features.

    tests/bench/automatic.py [BUILD/engine/libfewshot.so] [--large]
"""

import ctypes as c
import os
import resource
import sys
import time
import warnings

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SIZES = [(48, 3, 512), (400, 100, 512), (1600, 100, 512)]
LARGE = [(4000, 1000, 1024), (10000, 1000, 768)]


class Task(c.Structure):
    """FewTask of fewshot/task.h; what is not set here is NULL."""

    _fields_ = [
        ("n", c.c_uint),
        ("n_classes", c.c_uint),
        ("features", c.c_void_p),
        ("labels", c.c_void_p),
        ("roles", c.c_void_p),
        ("ids", c.c_void_p),
        ("groups", c.c_void_p),
        ("together", c.c_void_p),
        ("text_features", c.c_void_p),
        ("text_raw", c.c_void_p),
        ("class_names", c.c_void_p),
        ("template_text", c.c_void_p),
        ("prompts", c.c_void_p),
        ("views", c.c_void_p),
        ("n_views", c.c_uint),
        ("paths", c.c_void_p),
        ("negatives", c.c_void_p),
        ("n_negatives", c.c_uint),
    ]


def world(n, k, d):
    random = np.random.RandomState(1)
    means = random.randn(d) + 0.4 * random.randn(k, d)
    y = (np.arange(n) % k).astype(np.uint32)
    x = (means[y] + 0.4 * random.randn(n, d)).astype(np.float32)
    t = means + random.randn(d) + 0.3 * random.randn(k, d)
    return x, y, (t / np.linalg.norm(t, axis=1, keepdims=True)).astype(np.float32)


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(work, *arguments):
    cpu, wall, memory = time.process_time(), time.perf_counter(), peak()
    work(*arguments)
    return time.perf_counter() - wall, time.process_time() - cpu, peak() - memory


def automatic(library, x, y, t):
    roles = np.zeros(len(y), np.uint8)
    task = Task(len(y), len(t), x.ctypes.data, y.ctypes.data, roles.ctypes.data)
    task.text_features = t.ctypes.data
    handle = library.few_automatic_learn(c.byref(task), x.shape[1], 100, *[None] * 5)
    library.few_automatic_unref(handle)


def main():
    arguments = [a for a in sys.argv[1:] if a != "--large"]
    library = c.CDLL(
        arguments[0] if arguments else os.path.join(ROOT, "build/engine/libfewshot.so")
    )
    library.few_automatic_learn.restype = c.c_void_p
    library.few_automatic_learn.argtypes = [c.c_void_p, c.c_uint, c.c_double] + [c.c_void_p] * 5
    library.few_automatic_unref.argtypes = [c.c_void_p]
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        LogisticRegression = None
        print("scikit-learn is missing: ours alone")
    warnings.simplefilter("ignore")
    for n, k, d in SIZES + (LARGE if "--large" in sys.argv else []):
        x, y, t = world(n, k, d)
        wall, cpu, memory = timed(automatic, library, x, y, t)
        print(
            f"{n} pictures, {k} classes, d {d}: automatic {wall:.3f} s ({cpu:.3f} s of CPU, "
            f"{memory:.0f} MB more)",
            flush=True,
        )
        if LogisticRegression:
            unit = x / np.linalg.norm(x, axis=1, keepdims=True)
            probe = LogisticRegression(C=10, max_iter=1000)
            wall, cpu, memory = timed(probe.fit, unit, y)
            print(
                f"  logistic regression {wall:.3f} s ({cpu:.3f} s of CPU, {memory:.0f} MB more)",
                flush=True,
            )


if __name__ == "__main__":
    main()
