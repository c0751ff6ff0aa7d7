#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes tests/data/golden/backward.safetensors: ops of the way back, with PyTorch's autograd in
double precision.

/usr/bin/python3 tests/tools/golden_ops.py
"""

import math
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
import venv_path  # noqa: E402, F401
from safetensors.torch import save_file  # noqa: E402

torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed(23)
out = {}


def rand(*shape):
    return torch.randn(*shape, generator=generator).float().double()  # what f32 can hold


def keep(**tensors):
    out.update({k: v.detach().float().contiguous() for k, v in tensors.items()})


def attention(q, k, v, mask):
    """[heads, T, d]; mask [queries, keys] of what is not seen"""
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    return scores.masked_fill(mask, float("-inf")).softmax(-1) @ v


def split(qkv, heads):
    """[T, 3·W] → three [heads, T, d]"""
    t, w = qkv.shape[0], qkv.shape[1] // 3
    return [part.view(t, heads, w // heads).transpose(0, 1) for part in qkv.chunk(3, 1)]


def join(x):
    return x.transpose(0, 1).reshape(x.shape[1], -1)


def layer_norm():
    x, gamma, beta, dy, before = rand(5, 37), rand(37), rand(37), rand(5, 37), rand(5, 37)
    x.requires_grad_()
    y = F.layer_norm(x, (37,), gamma, beta, 1e-5)
    y.backward(dy)
    keep(
        **{"ln.x": x, "ln.gamma": gamma, "ln.dy": dy, "ln.before": before, "ln.dx": before + x.grad}
    )


def activations():
    x, dy = 3 * rand(77), rand(77)
    keep(**{"act.x": x, "act.dy": dy})
    for name, f in (
        ("relu", F.relu),
        ("gelu", F.gelu),
        ("quick_gelu", lambda v: v * torch.sigmoid(1.702 * v)),
    ):
        v = x.clone().requires_grad_()
        f(v).backward(dy)
        keep(**{f"act.{name}.y": f(x), f"act.{name}.dx": v.grad})


def plain_attention(name, b, t, heads, d, causal):
    qkv, dy = rand(b, t, 3 * heads * d).requires_grad_(), rand(b, t, heads * d)
    mask = (
        torch.ones(t, t, dtype=torch.bool).triu(1)
        if causal
        else torch.zeros(t, t, dtype=torch.bool)
    )
    y = torch.stack([join(attention(*split(one, heads), mask)) for one in qkv])
    y.backward(dy)
    keep(**{f"{name}.qkv": qkv, f"{name}.dy": dy, f"{name}.y": y, f"{name}.dqkv": qkv.grad})


def shared_attention(name, p, b, s, heads, d):
    """Every sequence whole, its beginning repeated: what one shared beginning must agree with."""
    qkv, dy = rand(p + b * s, 3 * heads * d).requires_grad_(), rand(p + b * s, heads * d)
    mask = torch.ones(p + s, p + s, dtype=torch.bool).triu(1)
    rows = []
    for i in range(b):
        whole = torch.cat([qkv[:p], qkv[p + i * s : p + (i + 1) * s]])
        y = join(attention(*split(whole, heads), mask))
        rows += [y[:p]] if i == 0 else []
        rows.append(y[p:])
    y = torch.cat(rows)
    y.backward(dy)
    keep(**{f"{name}.qkv": qkv, f"{name}.dy": dy, f"{name}.y": y, f"{name}.dqkv": qkv.grad})


def affinity():
    x, dy = rand(61).clamp(-1, 1).requires_grad_(), rand(61)
    y = torch.exp(-5.5 * (1 - x))
    y.backward(dy)
    keep(**{"affinity.x": x, "affinity.dy": dy, "affinity.y": y, "affinity.dx": x.grad})


layer_norm()
activations()
plain_attention("causal", 2, 19, 3, 16, True)
plain_attention("full", 3, 10, 2, 24, False)
shared_attention("shared", 5, 3, 4, 2, 24)
shared_attention("one", 1, 2, 1, 3, 16)
affinity()
save_file(out, os.path.join(ROOT, "tests/data/golden/backward.safetensors"))
