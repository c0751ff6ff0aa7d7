# SPDX-License-Identifier: MIT
"""Trains the pocket model.

    python3 train.py PICTURES.npz OUTPUT_FOLDER [--minutes 60 | --steps N] [--seed 0] [--bf16]

Contrastive loss with the equal captions of a batch as positives together; AdamW, one-cycle
schedule, an exponential moving average of the weights. Writes open_clip_config.json,
open_clip_model.safetensors (F16), vocab.json, merges.txt and training.json (steps, pictures seen,
losses) and keeps the newest average as a checkpoint on the way."""

import argparse
import copy
import json
import os
import random
import time

import numpy as np
import tokenizer
import torch
import torch.nn.functional as F
from model import CLIP, CONFIG

TEMPLATES = [
    "{}",
    "a photo of a {}.",
    "a picture of a {}.",
    "clip art of a {}.",
    "a drawing of a {}.",
    "an image of {}.",
]


def load(path):
    data = np.load(path)
    return {
        "images": data["images"],
        "captions": json.loads(str(data["captions"])),
        "held": data["held"],
        "labels": data["labels"],
        "names": json.loads(str(data["names"])),
    }


def composite(rgba, rng):
    """Over white half of the time, else over a plain colour or a soft two-colour ramp. rgba
    (B,4,H,W) in 0..1."""
    b, _, h, w = rgba.shape
    first, second = torch.rand(b, 3, 1, 1, generator=rng), torch.rand(b, 3, 1, 1, generator=rng)
    ramp = torch.linspace(0, 1, h).view(1, 1, h, 1)
    plain = torch.rand(b, 1, 1, 1, generator=rng) < 0.5
    background = torch.where(plain, first, first * (1 - ramp) + second * ramp)
    white = torch.rand(b, 1, 1, 1, generator=rng) < 0.5
    background = torch.where(white, torch.ones(()), background)
    return rgba[:, :3] * rgba[:, 3:] + background * (1 - rgba[:, 3:])


def augmented(images, size, rng):
    """images (B,H,W,4) uint8 -> (B,3,size,size): random affine, flip, background, brightness,
    contrast."""
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    x[:, :3] *= x[:, 3:]
    b = len(x)

    def uniform(low, high):
        return low + (high - low) * torch.rand(b, generator=rng)

    angle, scale = uniform(-0.35, 0.35), uniform(0.55, 1.15)
    stretch, flip = uniform(0.85, 1.18), torch.where(torch.rand(b, generator=rng) < 0.5, -1.0, 1.0)
    theta = torch.zeros(b, 2, 3)
    theta[:, 0, 0], theta[:, 0, 1] = scale * flip * stretch * angle.cos(), -scale * angle.sin()
    theta[:, 1, 0], theta[:, 1, 1] = scale * flip * angle.sin(), scale / stretch * angle.cos()
    theta[:, :, 2] = (
        torch.stack([uniform(-1, 1), uniform(-1, 1)], 1) * (1.05 - scale).clamp(min=0.08)[:, None]
    )
    x = F.grid_sample(
        x, F.affine_grid(theta, (b, 4, size, size), align_corners=False), align_corners=False
    )
    alpha = x[:, 3:].clamp(min=1e-4)
    x = composite(torch.cat([x[:, :3] / alpha, x[:, 3:]], 1), rng)
    x = (x * uniform(0.75, 1.25).view(b, 1, 1, 1) + uniform(-0.12, 0.12).view(b, 1, 1, 1)).clamp(
        0, 1
    )
    mean, std = (
        torch.tensor(CONFIG["preprocess_cfg"][k]).view(1, 3, 1, 1) for k in ("mean", "std")
    )
    return (x - mean) / std


def save(folder, model, config, notes):
    from safetensors.torch import save_file

    tensors = {
        k: v.half().contiguous()
        for k, v in model.state_dict().items()
        if not k.endswith("num_batches_tracked")
    }
    tensors["logit_scale"] = tensors["logit_scale"].float()
    save_file(tensors, f"{folder}/open_clip_model.safetensors", {"format": "pt"})
    for name, value in (("open_clip_config.json", config), ("training.json", notes)):
        with open(f"{folder}/{name}", "w") as f:
            json.dump(value, f, indent=2)
            f.write("\n")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pictures"), parser.add_argument("output")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--bf16",
        action="store_true",
        help="autocast: three times as fast where the processor has AVX-512 BF16 or AMX",
    )
    args = parser.parse_args()
    torch.manual_seed(args.seed), random.seed(args.seed), np.random.seed(args.seed)
    rng = torch.Generator().manual_seed(args.seed)
    os.makedirs(args.output, exist_ok=True)

    data = load(args.pictures)
    train = np.nonzero(~data["held"])[0]
    config = copy.deepcopy(CONFIG)
    text = config["model_cfg"]["text_cfg"]
    all_captions = [c for i in train for c in data["captions"][i]]
    vocabulary, merges = tokenizer.learn(
        all_captions + [t.format("") for t in TEMPLATES] * 500, 1600
    )
    tokenizer.write(args.output, vocabulary, merges)
    text["vocab_size"] = len(vocabulary)
    encode = tokenizer.Tokenizer(vocabulary, merges, text["context_length"])

    model = CLIP(config["model_cfg"])
    average = copy.deepcopy(model).requires_grad_(False)
    print(
        {
            n: sum(p.numel() for p in m.parameters())
            for n, m in (("all", model), ("visual", model.visual))
        },
        flush=True,
    )
    model.visual.to(memory_format=torch.channels_last)
    decay = [p for p in model.parameters() if p.ndim > 1]
    rest = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decay, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0}],
        betas=(0.9, 0.98),
    )
    peak, size = 1.5e-3, config["model_cfg"]["vision_cfg"]["image_size"]
    started, step, losses = time.time(), 0, []
    model.train()
    while True:
        progress = (
            step / args.steps if args.steps else (time.time() - started) / (args.minutes * 60)
        )
        if progress >= 1:
            break
        rate = peak * min(1, progress / 0.04 + 0.01) * (0.5 + 0.5 * np.cos(np.pi * progress))
        for group in optimizer.param_groups:
            group["lr"] = rate
        picked = np.random.choice(train, args.batch, replace=False)
        bases = [random.choice(data["captions"][i]) for i in picked]
        tokens = torch.tensor([encode(random.choice(TEMPLATES).format(c)) for c in bases])
        cut = int(tokens.argmax(1).max() + 1)
        tokens[:, cut:] = 0
        images = augmented(data["images"][picked], size, rng).contiguous(
            memory_format=torch.channels_last
        )
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bf16):
            a, b = model.encode_image(images), model.encode_text(tokens)
        a, b = F.normalize(a.float()), F.normalize(b.float())
        logits = model.logit_scale.exp() * a @ b.t()
        code = {c: i for i, c in enumerate(dict.fromkeys(bases))}
        kind = torch.tensor([code[c] for c in bases])
        same = (kind[:, None] == kind[None]).float()
        target = same / same.sum(1, keepdim=True)
        loss = (F.cross_entropy(logits, target) + F.cross_entropy(logits.t(), target)) / 2
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(max=np.log(100))
            keep = min(0.998, step / (step + 20))
            for p, q in zip(average.state_dict().values(), model.state_dict().values()):
                p.lerp_(q, 1 - keep) if p.is_floating_point() else p.copy_(q)
        losses.append(loss.item())
        step += 1
        if step % 50 == 0:
            pace = step * args.batch / (time.time() - started)
            print(
                f"step {step} loss {np.mean(losses[-50:]):.3f} rate {rate:.2e} {pace:.0f} "
                f"pictures/s {progress:.0%}",
                flush=True,
            )
        if step % 500 == 0:
            save(args.output, average, config, {"steps": step})
    notes = {
        "steps": step,
        "batch": args.batch,
        "seed": args.seed,
        "pictures": len(train),
        "held_out": int(data["held"].sum()),
        "pictures_seen": step * args.batch,
        "minutes": round((time.time() - started) / 60, 1),
        "torch": torch.__version__,
        "bf16": args.bf16,
        "final_loss": round(float(np.mean(losses[-200:])), 3),
    }
    save(args.output, average, config, notes)
    print(notes)


if __name__ == "__main__":
    main()
