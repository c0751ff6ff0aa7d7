#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes tests/data/golden/map.safetensors: features before and after an adapter, and where
scikit-learn's PCA puts them for some α; and for t-SNE others, with scikit-learn's gradient at some
points, and how good the layout is that it comes to.

/usr/bin/python3 tests/tools/golden_map.py
"""

import os
import sys

import numpy as np
from scipy.spatial.distance import squareform
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, _t_sne, trustworthiness
from sklearn.neighbors import NearestNeighbors

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

# Ten classes that overlap.
N, D, PERPLEXITY, NEAR = 300, 16, 15, 10
x = np.float32(unit(rng.normal(size=(10, D))[np.arange(N) % 10] * 1.5 + rng.normal(size=(N, D))))
x64 = unit(x.astype(np.float64))
near = NearestNeighbors(n_neighbors=3 * PERPLEXITY).fit(x64)
distances = near.kneighbors_graph(mode="distance")
distances.data **= 2
p = _t_sne._joint_probabilities_nn(distances, PERPLEXITY, 0).toarray()
y = np.float32(rng.normal(size=(N, 2)) * 8)
kl, gradient = _t_sne._kl_divergence(
    y.astype(np.float64).ravel(), squareform(p, checks=False), 1, N, 2
)
tsne = TSNE(perplexity=PERPLEXITY, init="pca", learning_rate="auto", random_state=0)
laid = tsne.fit_transform(x64)
out |= {
    "tsne.x": x,
    "tsne.y": y,
    "tsne.gradient": np.float32(gradient.reshape(N, 2)),
    # at y; of what scikit-learn comes to; how much its neighbours may be trusted
    "tsne.told": np.float32(
        [kl, tsne.kl_divergence_, trustworthiness(x64, laid, n_neighbors=NEAR)]
    ),
}
save_file(out, os.path.join(ROOT, "tests/data/golden/map.safetensors"))
