#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Seconds that "automatic" takes beside scikit-learn's logistic regression (one fit at one C, where
automatic learns eleven times to find its weights), on random features, and the memory that each
needs beyond the features. With --large also a thousand classes, and LP++ alone, where thirty steps
of LP++ stand beside thirty of the regression: to the end both make some hundreds.

    tests/bench/automatic.py [BUILD/engine/libfewshot.so] [--large]
"""

import ctypes as c
import json
import os
import resource
import shutil
import sys
import tempfile
import time
import warnings

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SIZES = [(48, 3, 512), (400, 100, 512), (1600, 100, 512)]
LARGE = [(4000, 1000, 1024), (10000, 1000, 768)]
LP = [(16000, 1000, 1024)]
STEPS = 30


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


def open_model(library, d, folder):
    """The small ViT of the tests with features of another length, and weights that mean nothing."""
    from safetensors.numpy import load_file, save_file

    source = os.path.join(ROOT, "tests/data/golden/vit")
    shutil.copytree(source, folder)
    with open(f"{folder}/open_clip_config.json") as file:
        config = json.load(file)
    config["model_cfg"]["embed_dim"] = d
    with open(f"{folder}/open_clip_config.json", "w") as file:
        json.dump(config, file)
    weights = load_file(f"{folder}/open_clip_model.safetensors")
    for name in "visual.proj", "text_projection":
        weights[name] = np.ones((len(weights[name]), d), np.float32)
    save_file(weights, f"{folder}/open_clip_model.safetensors", {"format": "pt"})
    return library.few_model_open(folder.encode(), b"cpu", None, None)


def lp_plus_plus(library, model, x, y, t):
    """STEPS of the method "lp++"."""
    roles, options = np.zeros(len(y), np.uint8), c.create_string_buffer(4096)
    task = Task(len(y), len(t), x.ctypes.data, y.ctypes.data, roles.ctypes.data)
    task.text_features = t.ctypes.data
    assert library.few_method_parse(b"lp++:epochs=%d" % STEPS, options, None)
    result = library.few_method_run(model, c.byref(task), options, *[None] * 4)
    assert result
    library.few_method_result_free(result)


def tell(what, wall, cpu, memory):
    print(f"{what} {wall:.3f} s ({cpu:.3f} s of CPU, {memory:.0f} MB more)", flush=True)


def regression(steps):
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        return None
    return LogisticRegression(C=10, max_iter=steps)


def run_size(library, n, k, d, lp, steps):
    x, y, t = world(n, k, d)
    what = f"{n} pictures, {k} classes, d {d}:"
    if lp:
        with tempfile.TemporaryDirectory() as place:
            model = open_model(library, d, f"{place}/model")
            numbers = timed(lp_plus_plus, library, model, x, y, t)
            library.few_model_unref(model)
        tell(f"{what} lp++, {STEPS} steps", *numbers)
    else:
        tell(f"{what} automatic", *timed(automatic, library, x, y, t))
    probe = regression(steps)
    if probe:
        unit = x / np.linalg.norm(x, axis=1, keepdims=True)
        steps = f", {steps} steps" if steps == STEPS else ""
        tell(f"  logistic regression{steps}", *timed(probe.fit, unit, y))


def main():
    arguments = [a for a in sys.argv[1:] if a != "--large"]
    library = c.CDLL(
        arguments[0] if arguments else os.path.join(ROOT, "build/engine/libfewshot.so")
    )
    library.few_automatic_learn.restype = c.c_void_p
    library.few_automatic_learn.argtypes = [c.c_void_p, c.c_uint, c.c_double] + [c.c_void_p] * 5
    library.few_automatic_unref.argtypes = [c.c_void_p]
    pointer = c.c_void_p
    library.few_model_open.restype = library.few_method_run.restype = pointer
    library.few_model_open.argtypes = [c.c_char_p, c.c_char_p, pointer, pointer]
    library.few_method_parse.argtypes = [c.c_char_p, pointer, pointer]
    library.few_method_run.argtypes = [pointer] * 7
    library.few_method_result_free.argtypes = library.few_model_unref.argtypes = [pointer]
    warnings.simplefilter("ignore")
    if not regression(1):
        print("scikit-learn is missing: ours alone")
    for size in SIZES:
        run_size(library, *size, False, 1000)
    for size in LARGE if "--large" in sys.argv else []:
        run_size(library, *size, False, STEPS)
    for size in LP if "--large" in sys.argv else []:
        run_size(library, *size, True, STEPS)


if __name__ == "__main__":
    main()
