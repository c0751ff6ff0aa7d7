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
    import clip_reference as clip
    import family_data
    import numpy as np
    from PIL import Image
    from safetensors.numpy import load_file
except ImportError as error:
    print(f"1..0 # SKIP {error}: ./test installs torch, safetensors and Pillow")
    sys.exit(0)
from tap import check, finish  # noqa: E402

BOUND = 1e-5
cli = sys.argv[1]
dumps = sys.argv[2] if len(sys.argv) > 2 else f"{ROOT}/tests/data/families"
work = tempfile.mkdtemp(prefix="fewshot-families-")


def sizes(folder):
    """Size of pictures, of the vocabulary, and whether its tokenizer must be made up."""
    if os.path.exists(f"{folder}/open_clip_config.json"):
        config = json.load(open(f"{folder}/open_clip_config.json"))["model_cfg"]
        return config["vision_cfg"]["image_size"], config["text_cfg"].get("vocab_size")
    config = json.load(open(f"{folder}/config.json"))
    vision = config.get("vision_config", config)
    return vision["image_size"], config.get("text_config", {}).get("vocab_size")


def unit(x):
    x = np.asarray(x, np.float64)
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def embed(model, *arguments):
    out = f"{work}/out.safetensors"
    done = subprocess.run(
        [cli, "embed", model, "--device", "cpu", "--no-cache", "-o", out, *arguments],
        capture_output=True,
        text=True,
    )
    return (load_file(out) if done.returncode == 0 else None), done.stderr.strip()


for name in sorted(os.listdir(dumps)):
    if not os.path.exists(f"{dumps}/{name}/expected.safetensors"):
        continue
    model = f"{work}/{name}"
    os.mkdir(model)
    for file in os.listdir(f"{dumps}/{name}"):
        os.symlink(f"{os.path.abspath(dumps)}/{name}/{file}", f"{model}/{file}")
    expected = load_file(f"{model}/expected.safetensors")
    os.remove(f"{model}/expected.safetensors")
    size, vocabulary = sizes(model)
    tokenizers = ("spiece.model", "sentencepiece.bpe.model", "vocab.txt", "tokenizer.json")
    if vocabulary and not any(os.path.exists(f"{model}/{file}") for file in tokenizers):
        clip.bpe.write(model, clip.toy_vocabulary(vocabulary), [])
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
    if "text_features" in expected:
        texts = [a for text in family_data.TEXTS for a in ("--text", text)]
        got, error = embed(model, *texts)
        worst = (
            1.0
            if got is None
            else abs(unit(got["text_features"]) - expected["text_features"]).max()
        )
        check(f"{name}: texts within {BOUND} ({worst:.1e})", worst < BOUND, error)
    shutil.rmtree(model)

shutil.rmtree(work)
finish()
