#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Full-size models with random weights against PyTorch (tests/tools/clip_reference.py), each in
another of the layouts that checkpoints come in. Prints TAP.

    test_full_size.py FEWSHOT_CLI

Pictures of exactly the model's size reach the towers unresampled, so the pixels are known to the
last bit."""

import copy
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
import venv_path  # noqa: E402, F401  build-test/venv

try:
    import clip_reference as clip
    import clip_weights
    import numpy as np
    import torch
    from PIL import Image
    from safetensors.numpy import load_file
except ImportError as error:
    print(f"1..0 # SKIP {error}: ./test installs torch, safetensors and Pillow")
    sys.exit(0)

BOUND = 2e-5
#        model       layout       dtype           device       pictures
CASES = [
    ("RN50", "jit", torch.float32, "cpu", 3),
    ("ViT-B-32", "sharded", torch.float32, "cpu", 5),
]
# The others, with all their widths and a few of their layers.
SHORTENED = [
    ("RN50x4", "open_clip", torch.float16, "cpu:v3", 2, [1, 2, 2, 1]),
    ("ViT-B-16", "hf", torch.float32, "cpu:v3", 2, 3),
    ("ViT-B-32", "pt", torch.bfloat16, "cpu:v2", 2, 3),
    ("ViT-L-14", "open_clip", torch.float16, "cpu", 2, 4),
    ("ViT-H-14", "hf", torch.float32, "cpu", 2, 2),
    ("RN50x64", "jit", torch.float16, "cpu", 2, [1, 1, 1, 1]),
    ("ViT-L-14-336", "sharded", torch.bfloat16, "cpu:v3", 2, 2),
]
# bfloat16 products: these cosines with f32 are what its label promises
BF16_COSINE = 0.999
count = failures = 0


def check(ok, what):
    global count, failures
    count += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {what}", flush=True)


def embed(cli, model, device, work, *arguments):
    out = f"{work}/out.safetensors"
    done = subprocess.run(
        [cli, "embed", model, "--device", device, "--no-cache", "-o", out, *arguments],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        print("# " + done.stderr.strip().replace("\n", "\n# "))
        return None
    return load_file(out)


def pictures(work, size, n):
    """n PNGs and their pixels, normalised."""
    rng, paths, pixels = np.random.RandomState(5), [], []
    for i in range(n):
        y, x = np.mgrid[0:size, 0:size]
        plane = [
            (x * (3 + i) + y) % 256,
            (x + y * (2 + i)) % 256,
            rng.randint(0, 256, (size, size)),
        ]
        array = np.stack(plane, -1).astype(np.uint8)
        paths.append(f"{work}/{size}-{i}.png")
        Image.fromarray(array).save(paths[-1])
        pixels.append((array / 255.0 - clip.MEAN) / clip.STD)
    return paths, torch.tensor(np.stack(pixels)).permute(0, 3, 1, 2)


def unit(x):
    x = np.asarray(x, np.float64)
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def token_rows(cfg, texts):
    """Ids of ASCII words that are no merge of the toy vocabulary: byte by byte."""
    vocabulary = clip.toy_vocabulary(cfg["text_cfg"]["vocab_size"])
    encode = clip.bpe.Tokenizer(vocabulary, [], cfg["text_cfg"]["context_length"])
    return torch.tensor([encode(t) for t in texts])


def runs(device):
    """Whether this processor has the level that a case forces; the case then runs at its best
    instead."""
    return device != "cpu:v3" or "avx2" in open("/proc/cpuinfo").read()


def run_case(cli, name, layout, dtype, device, n, layers=None):
    device = device if runs(device) else "cpu"
    cfg = copy.deepcopy(clip_weights.ARCHITECTURES[name])
    work = tempfile.mkdtemp(prefix="fewshot-full-")
    if layers:
        cfg["vision_cfg"]["layers"], cfg["text_cfg"]["layers"] = layers, 2
    try:
        weights = {k: v.to(dtype).float() for k, v in clip_weights.random_weights(cfg).items()}
        clip.write_folder(f"{work}/model", cfg, weights, layout, dtype)
        paths, pixels = pictures(work, cfg["vision_cfg"]["image_size"], n)
        texts = [
            "a photo of a cat",
            "x",
            "many words in a row that reach far into the context of seventy seven",
        ]
        shortened = f" of {layers} layers" if layers else ""
        label = f"{name}{shortened}, {layout}, {str(dtype)[6:]}, {device}"
        with torch.inference_mode():
            wide = {k: weights.pop(k).double() for k in list(weights)}
            features = unit(clip.encode_image(wide, cfg, pixels.double()))
            text_features = unit(clip.encode_text(wide, cfg, token_rows(cfg, texts)))
            del wide
        arguments = [a for p in paths for a in ("--image", p)]
        got = embed(
            cli,
            f"{work}/model",
            device,
            work,
            *arguments,
            *[a for t in texts for a in ("--text", t)],
        )
        if got is None:
            check(False, f"{label}: opens")
            return
        worst = abs(unit(got["image_features"]) - features).max()
        check(worst < BOUND, f"{label}: image features within {BOUND} ({worst:.1e})")
        alone = embed(cli, f"{work}/model", device, work, "--image", paths[1])["image_features"][0]
        check(
            (alone == got["image_features"][1]).all(),
            f"{label}: a picture alone gives the same bits as among {n}",
        )
        worst = abs(unit(got["text_features"]) - text_features).max()
        check(worst < BOUND, f"{label}: text features within {BOUND} ({worst:.1e})")
        if (
            name in ("RN50", "ViT-B-32")
            and dtype == torch.float32
            and "avx512_bf16" in open("/proc/cpuinfo").read()
        ):
            half = embed(cli, f"{work}/model", "cpu:bf16", work, *arguments)["image_features"]
            cosine = (unit(half) * features).sum(-1).min()
            check(
                BF16_COSINE < cosine < 1, f"{label}: bfloat16 features at a cosine of {cosine:.5f}"
            )
    finally:
        shutil.rmtree(work)


for case in CASES + SHORTENED:
    run_case(sys.argv[1], *case)
print(f"1..{count}")
sys.exit(failures > 0)
