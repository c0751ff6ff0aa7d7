#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes tests/data/golden: what an independent implementation (PyTorch, Pillow) says of a tiny
random CLIP.

    python3 tests/tools/golden.py [tests/data/golden]

Needs torch, safetensors and Pillow before 12 (the two passes in CLIP's order, horizontal first;
newer ones choose the cheaper order and differ by up to 8 grey levels). The dumps are committed; the
engine's tests compare with them. Three models with the same text tower: "vit" (open_clip names,
QuickGELU), "hf" (the same weights under Hugging Face names, split q/k/v, transposed projections)
and "resnet" (ModifiedResNet, GELU text)."""

import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import save_file

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "tests/data/golden")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import clip_reference as clip  # noqa: E402
import clip_weights  # noqa: E402
from clip_reference import MEAN, STD, bpe, write_json  # noqa: E402

CONTEXT, D = 20, 24
random = clip_weights.Random(7)
VIT = {
    "image_size": 32,
    "patch_size": 8,
    "width": 40,
    "layers": 3,
    "head_width": 20,
    "mlp_ratio": 4.0,
}
TEXT = {"context_length": CONTEXT, "width": 32, "heads": 4, "layers": 2}
RESNET = {
    "image_size": 64,
    "layers": [1, 2, 1, 1],
    "width": 4,
    "head_width": 16,
    "patch_size": None,
}


# ---- pictures


def pictures(folder):
    """Small PNGs with gradients, edges, transparency and odd shapes; one JPEG that EXIF turns."""
    os.makedirs(folder, exist_ok=True)
    rng = np.random.RandomState(3)
    made = []

    def keep(name, array, **how):
        path = os.path.join(folder, name)
        Image.fromarray(array).save(path, **how)
        made.append(name)

    y, x = np.mgrid[0:90, 0:131]
    keep("wide.png", np.stack([x * 255 // 130, y * 255 // 89, (x * y) % 256], -1).astype(np.uint8))
    keep("noise.png", rng.randint(0, 256, (57, 41, 3)).astype(np.uint8))
    keep("tiny.png", rng.randint(0, 256, (5, 3, 3)).astype(np.uint8))
    edges = np.zeros((200, 64, 3), np.uint8)
    edges[:, ::7] = 255
    edges[::11] = [255, 0, 128]
    keep("tall.png", edges)
    alpha = rng.randint(0, 256, (70, 80, 4)).astype(np.uint8)
    keep("alpha.png", alpha)
    keep("grey.png", rng.randint(0, 256, (48, 48)).astype(np.uint8))
    exif = Image.Exif()
    exif[0x112] = 6
    keep(
        "turned.jpg",
        np.stack([x * 2 % 256, y * 2, 255 - x], -1).astype(np.uint8),
        quality=95,
        subsampling=0,
        exif=exif,
    )
    return made


def odd_pictures(folder):
    """Pictures that decoders treat in their own ways; the engine must accept them or say why
    not."""
    os.makedirs(folder, exist_ok=True)
    y, x = np.mgrid[0:40, 0:60]
    red = np.zeros((40, 60, 3), np.uint8)
    red[..., 0] = 220
    Image.fromarray(red).convert("CMYK").save(os.path.join(folder, "cmyk.jpg"), quality=95)
    Image.fromarray((x * 1000 + y).astype(np.uint16)).save(os.path.join(folder, "deep.png"))
    frames = [Image.fromarray(np.full((40, 60), v, np.uint8)) for v in (30, 120, 210)]
    frames[0].save(
        os.path.join(folder, "animated.gif"), save_all=True, append_images=frames[1:], duration=80
    )
    Image.fromarray(red).save(os.path.join(folder, "progressive.jpg"), progressive=True)


def load_upright(path):
    from PIL import ImageOps

    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        pixels = np.asarray(image).astype(np.int64)
        a = pixels[..., 3:]
        image = Image.fromarray(
            ((pixels[..., :3] * a + 255 * (255 - a) + 127) // 255).astype(np.uint8)
        )
    return image.convert("RGB")


def preprocess(path, size):
    image = load_upright(path)
    w, h = image.size
    w, h = (size, int(size * h / w)) if w <= h else (int(size * w / h), size)
    image = image.resize((w, h), Image.BICUBIC)
    left, top = int(round((w - size) / 2)), int(round((h - size) / 2))
    resized = np.asarray(image.crop((left, top, left + size, top + size)))
    pixels = (
        torch.from_numpy(resized.copy()).permute(2, 0, 1).float() / 255
        - torch.tensor(MEAN).view(3, 1, 1)
    ) / torch.tensor(STD).view(3, 1, 1)
    return resized, pixels


# ---- all of it


def main():
    texts = [
        "a photo of a cat.",
        "Hello   WORLD!!  it's 2024",
        "두 개의 단어",
        "naïve café &amp; crème",
        "x" * 200,
        "",
        "<|endoftext|> inside",
        "tabs\tand\nlines",
        "“quotes” — dashes",
    ]
    vocabulary, merges = bpe.learn(
        ["a photo of a cat. a dog and a bird on the table"] * 3 + ["hello world it is"] * 2, 80
    )
    encode = bpe.Tokenizer(vocabulary, merges, CONTEXT)
    plain = [0, 1, 5, 7]  # texts whose cleaning is the identity up to case and white space
    text_cfg = {**TEXT, "vocab_size": len(vocabulary)}
    cfg = {
        "vit": {"embed_dim": D, "quick_gelu": True, "vision_cfg": VIT, "text_cfg": text_cfg},
        "resnet": {"embed_dim": D, "quick_gelu": False, "vision_cfg": RESNET, "text_cfg": text_cfg},
    }
    base = clip_weights.text_weights(random, cfg["vit"])
    weights = {"vit": {**base, **clip_weights.vit_weights(random, cfg["vit"])}}
    weights["resnet"] = {**base, **clip_weights.resnet_weights(random, cfg["resnet"])}
    for kind in ("vit", "resnet", "hf"):
        os.makedirs(f"{OUT}/{kind}", exist_ok=True)
    for kind in ("vit", "resnet"):
        clip.write_config(f"{OUT}/{kind}", cfg[kind], "open_clip")
        save_file(
            {k: v.contiguous() for k, v in weights[kind].items()},
            f"{OUT}/{kind}/open_clip_model.safetensors",
            {"format": "pt"},
        )
        bpe.write(f"{OUT}/{kind}", vocabulary, merges)
    clip.write_config(f"{OUT}/hf", cfg["vit"], "hf")
    write_json(
        f"{OUT}/hf/tokenizer.json",
        {"model": {"type": "BPE", "vocab": vocabulary, "merges": [" ".join(m) for m in merges]}},
    )
    save_file(clip.to_hf(weights["vit"]), f"{OUT}/hf/model.safetensors", {"format": "pt"})

    names = pictures(f"{OUT}/pictures")
    odd_pictures(f"{OUT}/odd")
    ids = torch.tensor([encode(texts[i]) for i in plain])
    dump = {"ids": ids.int()}
    for kind, size in (("vit", VIT["image_size"]), ("resnet", RESNET["image_size"])):
        pairs = [preprocess(f"{OUT}/pictures/{n}", size) for n in names]
        pixels = torch.stack([p for _, p in pairs])
        dump[kind + ".resized"] = torch.from_numpy(np.stack([r for r, _ in pairs]))
        dump[kind + ".pixels"] = pixels[:1].contiguous()

        def keep(tower, rows, kind=kind):
            return lambda i, x: dump.__setitem__(
                f"{kind}.{tower}.{i}", x[:rows].reshape(-1, x.shape[-1]).contiguous().clone()
            )

        double = {k: v.double() for k, v in weights[kind].items()}
        features = clip.encode_image(double, cfg[kind], pixels.double(), keep("visual", 1))
        text_features = clip.encode_text(double, cfg[kind], ids.long(), keep("text", 1))
        logits = 100 * F.normalize(features) @ F.normalize(text_features).t()
        dump.update(
            {
                kind + ".features": features,
                kind + ".text_features": text_features,
                kind + ".logits": logits,
            }
        )
    dump = {k: (v.float() if v.dtype == torch.float64 else v).contiguous() for k, v in dump.items()}
    save_file(
        dump,
        f"{OUT}/forward.safetensors",
        {
            "pictures": json.dumps(names),
            "texts": json.dumps([texts[i] for i in plain], ensure_ascii=False),
        },
    )
    write_json(
        f"{OUT}/tokens.json",
        {"texts": [texts[i] for i in plain], "ids": [encode(texts[i]) for i in plain]},
    )

    # ---- the adapter: gradients and ten losses
    n, k, hidden = 48, 5, 6
    centres = random(k, D)
    labels = torch.arange(n) % k
    features = 3 * (centres[labels] + random(n, D, scale=1.6))
    text_features = F.normalize(centres + random(k, D, scale=2))
    out = {"features": features, "labels": labels.int(), "text_features": text_features}
    for relu in (0, 1):
        w1, w2 = random(hidden, D, scale=D**-0.5), random(D, hidden, scale=hidden**-0.5)
        out.update({f"relu{relu}.w1": w1.clone(), f"relu{relu}.w2": w2.clone()})

        def loss_of(a, b, rows, alpha, relu=relu):
            f = features[rows].double()
            z = F.relu(f @ a.t()) @ b.t()
            u = alpha * (F.relu(z) if relu else z) + (1 - alpha) * f
            return F.cross_entropy(
                100 * F.normalize(u) @ text_features.double().t(), labels[rows].long()
            )

        a, b = w1.double().requires_grad_(), w2.double().requires_grad_()
        rows = torch.arange(16)
        loss = loss_of(a, b, rows, 0.6)
        loss.backward()
        out.update(
            {
                f"relu{relu}.gradient_w1": a.grad.float(),
                f"relu{relu}.gradient_w2": b.grad.float(),
                f"relu{relu}.loss": loss.detach().float(),
            }
        )
        for name, make in (
            ("adam", lambda p: torch.optim.Adam(p, 1e-3, weight_decay=0.01)),
            ("adamw", lambda p: torch.optim.AdamW(p, 1e-3, weight_decay=0.01)),
            ("sgd", lambda p: torch.optim.SGD(p, 0.002, momentum=0.9, weight_decay=5e-4)),
        ):
            a, b = w1.double().requires_grad_(), w2.double().requires_grad_()
            optimizer, losses = make([a, b]), []
            for step in range(10):
                rows = (torch.arange(16) + 7 * step) % n
                loss = loss_of(a, b, rows, 0.6)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            out[f"relu{relu}.{name}.losses"] = torch.tensor(losses)
            out[f"relu{relu}.{name}.w1"] = a.detach().float()
    save_file({k: v.contiguous() for k, v in out.items()}, f"{OUT}/adapter.safetensors")


if __name__ == "__main__":
    main()
