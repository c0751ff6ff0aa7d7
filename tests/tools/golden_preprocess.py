#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What transformers and open_clip themselves make of the golden pictures under many settings:
tests/data/families/preprocess.png and .json, for tests/python/test_preprocess.py.

    golden_preprocess.py OUTPUT_FOLDER

Wants transformers 5, open_clip, torchvision (not what ./test installs) and a Pillow before 13,
which turns the order of the two passes round for some tall pictures."""

import importlib
import json
import os
import sys

import numpy as np
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PICTURES = ["wide.png", "tall.png", "tiny.png"]
SIDE = 32
HALF = {"mean": 0.5, "std": 0.5}
OPEN_CLIP = [
    {},
    {"resize_mode": "squash", **HALF},
    {"resize_mode": "squash", "interpolation": "bilinear", "mean": [0, 0, 0], "std": [1, 1, 1]},
    {"resize_mode": "longest"},
    {"resize_mode": "longest", "interpolation": "bilinear", "fill_color": 127},
    {"interpolation": "bilinear", "mean": 0, "std": 1},
    {"interpolation": "random"},
]
CLIP = {"image_processor_type": "CLIPImageProcessor", "crop_size": SIDE}
TRANSFORMERS = [
    {**CLIP, "size": {"shortest_edge": SIDE}},
    {**CLIP, "size": SIDE, "crop_size": {"height": SIDE, "width": SIDE}},
    {**CLIP, "size": {"shortest_edge": 41}},
    {**CLIP, "size": {"shortest_edge": 26}},
    {**CLIP, "size": {"height": 45, "width": 39}},
    {**CLIP, "do_resize": False},
    {**CLIP, "size": SIDE, "do_normalize": False},
    {**CLIP, "size": SIDE, "do_rescale": False},
    {**CLIP, "size": SIDE, "rescale_factor": 0.01, "image_mean": 0.5, "image_std": 0.25},
    *({**CLIP, "size": {"shortest_edge": SIDE}, "resample": code} for code in range(6)),
    {
        "image_processor_type": "SiglipImageProcessor",
        "size": {"height": SIDE, "width": SIDE},
        "resample": 2,
    },
    {"image_processor_type": "ViTImageProcessor", "size": {"height": SIDE, "width": SIDE}},
    {"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 36}, "crop_size": SIDE},
    {"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": SIDE}},
    {
        "image_processor_type": "ConvNextImageProcessor",
        "size": {"shortest_edge": SIDE},
        "crop_pct": 0.9,
        "resample": 3,
    },
    {
        "image_processor_type": "ChineseCLIPImageProcessor",
        "size": {"shortest_edge": 33},
        "crop_size": SIDE,
    },
]
MODULES = {
    "CLIP": "clip",
    "Siglip": "siglip",
    "ViT": "vit",
    "Bit": "bit",
    "ConvNext": "convnext",
    "ChineseCLIP": "chinese_clip",
}


def pictures():
    for name in PICTURES:
        yield Image.open(f"{ROOT}/tests/data/golden/pictures/{name}").convert("RGB")


def processor(settings):
    """Its class that resizes with Pillow, or, where nothing is resized, the usual one: the two
    differ in where an odd pixel of padding goes."""
    name = settings["image_processor_type"]
    module = MODULES[name.removesuffix("ImageProcessor")]
    pil = "pil_" if settings.get("do_resize", True) else ""
    path = f"transformers.models.{module}.image_processing_{pil}{module}"
    kind = getattr(importlib.import_module(path), name + ("Pil" if pil else ""))
    return kind(**{k: v for k, v in settings.items() if k != "image_processor_type"})


def constants(family, settings):
    """mean, std and the value of white."""
    openai = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
    if family == "open_clip":
        return settings.get("mean") or openai[0], settings.get("std") or openai[1], 255
    half = settings["image_processor_type"][:3] not in ("CLI", "Bit", "Chi")
    mean = settings.get("image_mean", 0.5 if half else openai[0])
    std = settings.get("image_std", 0.5 if half else openai[1])
    if not settings.get("do_normalize", True):
        mean, std = 0, 1
    factor = settings.get("rescale_factor", 1 / 255) if settings.get("do_rescale", True) else 1
    return mean, std, 1 / factor


def eight_bit(pixels, family, settings):
    mean, std, white = (np.broadcast_to(x, 3)[:, None, None] for x in constants(family, settings))
    values = (pixels * std + mean) * white
    assert np.abs(values - values.round()).max() < 1e-3, settings
    return values.round().astype(np.uint8).transpose(1, 2, 0)


def main(folder):
    tensors, cases = [], []
    for family, settings_list in (("open_clip", OPEN_CLIP), ("transformers", TRANSFORMERS)):
        for settings in settings_list:
            cases.append({"family": family, "settings": settings})
            for picture in pictures():
                if family == "open_clip":
                    made = image_transform_v2(PreprocessCfg(size=SIDE, **settings), is_train=False)
                    pixels = made(picture)
                else:
                    pixels = torch.from_numpy(
                        np.asarray(processor(settings)(picture)["pixel_values"][0])
                    )
                assert pixels.shape == (3, SIDE, SIDE), (settings, pixels.shape)
                tensors.append((pixels.double().numpy(), family, settings))
    # the 8-bit values behind them, one below the other; the test normalises them itself
    strip = np.concatenate([eight_bit(*item) for item in tensors])
    os.makedirs(folder, exist_ok=True)
    Image.fromarray(strip).save(f"{folder}/preprocess.png", optimize=True)
    with open(f"{folder}/preprocess.json", "w") as file:
        json.dump({"pictures": PICTURES, "cases": cases}, file, indent=1)
        file.write("\n")


main(sys.argv[1])
