# SPDX-License-Identifier: MIT
"""An independent CLIP in PyTorch: what the engine's features are compared with, and what the
benchmarks' peers run.

The towers as plain functions over a dict of open_clip names, and writers for the layouts in which
people get checkpoints. clip_weights.py has the models of the family and random weights.

    clip_reference.py NAME FOLDER [--layout open_clip|hf|sharded|pt|jit] [--dtype f32|f16|bf16]
    [--seed N]   # writes a model folder
"""

import argparse
import json
import math
import os

import torch
import torch.nn.functional as F
from clip_weights import ARCHITECTURES, is_resnet, random_weights
from toy_vocabulary import bpe, toy_vocabulary

MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]


def activation(cfg):
    return (lambda x: x * torch.sigmoid(1.702 * x)) if cfg["quick_gelu"] else F.gelu


def layer_norm(w, prefix, x):
    return F.layer_norm(
        x, w[prefix + ".weight"].shape, w[prefix + ".weight"], w[prefix + ".bias"], 1e-5
    )


def transformer(w, prefix, layers, heads, x, act, causal, dump=None):
    b, t, width = x.shape
    mask = torch.full((t, t), float("-inf")).to(x).triu(1) if causal else 0
    for i in range(layers):
        p = f"{prefix}transformer.resblocks.{i}."
        qkv = F.linear(
            layer_norm(w, p + "ln_1", x), w[p + "attn.in_proj_weight"], w[p + "attn.in_proj_bias"]
        )
        q, k, v = (y.view(b, t, heads, width // heads).transpose(1, 2) for y in qkv.chunk(3, -1))
        a = (q @ k.transpose(2, 3) / math.sqrt(width // heads) + mask).softmax(-1) @ v
        x = x + F.linear(
            a.transpose(1, 2).reshape(b, t, width),
            w[p + "attn.out_proj.weight"],
            w[p + "attn.out_proj.bias"],
        )
        h = act(
            F.linear(layer_norm(w, p + "ln_2", x), w[p + "mlp.c_fc.weight"], w[p + "mlp.c_fc.bias"])
        )
        x = x + F.linear(h, w[p + "mlp.c_proj.weight"], w[p + "mlp.c_proj.bias"])
        if dump:
            dump(i, x)
    return x


def vit(w, cfg, pixels, dump=None):
    vision = cfg["vision_cfg"]
    x = (
        F.conv2d(pixels, w["visual.conv1.weight"], stride=vision["patch_size"])
        .flatten(2)
        .transpose(1, 2)
    )
    x = (
        torch.cat([w["visual.class_embedding"].expand(x.shape[0], 1, -1), x], 1)
        + w["visual.positional_embedding"]
    )
    x = transformer(
        w,
        "visual.",
        vision["layers"],
        vision["width"] // vision["head_width"],
        layer_norm(w, "visual.ln_pre", x),
        activation(cfg),
        False,
        dump,
    )
    return layer_norm(w, "visual.ln_post", x[:, 0]) @ w["visual.proj"]


def resnet(w, cfg, x, dump=None):
    vision = cfg["vision_cfg"]

    def conv(name, norm, x, stride=1):
        # Before PyTorch 2 a size is a tensor while the module is traced, and no int.
        side = int(w[name + ".weight"].shape[-1])
        y = F.conv2d(x, w[name + ".weight"], stride=stride, padding=side // 2)
        return F.batch_norm(
            y,
            w[norm + ".running_mean"],
            w[norm + ".running_var"],
            w[norm + ".weight"],
            w[norm + ".bias"],
            eps=1e-5,
        )

    v, number = "visual.", 0
    for i in (1, 2, 3):
        x = F.relu(conv(f"{v}conv{i}", f"{v}bn{i}", x, 2 if i == 1 else 1))
    x = F.avg_pool2d(x, 2)
    for stage, count in enumerate(vision["layers"]):
        for j in range(count):
            p, stride = f"{v}layer{stage + 1}.{j}.", 2 if stage and j == 0 else 1
            y = F.relu(conv(p + "conv1", p + "bn1", x))
            y = F.relu(conv(p + "conv2", p + "bn2", y))
            y = conv(p + "conv3", p + "bn3", F.avg_pool2d(y, stride) if stride > 1 else y)
            if j == 0:
                x = conv(
                    p + "downsample.0",
                    p + "downsample.1",
                    F.avg_pool2d(x, stride) if stride > 1 else x,
                )
            x = F.relu(x + y)
            if dump:
                dump(number, x.permute(0, 2, 3, 1))
            number += 1
    x = x.flatten(2).permute(2, 0, 1)
    x = torch.cat([x.mean(0, keepdim=True), x], 0) + w[v + "attnpool.positional_embedding"][:, None]
    a = v + "attnpool."
    width = 32 * vision["width"]
    y, _ = F.multi_head_attention_forward(
        x[:1],
        x,
        x,
        width,
        width // vision["head_width"],
        None,
        torch.cat([w[a + f"{n}_proj.bias"] for n in "qkv"]),
        None,
        None,
        False,
        0.0,
        w[a + "c_proj.weight"],
        w[a + "c_proj.bias"],
        training=False,
        need_weights=False,
        use_separate_proj_weight=True,
        q_proj_weight=w[a + "q_proj.weight"],
        k_proj_weight=w[a + "k_proj.weight"],
        v_proj_weight=w[a + "v_proj.weight"],
    )
    return y[0]


def encode_image(w, cfg, pixels, dump=None):
    return (resnet if is_resnet(cfg) else vit)(w, cfg, pixels, dump)


def encode_text(w, cfg, ids, dump=None):
    text = cfg["text_cfg"]
    x = w["token_embedding.weight"][ids] + w["positional_embedding"][: ids.shape[1]]
    x = layer_norm(
        w,
        "ln_final",
        transformer(w, "", text["layers"], text["heads"], x, activation(cfg), True, dump),
    )
    return x[torch.arange(len(x)), ids.argmax(1)] @ w["text_projection"]


class Tree(torch.nn.Module):
    """The weights as a module whose parameters have the given dotted names, as OpenAI's TorchScript
    archives store them."""

    def __init__(self, weights):
        super().__init__()
        for name, value in weights.items():
            *path, leaf = name.split(".")
            module = self
            for part in path:
                if part not in module._modules:
                    module.add_module(part, Tree({}))
                module = module._modules[part]
            if value.is_floating_point():
                module.register_parameter(leaf, torch.nn.Parameter(value, requires_grad=False))
            else:
                module.register_buffer(leaf, value)

    def forward(self, x):
        return x


class ImageTower(torch.nn.Module):
    """The image tower as a module, for torch.jit and ONNX export."""

    def __init__(self, w, cfg):
        super().__init__()
        self.cfg, self.names = cfg, [n for n in w if n.startswith("visual.")]
        for i, name in enumerate(self.names):
            self.register_buffer(f"w{i}", w[name])

    def forward(self, pixels):
        return encode_image(
            {name: getattr(self, f"w{i}") for i, name in enumerate(self.names)}, self.cfg, pixels
        )


# ---- Hugging Face's names for the same weights


def to_hf(w):
    context = w["positional_embedding"].shape[0]
    out = {
        "logit_scale": w["logit_scale"],
        "text_projection.weight": w["text_projection"].t().contiguous(),
        "visual_projection.weight": w["visual.proj"].t().contiguous(),
        "text_model.embeddings.position_ids": torch.arange(context)[None],
    }
    plain = {
        "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
        "positional_embedding": "text_model.embeddings.position_embedding.weight",
        "ln_final": "text_model.final_layer_norm",
        "visual.class_embedding": "vision_model.embeddings.class_embedding",
        "visual.conv1.weight": "vision_model.embeddings.patch_embedding.weight",
        "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight",
        "visual.ln_pre": "vision_model.pre_layrnorm",
        "visual.ln_post": "vision_model.post_layernorm",
    }
    for name, value in w.items():
        for ours, theirs in plain.items():
            if (
                name == ours
                or name.startswith(ours + ".")
                and not name.startswith("visual.") == (not ours.startswith("visual."))
            ):
                out[theirs + name[len(ours) :]] = value
        if "resblocks" in name:
            tower = "vision_model" if name.startswith("visual.") else "text_model"
            layer, rest = name.split("resblocks.")[1].split(".", 1)
            p = f"{tower}.encoder.layers.{layer}."
            if rest.startswith("attn.in_proj_"):
                for part, piece in zip("qkv", value.chunk(3)):
                    out[p + f"self_attn.{part}_proj.{rest[len('attn.in_proj_') :]}"] = (
                        piece.contiguous()
                    )
            else:
                for a, b in (
                    ("attn.out_proj", "self_attn.out_proj"),
                    ("ln_1", "layer_norm1"),
                    ("ln_2", "layer_norm2"),
                    ("mlp.c_fc", "mlp.fc1"),
                    ("mlp.c_proj", "mlp.fc2"),
                ):
                    if rest.startswith(a + "."):
                        out[p + b + rest[len(a) :]] = value
    return out


# ---- model folders


def write_json(path, value):
    with open(path, "w", encoding="utf8") as f:
        json.dump(value, f, ensure_ascii=False, indent=1)
        f.write("\n")


def hf_config(cfg):
    vision, text = cfg["vision_cfg"], cfg["text_cfg"]
    act = "quick_gelu" if cfg["quick_gelu"] else "gelu"
    return {
        "model_type": "clip",
        "projection_dim": cfg["embed_dim"],
        "vision_config": {
            "hidden_size": vision["width"],
            "num_hidden_layers": vision["layers"],
            "num_attention_heads": vision["width"] // vision["head_width"],
            "intermediate_size": 4 * vision["width"],
            "image_size": vision["image_size"],
            "patch_size": vision["patch_size"],
            "hidden_act": act,
        },
        "text_config": {
            "hidden_size": text["width"],
            "num_hidden_layers": text["layers"],
            "num_attention_heads": text["heads"],
            "intermediate_size": 4 * text["width"],
            "max_position_embeddings": text["context_length"],
            "vocab_size": text["vocab_size"],
            "hidden_act": act,
            "eos_token_id": 2,
        },
    }


def write_config(folder, cfg, layout):
    if layout == "hf":
        write_json(f"{folder}/config.json", hf_config(cfg))
        write_json(
            f"{folder}/preprocessor_config.json",
            {
                "image_mean": MEAN,
                "image_std": STD,
                "resample": 3,
                "size": {"shortest_edge": cfg["vision_cfg"]["image_size"]},
                "crop_size": cfg["vision_cfg"]["image_size"],
            },
        )
    else:
        write_json(
            f"{folder}/open_clip_config.json",
            {
                "model_cfg": cfg,
                "preprocess_cfg": {
                    "mean": MEAN,
                    "std": STD,
                    "interpolation": "bicubic",
                    "resize_mode": "shortest",
                },
            },
        )


def write_sharded(folder, tensors, shards):
    """model-0000I-of-0000N.safetensors and their index, as transformers writes a large model."""
    from safetensors.torch import save_file

    names, where = list(tensors), {}
    for i in range(shards):
        file = f"model-{i + 1:05}-of-{shards:05}.safetensors"
        part = {n: tensors[n] for n in names[i::shards]}
        where.update(dict.fromkeys(part, file))
        save_file(part, f"{folder}/{file}", {"format": "pt"})
    write_json(
        f"{folder}/model.safetensors.index.json",
        {
            "metadata": {"total_size": sum(t.numel() * t.element_size() for t in tensors.values())},
            "weight_map": where,
        },
    )


def write_folder(folder, cfg, weights, layout="open_clip", dtype=torch.float32):
    from safetensors.torch import save_file

    os.makedirs(folder, exist_ok=True)
    weights = {
        k: v.to(dtype).contiguous() if v.is_floating_point() else v for k, v in weights.items()
    }
    bpe.write(folder, toy_vocabulary(cfg["text_cfg"]["vocab_size"]), [])
    if layout == "jit":  # OpenAI's own: the archive says all but the vocabulary
        marks = {
            "input_resolution": cfg["vision_cfg"]["image_size"],
            "context_length": cfg["text_cfg"]["context_length"],
            "vocab_size": cfg["text_cfg"]["vocab_size"],
        }
        tree = Tree({**weights, **{k: torch.tensor(v) for k, v in marks.items()}})
        torch.jit.save(torch.jit.trace(tree, torch.zeros(1)), f"{folder}/model.pt")
        return
    write_config(folder, cfg, layout)
    if layout == "sharded":
        write_sharded(folder, weights, 3)
    elif layout == "pt":  # a training run's checkpoint
        torch.save(
            {
                "epoch": 7,
                "name": "run",
                "state_dict": {"module." + k: v for k, v in weights.items()},
            },
            f"{folder}/epoch_7.pt",
        )
    elif layout == "hf":
        save_file(to_hf(weights), f"{folder}/model.safetensors", {"format": "pt"})
    else:
        save_file(weights, f"{folder}/open_clip_model.safetensors", {"format": "pt"})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=ARCHITECTURES)
    parser.add_argument("folder")
    parser.add_argument(
        "--layout", default="open_clip", choices=["open_clip", "hf", "sharded", "pt", "jit"]
    )
    parser.add_argument("--dtype", default="f32", choices=["f32", "f16", "bf16"])
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    cfg = ARCHITECTURES[args.name]
    write_folder(
        args.folder,
        cfg,
        random_weights(cfg, args.seed),
        args.layout,
        {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}[args.dtype],
    )


if __name__ == "__main__":
    main()
