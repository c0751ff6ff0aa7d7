# SPDX-License-Identifier: MIT
"""Every model of the CLIP family by its usual name, and random weights for it that keep activations
in a trained model's range, under open_clip's names."""

import math

import torch


def _vit(dim, width, layers, patch, size, text_width, head_width=64, quick=True, text_layers=12):
    return {
        "embed_dim": dim,
        "quick_gelu": quick,
        "vision_cfg": {
            "image_size": size,
            "layers": layers,
            "width": width,
            "patch_size": patch,
            "head_width": head_width,
            "mlp_ratio": 4.0,
        },
        "text_cfg": {
            "context_length": 77,
            "vocab_size": 49408,
            "width": text_width,
            "heads": text_width // 64,
            "layers": text_layers,
        },
    }


def _resnet(dim, layers, width, size, text_width):
    return {
        "embed_dim": dim,
        "quick_gelu": True,
        "vision_cfg": {
            "image_size": size,
            "layers": layers,
            "width": width,
            "patch_size": None,
            "head_width": 64,
        },
        "text_cfg": {
            "context_length": 77,
            "vocab_size": 49408,
            "width": text_width,
            "heads": text_width // 64,
            "layers": 12,
        },
    }


ARCHITECTURES = {
    "RN50": _resnet(1024, [3, 4, 6, 3], 64, 224, 512),
    "RN101": _resnet(512, [3, 4, 23, 3], 64, 224, 512),
    "RN50x4": _resnet(640, [4, 6, 10, 6], 80, 288, 640),
    "RN50x16": _resnet(768, [6, 8, 18, 8], 96, 384, 768),
    "RN50x64": _resnet(1024, [3, 15, 36, 10], 128, 448, 1024),
    "ViT-B-32": _vit(512, 768, 12, 32, 224, 512),
    "ViT-B-16": _vit(512, 768, 12, 16, 224, 512),
    "ViT-L-14": _vit(768, 1024, 24, 14, 224, 768),
    "ViT-L-14-336": _vit(768, 1024, 24, 14, 336, 768),
    "ViT-H-14": _vit(1024, 1280, 32, 14, 224, 1024, head_width=80, quick=False, text_layers=24),
}


# ---- random weights


class Random:
    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, *shape, scale=1.0):
        return torch.randn(*shape, generator=self.generator) * scale

    def norm(self, prefix, width):
        return {
            prefix + ".weight": 1 + self(width, scale=0.2),
            prefix + ".bias": self(width, scale=0.2),
        }

    def batch_norm(self, prefix, width):
        return {
            prefix + ".weight": 1 + self(width, scale=0.3),
            prefix + ".bias": self(width, scale=0.3),
            prefix + ".running_mean": self(width, scale=0.3),
            prefix + ".running_var": self(width).abs() + 0.5,
        }

    def block(self, prefix, width, mlp):
        w = {**self.norm(prefix + "ln_1", width), **self.norm(prefix + "ln_2", width)}
        w[prefix + "attn.in_proj_weight"], w[prefix + "attn.in_proj_bias"] = (
            self(3 * width, width, scale=width**-0.5),
            self(3 * width, scale=0.1),
        )
        w[prefix + "attn.out_proj.weight"], w[prefix + "attn.out_proj.bias"] = (
            self(width, width, scale=width**-0.5),
            self(width, scale=0.1),
        )
        w[prefix + "mlp.c_fc.weight"], w[prefix + "mlp.c_fc.bias"] = (
            self(mlp, width, scale=width**-0.5),
            self(mlp, scale=0.1),
        )
        w[prefix + "mlp.c_proj.weight"], w[prefix + "mlp.c_proj.bias"] = (
            self(width, mlp, scale=mlp**-0.5),
            self(width, scale=0.1),
        )
        return w


def text_weights(random, cfg):
    text, d = cfg["text_cfg"], cfg["embed_dim"]
    width, context = text["width"], text["context_length"]
    w = {
        "token_embedding.weight": random(text["vocab_size"], width, scale=0.5),
        "positional_embedding": random(context, width, scale=0.3),
        "text_projection": random(width, d, scale=width**-0.5),
        "logit_scale": torch.tensor(math.log(100.0)),
        **random.norm("ln_final", width),
    }
    for i in range(text["layers"]):
        w.update(random.block(f"transformer.resblocks.{i}.", width, 4 * width))
    return w


def vit_weights(random, cfg):
    vision, d = cfg["vision_cfg"], cfg["embed_dim"]
    width, patch = vision["width"], vision["patch_size"]
    tokens = (vision["image_size"] // patch) ** 2 + 1
    w = {
        "visual.conv1.weight": random(width, 3, patch, patch, scale=0.8 / patch),
        "visual.class_embedding": random(width),
        "visual.positional_embedding": random(tokens, width, scale=0.5),
        "visual.proj": random(width, d, scale=width**-0.5),
        **random.norm("visual.ln_pre", width),
        **random.norm("visual.ln_post", width),
    }
    for i in range(vision["layers"]):
        w.update(
            random.block(
                f"visual.transformer.resblocks.{i}.", width, int(width * vision["mlp_ratio"])
            )
        )
    return w


def resnet_weights(random, cfg):
    vision, d = cfg["vision_cfg"], cfg["embed_dim"]
    width = vision["width"]
    w, inplanes = {}, width
    for i, (o, c) in enumerate([(width // 2, 3), (width // 2, width // 2), (width, width // 2)], 1):
        w[f"visual.conv{i}.weight"] = random(o, c, 3, 3, scale=(9 * c) ** -0.5)
        w.update(random.batch_norm(f"visual.bn{i}", o))
    for stage, count in enumerate(vision["layers"]):
        planes = width << stage
        for j in range(count):
            p = f"visual.layer{stage + 1}.{j}."
            for n, (o, c, k) in enumerate(
                [(planes, inplanes, 1), (planes, planes, 3), (4 * planes, planes, 1)], 1
            ):
                w[p + f"conv{n}.weight"] = random(o, c, k, k, scale=(c * k * k) ** -0.5)
                w.update(random.batch_norm(p + f"bn{n}", o))
            if j == 0:
                w[p + "downsample.0.weight"] = random(
                    4 * planes, inplanes, 1, 1, scale=inplanes**-0.5
                )
                w.update(random.batch_norm(p + "downsample.1", 4 * planes))
            inplanes = 4 * planes
    grid = vision["image_size"] // 32
    w["visual.attnpool.positional_embedding"] = random(grid * grid + 1, inplanes, scale=0.3)
    for n, o in (("q", inplanes), ("k", inplanes), ("v", inplanes), ("c", d)):
        w[f"visual.attnpool.{n}_proj.weight"], w[f"visual.attnpool.{n}_proj.bias"] = (
            random(o, inplanes, scale=inplanes**-0.5),
            random(o, scale=0.2),
        )
    return w


def is_resnet(cfg):
    return isinstance(cfg["vision_cfg"]["layers"], list)


def random_weights(cfg, seed=7):
    random = Random(seed)
    w = text_weights(random, cfg)
    w.update(resnet_weights(random, cfg) if is_resnet(cfg) else vit_weights(random, cfg))
    return w
