#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A whole model by one of open_clip's configs, made by it with random weights and saved as it
publishes it, its image tower as ONNX, and the features that it gives in double precision: for
tests/bench/forward.py, and for tests/python/test_families.py CLI FOLDER.

    whole_family.py CONFIG FOLDER [--short-text]    writes FOLDER/CONFIG
    --short-text   one block and CLIP's number of symbols in the text tower: for who measures images

Wants open_clip and timm (not what ./test installs)."""

import json
import math
import os
import sys

import golden_families as golden
import open_clip
import timm
import torch
from golden_families import clip, family_data
from safetensors.torch import save_file
from torch.utils._python_dispatch import TorchDispatchMode


class Products(TorchDispatchMode):
    """Counts the multiply-adds × 2 of what is a matrix product or a convolution."""

    total = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        name = function._overloadpacket.__name__
        if name == "convolution":
            self.total += 2 * out.numel() * math.prod(args[1].shape[1:])
        elif name in ("mm", "bmm"):
            self.total += 2 * out.numel() * args[0].shape[-1]
        elif name == "addmm":
            self.total += 2 * out.numel() * args[1].shape[-1]
        return out


def preprocessing(name):
    if "SigLIP" in name:
        return golden.HALF
    if "PE-Core" in name:
        return {**golden.HALF, "interpolation": "bilinear"}
    return golden.OPENAI


def make(name, short_text):
    config = json.load(open(f"{golden.CONFIGS}/{name}.json"))
    for key in golden.TOKENIZER:
        config["text_cfg"].pop(key, None)
    if short_text:
        config["text_cfg"].update(layers=1, vocab_size=49408)
    arguments = json.loads(json.dumps(config))
    custom = arguments.pop("custom_text", False)
    model = (open_clip.CustomTextCLIP if custom else open_clip.CLIP)(**arguments)
    golden.randomise(model, 1)
    return model.eval(), {"model_cfg": config, "preprocess_cfg": preprocessing(name)}


def export(model, size, path):
    """The image tower as ONNX; returns its GFLOP a picture."""
    x = torch.randn(2, 3, size, size)
    how = {"dynamo": False} if "dynamo" in torch.onnx.export.__code__.co_varnames else {}
    torch.onnx.export(
        model.visual,
        x,
        path,
        input_names=["pixels"],
        output_names=["features"],
        dynamic_axes={"pixels": {0: "n"}},
        opset_version=17,
        **how,
    )
    counter = Products()
    with torch.no_grad(), counter:
        model.visual(x[:1])
    return counter.total / 1e9


def expect(model, config, size):
    preprocess, text = config["preprocess_cfg"], config["model_cfg"]["text_cfg"]
    pixels = family_data.pixels(size, preprocess["mean"], preprocess["std"])
    ids = family_data.ids(clip, text["vocab_size"], text["context_length"])
    model.double()
    with torch.no_grad():
        image = model.encode_image(torch.from_numpy(pixels), normalize=True)
        words = model.encode_text(torch.from_numpy(ids), normalize=True)
    return {"image_features": image.float(), "text_features": words.float()}


def main():
    name, folder = sys.argv[1:3]
    path = f"{folder}/{name}"
    os.makedirs(path, exist_ok=True)
    timm.layers.set_fused_attn(False)  # products that ONNX and the count can see
    model, config = make(name, "--short-text" in sys.argv)
    size = config["model_cfg"]["vision_cfg"]["image_size"]
    save_file(
        {k: v.half().contiguous() for k, v in model.state_dict().items()},
        f"{path}/open_clip_model.safetensors",
    )
    with open(f"{path}/open_clip_config.json", "w") as file:
        json.dump(config, file, indent=1)
    gflop = export(model, size, f"{path}/visual.onnx")
    with open(f"{path}/about.json", "w") as file:
        json.dump({"gflop": gflop, "image_size": size}, file)
    save_file(expect(model, config, size), f"{path}/expected.safetensors")
    print(name, f"{gflop:.2f} GFLOP", sum(p.numel() for p in model.parameters()))


main()
