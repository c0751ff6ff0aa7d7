#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Models that are nearly the same: features, sums and adapters of one are never another's. Prints
TAP.

    test_identity.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import hashlib
import json
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from hostile import (
    CONFIG,
    WEIGHTS,
    data,
    golden,
    has_bf16,
    model,
    picture,
    refused,
    run,
    vit,
    work,
    worked,
)
from tap import finish, run_tests, test


def change(folder, file, old, new):
    path = os.path.join(folder, file)
    text = open(path).read()
    assert old in text, (old, text)
    with open(path, "w") as f:
        f.write(text.replace(old, new))


def features(folder, *options, home="keyed"):
    """The features of a picture by a model, with a cache that all of them share."""
    out = os.path.join(work, "keyed.safetensors")
    environment = {**os.environ, "XDG_CACHE_HOME": os.path.join(work, home)}
    answer = json.loads(
        worked(
            run(
                "embed",
                folder,
                "--image",
                picture,
                "--output",
                out,
                "--json",
                *options,
                env=environment,
            )
        ).stdout
    )
    with open(out, "rb") as f:
        length = struct.unpack("<Q", f.read(8))[0]
        header = json.loads(f.read(length))
        begin, end = header["image_features"]["data_offsets"]
        data = f.read()[begin:end]
    return data, answer["from_cache"]


@test
def cache_of_another_model():
    """Equal weights with another activation, mean, deviation or size, in another folder or a
    corrected one: never its features."""
    plain = model("keyed-model")
    first, _ = features(plain)
    assert features(plain)[1] == 1
    config = open(os.path.join(plain, CONFIG)).read()
    for i, (old, new) in enumerate(
        (
            ("0.48145466", "0.9"),
            ("0.26862954", "0.5"),
            ('"quick_gelu": true', '"quick_gelu": false'),
        )
    ):
        for folder in (model(f"keyed-{i}"), plain):
            if old not in config:
                old, new = '"quick_gelu": false', '"quick_gelu": true'
            change(folder, CONFIG, old, new)
            with_cache, cached = features(folder)
            assert with_cache == features(folder, "--no-cache")[0] != first and cached == (
                folder == plain
            ), (old, folder, cached)
        with open(os.path.join(plain, CONFIG), "w") as f:
            f.write(config)
        assert features(plain) == (first, 1)
    if has_bf16:
        assert features(plain, "--precision", "bf16")[1] == 0
    # what version 0.2 kept is not read
    environment = os.path.join(work, "old-pack/fewshot/features")
    os.makedirs(environment)
    sha256 = json.loads(run("info", plain, "--json").stdout)["sha256"]
    with open(os.path.join(environment, f"{sha256[:32]}-p2.features"), "wb") as f:
        f.write(b"FEWFEAT1" + struct.pack("<II", 24, 0) + bytes(32 + 96 + 4) * 3)
    assert features(plain, home="old-pack") == (first, 0)


@test
def weights_with_the_same_stamp():
    """cp -p, tar and Flatpak give other weights the same path, size and time."""
    folder = model("stamp")
    weights = os.path.join(folder, WEIGHTS)

    def sum_of():
        return json.loads(run("info", folder, "--json").stdout)["sha256"]

    os.utime(weights, (1, 1))
    first, other = sum_of(), bytearray(open(weights, "rb").read())
    assert first == sum_of() == hashlib.sha256(other).hexdigest()
    other[-7] ^= 0x80  # a sign
    with open(weights + ".new", "wb") as f:
        f.write(other)
    os.utime(weights + ".new", (1, 1))
    os.rename(weights + ".new", weights)  # another inode
    assert sum_of() == hashlib.sha256(other).hexdigest() != first
    other[len(other) // 2 + 1] ^= 0x80
    with open(weights, "r+b") as f:  # the same one, written in place
        f.write(other)
    os.utime(weights, (1, 1))
    assert sum_of() == hashlib.sha256(other).hexdigest()


@test
def adapters_know_their_model():
    """An adapter opens on the model that it was trained on, in any folder; not on the same weights
    with other settings. One of version 0.2, which recorded the weights alone, opens with a word
    about it."""
    folder = model("knows")
    out = os.path.join(work, "knows.safetensors")
    worked(run("train", folder, data, "--epochs", "1", "--output", out))
    told = worked(run("predict", vit, out, picture)).stderr
    assert "cannot be checked" not in told and "features in" not in told, told
    with open(out, "rb") as f:
        content = f.read()
    assert content.count(b'"backbone_precision":"f32"') == 1
    with open(out + ".half", "wb") as f:  # as if a GPU's features had been learned from
        f.write(content.replace(b'"backbone_precision":"f32"', b'"backbone_precision":"f16"'))
    half = worked(run("predict", vit, out + ".half", picture))
    assert "learned from features in f16; here they are in f32" in half.stderr, half.stderr
    assert half.stdout == worked(run("predict", vit, out, picture)).stdout
    for file, old, new in (
        (CONFIG, "0.48145466", "0.9"),
        ("merges.txt", open(os.path.join(vit, "merges.txt")).read().splitlines()[-1], "q q"),
    ):
        other = model("knows-not")
        change(other, file, old, new)
        refused(run("predict", other, out, picture), "another config")
        refused(run("eval", other, out, data), "another config")
    with open(out, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        rest = f.read()
    assert header["__metadata__"].pop("backbone_fingerprint")
    text = json.dumps(header).encode()
    old = os.path.join(work, "version-0.2.safetensors")
    with open(old, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + rest)
    assert "cannot be checked" in worked(run("predict", vit, old, picture)).stderr
    refused(run("predict", os.path.join(golden, "resnet"), old, picture), "was trained on")
    # shards of models that differ in their settings alone
    shards = []
    for i, which in enumerate((vit, model("knows-not-2"), vit)):
        if i == 1:
            change(which, CONFIG, "0.48145466", "0.9")
        shards.append(os.path.join(work, f"shard-{i}.safetensors"))
        worked(
            run(
                "embed",
                which,
                "--image-dir",
                data,
                "--shard",
                f"{i % 2 + 1}/2",
                "--output",
                shards[-1],
            )
        )
    refused(
        run("merge", shards[0], shards[1], "--output", os.path.join(work, "m.safetensors")),
        "another config",
    )


run_tests()
finish()
