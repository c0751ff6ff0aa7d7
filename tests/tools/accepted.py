#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How many of the installed open_clip's configs and pretrained tags Fewshot's reader of configs
takes, and why it refuses the others.

    accepted.py FEWSHOT_CLI [--quiet]"""

import json
import os
import subprocess
import sys
import tempfile

import open_clip
from open_clip.pretrained import _PRETRAINED

CONFIGS = os.path.join(os.path.dirname(open_clip.__file__), "model_configs")
PREPROCESS = ("mean", "std", "interpolation", "resize_mode", "fill_color")


def refusal(cli, config, preprocess):
    """What it says before it asks for weights; None when it has nothing to say."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/open_clip_config.json", "w") as file:
            json.dump({"model_cfg": config, "preprocess_cfg": preprocess}, file)
        done = subprocess.run(
            [cli, "info", folder, "--device", "cpu"], capture_output=True, text=True
        )
        said = done.stderr.replace(folder + "/", "")
        return None if "holds no weights" in said else said.strip()


def main():
    cli, quiet = sys.argv[1], "--quiet" in sys.argv
    taken = tags = taken_tags = 0
    names = sorted(file[:-5] for file in os.listdir(CONFIGS))
    for name in names:
        config = json.load(open(f"{CONFIGS}/{name}.json"))
        why = refusal(cli, config, {})
        taken += why is None
        if why and not quiet:
            print(f"{name}: {why}")
        for tag, about in _PRETRAINED.get(name, {}).items():
            preprocess = {k: about[k] for k in PREPROCESS if about.get(k) is not None}
            why_tag = why or refusal(
                cli, {**config, "quick_gelu": about.get("quick_gelu", False)}, preprocess
            )
            tags += 1
            taken_tags += why_tag is None
            if why_tag and not why and not quiet:
                print(f"{name}, {tag}: {why_tag}")
    print(f"accepted {taken} of {len(names)} configs, {taken_tags} of {tags} tags")


main()
