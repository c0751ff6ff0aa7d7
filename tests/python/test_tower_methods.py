#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The methods of `fewshot-cli bench` that train through a tower, CoOp and adapters after a block,
against PyTorch's autograd through a small CLIP in double precision. Prints TAP.

    test_tower_methods.py FEWSHOT_CLI
"""

import copy
import json
import math
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
import tap  # noqa: E402
import venv_path  # noqa: E402, F401  build-test/venv

try:
    import clip_reference as clip
    import clip_weights
    import numpy as np
    import onnxruntime
    import torch
    import torch.nn.functional as F
    from method_dump import Dump, check, learn, normal, unit
    from PIL import Image
    from safetensors import safe_open
except ImportError as error:
    print(f"1..0 # SKIP {error}: ./test installs torch, safetensors and Pillow")
    sys.exit(0)
torch.set_default_dtype(torch.float64)


def toy(folder, quick):
    """A ViT and a text tower with random weights, small enough for double precision."""
    cfg = copy.deepcopy(clip_weights.ARCHITECTURES["ViT-B-32"])
    cfg["quick_gelu"] = quick
    cfg["embed_dim"] = 48
    cfg["vision_cfg"] = {
        "image_size": 48,
        "layers": 4,
        "width": 64,
        "patch_size": 16,
        "head_width": 32,
        "mlp_ratio": 4.0,
    }
    cfg["text_cfg"] = {
        "context_length": 40,
        "vocab_size": 640,
        "width": 64,
        "heads": 2,
        "layers": 3,
    }
    weights = clip_weights.random_weights(cfg, 3)
    weights["logit_scale"] = torch.tensor(math.log(20.0))
    clip.write_folder(folder, cfg, weights)
    return cfg, {k: v.float().double() for k, v in weights.items() if v.is_floating_point()}


def toy_pictures(folder, names, each):
    """Pictures of exactly the model's size: colours and stripes by class, and noise."""
    rng = np.random.RandomState(2)
    for c, name in enumerate(names):
        os.makedirs(os.path.join(folder, name))
        for i in range(each):
            base = rng.randint(0, 256, 3) * 0.3 + np.array([40 * c, 200 - 40 * c, 120])
            stripes = 60 * np.sin(np.arange(48) * (c + 1) / 4)[:, None, None]
            pixels = np.clip(base + stripes + rng.randn(48, 48, 3) * 20, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(os.path.join(folder, name, f"{i:03}.png"))


def coop(cli, model, cfg, weights, data, names, settings):
    d = Dump(cli, model, data, f"coop:context=5,batch=4096,epochs=12,lr=0.02,{settings}", shots=4)
    tokenizer = clip.bpe.Tokenizer(json.load(open(os.path.join(model, "vocab.json"))), [], 40)

    def word_ids(text):
        return [i for w in clip.bpe.PATTERN.findall(text) for i in tokenizer.word(w)]

    sot, eot = tokenizer.ids["<|startoftext|>"], tokenizer.ids["<|endoftext|>"]
    before = (
        5
        if "middle" not in settings and "front" not in settings
        else 2
        if "middle" in settings
        else 0
    )
    ctx = torch.nn.Parameter(torch.tensor(d["ctx.initial"]))
    table, labels, f = (
        weights["token_embedding.weight"],
        torch.tensor(d.row_labels),
        torch.tensor(unit(d.rows)),
    )
    text_cfg = cfg["text_cfg"]

    def features():
        out = []
        for c, name in enumerate(names):
            spoken = name.replace("_", " ")
            words, n = word_ids(spoken + "."), len(word_ids(spoken))
            own = ctx[5 * c : 5 * c + 5] if "csc=1" in settings else ctx
            x = torch.cat(
                [
                    table[[sot]],
                    own[:before],
                    table[words[:n]],
                    own[before:],
                    table[words[n:]],
                    table[[eot]],
                ]
            )
            x = (x + weights["positional_embedding"][: len(x)])[None]
            x = clip.transformer(
                weights, "", text_cfg["layers"], text_cfg["heads"], x, clip.activation(cfg), True
            )
            out.append(clip.layer_norm(weights, "ln_final", x)[0, -1] @ weights["text_projection"])
        return normal(torch.stack(out))

    losses = learn(
        [ctx],
        lambda: F.cross_entropy(d.scale * f @ features().T, labels),
        lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, weight_decay=5e-4),
        0.02,
        12,
        warmup=1,
    )
    d.judge(
        f"CoOp {settings}, {'quick ' if cfg['quick_gelu'] else ''}GELU",
        (d.scale * torch.tensor(d.f) @ features().T).detach().numpy(),
        losses,
    )
    moved = np.abs(d["ctx"] - d["ctx.initial"]).max()
    gap = np.abs(ctx.detach().numpy() - d["ctx"]).max()
    check(
        gap <= 1e-3 * moved,
        f"CoOp {settings}: the context is autograd's (moved by {moved:.1e}, differs by {gap:.1e})",
    )


def insertion(cli, model, cfg, weights, data, names, after):
    d = Dump(
        cli,
        model,
        data,
        f"clip-adapter:after={after},alpha=0.3,batch=4096,epochs=10,lr=0.003",
        shots=4,
    )
    paths = [
        os.path.join(data, n, p)
        for n in sorted(names)
        for p in sorted(os.listdir(os.path.join(data, n)))
    ]
    mean, std = np.array(clip.MEAN), np.array(clip.STD)
    pixels = torch.tensor(
        np.stack(
            [((np.asarray(Image.open(p)) / 255 - mean) / std).transpose(2, 0, 1) for p in paths]
        )
    )
    inner = {}
    clip.vit(weights, cfg, pixels, lambda i, x: inner.__setitem__(i, x))
    w1, w2 = (torch.nn.Parameter(torch.tensor(d[f"fc.{i}.weight.initial"])) for i in (0, 2))
    tail = {
        k.replace(f"resblocks.{i + after}.", f"resblocks.{i}."): v
        for i in range(4 - after)
        for k, v in weights.items()
        if f"visual.transformer.resblocks.{i + after}." in k
    }
    t, labels, train = torch.tensor(d.t), torch.tensor(d.labels), torch.tensor(d.train)

    def logits(x):
        x = 0.3 * F.relu(F.linear(F.relu(F.linear(x, w1)), w2)) + 0.7 * x
        x = clip.transformer(
            {**weights, **tail}, "visual.", 4 - after, 2, x, clip.activation(cfg), False
        )
        return (
            d.scale
            * normal(clip.layer_norm(weights, "visual.ln_post", x[:, 0]) @ weights["visual.proj"])
            @ t.T
        )

    x = inner[after - 1]
    losses = learn(
        [w1, w2],
        lambda: F.cross_entropy(logits(x[train]), labels[train]),
        lambda p: torch.optim.AdamW(p, weight_decay=1e-4),
        3e-3,
        10,
    )
    d.judge(f"adapter after block {after}", logits(x).detach().numpy(), losses)

    def encode(x):
        x = clip.transformer(
            {**weights, **tail}, "visual.", 4 - after, 2, x, clip.activation(cfg), False
        )
        return clip.layer_norm(weights, "visual.ln_post", x[:, 0]) @ weights["visual.proj"]

    take_away(cli, model, data, paths, after, x, encode)


def take_away(cli, model, data, paths, after, x, encode):
    """What the program keeps of it: `predict`, the copied lines of Python and the head in
    onnxruntime, beside the features that PyTorch makes of the file's weights."""
    work = os.path.dirname(data)
    kept, onnx = os.path.join(work, "tower.safetensors"), os.path.join(work, "tower.onnx")

    def run(*arguments):
        done = subprocess.run([cli, *arguments], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    method = f"clip-adapter:after={after},alpha=0.3,batch=4096,epochs=10,lr=0.003"
    run("train", model, data, "--method", method, "--shots", "4", "--output", kept)
    with safe_open(kept, "np") as file:
        meta = file.metadata()
        w1, w2 = (torch.tensor(file.get_tensor(f"fc.{i}.weight")).double() for i in (0, 2))
    with torch.no_grad():
        inside = 0.3 * F.relu(F.linear(F.relu(F.linear(x, w1)), w2)) + 0.7 * x
        both = torch.cat([encode(x), encode(inside)], 1).numpy()
    space, worst, alike = {}, 0.0, 0
    code = run("snippet", kept)
    exec(code, space)
    for a in (1.0, 0.4, 0.0):
        said = json.loads(
            run("predict", "--model", model, kept, *paths, "--alpha", str(a), "--json")
        )
        run("onnx", kept, "--alpha", str(a), "--output", onnx)
        session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
        wanted = np.array([p["probabilities"] for p in said["predictions"]])
        for scores in (
            space["predict"](both, alpha=a),
            session.run(None, {"features": both.astype(np.float32)})[0],
        ):
            shares = torch.tensor(np.asarray(scores, np.float64)).softmax(1).numpy()
            worst = max(worst, float(np.abs(shares - wanted).max()))
            alike += int((shares.argmax(1) == wanted.argmax(1)).sum())
    check(
        alike == 6 * len(paths)
        and worst < 1e-4
        and meta["kind"] == "tower"
        and meta["after"] == str(after)
        and code.count("\n") <= 25,
        f"taken away after block {after}: PyTorch's features, within {worst:.1e}, {alike} alike",
    )


def main():
    cli = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="fewshot-methods-") as work:
        names = ["blue_thing", "gear", "old ring nut", "x"]
        pictures = os.path.join(work, "toy-pictures")
        toy_pictures(pictures, names, 52)
        for quick in (True, False):
            model = os.path.join(work, f"toy-{quick}")
            cfg, weights = toy(model, quick)
            for settings in (
                ("position=end", "position=middle", "position=front,csc=1")
                if quick
                else ("position=end",)
            ):
                coop(cli, model, cfg, weights, pictures, names, settings)
            for after in (1, 3, 4) if quick else (2,):
                insertion(cli, model, cfg, weights, pictures, names, after)
    tap.finish()


if __name__ == "__main__":
    main()
