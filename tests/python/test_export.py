#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Exported classifiers as their consumers read them: Python's safetensors, the published Adapter
module in PyTorch, onnxruntime, and the very lines that the application offers to copy. Predictions
must equal the program's, picture for picture. Prints TAP.

    test_export.py FEWSHOT_CLI MODEL_FOLDER
"""

import glob
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
import venv_path  # noqa: E402, F401

try:
    import numpy as np
    import onnxruntime
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
    from safetensors import safe_open
    from safetensors.numpy import save_file
    from safetensors.torch import load_file
except ImportError as error:
    print(f"1..0 # SKIP {error}: ./test installs python3-torch, safetensors and onnxruntime")
    sys.exit(0)

cli, model = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="fewshot-export-")
pictures, adapter, features = (
    os.path.join(work, n) for n in ("pictures", "어댑터.safetensors", "features.safetensors")
)


def run(*arguments):
    result = subprocess.run([cli, *arguments], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


class Adapter(nn.Module):
    """gaopengcuhk/CLIP-Adapter's module: same layers, same state_dict keys."""

    def __init__(self, c_in, hidden):
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(c_in, hidden, bias=False),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, c_in, bias=False),
            nn.ReLU(inplace=True),
        )

    def forward(self, x):
        return self.fc(x)


run("demo", "--json", "--pictures", pictures, "--output", os.path.join(work, "demo.safetensors"))
run("train", model, pictures, "--epochs", "30", "--output", adapter)
paths = sorted(glob.glob(os.path.join(pictures, "*", "*.png")))
images = [argument for path in paths for argument in ("--image", path)]
run("embed", model, *images, "--output", features)
ours = json.loads(run("predict", model, adapter, *paths, "--json"))
assert [p["path"] for p in ours["predictions"]] == paths
raw = load_file(features)["image_features"]
with safe_open(adapter, "pt") as f:
    meta = f.metadata()
    tensors = {k: f.get_tensor(k) for k in f.keys()}
alpha, classes = float(meta["alpha"]), json.loads(meta["classes"])
KINDS = {  # a method of each kind, and of each way to be linear
    "automatic": "weight",
    "linear-probe:c=1": "weight",
    "gda:a=1": "weight",
    "clip-adapter-text:epochs=20": "weight",
    "tip-adapter:tau=2,sharpness=3": "keys",
    "clip-adapter-both:epochs=20,alpha=0.6,beta=0.3": "part_text",
    "proker": "key_values",
}
print(f"1..{9 + len(KINDS)}")

OLDEST = {
    "format",
    "format_version",
    "method",
    "backbone",
    "backbone_sha256",
    "alpha",
    "beta",
    "final_relu",
    "template",
    "classes",
    "preprocess",
    "trained_alpha",
}
shapes = tensors["fc.0.weight"].shape == tensors["fc.2.weight"].t().shape and tensors[
    "text_features"
].shape == (len(classes), raw.shape[1])
print(
    "ok 1 layout"
    if OLDEST <= set(meta) and shapes and classes == ours["classes"]
    else f"not ok 1 layout {meta} {shapes}"
)

module = Adapter(raw.shape[1], tensors["fc.0.weight"].shape[0])
module.load_state_dict({k: tensors[k] for k in ("fc.0.weight", "fc.2.weight")})
with torch.no_grad():
    blended = F.normalize(alpha * module(raw) + (1 - alpha) * raw)
    cosines = blended @ tensors["text_features"].t()
    probabilities = (tensors["logit_scale"].exp() * cosines).softmax(1)
agree = sum(int(c.argmax()) == p["index"] for c, p in zip(cosines, ours["predictions"]))
print(
    ("ok" if agree == len(paths) else "not ok")
    + f" 2 the published module predicts {agree} of {len(paths)} alike"
)
worst = max(
    float((c - torch.tensor(p["cosines"])).abs().max())
    for c, p in zip(cosines, ours["predictions"])
)
worst_p = max(
    float((c - torch.tensor(p["probabilities"])).abs().max())
    for c, p in zip(probabilities, ours["predictions"])
)
print(
    ("ok" if worst < 1e-5 and worst_p < 1e-3 else "not ok")
    + f" 3 cosines within {worst:.1e}, probabilities within {worst_p:.1e}"
)

space = {}
exec(run("snippet", adapter), space)
logits = space["predict"](raw.numpy())
agree = sum(int(one.argmax()) == p["index"] for one, p in zip(logits, ours["predictions"]))
print(
    ("ok" if agree == len(paths) and space["classes"] == classes else "not ok")
    + f" 4 the copied lines predict {agree} of {len(paths)} alike"
)

onnx, worst, shapes = os.path.join(work, "머리.onnx"), 0.0, True
for a in (0.0, alpha, 1.0):
    run("onnx", adapter, "--alpha", str(a), "--output", onnx)
    session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    with torch.no_grad():
        expected = (
            tensors["logit_scale"].exp()
            * F.normalize(a * module(raw) + (1 - a) * raw)
            @ tensors["text_features"].t()
        )
    for rows in (slice(None), slice(0, 1)):
        logits = session.run(None, {"features": raw[rows].numpy()})[0]
        shapes = shapes and logits.shape == expected[rows].shape
        worst = max(worst, float((torch.from_numpy(logits) - expected[rows]).abs().max()))
    zero = session.run(None, {"features": torch.zeros(1, raw.shape[1]).numpy()})[0]
    shapes = shapes and bool((zero == 0).all())
print(
    ("ok" if worst < 2e-3 and shapes else "not ok")
    + f" 5 onnxruntime gives the same logits within {worst:.1e}, a zero feature gives zeros"
)

run("onnx", adapter, "--output", onnx)
space = {}
exec(run("snippet", onnx), space)
agree = sum(
    int(one.argmax()) == p["index"]
    for one, p in zip(space["predict"](raw.numpy()), ours["predictions"])
)
print(
    ("ok" if agree == len(paths) and space["classes"] == classes else "not ok")
    + f" 6 the copied lines for ONNX predict {agree} of {len(paths)} alike"
)


def check(number, kept, label, method, tensor):
    # the program's file, the copied lines and onnxruntime: the same probabilities at any α
    worst, right = 0.0, 0
    space = {}
    code = run("snippet", kept)
    exec(code, space)
    for a in (0.0, 0.3, 1.0):
        said = json.loads(run("predict", model, kept, *paths, "--alpha", str(a), "--json"))
        run("onnx", kept, "--alpha", str(a), "--output", onnx)
        session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
        wanted = torch.tensor([p["probabilities"] for p in said["predictions"]])
        for logits in (
            space["predict"](raw.numpy(), alpha=a),
            session.run(None, {"features": raw.numpy()})[0],
        ):
            there = torch.from_numpy(logits).softmax(1)
            worst = max(worst, float((there - wanted).abs().max()))
            right += int((there.argmax(1) == wanted.argmax(1)).sum())
    with safe_open(kept, "np") as f:
        kind = tensor in f.keys() and f.metadata()["method"] == method
    fits = code.count("\n") <= 25 and right == 6 * len(paths) and worst < 1e-4
    print(
        ("ok" if kind and fits else "not ok")
        + f" {number} {label}: Python and onnxruntime within {worst:.1e}, {right} alike"
    )


def add_adapter(linear, adapter_file, output):
    """The sum of a linear classifier and an adapter, and key values, as other programs may write
    them."""
    with safe_open(linear, "np") as one, safe_open(adapter_file, "np") as other:
        held = {k: one.get_tensor(k) for k in one.keys()}
        held |= {k: other.get_tensor(k) for k in ("fc.0.weight", "fc.2.weight")}
        held |= {"part_alpha": np.float32(0.4), "part_scale": np.float32(30)}
        told = one.metadata() | {"kind": "sum", "final_relu": other.metadata()["final_relu"]}
    held = {k: np.array(v, np.float32, order="C") for k, v in held.items() if k != "trust"}
    save_file(held, output, metadata=told)


for number, (method, tensor) in enumerate(KINDS.items(), 7):
    name = os.path.join(work, f"kept-{number}.safetensors")
    run("train", model, pictures, "--method", method, "--shots", "8", "--output", name)
    check(number, name, method, method.partition(":")[0], tensor)
joined = os.path.join(work, "sum.safetensors")
add_adapter(os.path.join(work, "kept-9.safetensors"), adapter, joined)
check(7 + len(KINDS), joined, "gda and an adapter", "gda", "part_scale")

# what version 0.1 wrote: these members and no others
old = os.path.join(work, "old.safetensors")
with safe_open(adapter, "np") as f:
    four = {k: np.array(f.get_tensor(k)) for k in
            ("fc.0.weight", "fc.2.weight", "text_features", "logit_scale")}  # fmt: skip
save_file(four, old, metadata={k: meta[k] for k in OLDEST} | {"format": "fewshot-adapter"})
check(8 + len(KINDS), old, "a file of version 0.1", "clip-adapter", "fc.0.weight")
said = json.loads(run("predict", "--model", model, old, *paths, "--json"))
print(
    ("ok" if said["predictions"] == ours["predictions"] else "not ok")
    + f" {9 + len(KINDS)} it answers as it did"
)
