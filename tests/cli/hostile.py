# SPDX-License-Identifier: MIT
"""What tests of hostile inputs share: `TEST.py FEWSHOT_CLI GOLDEN_FOLDER`, a folder to work in that
goes at the end, runs of ten seconds at most, pictures."""

import atexit
import os
import resource
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from drawn import striped_folder

cli, golden = (os.path.abspath(a) for a in sys.argv[1:3])
work = tempfile.mkdtemp(prefix="fewshot-hostile-")
atexit.register(shutil.rmtree, work, ignore_errors=True)
for kind in ("cache", "data", "config"):
    os.environ[f"XDG_{kind.upper()}_HOME"] = os.path.join(work, kind)
vit = os.path.join(golden, "vit")
# Features of another precision are computed where the processor has one.
with open("/proc/cpuinfo") as f:
    has_bf16 = "avx512_bf16" in f.read()
CONFIG, WEIGHTS = "open_clip_config.json", "open_clip_model.safetensors"


def run(*arguments, **how):
    return subprocess.run(
        [cli, *arguments],
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=10,
        **how,
    )


def refused(done, *words):
    """One sentence and no more: not a crash, not a wait."""
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    for word in words:
        assert word in done.stderr, (word, done.stderr)


def worked(done):
    assert done.returncode == 0, (done.returncode, done.stderr)
    return done


def put(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(content if isinstance(content, bytes) else content.encode())
    return path


def model(name):
    """A copy of the small ViT of its own."""
    folder = os.path.join(work, name)
    shutil.copytree(vit, folder, dirs_exist_ok=True)
    return folder


def limited():
    """No more than 600 MB of memory, so that filling it fails here and not on the whole machine."""
    resource.setrlimit(resource.RLIMIT_DATA, (600 << 20, 600 << 20))


data = striped_folder(os.path.join(work, "plain"))
picture = os.path.join(data, "kind 1", "003.png")
