#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""DINOv2 as timm publishes it, with random weights that timm made, and under its authors' own
names: as golden_families.py, for tests/data/families/NAME.

    golden_timm.py OUTPUT_FOLDER

Wants timm and what golden_families.py wants (not what ./test installs)."""

import copy
import json
import os
import sys

import family_data
import numpy as np
import timm
import torch
from golden_families import randomise
from PIL import Image
from safetensors.torch import save_file

NAMES = {
    "dinov2-timm": "vit_small_patch14_dinov2",
    "dinov2-registers-timm": "vit_base_patch14_reg4_dinov2",
    "dinov2-giant-timm": "vit_giant_patch14_reg4_dinov2",
}
# Files of weights alone: what timm has for it, and whether it has registers
FACEBOOK = {
    "dinov2-facebook": "vit_small_patch14_dinov2",
    "dinov2-giant-registers-facebook": "vit_giant_patch14_reg4_dinov2",
}
SIDE = 42


def write(name, path, seed):
    architecture = NAMES[name]
    heads = {"small": 6, "base": 12, "giant": 24}[architecture.split("_")[1]]
    model = timm.create_model(
        architecture, depth=2, img_size=SIDE, embed_dim=4 * heads, num_heads=heads, mlp_ratio=2
    ).eval()
    randomise(model, seed)
    os.makedirs(path, exist_ok=True)
    save_file(
        {k: v.half().contiguous() for k, v in model.state_dict().items()},
        f"{path}/model.safetensors",
    )
    published = ("interpolation", "crop_pct", "crop_mode", "mean", "std")
    own = {k: model.pretrained_cfg[k] for k in published}
    config = {
        "architecture": architecture,
        "num_classes": 0,
        "num_features": model.num_features,
        "global_pool": "token",
        "pretrained_cfg": {"tag": "lvd142m", "input_size": [3, SIDE, SIDE], **own},
    }
    with open(f"{path}/config.json", "w") as file:
        json.dump(config, file, indent=1)
        file.write("\n")
    pixels = family_data.pixels(SIDE, own["mean"], own["std"])
    with torch.inference_mode():
        found = copy.deepcopy(model).double()(torch.from_numpy(pixels))
    found = found / found.norm(dim=-1, keepdim=True)
    save_file({"image_features": found.float().contiguous()}, f"{path}/expected.safetensors")
    print(name, tuple(found.shape), flush=True)


def resample(grid, to, registers):
    """[1, n·n, W] as facebook's code does it: a tenth of a patch more, or antialiased."""
    n, w = round(grid.shape[1] ** 0.5), grid.shape[2]
    square = grid.double().reshape(1, n, n, w).permute(0, 3, 1, 2)
    how = {"size": (to, to), "antialias": True}
    if not registers:
        how = {"scale_factor": ((to + 0.1) / n,) * 2}
    found = torch.nn.functional.interpolate(square, mode="bicubic", **how)
    return found.permute(0, 2, 3, 1).reshape(1, to * to, w)


def write_facebook(name, path, seed):
    """A narrow head is not possible: width / 64 is all that says how many there are."""
    architecture = FACEBOOK[name]
    registers = "reg4" in architecture
    narrow = {"depth": 1, "embed_dim": 64, "num_heads": 1, "mlp_ratio": 1}
    learned = timm.create_model(architecture, img_size=SIDE, **narrow).eval()
    randomise(learned, seed)
    weights = {k: v.half() for k, v in learned.state_dict().items()}
    if registers:  # timm has the class token's position in the token
        place = torch.randn(1, 1, 64, generator=torch.Generator().manual_seed(seed)).half()
        weights["register_tokens"] = weights.pop("reg_token")
        weights["pos_embed"] = torch.cat([place, weights["pos_embed"]], 1)
    renamed = {".mlp.fc1.": ".mlp.w12.", ".mlp.fc2.": ".mlp.w3."} if "giant" in name else {}
    for old, new in renamed.items():
        weights = {k.replace(old, new): v for k, v in weights.items()}
    weights["mask_token"] = torch.zeros(1, 64).half()
    os.makedirs(path, exist_ok=True)
    torch.save(weights, f"{path}/{name}_pretrain.pth")

    whole = timm.create_model(architecture, img_size=224, **narrow).eval().double()
    state = learned.double().state_dict()
    places = weights["pos_embed"].double()
    grid = resample(places[:, 1:], 16, registers)
    state["pos_embed"] = grid if registers else torch.cat([places[:, :1], grid], 1)
    if registers:
        state["cls_token"] = state["cls_token"] + places[:, :1]
    whole.load_state_dict(state)
    cut = [  # its evaluations: the shorter side to 256, 224 of the middle
        np.asarray(
            Image.fromarray(picture).resize((256, 256), Image.BICUBIC).crop((16, 16, 240, 240))
        )
        for picture in family_data.pictures(224)
    ]
    pixels = (np.stack(cut) / 255.0 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    with torch.inference_mode():
        found = whole(torch.from_numpy(pixels).permute(0, 3, 1, 2))
    found = found / found.norm(dim=-1, keepdim=True)
    save_file({"image_features": found.float().contiguous()}, f"{path}/expected.safetensors")
    print(name, tuple(found.shape), flush=True)


def main():
    for seed, name in enumerate(NAMES):
        write(name, f"{sys.argv[1]}/{name}", 120 + seed)
    for seed, name in enumerate(FACEBOOK):
        write_facebook(name, f"{sys.argv[1]}/{name}", 140 + seed)


if __name__ == "__main__":
    main()
