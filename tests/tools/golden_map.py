#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes tests/data/golden/map.safetensors: features before and after an adapter, and where
scikit-learn's PCA puts them for some α.

/usr/bin/python3 tests/tools/golden_map.py
"""

import os
import sys

import numpy as np
from sklearn.decomposition import PCA

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import venv_path  # noqa: E402, F401
from safetensors.numpy import save_file  # noqa: E402

rng = np.random.default_rng(5)
N, D = 60, 20
centres = rng.normal(size=(3, D)) * 2
f = np.float32(centres[np.arange(N) % 3] + rng.normal(size=(N, D)))
a = np.float32(np.maximum(0, f @ rng.normal(size=(D, D)) / 4))


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


f64, a64 = f.astype(np.float64), a.astype(np.float64)
pca = PCA(2, svd_solver="full").fit(np.concatenate([unit(f64), unit(a64)]))
signs = np.sign(pca.components_[np.arange(2), np.abs(pca.components_).argmax(1)])
out = {"f": f, "a": a, "share": np.float32(pca.explained_variance_ratio_)}
for alpha in (0.0, 0.35, 1.0):
    out[f"at.{alpha}"] = np.float32(pca.transform(unit(alpha * a64 + (1 - alpha) * f64)) * signs)
save_file(out, os.path.join(ROOT, "tests/data/golden/map.safetensors"))
