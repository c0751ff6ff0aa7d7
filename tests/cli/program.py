# SPDX-License-Identifier: MIT
"""What tests of fewshot-cli share: `TEST.py FEWSHOT_CLI GOLDEN_FOLDER`, a folder to work in that
goes at the end, a cache of its own."""

import atexit
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from drawn import striped_folder

cli, golden = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="fewshot-cli-")
atexit.register(shutil.rmtree, work, ignore_errors=True)
os.environ["XDG_CACHE_HOME"] = os.path.join(work, "cache")
model = os.path.join(golden, "vit")


def run(*arguments, **how):
    return subprocess.run([cli, *arguments], capture_output=True, text=True, **how)


def json_of(result):
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def dataset(name, **how):
    return striped_folder(os.path.join(work, name), **how)


def tensors(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    return {
        k: data[slice(*v["data_offsets"])] for k, v in header.items() if k != "__metadata__"
    }, header
