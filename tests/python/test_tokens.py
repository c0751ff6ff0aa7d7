#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Tokens of the full-size vocabulary (49,408 symbols) against open_clip's own tokenizer, from the
three file layouts. Prints TAP.

    test_tokens.py FEWSHOT_CLI

The vocabulary comes from PyPI's open_clip_torch, which ./test installs for this; it is not
committed. (open_clip spells the special tokens inside a text otherwise than OpenAI's tokenizer,
which the engine follows; the golden dumps cover those.)
"""

import gzip
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
import venv_path  # noqa: E402, F401

try:
    import ftfy  # noqa: F401 (open_clip imports it)
    import numpy as np
    import regex  # noqa: F401 (open_clip imports it)
    import torch  # noqa: F401
    from safetensors.numpy import save_file

    package = os.path.dirname(importlib.util.find_spec("open_clip").origin)
except (ImportError, AttributeError) as error:
    print(f"1..0 # SKIP {error}: ./test installs open_clip_torch, ftfy and regex")
    sys.exit(0)
spec = importlib.util.spec_from_file_location("reference", os.path.join(package, "tokenizer.py"))
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)
theirs = reference.SimpleTokenizer()

cli = sys.argv[1]
work = tempfile.mkdtemp(prefix="fewshot-tokens-")

# The vocabulary in the layout that checkpoints carry, and a model just large enough to carry it.
alphabet = list(reference.bytes_to_unicode().values())
merges = (
    gzip.open(os.path.join(package, "bpe_simple_vocab_16e6.txt.gz"))
    .read()
    .decode()
    .split("\n")[1 : 49152 - 256 - 2 + 1]
)
symbols = (
    alphabet
    + [v + "</w>" for v in alphabet]
    + ["".join(m.split()) for m in merges]
    + ["<|startoftext|>", "<|endoftext|>"]
)
vocabulary = {s: i for i, s in enumerate(symbols)}
W, D, T = 8, 8, 77


def block(prefix):
    shapes = {
        "ln_1.weight": [W],
        "ln_1.bias": [W],
        "ln_2.weight": [W],
        "ln_2.bias": [W],
        "attn.in_proj_weight": [3 * W, W],
        "attn.in_proj_bias": [3 * W],
        "attn.out_proj.weight": [W, W],
        "attn.out_proj.bias": [W],
        "mlp.c_fc.weight": [4 * W, W],
        "mlp.c_fc.bias": [4 * W],
        "mlp.c_proj.weight": [W, 4 * W],
        "mlp.c_proj.bias": [W],
    }
    return {prefix + k: v for k, v in shapes.items()}


shapes = {
    "token_embedding.weight": [len(symbols), W],
    "positional_embedding": [T, W],
    "ln_final.weight": [W],
    "ln_final.bias": [W],
    "text_projection": [W, D],
    "logit_scale": [],
    "visual.conv1.weight": [W, 3, 8, 8],
    "visual.class_embedding": [W],
    "visual.positional_embedding": [5, W],
    "visual.proj": [W, D],
    "visual.ln_pre.weight": [W],
    "visual.ln_pre.bias": [W],
    "visual.ln_post.weight": [W],
    "visual.ln_post.bias": [W],
    **block("transformer.resblocks.0."),
    **block("visual.transformer.resblocks.0."),
}
config = {
    "model_cfg": {
        "embed_dim": D,
        "quick_gelu": True,
        "vision_cfg": {"image_size": 16, "patch_size": 8, "width": W, "layers": 1, "head_width": 4},
        "text_cfg": {
            "context_length": T,
            "vocab_size": len(symbols),
            "width": W,
            "heads": 2,
            "layers": 1,
        },
    },
    "preprocess_cfg": {},
}
for kind in ("plain", "joined", "openai"):
    folder = os.path.join(work, kind)
    os.makedirs(folder)
    save_file(
        {k: np.zeros(v, np.float16) for k, v in shapes.items()},
        os.path.join(folder, "open_clip_model.safetensors"),
    )
    json.dump(config, open(os.path.join(folder, "open_clip_config.json"), "w"))
json.dump(vocabulary, open(os.path.join(work, "plain/vocab.json"), "w"))
with open(os.path.join(work, "plain/merges.txt"), "w", encoding="utf8") as f:
    f.write("#version: 0.2\n" + "\n".join(merges) + "\n")
json.dump(
    {"model": {"type": "BPE", "vocab": vocabulary, "merges": merges}},
    open(os.path.join(work, "joined/tokenizer.json"), "w"),
)

shutil.copy(os.path.join(package, "bpe_simple_vocab_16e6.txt.gz"), os.path.join(work, "openai"))

# Strings of twenty scripts, with the punctuation, white space and entities that cleaning is about.
scripts = {
    "Latin": (0x41, 0x17F),
    "Greek": (0x391, 0x3C9),
    "Cyrillic": (0x410, 0x44F),
    "Armenian": (0x531, 0x586),
    "Hebrew": (0x5D0, 0x5EA),
    "Arabic": (0x621, 0x64A),
    "Devanagari": (0x904, 0x939),
    "Bengali": (0x985, 0x9B9),
    "Gurmukhi": (0xA05, 0xA39),
    "Gujarati": (0xA85, 0xAB9),
    "Tamil": (0xB85, 0xBB9),
    "Telugu": (0xC05, 0xC39),
    "Thai": (0xE01, 0xE2E),
    "Georgian": (0x10D0, 0x10F0),
    "Ethiopic": (0x1200, 0x1248),
    "Khmer": (0x1780, 0x17B3),
    "Hiragana": (0x3041, 0x3096),
    "Katakana": (0x30A1, 0x30FA),
    "Han": (0x4E00, 0x9FA5),
    "Hangul": (0xAC00, 0xD7A3),
}
rng = random.Random(4)
texts = [
    "hello world",
    "a photo of a cat.",
    "It's 2024, isn't it?",
    "caf\u00e9 &amp; cr\u00e8me",
    "a_b-c/d",
    "100% \u2014 \u201cquoted\u201d",
    "",
]
while len(texts) < 10000:
    low, high = rng.choice(list(scripts.values()))
    words = [
        "".join(
            chr(c)
            for c in (rng.randint(low, high) for _ in range(rng.randint(1, 8)))
            if chr(c).isalpha()
        )
        for _ in range(rng.randint(1, 6))
    ]
    glue = rng.choice([" ", "  ", ", ", " - ", "\n", "! ", " 7 "])
    text = glue.join(words) + rng.choice(["", ".", "?", "...", " \u00a9", "&eacute;", " \uff21"])
    texts.append(
        text
        if rng.random() < 0.8
        else text.encode()
        .decode(rng.choice(["latin-1", "cp1252", "cp437"]), "replace")
        .replace("\0", "")
    )


def expected(text):
    ids = [int(i) for i in theirs(text)[0]]
    end = ids.index(max(ids))
    return ids[: end + 1] if ids[end] == 49407 else ids


wanted = [expected(t) for t in texts]
print("1..3")
for number, kind in enumerate(("plain", "joined", "openai"), 1):
    ours = []
    for start in range(0, len(texts), 1000):
        answer = subprocess.run(
            [cli, "tokenize", os.path.join(work, kind), "--", *texts[start : start + 1000]],
            capture_output=True,
            text=True,
        )
        assert answer.returncode == 0, answer.stderr
        ours += json.loads(answer.stdout)
    wrong = [(t, o, e) for t, o, e in zip(texts, ours, wanted) if o != e]
    same = len(ours) == len(texts) and not wrong and ours[0] == [49406, 3306, 1002, 49407]
    print(
        ("ok" if same else "not ok")
        + f" {number} {kind}: {len(texts) - len(wrong)} of {len(texts)} strings alike"
    )
    for t, o, e in wrong[:5]:
        print(f"# {t!r}: {o} instead of {e}")
