#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes tests/fuzz/seeds: small valid files from which the fuzzer starts. Needs torch, safetensors
and Pillow."""

import io
import json
import os
import sys
import zipfile

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../tools"))
import clip_reference as clip  # noqa: E402
import clip_weights  # noqa: E402


def write(kind, name, data):
    os.makedirs(f"{HERE}/seeds/{kind}", exist_ok=True)
    with open(f"{HERE}/seeds/{kind}/{name}", "wb") as f:
        f.write(data)


tensors = {
    "a": torch.ones(2, 3),
    "b": torch.ones(4).half(),
    "c": torch.tensor(5),
    "d": torch.ones(1, 1, 2).bfloat16(),
    "e": torch.zeros(0, 7),
}
write("safetensors", "plain", save(tensors))
write("safetensors", "metadata", save({"x": torch.ones(1)}, {"format": "pt", "alpha": "0.5"}))
tree = clip.Tree(
    {"visual.a": torch.ones(2), "b.c": torch.ones(3).half(), "input_resolution": torch.tensor(224)}
)
for name, make in (
    ("state", lambda f: torch.save(tensors, f)),
    ("wrapped", lambda f: torch.save({"epoch": 1, "state_dict": {"module.a": torch.ones(2)}}, f)),
    ("script", lambda f: torch.jit.save(torch.jit.trace(tree, torch.zeros(1)), f)),
):
    data = io.BytesIO()
    make(data)
    write("archive", name, data.getvalue())
    with zipfile.ZipFile(data) as z:
        write("pickle", name, z.read(next(n for n in z.namelist() if n.endswith("data.pkl"))))
for name, cfg in (
    ("vit", clip_weights.ARCHITECTURES["ViT-H-14"]),
    ("resnet", clip_weights.ARCHITECTURES["RN50"]),
):
    write(
        "config",
        name,
        b"\1"
        + json.dumps(
            {
                "model_cfg": cfg,
                "preprocess_cfg": {
                    "mean": clip.MEAN,
                    "std": clip.STD,
                    "interpolation": "bicubic",
                    "resize_mode": "shortest",
                },
            }
        ).encode(),
    )
write(
    "config",
    "hf",
    b"\0" + json.dumps(clip.hf_config(clip_weights.ARCHITECTURES["ViT-B-32"])).encode(),
)
write(
    "lists",
    "split",
    b"\1"
    + json.dumps(
        {"train": [["a/1.jpg", 0, "x"]], "val": [["b/2.jpg", 1, "y"]], "test": []}
    ).encode(),
)
write(
    "lists",
    "catalogue",
    b"\2"
    + json.dumps(
        {
            "models": [
                {
                    "name": "a",
                    "repository": "o/r",
                    "licence": "MIT",
                    "memory": 1,
                    "gflop": 8.8,
                    "files": [
                        {"name": "f.json"},
                        {"name": "w.safetensors", "bytes": 5, "sha256": "0" * 64},
                    ],
                }
            ]
        }
    ).encode(),
)
write(
    "lists",
    "listing",
    b"\3"
    + json.dumps(
        {
            "siblings": [
                {"rfilename": n}
                for n in ("config.json", "vocab.json", "merges.txt", "model.safetensors")
            ]
        }
    ).encode(),
)
write("lists", "text", b"\0" + b"1025794 707-320\nsub/x.png Boeing 717\n")
picture = Image.fromarray(np.zeros((3, 5, 3), np.uint8))
for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"):
    data = io.BytesIO()
    picture.save(data, kind)
    write("picture", kind.lower(), data.getvalue())
write(
    "project",
    "whole",
    """{"fewshot": 1, "later": {"a": [1, null]}, "template": "a {}.", "alpha": 0.25, "model": "/m",
 "settings": {"epochs": 7, "optimizer": "sgd"},
 "classes": [{"id": 3, "name": "가", "colour": "red"}, {"id": 4, "name": "b", "prompt": "the b"}],
 "pictures": [{"id": 9, "class": 1, "path": "b/x.png", "excluded": true, "note": "n"},
   {"id": 2, "class": 0, "path": "/far/y.png"},
   {"id": 5, "class": 0, "path": "file:///far/%FF.png"}],
 "runs": [{"title": "r", "settings": {}, "classes": ["가", "b"], "prompts": ["", "the b"],
   "template": "a {}.",
   "history": [[1.5, 0.5, null]], "ids": [9, 2], "labels": [1, 0], "roles": "te", "dim": 1,
   "hidden": 1, "weights": "AACAPwAAAEA=",
   "mood": 1}]}""".encode(),
)
