#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Pictures made ready as configs ask for: bit for bit what open_clip and transformers made of them
(tests/tools/golden_preprocess.py), and settings that are refused by name. Prints TAP.

    test_preprocess.py FEWSHOT_CLI GOLDEN_FOLDER"""

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
    import numpy as np
    from PIL import Image
    from safetensors.numpy import load_file
except ImportError as error:
    print(f"1..0 # SKIP {error}: ./test installs numpy, safetensors and Pillow")
    sys.exit(0)
from tap import check, finish  # noqa: E402

cli, golden = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="fewshot-preprocess-")
SIDE = 32
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
HALF = [0.5] * 3


def write(path, value):
    with open(path, "w") as file:
        json.dump(value, file)


def model(family, settings, file="preprocessor_config.json", wrap=False):
    """A folder of the golden model with these settings."""
    folder = f"{work}/{family}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(f"{golden}/{'vit' if family == 'open_clip' else 'hf'}", folder)
    if family == "open_clip":
        config = json.load(open(f"{folder}/open_clip_config.json"))
        config["preprocess_cfg"] = settings
        write(f"{folder}/open_clip_config.json", config)
    else:
        if file != "preprocessor_config.json":
            os.rename(f"{folder}/preprocessor_config.json", f"{folder}/preprocessor.old")
        write(f"{folder}/{file}", {"image_processor": settings} if wrap else settings)
    return folder


def run(folder, picture):
    out = f"{work}/out.safetensors"
    done = subprocess.run(
        [cli, "preprocess", folder, "--exact", f"{golden}/pictures/{picture}", "-o", out],
        capture_output=True,
        text=True,
    )
    return (load_file(out) if done.returncode == 0 else None), done.stderr.strip()


def normalised(values, family, settings):
    """float32 by the formula of both libraries."""
    half = settings.get("image_processor_type", "CLIP")[:3] not in ("CLI", "Bit", "Chi")
    get = settings.get
    if family == "open_clip":
        mean, std, white = get("mean") or MEAN, get("std") or STD, 255  # 0 is none, to open_clip
    else:
        mean = get("image_mean", HALF if half else MEAN)
        std = get("image_std", HALF if half else STD)
        white = 1 / get("rescale_factor", 1 / 255) if get("do_rescale", True) else 1
        if not get("do_normalize", True):
            mean, std = 0, 1
    mean, std = (np.broadcast_to(x, 3).astype(np.float64) for x in (mean, std))
    return ((values / white - mean) / std).transpose(2, 0, 1)


def same(got, values, family, settings):
    if got is None:
        return False, "no answer"
    wrong = (got["resized"] != values).sum()
    expected = normalised(values.astype(np.float64), family, settings)
    apart = np.abs(got["pixels"] - expected).max() / np.abs(expected).max()
    return wrong == 0 and apart < 1e-6, f"{wrong} values differ, pixels by {apart:.1e}"


dump = json.load(open(f"{ROOT}/tests/data/families/preprocess.json"))
strip = np.asarray(Image.open(f"{ROOT}/tests/data/families/preprocess.png"))
at = 0
for case in dump["cases"]:
    family, settings = case["family"], case["settings"]
    folder, problems = model(family, settings), []
    for picture in dump["pictures"]:
        values = strip[at : at + SIDE]
        at += SIDE
        got, error = run(folder, picture)
        good, why = same(got, values, family, settings)
        if not good:
            problems.append(f"{picture}: {error or why}")
    check(f"{family} {json.dumps(settings)}", not problems, "; ".join(problems))

# ---- which file counts

usual = {"image_processor_type": "CLIPImageProcessor", "size": SIDE, "crop_size": SIDE}
folder = model("transformers", {**usual, "do_normalize": False})
plain, _ = run(folder, "wide.png")
write(f"{folder}/processor_config.json", {"processor_class": "CLIPProcessor"})
got, error = run(folder, "wide.png")
check(
    "a processor_config.json without settings of pictures leaves them where they are",
    got is not None and (got["pixels"] == plain["pixels"]).all(),
    error,
)
write(f"{folder}/processor_config.json", {"image_processor": {**usual, "resample": 0}})
got, error = run(folder, "wide.png")
check(
    "processor_config.json goes before preprocessor_config.json",
    got is not None and (got["pixels"] != plain["pixels"]).any() and got["pixels"].min() < -1,
    error,
)

# ---- refused by name

REFUSED = [
    ("open_clip", {"resize_mode": "stretch"}, "stretch"),
    ("open_clip", {"interpolation": "lanczos"}, "lanczos"),
    ("open_clip", {"mode": "L"}, "mode"),
    ("open_clip", {"gamma": 2}, "gamma"),
    ("open_clip", {"mean": [0, 0]}, "mean"),
    ("open_clip", {"std": [0, 1, 1]}, "deviation"),
    ("open_clip", {"fill_color": 300}, "fill_color"),
    ("transformers", {**usual, "image_processor_type": "BlipImageProcessor"}, "BlipImageProcessor"),
    ("transformers", {**usual, "do_pad": True}, "do_pad"),
    ("transformers", {**usual, "pad_size": {"height": 9, "width": 9}}, "pad_size"),
    ("transformers", {**usual, "size": {"longest_edge": SIDE}}, "longest_edge"),
    ("transformers", {**usual, "size": {"height": SIDE}}, "size"),
    ("transformers", {**usual, "size": 10**12}, "size"),
    ("transformers", {**usual, "size": "large"}, "size"),
    ("transformers", {**usual, "crop_size": 31}, "31 × 31"),
    ("transformers", {**usual, "do_center_crop": False}, "0 × 0"),
    ("transformers", {**usual, "resample": 6}, "resample"),
    ("transformers", {**usual, "crop_pct": 0.9}, "crop_pct"),
    ("transformers", {**usual, "rescale_factor": 0}, "rescale_factor"),
    ("transformers", {**usual, "do_resize": 3}, "do_resize"),
    ("transformers", {**usual, "offset": True}, "offset"),
]
for family, settings, word in REFUSED:
    got, error = run(model(family, settings), "wide.png")
    check(f"{family} {json.dumps(settings)} is refused", got is None and word in error, error)

shutil.rmtree(work)
finish()
