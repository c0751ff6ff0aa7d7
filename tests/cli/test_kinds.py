#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Other inputs of the kinds that an attack once found faults in (test_hostile, test_identity and
test_bombs have those that it found): a fault's whole kind is mended, not its first input. Every run
has ten seconds and 600 MB. Prints TAP.

    test_kinds.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import json
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import time
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from hostile import (
    CONFIG,
    WEIGHTS,
    cli,
    data,
    has_bf16,
    limited,
    model,
    picture,
    put,
    refused,
    run,
    work,
    worked,
)
from tap import finish, run_tests, test

plain = model("plain-model")
adapter = os.path.join(work, "good.safetensors")
worked(run("train", plain, data, "--epochs", "2", "--output", adapter))
shelf = os.path.join(os.environ["XDG_DATA_HOME"], "fewshot/models")
os.makedirs(shelf, exist_ok=True)


def fingerprint(folder):
    return json.loads(worked(run("info", folder, "--json")).stdout)["fingerprint"]


def embedded(folder, *options):
    """How many features of one picture and one text came from the cache, and what there is."""
    out = os.path.join(work, "e.safetensors")
    arguments = ["embed", folder, "--image", picture, "--text", "red stripes", "--output", out]
    answer = json.loads(worked(run(*arguments, "--json", *options)).stdout)
    with open(out, "rb") as f:
        length = struct.unpack("<Q", f.read(8))[0]
        header = json.loads(f.read(length))
        content = f.read()
    return answer["from_cache"], {
        name: content[slice(*header[name]["data_offsets"])]
        for name in ("image_features", "text_features")
    }


@test
def settings_that_change_a_feature():
    """Each gives another identity, and features as if there were no cache; an adapter of the one
    does not open on the other."""
    embedded(plain)
    cached, first = embedded(plain)
    assert cached == 1
    config = json.load(open(os.path.join(plain, CONFIG)))
    seen = {fingerprint(plain)}
    for part, member, value in (
        ("preprocess_cfg", "interpolation", "bilinear"),
        ("preprocess_cfg", "resize_mode", "squash"),
        ("preprocess_cfg", "resize_mode", "longest"),
        ("model_cfg", "quick_gelu", False),
    ):
        folder = model("setting")
        other = json.loads(json.dumps(config))
        other[part][member] = value
        put(os.path.join(folder, CONFIG), json.dumps(other))
        cached, features = embedded(folder)
        assert cached == 0, (member, value)
        assert features == embedded(folder, "--no-cache")[1], (member, value)
        assert fingerprint(folder) not in seen, (member, value)
        seen.add(fingerprint(folder))
        refused(run("predict", folder, adapter, picture), "trained")
    # the same settings in another order and with blanks are the same model
    folder = model("reordered")
    turned = {k: dict(reversed(v.items())) for k, v in reversed(config.items())}
    put(os.path.join(folder, CONFIG), json.dumps(turned, indent=7))
    assert embedded(folder) == (1, first) and fingerprint(folder) == fingerprint(plain)


@test
def tokenizers_that_change_a_text():
    """Merges in another order and a vocabulary with two words swapped: another identity, other
    texts, an adapter that is refused."""
    _, first = embedded(plain)

    def turn_merges(folder):
        path = os.path.join(folder, "merges.txt")
        lines = open(path).read().split("\n")
        put(path, "\n".join([lines[0], *reversed(lines[1:])]))

    def swap_words(folder):
        path = os.path.join(folder, "vocab.json")
        words = json.load(open(path))
        a, b = "r</w>", "e"
        words[a], words[b] = words[b], words[a]
        put(path, json.dumps(words))

    for change in (turn_merges, swap_words):
        folder = model("tokenizer")
        change(folder)
        assert fingerprint(folder) != fingerprint(plain), change
        _, features = embedded(folder)
        assert features["image_features"] == first["image_features"], change
        assert features == embedded(folder, "--no-cache")[1], change
        refused(run("predict", folder, adapter, picture), "trained")


def restate(path, copy, **said):
    """A copy of a file of features that says something else of itself."""
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        content = f.read()
    assert said.keys() <= header["__metadata__"].keys()
    header["__metadata__"].update(said)
    text = json.dumps(header).encode()
    return put(copy, struct.pack("<Q", len(text)) + text + content)


@test
def precision_and_shards():
    """bf16 has its own features, and shards of two precisions or two configs are not one file."""
    squashed = model("squashed")
    text = open(os.path.join(squashed, CONFIG)).read()
    put(os.path.join(squashed, CONFIG), text.replace('"shortest"', '"squash"'))
    exact = embedded(plain)[1]
    if has_bf16:
        assert (
            embedded(plain, "--precision", "bf16")[1]["image_features"] != exact["image_features"]
        )
    assert embedded(plain) == (1, exact)
    shards = []
    for i, folder in enumerate((plain, plain, squashed), start=1):
        shards.append(os.path.join(work, f"shard{i}.safetensors"))
        part = ["--image-dir", data, "--shard", f"{min(i, 2)}/2", "--output", shards[-1]]
        worked(run("embed", folder, *part))
    out = os.path.join(work, "merged.safetensors")
    halved = restate(shards[1], os.path.join(work, "bf16.safetensors"), precision="bf16")
    for other in halved, shards[2]:
        refused(run("merge", shards[0], other, "--output", out), "cannot be one file")
        assert not os.path.exists(out)
    worked(run("merge", shards[0], restate(shards[1], halved), "--output", out))


@test
def weights_that_look_alike():
    """Two models that swap their weights, a link that is turned, another name of the same file that
    is written: the features are always those of the weights that are there."""
    one, two = model("alike-1"), model("alike-2")
    weights = [os.path.join(folder, WEIGHTS) for folder in (one, two)]
    other = bytearray(open(weights[1], "rb").read())
    other[-7] ^= 0x80
    put(weights[1], bytes(other))
    for path in weights:
        os.utime(path, (1, 1))
    before = [fingerprint(one), fingerprint(two)]
    assert before[0] != before[1]
    os.rename(weights[0], weights[0] + ".x")
    os.rename(weights[1], weights[0])
    os.rename(weights[0] + ".x", weights[1])
    assert [fingerprint(one), fingerprint(two)] == before[::-1]
    linked = model("alike-link")
    path = os.path.join(linked, WEIGHTS)
    for target, wanted in ((weights[1], before[0]), (weights[0], before[1])):
        os.unlink(path)
        os.symlink(target, path)
        assert fingerprint(linked) == wanted
    name = os.path.join(work, "another-name")
    os.link(weights[1], name)
    content = bytearray(open(name, "rb").read())
    content[len(content) // 3 * 2] ^= 0x40
    with open(name, "r+b") as f:
        f.write(content)
    os.utime(name, (1, 1))
    assert fingerprint(two) not in before


DEEP = 300000
SICK = {
    "objects": b'{"a":' * DEEP,
    "mixed": b'[{"a":' * DEEP,
    "comment before": b'/* " */ {"a":' + b"[" * DEEP,
    "comment inside a key": b'{"a\\"/*": ' + b"[" * DEEP,
    "line comment with a quote": b'{ // "\n"a":' + b"[" * DEEP,
    "star star": b'{/***/"a":/*"**/' + b"[" * DEEP,
    "wide": '{"a":1}'.encode("utf-16"),
    "wider": '{"a":1}'.encode("utf-32"),
    "no text": b'{"a":"\xff\xfe"}',
    "a zero": b'{"a":1}\0{"b":2}',
    "two": b'{"a":1}{"b":2}',
    "half a pair": b'{"\\ud800":1}',
    "a list": b"[1]",
    "a number": b"1e999999999",
    "nothing": b"",
    "a blank": b" \n",
    "a comma": b'{"a":1,}',
    "not a number": b'{"a":NaN}',
}


@test
def json_that_is_none():
    """In each place that JSON is read from: a sentence with the file's name."""
    header = os.path.join(work, "sick.safetensors")
    prompts, catalogue = os.path.join(work, "prompts.json"), os.path.join(work, "catalogue.json")
    table = os.path.join(work, "b.csv")
    for kind, content in SICK.items():
        for name in (CONFIG, "vocab.json", "tokenizer.json"):
            folder = model("sick")
            if name == "tokenizer.json":
                os.unlink(os.path.join(folder, "vocab.json"))
                os.unlink(os.path.join(folder, "merges.txt"))
            put(os.path.join(folder, name), content)
            refused(run("info", folder, preexec_fn=limited), name)
            shutil.rmtree(folder)
        put(header, struct.pack("<Q", len(content)) + content)
        refused(run("snippet", header, preexec_fn=limited), "sick.safetensors")
        put(prompts, content)
        few = ["bench", plain, data, "--methods", "zero-shot", "--shots", "1", "--seeds", "1"]
        for option in ("--split", "--class-prompts"):
            done = run(*few, option, prompts, "--output", table, preexec_fn=limited)
            if kind not in ("half a pair", "a number") or done.returncode != 0:
                refused(done)
        put(catalogue, content)
        models = run("models", env={**os.environ, "FEWSHOT_CATALOGUE": catalogue})
        assert models.returncode in (0, 1) and models.stderr, (kind, models)


@test
def removing_by_odd_names():
    """Names that lead elsewhere remove nothing; a record names files of its own folder alone."""
    outside = put(os.path.join(work, "outside/fewshot-model.ini"), "[model]\n")
    kept = put(os.path.join(work, "outside/kept.txt"), "kept")
    for name in ("", ".", "..", "/", "../../../outside", os.path.dirname(outside), "a/../..", "*"):
        done = run("remove", "--", name)
        assert done.returncode in (1, 2) and done.stderr, (name, done)
    names = ["weights.bin", kept, "../../../../outside/kept.txt", "", ".", "sub/inner.txt", "pipe"]
    record = "[model]\nrepository=x/y\nrevision=main\n"
    record += "".join(f"[file {n}]\nbytes=4\nsha256=\n" for n in names)
    mine = os.path.join(shelf, "vit-b-32")
    for name in ("weights.bin", "fewshot-model.ini", "sub/inner.txt"):
        put(os.path.join(mine, name), record if name.endswith("ini") else "test")
    os.mkfifo(os.path.join(mine, "pipe"))
    os.link(kept, os.path.join(mine, "weights.bin.part"))  # another name of it goes, not the file
    worked(run("remove", "vit-b-32"))
    assert open(kept).read() == "kept" and os.path.exists(outside)
    assert not os.path.exists(os.path.join(mine, "weights.bin"))
    # a record that is a link, and a folder behind a link
    other = os.path.join(shelf, "vit-b-16")
    os.makedirs(other)
    put(os.path.join(other, "weights.bin"), "test")
    os.symlink(put(os.path.join(work, "record.ini"), record), f"{other}/fewshot-model.ini")
    run("remove", "vit-b-16")
    assert os.path.exists(os.path.join(work, "record.ini")) and open(kept).read() == "kept"
    shutil.rmtree(mine, ignore_errors=True)
    shutil.rmtree(other, ignore_errors=True)


@test
def cut_off_of_every_kind():
    """An adapter, a shard, a pickle, a vocabulary, a part and a picture that are cut off and made
    whole again while they are read: done, or a sentence."""
    pickled = model("cut-pickle")
    os.unlink(os.path.join(pickled, WEIGHTS))
    archive = os.path.join(pickled, "open_clip_pytorch_model.bin")
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr("archive/data.pkl", b"\x80\x02}." + b"." * 200000)
        z.writestr("archive/version", "3\n")
    spelt = model("cut-words")
    shard, out = os.path.join(work, "cut.safetensors"), os.path.join(work, "cut-out.safetensors")
    worked(run("embed", plain, "--image-dir", data, "--output", shard))
    copied = os.path.join(work, "cut.png")
    shutil.copy(picture, copied)
    rng = random.Random(3)
    for path, arguments in (
        (adapter, ["predict", plain, adapter, picture]),
        (shard, ["merge", shard, "--output", out]),
        (archive, ["info", pickled]),
        (os.path.join(spelt, "vocab.json"), ["info", spelt]),
        (os.path.join(spelt, CONFIG), ["info", spelt]),
        (copied, ["embed", plain, "--image", copied, "--no-cache", "--output", out]),
    ):
        whole = open(path, "rb").read()
        for i in range(8):
            process = subprocess.Popen(
                [cli, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            )
            while process.poll() is None:
                os.truncate(path, rng.randrange(len(whole)))
                time.sleep(0.0004 * i)
                with open(path, "r+b") as f:
                    f.write(whole)
            said = process.stderr.read()
            assert process.returncode in (0, 1) and "CRITICAL" not in said, (path, said)
        put(path, whole)


@test
def sockets_and_devices():
    """And pipes where nobody looked for them: a sentence at once."""
    places = os.path.join(work, "odd-places")
    os.makedirs(places)
    listening = socket.socket(socket.AF_UNIX)
    os.chdir(places)
    listening.bind("socket")
    os.mkfifo("pipe")
    os.symlink("/dev/full", "full")
    os.symlink("/dev/tty", "terminal")
    os.symlink("loop", "loop")
    out = os.path.join(work, "odd-out.safetensors")
    for strange in (os.path.join(places, n) for n in os.listdir(places)):
        for name in ("preprocessor_config.json", "tokenizer_config.json", "spiece.model"):
            folder = model("odd-model")
            os.symlink(strange, os.path.join(folder, name))
            done = run("info", folder, preexec_fn=limited)
            assert done.returncode in (0, 1) and "CRITICAL" not in done.stderr, (name, done)
            shutil.rmtree(folder)
        for name in (CONFIG, WEIGHTS, "merges.txt"):
            folder = model("odd-model")
            os.unlink(os.path.join(folder, name))
            os.symlink(strange, os.path.join(folder, name))
            refused(run("info", folder, preexec_fn=limited), name)
            shutil.rmtree(folder)
        for arguments in (
            ["predict", plain, strange, picture],
            ["predict", plain, adapter, strange],
            ["predict", plain, adapter, "--list", strange],
            ["train", plain, data, "--negatives", strange, "--output", out],
            ["train", plain, strange, "--output", out],
            ["label-next", plain, strange],
            ["check", plain, strange],
            ["verify", strange, data],
            ["export", strange, "--output", os.path.join(work, "odd-folder")],
            ["merge", strange, "--output", out],
        ):
            done = run(*arguments, preexec_fn=limited)
            assert done.returncode in (1, 2) and done.stderr, (arguments, done)
        # among pictures it is passed over, and in the cache's place done without
        mixed = os.path.join(work, "mixed")
        shutil.copytree(data, mixed)
        os.symlink(strange, os.path.join(mixed, "kind 1", "odd.png"))
        worked(run("check", plain, mixed, "--no-cache", preexec_fn=limited))
        shutil.rmtree(mixed)
        cache = os.path.join(work, "odd-cache")
        os.makedirs(os.path.join(cache, "fewshot"))
        os.symlink(strange, os.path.join(cache, "fewshot", "features"))
        where = {**os.environ, "XDG_CACHE_HOME": cache, "FEWSHOT_CATALOGUE": strange}
        worked(run("predict", plain, adapter, picture, env=where, preexec_fn=limited))
        shutil.rmtree(cache)
        done = run("models", env=where, preexec_fn=limited)
        assert done.returncode in (0, 1), done
    os.chdir("/")
    listening.close()


run_tests()
finish()
