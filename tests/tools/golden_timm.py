#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""DINOv2 as timm publishes it, with random weights that timm made: as golden_families.py, for
tests/data/families/NAME.

    golden_timm.py OUTPUT_FOLDER

Wants timm and what golden_families.py wants (not what ./test installs)."""

import copy
import json
import os
import sys

import family_data
import timm
import torch
from golden_families import randomise
from safetensors.torch import save_file

NAMES = {
    "dinov2-timm": "vit_small_patch14_dinov2",
    "dinov2-registers-timm": "vit_base_patch14_reg4_dinov2",
}
SIDE = 42


def write(name, path, seed):
    architecture = NAMES[name]
    heads = 6 if "small" in architecture else 12
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


def main():
    for seed, name in enumerate(NAMES):
        write(name, f"{sys.argv[1]}/{name}", 120 + seed)


if __name__ == "__main__":
    main()
