#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""fewshot-cli against files that are not what they should be: pipes and devices in every place, JSON and pickles made to exhaust, models
that change while they are read, names that a terminal obeys. Every run has ten seconds. Prints TAP.

    test_hostile.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import json
import os
import resource
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from drawn import striped_folder  # noqa: E402
from tap import finish, run_tests, test  # noqa: E402

cli, golden = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="fewshot-hostile-")
for kind in ("cache", "data", "config"):
    os.environ[f"XDG_{kind.upper()}_HOME"] = os.path.join(work, kind)
vit = os.path.join(golden, "vit")
CONFIG, WEIGHTS = "open_clip_config.json", "open_clip_model.safetensors"


def run(*arguments, **how):
    return subprocess.run([cli, *arguments], capture_output=True, text=True, errors="surrogateescape", timeout=10, **how)


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
STRANGE = [(kind, os.path.join(places, kind), word) for kind, word in (("pipe", "pipe"), ("zero", "device"), ("folder", "folder"))]


def put(strange, path):
    if os.path.lexists(path):
        os.unlink(path)
    os.symlink(strange, path)


@test
def pipes_in_a_model():
    for kind, strange, word in STRANGE:
        for file in (CONFIG, "vocab.json", "merges.txt", WEIGHTS):
            folder = model(f"strange-{kind}-{file}")
            put(strange, os.path.join(folder, file))
            refused(run("info", folder, preexec_fn=limited), file, word)
        for keep, file in ((("vocab.json", "merges.txt"), "tokenizer.json"), (("vocab.json", "merges.txt"), "bpe_simple_vocab_16e6.txt.gz"),
                           ((WEIGHTS,), "model.pt"), ((WEIGHTS,), "model.safetensors.index.json"), ((CONFIG,), "config.json")):
            folder = model(f"strange-{kind}-{file}")
            for name in keep:
                os.unlink(os.path.join(folder, name))
            put(strange, os.path.join(folder, file))
            refused(run("info", folder, preexec_fn=limited), file, word)
        folder = model(f"strange-{kind}-shard")
        os.unlink(os.path.join(folder, WEIGHTS))
        put(strange, os.path.join(folder, "a.safetensors"))
        with open(os.path.join(folder, "a.safetensors.index.json"), "w") as f:
            json.dump({"weight_map": {"x": "a.safetensors"}}, f)
        refused(run("info", folder, preexec_fn=limited), "a.safetensors", word)


@test
def pipes_elsewhere():
    out = os.path.join(work, "out.safetensors")
    for kind, strange, word in STRANGE:
        for arguments in (["predict", vit, strange, picture], ["eval", vit, strange, data], ["onnx", strange, "--output", out], ["snippet", strange],
                          ["merge", "--output", out, strange, strange],
                          ["bench", vit, data, "--split", strange, "--output", os.path.join(work, "b.csv")],
                          ["bench", vit, data, "--train-list", strange, "--test-list", strange, "--output", os.path.join(work, "b.csv")],
                          ["bench", vit, data, "--class-names", strange, "--output", os.path.join(work, "b.csv")],
                          ["bench", vit, data, "--class-prompts", strange, "--output", os.path.join(work, "b.csv")]):
            done = run(*arguments, preexec_fn=limited)
            assert done.returncode in (1, 2) and done.stderr, (arguments, done)
        refused(run("embed", vit, "--image", strange, "--output", out), "refused" if kind != "folder" else "folder")
        put(strange, out + ".part")
        refused(run("embed", vit, "--image", picture, "--output", out), word)
        os.unlink(out + ".part")


@test
def pipes_of_our_own():
    """In the place of what is remembered: it is done without, and replaced."""
    for kind, strange, _ in STRANGE[:2]:
        home = os.path.join(work, "own-" + kind)
        features = os.path.join(home, "cache/fewshot/features")
        record = os.path.join(home, "data/fewshot/models/x/fewshot-model.ini")
        environment = {**os.environ, "XDG_CACHE_HOME": home + "/cache", "XDG_DATA_HOME": home + "/data"}
        for path in (os.path.join(features, "models.ini"), record):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            put(strange, path)
        worked(run("info", vit, env=environment, preexec_fn=limited))
        worked(run("models", env=environment, preexec_fn=limited))


@test
def deep_json():
    """A comment that holds a quote hid two million brackets from the check of depth; the parser recursed until the stack ended."""
    for hidden in ('/*"*/', "#\"\n", "//\"\n", "'\"'", ""):
        folder = model("deep")
        for name, head in ((CONFIG, '{"a":'), ("vocab.json", '{"a":')):
            folder = model("deep")
            with open(os.path.join(folder, name), "w") as f:
                f.write(head + hidden + "[" * 2000000)
            refused(run("info", folder), name)
    with open(os.path.join(work, "deep.safetensors"), "wb") as f:
        header = b'{"__metadata__":/*"*/' + b"[" * 2000000
        f.write(struct.pack("<Q", len(header)) + header)
    refused(run("snippet", os.path.join(work, "deep.safetensors")), "deep.safetensors")


run_tests()
shutil.rmtree(work)
finish()
