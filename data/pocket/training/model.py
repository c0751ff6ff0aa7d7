# SPDX-License-Identifier: MIT
"""A small CLIP in open_clip's layout: ModifiedResNet image tower, causal text transformer. Tensor
names are open_clip's."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

CONFIG = {
    "model_cfg": {
        "embed_dim": 256,
        "quick_gelu": False,
        "vision_cfg": {"image_size": 96, "layers": [1, 2, 2, 1], "width": 24, "patch_size": None},
        "text_cfg": {"context_length": 24, "vocab_size": 0, "width": 192, "heads": 3, "layers": 4},
    },
    "preprocess_cfg": {
        "mean": [0.48145466, 0.4578275, 0.40821073],
        "std": [0.26862954, 0.26130258, 0.27577711],
        "interpolation": "bicubic",
        "resize_mode": "shortest",
    },
}


class Bottleneck(nn.Module):
    def __init__(self, inplanes, planes, stride):
        super().__init__()
        out = planes * 4
        self.conv1, self.bn1 = nn.Conv2d(inplanes, planes, 1, bias=False), nn.BatchNorm2d(planes)
        self.conv2, self.bn2 = (
            nn.Conv2d(planes, planes, 3, padding=1, bias=False),
            nn.BatchNorm2d(planes),
        )
        self.conv3, self.bn3 = nn.Conv2d(planes, out, 1, bias=False), nn.BatchNorm2d(out)
        self.stride = stride
        self.downsample = None
        if stride > 1 or inplanes != out:
            self.downsample = nn.ModuleDict(
                {"0": nn.Conv2d(inplanes, out, 1, bias=False), "1": nn.BatchNorm2d(out)}
            )

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = F.avg_pool2d(y, self.stride) if self.stride > 1 else y
        y = self.bn3(self.conv3(y))
        if self.downsample is not None:
            x = F.avg_pool2d(x, self.stride) if self.stride > 1 else x
            x = self.downsample["1"](self.downsample["0"](x))
        return F.relu(x + y)


class AttentionPool(nn.Module):
    def __init__(self, side, width, heads, out):
        super().__init__()
        self.positional_embedding = nn.Parameter(torch.randn(side * side + 1, width) / width**0.5)
        self.q_proj, self.k_proj, self.v_proj = (nn.Linear(width, width) for _ in range(3))
        self.c_proj = nn.Linear(width, out)
        self.heads = heads
        for linear in (self.q_proj, self.k_proj, self.v_proj, self.c_proj):
            nn.init.normal_(linear.weight, std=width**-0.5)

    def forward(self, x):
        x = x.flatten(2).transpose(1, 2)
        x = torch.cat([x.mean(1, keepdim=True), x], 1) + self.positional_embedding
        b, t, w = x.shape

        def split(y):
            return y.view(b, -1, self.heads, w // self.heads).transpose(1, 2)

        q, k, v = split(self.q_proj(x[:, :1])), split(self.k_proj(x)), split(self.v_proj(x))
        a = (q @ k.transpose(2, 3) * (w // self.heads) ** -0.5).softmax(-1) @ v
        return self.c_proj(a.transpose(1, 2).reshape(b, w))


class ModifiedResNet(nn.Module):
    def __init__(self, layers, width, image_size, out):
        super().__init__()
        half = width // 2
        self.conv1, self.bn1 = nn.Conv2d(3, half, 3, 2, 1, bias=False), nn.BatchNorm2d(half)
        self.conv2, self.bn2 = nn.Conv2d(half, half, 3, padding=1, bias=False), nn.BatchNorm2d(half)
        self.conv3, self.bn3 = (
            nn.Conv2d(half, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )
        inplanes = width
        for i, count in enumerate(layers):
            blocks = []
            for j in range(count):
                blocks.append(Bottleneck(inplanes, width << i, 2 if i and not j else 1))
                inplanes = (width << i) * 4
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))
        self.attnpool = AttentionPool(image_size // 32, inplanes, inplanes // 64, out)
        for name, p in self.named_parameters():
            if name.endswith("bn3.weight") and name.startswith("layer"):
                nn.init.zeros_(p)

    def forward(self, x):
        for i in "123":
            x = F.relu(getattr(self, "bn" + i)(getattr(self, "conv" + i)(x)))
        x = F.avg_pool2d(x, 2)
        for i in range(1, 5):
            x = getattr(self, f"layer{i}")(x)
        return self.attnpool(x)


class TextBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.mlp = nn.ModuleDict(
            {"c_fc": nn.Linear(width, 4 * width), "c_proj": nn.Linear(4 * width, width)}
        )

    def forward(self, x, mask):
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False, attn_mask=mask)[0]
        return x + self.mlp["c_proj"](F.gelu(self.mlp["c_fc"](self.ln_2(x))))


class CLIP(nn.Module):
    def __init__(self, config):
        super().__init__()
        v, t = config["vision_cfg"], config["text_cfg"]
        d, width = config["embed_dim"], t["width"]
        self.visual = ModifiedResNet(v["layers"], v["width"], v["image_size"], d)
        self.token_embedding = nn.Embedding(t["vocab_size"], width)
        self.positional_embedding = nn.Parameter(torch.randn(t["context_length"], width) * 0.01)
        self.transformer = nn.ModuleDict(
            {"resblocks": nn.ModuleList(TextBlock(width, t["heads"]) for _ in range(t["layers"]))}
        )
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = nn.Parameter(torch.randn(width, d) * width**-0.5)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
        nn.init.normal_(self.token_embedding.weight, std=0.02)
        self.register_buffer(
            "mask", torch.full((t["context_length"],) * 2, float("-inf")).triu(1), persistent=False
        )

    def encode_image(self, x):
        return self.visual(x)

    def encode_text(self, tokens):
        x = self.token_embedding(tokens) + self.positional_embedding
        for block in self.transformer["resblocks"]:
            x = block(x, self.mask)
        return self.ln_final(x)[torch.arange(len(x)), tokens.argmax(1)] @ self.text_projection
