#!/usr/bin/python3
"""Writes tests/data/golden: what an independent implementation (PyTorch, Pillow) says of a tiny random CLIP.

    python3 tests/tools/golden.py [tests/data/golden]

Needs torch, safetensors and Pillow before 12 (the two passes in CLIP's order, horizontal first; newer ones choose the cheaper
order and differ by up to 8 grey levels). The dumps are committed; the engine's tests compare with them. Three models with the
same text tower: "vit" (open_clip names, QuickGELU), "hf" (the same weights under Hugging Face names, split q/k/v,
transposed projections) and "resnet" (ModifiedResNet, GELU text).
"""

import json
import math
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import save_file

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "tests/data/golden")
sys.path.insert(0, os.path.join(ROOT, "data/pocket/training"))
import tokenizer as bpe  # noqa: E402

MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
D, CONTEXT = 24, 20
torch.manual_seed(1)
generator = torch.Generator().manual_seed(7)


def random(*shape, scale=1.0):
    return torch.randn(*shape, generator=generator) * scale


def norm_weights(prefix, width):
    return {prefix + ".weight": 1 + random(width, scale=.2), prefix + ".bias": random(width, scale=.2)}


def block_weights(prefix, width, mlp):
    w = {**norm_weights(prefix + "ln_1", width), **norm_weights(prefix + "ln_2", width)}
    w[prefix + "attn.in_proj_weight"], w[prefix + "attn.in_proj_bias"] = random(3 * width, width, scale=width ** -.5), random(3 * width, scale=.1)
    w[prefix + "attn.out_proj.weight"], w[prefix + "attn.out_proj.bias"] = random(width, width, scale=width ** -.5), random(width, scale=.1)
    w[prefix + "mlp.c_fc.weight"], w[prefix + "mlp.c_fc.bias"] = random(mlp, width, scale=width ** -.5), random(mlp, scale=.1)
    w[prefix + "mlp.c_proj.weight"], w[prefix + "mlp.c_proj.bias"] = random(width, mlp, scale=mlp ** -.5), random(width, scale=.1)
    return w


def activation(name):
    return F.gelu if name == "gelu" else lambda x: x * torch.sigmoid(1.702 * x)


def layer_norm(w, prefix, x):
    return F.layer_norm(x, (x.shape[-1],), w[prefix + ".weight"], w[prefix + ".bias"], 1e-5)


def transformer(w, prefix, layers, heads, x, act, causal, dump):
    b, t, width = x.shape
    mask = torch.full((t, t), float("-inf"), dtype=x.dtype).triu(1) if causal else 0
    for i in range(layers):
        p = f"{prefix}transformer.resblocks.{i}."
        qkv = F.linear(layer_norm(w, p + "ln_1", x), w[p + "attn.in_proj_weight"], w[p + "attn.in_proj_bias"])
        q, k, v = (y.view(b, t, heads, width // heads).transpose(1, 2) for y in qkv.chunk(3, -1))
        a = (q @ k.transpose(2, 3) / math.sqrt(width // heads) + mask).softmax(-1) @ v
        x = x + F.linear(a.transpose(1, 2).reshape(b, t, width), w[p + "attn.out_proj.weight"], w[p + "attn.out_proj.bias"])
        h = act(F.linear(layer_norm(w, p + "ln_2", x), w[p + "mlp.c_fc.weight"], w[p + "mlp.c_fc.bias"]))
        x = x + F.linear(h, w[p + "mlp.c_proj.weight"], w[p + "mlp.c_proj.bias"])
        dump(i, x)
    return x


# ---- the towers

VIT = {"image_size": 32, "patch_size": 8, "width": 40, "layers": 3, "head_width": 20, "mlp_ratio": 4.0}
TEXT = {"context_length": CONTEXT, "width": 32, "heads": 4, "layers": 2}
RESNET = {"image_size": 64, "layers": [1, 2, 1, 1], "width": 4, "head_width": 16, "patch_size": None}


def text_weights(vocabulary):
    w = {"token_embedding.weight": random(vocabulary, TEXT["width"], scale=.5), "positional_embedding": random(CONTEXT, TEXT["width"], scale=.3),
         "text_projection": random(TEXT["width"], D, scale=TEXT["width"] ** -.5), "logit_scale": torch.tensor(math.log(100.0)), **norm_weights("ln_final", TEXT["width"])}
    for i in range(TEXT["layers"]):
        w.update(block_weights(f"transformer.resblocks.{i}.", TEXT["width"], 4 * TEXT["width"]))
    return w


def vit_weights():
    width, patch = VIT["width"], VIT["patch_size"]
    tokens = (VIT["image_size"] // patch) ** 2 + 1
    w = {"visual.conv1.weight": random(width, 3, patch, patch, scale=.1), "visual.class_embedding": random(width), "visual.positional_embedding": random(tokens, width, scale=.5),
         "visual.proj": random(width, D, scale=width ** -.5), **norm_weights("visual.ln_pre", width), **norm_weights("visual.ln_post", width)}
    for i in range(VIT["layers"]):
        w.update(block_weights(f"visual.transformer.resblocks.{i}.", width, 4 * width))
    return w


def vit(w, pixels, act, dump):
    x = F.conv2d(pixels, w["visual.conv1.weight"], stride=VIT["patch_size"]).flatten(2).transpose(1, 2)
    x = torch.cat([w["visual.class_embedding"].expand(len(x), 1, -1), x], 1) + w["visual.positional_embedding"]
    x = transformer(w, "visual.", VIT["layers"], VIT["width"] // VIT["head_width"], layer_norm(w, "visual.ln_pre", x), act, False, dump)
    return layer_norm(w, "visual.ln_post", x[:, 0]) @ w["visual.proj"]


def text(w, ids, act, dump):
    x = w["token_embedding.weight"][ids] + w["positional_embedding"][:ids.shape[1]]
    x = layer_norm(w, "ln_final", transformer(w, "", TEXT["layers"], TEXT["heads"], x, act, True, dump))
    return x[torch.arange(len(x)), ids.argmax(1)] @ w["text_projection"]


def batch_norm_weights(prefix, width):
    return {prefix + ".weight": 1 + random(width, scale=.3), prefix + ".bias": random(width, scale=.3), prefix + ".running_mean": random(width, scale=.3),
            prefix + ".running_var": random(width).abs() + .5}


def resnet_weights():
    width = RESNET["width"]
    w, inplanes = {}, width
    for i, (o, c) in enumerate([(width // 2, 3), (width // 2, width // 2), (width, width // 2)], 1):
        w[f"visual.conv{i}.weight"] = random(o, c, 3, 3, scale=(9 * c) ** -.5)
        w.update(batch_norm_weights(f"visual.bn{i}", o))
    for stage, count in enumerate(RESNET["layers"]):
        planes = width << stage
        for j in range(count):
            p = f"visual.layer{stage + 1}.{j}."
            for n, (o, c, k) in enumerate([(planes, inplanes, 1), (planes, planes, 3), (4 * planes, planes, 1)], 1):
                w[p + f"conv{n}.weight"] = random(o, c, k, k, scale=(c * k * k) ** -.5)
                w.update(batch_norm_weights(p + f"bn{n}", o))
            if j == 0:
                w[p + "downsample.0.weight"] = random(4 * planes, inplanes, 1, 1, scale=inplanes ** -.5)
                w.update(batch_norm_weights(p + "downsample.1", 4 * planes))
            inplanes = 4 * planes
    grid = RESNET["image_size"] // 32
    w["visual.attnpool.positional_embedding"] = random(grid * grid + 1, inplanes, scale=.3)
    for n, o in (("q", inplanes), ("k", inplanes), ("v", inplanes), ("c", D)):
        w[f"visual.attnpool.{n}_proj.weight"], w[f"visual.attnpool.{n}_proj.bias"] = random(o, inplanes, scale=inplanes ** -.5), random(o, scale=.2)
    return w


def resnet(w, x, dump):
    def conv(name, norm, x, stride=1):
        y = F.conv2d(x, w[name + ".weight"], stride=stride, padding=w[name + ".weight"].shape[-1] // 2)
        return F.batch_norm(y, w[norm + ".running_mean"], w[norm + ".running_var"], w[norm + ".weight"], w[norm + ".bias"], eps=1e-5)

    v, number = "visual.", 0
    for i in (1, 2, 3):
        x = F.relu(conv(f"{v}conv{i}", f"{v}bn{i}", x, 2 if i == 1 else 1))
    x = F.avg_pool2d(x, 2)
    for stage, count in enumerate(RESNET["layers"]):
        for j in range(count):
            p, stride = f"{v}layer{stage + 1}.{j}.", 2 if stage and j == 0 else 1
            y = F.relu(conv(p + "conv1", p + "bn1", x))
            y = F.relu(conv(p + "conv2", p + "bn2", y))
            y = conv(p + "conv3", p + "bn3", F.avg_pool2d(y, stride) if stride > 1 else y)
            if j == 0:
                x = conv(p + "downsample.0", p + "downsample.1", F.avg_pool2d(x, stride) if stride > 1 else x)
            x = F.relu(x + y)
            dump(number, x.permute(0, 2, 3, 1))
            number += 1
    x = x.flatten(2).permute(2, 0, 1)
    x = torch.cat([x.mean(0, keepdim=True), x], 0) + w[v + "attnpool.positional_embedding"][:, None]
    a = v + "attnpool."
    width = x.shape[-1]
    y, _ = F.multi_head_attention_forward(
        x[:1], x, x, width, width // RESNET["head_width"], None, torch.cat([w[a + f"{n}_proj.bias"] for n in "qkv"]), None, None, False, 0.0,
        w[a + "c_proj.weight"], w[a + "c_proj.bias"], training=False, need_weights=False, use_separate_proj_weight=True,
        q_proj_weight=w[a + "q_proj.weight"], k_proj_weight=w[a + "k_proj.weight"], v_proj_weight=w[a + "v_proj.weight"])
    return y[0]


# ---- Hugging Face's names for the same weights

def to_hf(w):
    out = {"logit_scale": w["logit_scale"], "text_projection.weight": w["text_projection"].t().contiguous(), "visual_projection.weight": w["visual.proj"].t().contiguous(),
           "text_model.embeddings.position_ids": torch.arange(CONTEXT)[None]}
    plain = {"token_embedding.weight": "text_model.embeddings.token_embedding.weight", "positional_embedding": "text_model.embeddings.position_embedding.weight",
             "ln_final": "text_model.final_layer_norm", "visual.class_embedding": "vision_model.embeddings.class_embedding",
             "visual.conv1.weight": "vision_model.embeddings.patch_embedding.weight", "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight",
             "visual.ln_pre": "vision_model.pre_layrnorm", "visual.ln_post": "vision_model.post_layernorm"}
    for name, value in w.items():
        for ours, theirs in plain.items():
            if name == ours or name.startswith(ours + ".") and not name.startswith("visual.") == (not ours.startswith("visual.")):
                out[theirs + name[len(ours):]] = value
        if "resblocks" in name:
            tower = "vision_model" if name.startswith("visual.") else "text_model"
            layer, rest = name.split("resblocks.")[1].split(".", 1)
            p = f"{tower}.encoder.layers.{layer}."
            if rest.startswith("attn.in_proj_"):
                for part, piece in zip("qkv", value.chunk(3)):
                    out[p + f"self_attn.{part}_proj.{rest[len('attn.in_proj_'):]}"] = piece.contiguous()
            else:
                for a, b in (("attn.out_proj", "self_attn.out_proj"), ("ln_1", "layer_norm1"), ("ln_2", "layer_norm2"), ("mlp.c_fc", "mlp.fc1"), ("mlp.c_proj", "mlp.fc2")):
                    if rest.startswith(a + "."):
                        out[p + b + rest[len(a):]] = value
    return out


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
    keep("turned.jpg", np.stack([x * 2 % 256, y * 2, 255 - x], -1).astype(np.uint8), quality=95, subsampling=0, exif=exif)
    return made


def odd_pictures(folder):
    """Pictures that decoders treat in their own ways; the engine must accept them or say why not."""
    os.makedirs(folder, exist_ok=True)
    y, x = np.mgrid[0:40, 0:60]
    red = np.zeros((40, 60, 3), np.uint8)
    red[..., 0] = 220
    Image.fromarray(red).convert("CMYK").save(os.path.join(folder, "cmyk.jpg"), quality=95)
    Image.fromarray((x * 1000 + y).astype(np.uint16)).save(os.path.join(folder, "deep.png"))
    frames = [Image.fromarray(np.full((40, 60), v, np.uint8)) for v in (30, 120, 210)]
    frames[0].save(os.path.join(folder, "animated.gif"), save_all=True, append_images=frames[1:], duration=80)
    Image.fromarray(red).save(os.path.join(folder, "progressive.jpg"), progressive=True)


def load_upright(path):
    from PIL import ImageOps
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        pixels = np.asarray(image).astype(np.int64)
        a = pixels[..., 3:]
        image = Image.fromarray(((pixels[..., :3] * a + 255 * (255 - a) + 127) // 255).astype(np.uint8))
    return image.convert("RGB")


def preprocess(path, size):
    image = load_upright(path)
    w, h = image.size
    w, h = (size, int(size * h / w)) if w <= h else (int(size * w / h), size)
    image = image.resize((w, h), Image.BICUBIC)
    left, top = int(round((w - size) / 2)), int(round((h - size) / 2))
    resized = np.asarray(image.crop((left, top, left + size, top + size)))
    pixels = (torch.from_numpy(resized.copy()).permute(2, 0, 1).float() / 255 - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)
    return resized, pixels


# ---- all of it

def write_json(path, value):
    with open(path, "w", encoding="utf8") as f:
        json.dump(value, f, ensure_ascii=False, indent=1)
        f.write("\n")


def main():
    texts = ["a photo of a cat.", "Hello   WORLD!!  it's 2024", "두 개의 단어", "naïve café &amp; crème", "x" * 200, "", "<|endoftext|> inside", "tabs\tand\nlines", "“quotes” — dashes"]
    vocabulary, merges = bpe.learn(["a photo of a cat. a dog and a bird on the table"] * 3 + ["hello world it is"] * 2, 80)
    encode = bpe.Tokenizer(vocabulary, merges, CONTEXT)
    plain = [0, 1, 5, 7]  # texts whose cleaning is the identity up to case and white space
    for kind in ("vit", "hf", "resnet"):
        os.makedirs(os.path.join(OUT, kind), exist_ok=True)
    base = text_weights(len(vocabulary))
    visual, convolutional = vit_weights(), resnet_weights()
    text_cfg = {**TEXT, "vocab_size": len(vocabulary)}
    preprocess_cfg = {"mean": MEAN, "std": STD, "interpolation": "bicubic", "resize_mode": "shortest"}
    for kind, quick, vision_cfg, weights in (("vit", True, VIT, {**base, **visual}), ("resnet", False, RESNET, {**base, **convolutional})):
        write_json(f"{OUT}/{kind}/open_clip_config.json", {"model_cfg": {"embed_dim": D, "quick_gelu": quick, "vision_cfg": vision_cfg, "text_cfg": text_cfg}, "preprocess_cfg": preprocess_cfg})
        save_file({k: v.contiguous() for k, v in weights.items()}, f"{OUT}/{kind}/open_clip_model.safetensors", {"format": "pt"})
        bpe.write(f"{OUT}/{kind}", vocabulary, merges)
    write_json(f"{OUT}/hf/config.json", {
        "model_type": "clip", "projection_dim": D,
        "vision_config": {"hidden_size": VIT["width"], "num_hidden_layers": VIT["layers"], "num_attention_heads": VIT["width"] // VIT["head_width"],
                          "intermediate_size": 4 * VIT["width"], "image_size": VIT["image_size"], "patch_size": VIT["patch_size"], "hidden_act": "quick_gelu"},
        "text_config": {"hidden_size": TEXT["width"], "num_hidden_layers": TEXT["layers"], "num_attention_heads": TEXT["heads"], "intermediate_size": 4 * TEXT["width"],
                        "max_position_embeddings": CONTEXT, "vocab_size": len(vocabulary), "hidden_act": "quick_gelu", "eos_token_id": 2}})
    write_json(f"{OUT}/hf/preprocessor_config.json", {"image_mean": MEAN, "image_std": STD, "resample": 3, "size": {"shortest_edge": VIT["image_size"]}})
    write_json(f"{OUT}/hf/tokenizer.json", {"model": {"type": "BPE", "vocab": vocabulary, "merges": [" ".join(m) for m in merges]}})
    save_file(to_hf({**base, **visual}), f"{OUT}/hf/model.safetensors", {"format": "pt"})

    names = pictures(f"{OUT}/pictures")
    odd_pictures(f"{OUT}/odd")
    ids = torch.tensor([encode(texts[i]) for i in plain])
    dump = {"ids": ids.int()}
    for kind, size, act in (("vit", VIT["image_size"], "quick_gelu"), ("resnet", RESNET["image_size"], "gelu")):
        weights = {**base, **(visual if kind == "vit" else convolutional)}
        pairs = [preprocess(f"{OUT}/pictures/{n}", size) for n in names]
        pixels = torch.stack([p for _, p in pairs])
        dump[kind + ".resized"] = torch.from_numpy(np.stack([r for r, _ in pairs]))
        dump[kind + ".pixels"] = pixels[:1].contiguous()

        def keep(tower, rows):
            return lambda i, x: dump.__setitem__(f"{kind}.{tower}.{i}", x[:rows].reshape(-1, x.shape[-1]).contiguous().clone())

        double = {k: v.double() for k, v in weights.items()}
        run = (lambda p, d: vit(double, p, activation(act), d)) if kind == "vit" else (lambda p, d: resnet(double, p, d))
        features = run(pixels.double(), keep("visual", 1))
        text_features = text(double, ids.long(), activation(act), keep("text", 1))
        logits = 100 * F.normalize(features) @ F.normalize(text_features).t()
        dump.update({kind + ".features": features, kind + ".text_features": text_features, kind + ".logits": logits})
    dump = {k: (v.float() if v.dtype == torch.float64 else v).contiguous() for k, v in dump.items()}
    save_file(dump, f"{OUT}/forward.safetensors", {"pictures": json.dumps(names), "texts": json.dumps([texts[i] for i in plain], ensure_ascii=False)})
    write_json(f"{OUT}/tokens.json", {"texts": [texts[i] for i in plain], "ids": [encode(texts[i]) for i in plain]})

    # ---- the adapter: gradients and ten losses
    n, k, hidden = 48, 5, 6
    centres = random(k, D)
    labels = torch.arange(n) % k
    features = 3 * (centres[labels] + random(n, D, scale=1.6))
    text_features = F.normalize(centres + random(k, D, scale=2))
    out = {"features": features, "labels": labels.int(), "text_features": text_features}
    for relu in (0, 1):
        w1, w2 = random(hidden, D, scale=D ** -.5), random(D, hidden, scale=hidden ** -.5)
        out.update({f"relu{relu}.w1": w1.clone(), f"relu{relu}.w2": w2.clone()})

        def loss_of(a, b, rows, alpha):
            f = features[rows].double()
            z = F.relu(f @ a.t()) @ b.t()
            u = alpha * (F.relu(z) if relu else z) + (1 - alpha) * f
            return F.cross_entropy(100 * F.normalize(u) @ text_features.double().t(), labels[rows].long())

        a, b = w1.double().requires_grad_(), w2.double().requires_grad_()
        rows = torch.arange(16)
        loss = loss_of(a, b, rows, .6)
        loss.backward()
        out.update({f"relu{relu}.gradient_w1": a.grad.float(), f"relu{relu}.gradient_w2": b.grad.float(), f"relu{relu}.loss": loss.detach().float()})
        for name, make in (("adam", lambda p: torch.optim.Adam(p, 1e-3, weight_decay=.01)), ("adamw", lambda p: torch.optim.AdamW(p, 1e-3, weight_decay=.01)),
                           ("sgd", lambda p: torch.optim.SGD(p, .002, momentum=.9, weight_decay=5e-4))):
            a, b = w1.double().requires_grad_(), w2.double().requires_grad_()
            optimizer, losses = make([a, b]), []
            for step in range(10):
                rows = (torch.arange(16) + 7 * step) % n
                loss = loss_of(a, b, rows, .6)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            out[f"relu{relu}.{name}.losses"] = torch.tensor(losses)
            out[f"relu{relu}.{name}.w1"] = a.detach().float()
    save_file({k: v.contiguous() for k, v in out.items()}, f"{OUT}/adapter.safetensors")


if __name__ == "__main__":
    main()
