#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes tests/data/golden/heat: a ViT of six blocks with random weights, a picture of its size,
and what plain NumPy in double precision says of where a classifier looks there.

/usr/bin/python3 tests/tools/golden_heat.py

The direct part of a patch is found in another way than the engine's: the class token's attentions
run once with that patch's value alone, and the last norm's derivative carries them on."""

import json
import os
import shutil
import sys

import numpy as np

TOOLS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(TOOLS))
OUT = os.path.join(ROOT, "tests/data/golden/heat")
sys.path.insert(0, TOOLS)
import venv_path  # noqa: E402, F401
from drawn import png  # noqa: E402
from safetensors.numpy import save_file  # noqa: E402

R, PATCH, W, LAYERS, HEADS, D, K, H, LAST, SIDE = 24, 8, 16, 6, 2, 12, 4, 5, 4, 7
MEAN = np.array([0.48145466, 0.4578275, 0.40821073])
STD = np.array([0.26862954, 0.26130258, 0.27577711])
SCALE = 20.0
rng = np.random.default_rng(11)


def random(*shape, scale=1.0):
    return np.float32(rng.normal(size=shape) * scale)


def norm(name, width):
    return {
        f"{name}.weight": 1 + random(width, scale=0.2),
        f"{name}.bias": random(width, scale=0.2),
    }


def blocks(prefix, layers, width, mlp_width):
    w = {}
    for i in range(layers):
        p = f"{prefix}transformer.resblocks.{i}."
        w.update(norm(p + "ln_1", width) | norm(p + "ln_2", width))
        for name, n, k in (
            ("attn.in_proj_", 3 * width, width),
            ("attn.out_proj.", width, width),
            ("mlp.c_fc.", mlp_width, width),
            ("mlp.c_proj.", width, mlp_width),
        ):
            w[p + name + "weight"] = random(n, k, scale=1.5 * k**-0.5)
            w[p + name + "bias"] = random(n, scale=0.1)
    return w


def weights(vocabulary, context, text_width):
    tokens = (R // PATCH) ** 2 + 1
    return {
        "visual.conv1.weight": random(W, 3, PATCH, PATCH, scale=0.8 / PATCH),
        "visual.class_embedding": random(W),
        "visual.positional_embedding": random(tokens, W, scale=0.5),
        "visual.proj": random(W, D, scale=W**-0.5),
        **norm("visual.ln_pre", W),
        **norm("visual.ln_post", W),
        **blocks("visual.", LAYERS, W, 2 * W),
        "token_embedding.weight": random(vocabulary, text_width, scale=0.5),
        "positional_embedding": random(context, text_width, scale=0.3),
        "text_projection": random(text_width, D, scale=text_width**-0.5),
        "logit_scale": np.float32(np.log(SCALE)),
        **norm("ln_final", text_width),
        **blocks("", 1, text_width, 4 * text_width),
    }


def write_model(context=20, text_width=8):
    os.makedirs(OUT, exist_ok=True)
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(os.path.join(ROOT, "tests/data/golden/vit", name), OUT)
    with open(os.path.join(OUT, "vocab.json")) as f:
        vocabulary = len(json.load(f))
    config = {
        "model_cfg": {
            "embed_dim": D,
            "quick_gelu": True,
            "vision_cfg": {
                "image_size": R,
                "patch_size": PATCH,
                "width": W,
                "layers": LAYERS,
                "head_width": W // HEADS,
                "mlp_ratio": 2.0,
            },
            "text_cfg": {
                "context_length": context,
                "width": text_width,
                "heads": 2,
                "layers": 1,
                "vocab_size": vocabulary,
            },
        },
        "preprocess_cfg": {"mean": list(MEAN), "std": list(STD), "resize_mode": "shortest"},
    }
    with open(os.path.join(OUT, "open_clip_config.json"), "w") as f:
        json.dump(config, f, indent=1)
        f.write("\n")
    w = weights(vocabulary, context, text_width)
    path = os.path.join(OUT, "open_clip_model.safetensors")
    save_file({k: np.ascontiguousarray(v) for k, v in w.items()}, path, {"format": "pt"})
    return {k: v.astype(np.float64) for k, v in w.items()}


# ---- the tower


def layer_norm(w, name, x):
    centred = x - x.mean(-1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
    return centred / deviation * w[name + ".weight"] + w[name + ".bias"]


def linear(w, name, x):
    return x @ w[name + "weight"].T + w[name + "bias"]


def attend(w, p, x):
    """Every token's attention output, and what each token's value alone gives to the first."""
    q, k, v = np.split(linear(w, p + "attn.in_proj_", layer_norm(w, p + "ln_1", x)), 3, -1)
    out, alone = np.zeros_like(x), np.zeros_like(x)
    for h in range(HEADS):
        s = slice(h * W // HEADS, (h + 1) * W // HEADS)
        a = np.exp(q[:, s] @ k[:, s].T / np.sqrt(W // HEADS))
        a /= a.sum(-1, keepdims=True)
        out[:, s] = a @ v[:, s]
        for t in range(len(x)):
            only = np.zeros_like(v[:, s])
            only[t] = v[t, s]
            alone[t, s] = (a @ only)[0]
    return linear(w, p + "attn.out_proj.", out), alone @ w[p + "attn.out_proj.weight"].T


def tower(w, pixels):
    """features [D], and the direct parts [P, D] of the patches."""
    g = R // PATCH
    patches = pixels.reshape(3, g, PATCH, g, PATCH).transpose(1, 3, 0, 2, 4).reshape(g * g, -1)
    x = np.concatenate(
        [w["visual.class_embedding"][None], patches @ w["visual.conv1.weight"].reshape(W, -1).T]
    )
    x = layer_norm(w, "visual.ln_pre", x + w["visual.positional_embedding"])
    direct = np.zeros_like(x)
    for i in range(LAYERS):
        p = f"visual.transformer.resblocks.{i}."
        added, alone = attend(w, p, x)
        x = x + added
        direct += alone if i >= LAYERS - LAST else 0
        hidden = linear(w, p + "mlp.c_fc.", layer_norm(w, p + "ln_2", x))
        x = x + linear(w, p + "mlp.c_proj.", hidden / (1 + np.exp(-1.702 * hidden)))
    features = layer_norm(w, "visual.ln_post", x[0]) @ w["visual.proj"]
    deviation = np.sqrt(x[0].var() + 1e-5)
    centring = np.eye(W) - 1 / W
    parts = direct[1:] @ centring / deviation * w["visual.ln_post.weight"] @ w["visual.proj"]
    return features, parts


# ---- the classifier


def logits(c, f, alpha):
    adapted = np.maximum(0, np.maximum(0, f @ c["w1"].T) @ c["w2"].T)
    u = alpha * adapted + (1 - alpha) * f
    return SCALE * c["text"] @ u / np.linalg.norm(u)


def odds(c, f, alpha, k):
    z = logits(c, f, alpha)
    return z[k] - np.log(np.exp(np.delete(z, k)).sum())


def heat(c, whole, without, alpha, k):
    return np.array([odds(c, whole, alpha, k) - odds(c, f, alpha, k) for f in without])


# ---- occlusion


def blur(plane):
    """Twice the mean of a square, which ends with the picture."""
    radius = R // 6
    for _ in range(2):
        for _ in range(2):
            plane = np.array(
                [plane[max(i - radius, 0) : i + radius + 1].mean(0) for i in range(R)]
            ).T
    return plane


def covered(pixels):
    dim = np.stack([blur(plane) for plane in pixels])
    for place in range(SIDE * SIDE):
        out = pixels.copy()
        spans = []
        for i in (place // SIDE, place % SIDE):
            middle, half = (i + 0.5) * R / SIDE, 0.75 * R / SIDE
            spans.append(slice(max(0, int(np.floor(middle - half))), int(np.ceil(middle + half))))
        out[:, spans[0], spans[1]] = dim[:, spans[0], spans[1]]
        yield out


def main():
    w = write_model()
    y, x = np.mgrid[0:R, 0:R]
    rgb = np.stack([x * 10, y * 10, (x * y * 7) % 256], -1).astype(np.uint8)
    rgb[4:10, 12:20] = [250, 20, 30]
    png(os.path.join(OUT, "picture.png"), rgb)
    pixels = ((rgb / 255 - MEAN) / STD).transpose(2, 0, 1)
    features, parts = tower(w, pixels)
    text = rng.normal(size=(K, D))
    c = {
        "w1": random(H, D, scale=D**-0.5),
        "w2": random(D, H, scale=H**-0.5),
        "text": np.float32(text / np.linalg.norm(text, axis=1, keepdims=True)),
    }
    out = dict(c)
    c = {k: v.astype(np.float64) for k, v in c.items()}
    without = {
        "parts": features - parts,
        "occlusion": [tower(w, p)[0] for p in covered(pixels)],
    }
    out["features"] = features
    for kind, each in without.items():
        for k in (0, 2):
            for alpha in (0.0, 0.6):
                out[f"{kind}.{k}.{alpha}"] = heat(c, features, each, alpha, k)
    save_file({k: np.float32(v) for k, v in out.items()}, os.path.join(OUT, "heat.safetensors"))


main()
