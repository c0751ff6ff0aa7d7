# SPDX-License-Identifier: MIT
"""What test_hostile.py and test_hostile_models.py share: a small model, an adapter for it, and
things that stand where a file should. Arguments of the program: FEWSHOT_CLI GOLDEN_FOLDER."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from drawn import striped_folder

cli, golden = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="fewshot-hostile-")
for kind in ("cache", "data", "config"):
    os.environ[f"XDG_{kind.upper()}_HOME"] = os.path.join(work, kind)
vit = os.path.join(golden, "vit")
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


def model(name):
    """A copy of the small ViT of its own."""
    folder = os.path.join(work, name)
    shutil.copytree(vit, folder, dirs_exist_ok=True)
    return folder


def limited():
    """No more than 600 MB of memory, so that filling it fails here and not on the whole machine."""
    resource.setrlimit(resource.RLIMIT_DATA, (600 << 20, 600 << 20))


data = striped_folder(os.path.join(work, "plain"))
adapter = os.path.join(work, "good.safetensors")
worked(run("train", vit, data, "--epochs", "2", "--output", adapter))
picture = os.path.join(data, "kind 1", "003.png")

# what can stand in a file's place and is none
places = os.path.join(work, "places")
os.makedirs(places)
os.mkfifo(os.path.join(places, "pipe"))
os.symlink("/dev/zero", os.path.join(places, "zero"))
os.makedirs(os.path.join(places, "folder"))
STRANGE = [
    (kind, os.path.join(places, kind), word)
    for kind, word in (("pipe", "pipe"), ("zero", "device"), ("folder", "folder"))
]


def put(strange, path):
    if os.path.lexists(path):
        os.unlink(path)
    os.symlink(strange, path)
