#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""PyTorch's side of measure.py, a process each.

    peers.py tower eager|compile NAME f32|tf32|f16|bf16 DEVICE BATCHES   answers lines "BATCH
        SECONDS" with pictures a second and MB of the card, after the first line, "ready …"
    peers.py products PRECISIONS DEVICE    prints a line of JSON each: TFLOP/s of one large product
    peers.py nvjpeg FOLDER                 prints pictures a second: JPEGs decoded on the card

The towers are those of transformers (ViT) and timm (ResNet), with random weights; where these are
not installed, the functions that the engine's features are compared with. Pixels come from the
host's memory and features go back there, as the engine's do."""

import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../tools"))


def configuration(name):
    """Of a model of the family, or of a folder."""
    import clip_weights

    if os.path.isdir(name):
        with open(f"{name}/open_clip_config.json", encoding="utf-8") as f:
            return json.load(f)["model_cfg"]
    return clip_weights.ARCHITECTURES[name]


def transformers_tower(cfg):
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    v = cfg["vision_cfg"]
    model = CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=v["width"],
            intermediate_size=int(v["width"] * v["mlp_ratio"]),
            num_hidden_layers=v["layers"],
            num_attention_heads=v["width"] // v["head_width"],
            image_size=v["image_size"],
            patch_size=v["patch_size"],
            projection_dim=cfg["embed_dim"],
            hidden_act="quick_gelu" if cfg["quick_gelu"] else "gelu",
        )
    )
    return model, lambda x: model(pixel_values=x).image_embeds


def timm_tower(cfg, name):
    import timm

    model = timm.create_model(
        name.replace("RN", "resnet") + "_clip", num_classes=cfg["embed_dim"], pretrained=False
    )
    return model, model


def reference_tower(cfg):
    import clip_reference
    import clip_weights

    weights = clip_weights.random_weights(cfg)
    model = clip_reference.ImageTower(
        {k: w for k, w in weights.items() if k.startswith("visual.")}, cfg
    )
    return model, model


def make_tower(name):
    """Module, what calls it, where it is from."""
    import clip_weights

    cfg = configuration(name)
    resnet = clip_weights.is_resnet(cfg)
    try:
        made = timm_tower(cfg, name) if resnet else transformers_tower(cfg)
        return *made, "timm" if resnet else "transformers"
    except Exception as error:
        print(f"# {error}", file=sys.stderr)
        return *reference_tower(cfg), "clip_reference.py"


def set_precision(precision):
    """The type of weights and inputs."""
    import torch

    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
    return {"f16": torch.float16, "bf16": torch.bfloat16}.get(precision, torch.float32)


def serve_tower(kind, name, precision, device, batches):
    import torch

    dtype = set_precision(precision)
    model, call, origin = make_tower(name)
    model.to(device, dtype).eval()
    side = configuration(name)["vision_cfg"]["image_size"]
    if kind == "compile":
        torch._dynamo.config.cache_size_limit = 64
        call = torch.compile(call, dynamic=False)
    on_card = device.startswith("cuda")
    inputs = {}
    for batch in batches:
        x = torch.randn(batch, 3, side, side)
        inputs[batch] = x.pin_memory() if on_card else x

    def run(batch):
        with torch.inference_mode():
            return call(inputs[batch].to(device, non_blocking=True).to(dtype)).float().cpu()

    for batch in batches:
        run(batch)
        run(batch)
    if on_card:
        torch.cuda.empty_cache()
    print(f"ready {origin}", flush=True)
    for line in sys.stdin:
        batch, seconds = line.split()
        run(int(batch))
        done, start = 0, time.perf_counter()
        while time.perf_counter() - start < float(seconds):
            run(int(batch))
            done += int(batch)
        spent = time.perf_counter() - start
        held = torch.cuda.max_memory_reserved() >> 20 if on_card else 0
        print(done / spent, held, flush=True)


def products(precision, device):
    """cuBLAS as PyTorch calls it, at a size that fills the card."""
    import torch

    dtype = set_precision(precision)
    n = 8192 if device.startswith("cuda") else 256
    a, b = (torch.randn(n, n, device=device, dtype=dtype) for _ in range(2))

    def wait():
        if device.startswith("cuda"):
            torch.cuda.synchronize()

    for _ in range(3):
        a @ b
    wait()
    start, done = time.perf_counter(), 0
    while time.perf_counter() - start < 0.5:
        a @ b
        wait()
        done += 1
    tflops = 2e-12 * n**3 * done / (time.perf_counter() - start)
    print(json.dumps({"precision": precision, "n": n, "tflops": tflops}), flush=True)


def decode_on_card(folder):
    import torch
    from torchvision.io import decode_jpeg, read_file

    files = [read_file(os.path.join(folder, name)) for name in sorted(os.listdir(folder))]
    for _ in range(3):
        start = time.perf_counter()
        for at in range(0, len(files), 128):
            decode_jpeg(files[at : at + 128], device="cuda")
        torch.cuda.synchronize()
        rate = len(files) / (time.perf_counter() - start)
    print(rate)


if __name__ == "__main__":
    if sys.argv[1] == "products":
        for precision in sys.argv[2].split(","):
            products(precision, sys.argv[3])
    elif sys.argv[1] == "nvjpeg":
        decode_on_card(sys.argv[2])
    else:
        serve_tower(*sys.argv[2:6], [int(b) for b in sys.argv[6].split(",")])
