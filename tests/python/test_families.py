#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Models of every family against the libraries that they come from: features of pictures and texts
as open_clip, timm and transformers gave them in double precision (tests/tools/golden_families.py).
Prints TAP.

    test_families.py FEWSHOT_CLI [FOLDER]   FOLDER: dumps of one's own"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
import venv_path  # noqa: E402, F401

try:
    import family_data
    import numpy as np
    from PIL import Image
    from safetensors.numpy import load_file, save_file
except ImportError as error:
    print(f"1..0 # SKIP {error}: ./test installs safetensors and Pillow")
    sys.exit(0)
from tap import check, finish  # noqa: E402

BOUND = 1e-5
cli = sys.argv[1]
dumps = sys.argv[2] if len(sys.argv) > 2 else f"{ROOT}/tests/data/families"
work = tempfile.mkdtemp(prefix="fewshot-families-")


def unit(x):
    x = np.asarray(x, np.float64)
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def embed(model, *arguments, device="cpu"):
    out = f"{work}/out.safetensors"
    done = subprocess.run(
        [cli, "embed", model, "--device", device, "--no-cache", "-o", out, *arguments],
        capture_output=True,
        text=True,
    )
    return (load_file(out) if done.returncode == 0 else None), done.stderr.strip()


def check_precisions(name, model, pictures, expected):
    """In bytes and, where the processor has it, bfloat16: nearly the same features."""
    for precision in ("int8", "bf16"):
        got, error = embed(model, *pictures, device=f"cpu:{precision}")
        if got is None and "does not run the instruction-set level" in error:
            if precision not in lacking:
                print(f"# {precision} is left out: {error}", flush=True)
            lacking.add(precision)
            continue
        least = 0.0 if got is None else (unit(got["image_features"]) * expected).sum(-1).min()
        check(f"{name}: {precision} pictures, cosine {least:.5f}", least > 0.999, error)


lacking = set()
TEXTLESS = {  # what learns without class names, and what cannot
    True: ("automatic", "automatic:adapter=1", "linear-probe:c=1", "gda", "lp++", "tip-adapter"),
    False: ("zero-shot", "coop", "clip-adapter", "clip-adapter-text", "clap", "prolip"),
}


def run(*arguments):
    return subprocess.run([cli, *arguments, "--device", "cpu"], capture_output=True, text=True)


def check_textless(name, model):
    """Methods of a model that reads no texts: reds and blues are told apart by pictures alone."""
    data, kept = f"{work}/pictures", f"{work}/kept.safetensors"
    for i, colour in enumerate(("red", "blue")):
        os.makedirs(f"{data}/{colour}", exist_ok=True)
        for j in range(12):
            pixels = np.random.RandomState(100 * i + j).randint(0, 100, (32, 32, 3))
            pixels[:, :, 2 * i] += 150
            Image.fromarray(pixels.astype(np.uint8)).save(f"{data}/{colour}/{j}.png")
    for works, methods in TEXTLESS.items():
        for method in methods:
            done = run("train", model, data, "--method", method, "--shots", "4", "-o", kept)
            right = "%" in done.stdout if works else "knows pictures alone" in done.stderr
            check(
                f"{name}: {method} {'learns' if works else 'is refused by name'}",
                right and (done.returncode == 0) == works and "zero-shot CLIP" not in done.stdout,
                done.stdout + done.stderr,
            )
            if works and "tip" not in method:
                said = run(
                    "predict", kept, f"{data}/red/11.png", f"{data}/blue/11.png", "--model", model
                )
                check(
                    f"{name}: {method} tells the pictures apart",
                    "11.png: red" in said.stdout and "11.png: blue" in said.stdout,
                    said.stdout + said.stderr,
                )
    done = run("embed", model, "--text", "a cat", "-o", kept)
    check(f"{name}: a text is refused", "reads no texts" in done.stderr, done.stderr)
    done = run("bench", model, data, "--shots", "2", "--seeds", "1", "-o", f"{work}/table.csv")
    rows = open(f"{work}/table.csv").readlines() if done.returncode == 0 else []
    listed = {row.split(",")[0] for row in rows}
    check(
        f"{name}: a comparison leaves out what needs texts",
        "lp++" in listed and not listed & {"zero-shot", "clap", "clip-adapter"},
        done.stderr,
    )


for name in family_data.names(dumps):
    model = f"{work}/{name}"
    family_data.assemble(dumps, name, model)
    expected = load_file(f"{dumps}/{name}/expected.safetensors")
    size, _ = family_data.sizes(model)
    arguments = []
    for i, array in enumerate(family_data.pictures(size)):
        path = f"{work}/{size}-{i}.png"
        Image.fromarray(array).save(path)
        arguments += ["--image", path]
    got, error = embed(model, *arguments)
    worst = (
        1.0 if got is None else abs(unit(got["image_features"]) - expected["image_features"]).max()
    )
    check(f"{name}: pictures within {BOUND} ({worst:.1e})", worst < BOUND, error)
    check_precisions(name, model, arguments, expected["image_features"])
    if "text_features" in expected:
        texts = [a for text in family_data.TEXTS for a in ("--text", text)]
        got, error = embed(model, *texts)
        worst = (
            1.0
            if got is None
            else abs(unit(got["text_features"]) - expected["text_features"]).max()
        )
        check(f"{name}: texts within {BOUND} ({worst:.1e})", worst < BOUND, error)
    if name == "dinov2":
        check_textless(name, model)
    shutil.rmtree(model)

# what is as wide as the weights say, and has no width
POOL = "visual.trunk.attn_pool.mlp."
EMPTY = {
    "siglip-b16": ("pool", {POOL + "fc1.weight": 0, POOL + "fc1.bias": 0, POOL + "fc2.weight": 1}),
    "biomedclip": ("token_types", {"text.transformer.embeddings.token_type_embeddings.weight": 0}),
}
for name, (what, axes) in EMPTY.items():
    model = f"{work}/{name}-empty"
    family_data.assemble(dumps, name, model)
    tensors = load_file(f"{model}/open_clip_model.safetensors")
    for tensor, axis in axes.items():
        tensors[tensor] = np.take(tensors[tensor], [], axis)
    os.unlink(f"{model}/open_clip_model.safetensors")
    save_file(tensors, f"{model}/open_clip_model.safetensors")
    got, error = embed(model, "--image", path, "--text", "a cat")
    check(f"{name}: an empty {what} is refused", got is None and what in error, error)

for file, config, what in (
    (
        "open_clip_config.json",
        {
            "model_cfg": {
                "embed_dim": 8,
                "vision_cfg": {"image_size": 32, "width": 2, "layers": [{}, 1, 1, 1]},
                "text_cfg": {},
            }
        },
        "vision layers",
    ),
    ("config.json", {"model_type": "blip"}, "“blip”, a model that writes captions"),
    ("config.json", {"model_type": "siglip2"}, "SigLIP 2 for pictures of any shape"),
    ("config.json", {"model_type": "dinov2", "qkv_bias": False}, "“qkv_bias” false"),
    (
        "config.json",
        {"architecture": "vit_small_patch16_dinov3.lvd1689m", "pretrained_cfg": {}},
        "timm's, of “vit_small_patch16_dinov3”",
    ),
    (
        "config.json",
        {
            "architecture": "vit_base_patch14_dinov2",
            "num_features": 768,
            "pretrained_cfg": {"input_size": ["3", {}, 518]},
        },
        "input_size",
    ),
    ("config.json", {"model_type": "nothing"}, "a “nothing” model. Fewshot opens clip"),
    (
        "open_clip_config.json",
        {"model_cfg": {"embed_dim": 8, "multimodal_cfg": {}, "vision_cfg": {}, "text_cfg": {}}},
        "CoCa (“multimodal_cfg”)",
    ),
):
    folder = tempfile.mkdtemp(dir=work)
    with open(f"{folder}/{file}", "w") as out:
        json.dump(config, out)
    done = run("info", folder)
    check(
        f"refused by name: {what}",
        done.returncode == 1 and what in done.stderr and "CRITICAL" not in done.stderr,
        done.stderr,
    )

shutil.rmtree(work)
finish()
