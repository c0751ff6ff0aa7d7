#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Checkpoints in the layouts that PyTorch, transformers and OpenAI write, and archives that a
stranger made up. Prints TAP.

    test_checkpoints.py FEWSHOT_CLI GOLDEN_FOLDER

The same weights must give the same bits whatever file they come in; whatever else is in an archive
is refused by name and nothing of it runs."""

import gzip
import os
import pickle
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
import venv_path  # noqa: E402, F401

try:
    import clip_reference as clip
    import clip_weights
    import torch
    from safetensors.torch import load_file, save_file
except ImportError as error:
    print(f"1..0 # SKIP {error}: ./test installs torch and safetensors")
    sys.exit(0)

cli, golden = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="fewshot-checkpoints-")
picture = os.path.join(golden, "pictures/wide.png")
count = failures = 0


def check(ok, what, detail=""):
    global count, failures
    count += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {what}", flush=True)
    if not ok and detail:
        print("# " + str(detail).strip().replace("\n", "\n# "), flush=True)


def embed(model):
    out = f"{work}/out.safetensors"
    done = subprocess.run(
        [cli, "embed", model, "--no-cache", "--image", picture, "-o", out],
        capture_output=True,
        text=True,
    )
    return (load_file(out)["image_features"] if done.returncode == 0 else None), done.stderr


def folder(name, source="vit", drop=("open_clip_model.safetensors",)):
    path = f"{work}/{name}"
    shutil.copytree(os.path.join(golden, source), path, ignore=lambda *_: list(drop))
    return path


# ---- the same weights in other files

weights = load_file(os.path.join(golden, "vit/open_clip_model.safetensors"))
expected, _ = embed(os.path.join(golden, "vit"))

path = folder("sharded")
clip.write_sharded(path, weights, 3)
got, error = embed(path)
check(got is not None and torch.equal(got, expected), "shards with an index", error)
os.remove(f"{path}/model-00002-of-00003.safetensors")
_, error = embed(path)
check("model-00002-of-00003.safetensors" in error, "a missing shard is named", error)

path = folder("odd-shard")
wrong = {
    **weights,
    "visual.ln_post.bias": torch.full_like(weights["visual.ln_post.bias"], torch.nan),
}
clip.write_sharded(path, wrong, 3)
holders = [
    name
    for name in sorted(os.listdir(path))
    if name.endswith(".safetensors") and "visual.ln_post.bias" in load_file(f"{path}/{name}")
]
_, error = embed(path)
check(
    len(holders) == 1 and f"{path}/{holders[0]}: tensor “visual.ln_post.bias”" in error,
    "the shard that holds a damaged tensor is named",
    error,
)
path = folder("thin-shards")
clip.write_sharded(path, {k: v for k, v in weights.items() if k != "visual.proj"}, 3)
_, error = embed(path)
check(
    f"{path}: tensor “visual.proj” is in none of the model's files" in error,
    "a tensor that no shard holds",
    error,
)


def under(prefix):
    return {prefix + k: v for k, v in weights.items()}


# what training leaves beside the weights
training = {
    "epoch": 3,
    "lr": 1e-3,
    "args": ["a", None, True, 1 << 40],
    "optimizer": {
        "state": {0: {"step": torch.tensor(7.0), "exp_avg": torch.ones(3)}},
        "param_groups": [{"lr": 1e-3, "betas": (0.9, 0.999), "params": [0, 1]}],
    },
    "scheduler": {"base_lrs": [1e-3], "last_epoch": 3},
    "rng": torch.zeros(5, dtype=torch.uint8),
}
for name, what in (
    ("plain", weights),
    ("wrapped", {**training, "state_dict": under("module.")}),
    ("compiled", under("_orig_mod.")),
    ("parallel", under("module.")),
    ("compiled-parallel", under("_orig_mod.module.")),
    ("parallel-compiled", under("module._orig_mod.")),
    ("attribute", under("model.")),
    ("clip-attribute", under("clip_model.")),
    ("lightning", {**training, "state_dict": under("model."), "pytorch-lightning_version": "2.4"}),
    ("lightning-compiled", {**training, "state_dict": under("model._orig_mod.")}),
    ("model", {**training, "model": weights}),
    ("model-parallel", {**training, "model": under("module.")}),
    ("model-state", {**training, "model_state_dict": weights}),
    ("model-state-compiled", {**training, "model_state_dict": under("_orig_mod.")}),
    ("state", {**training, "state_dict": weights}),
    ("nested", {"checkpoint": {**training, "state_dict": under("module.")}}),
):
    path = folder(name)
    torch.save(what, f"{path}/model.pt")
    got, error = embed(path)
    check(got is not None and torch.equal(got, expected), f"torch.save, {name}", error)
    lone, error = embed(f"{path}/model.pt")
    check(
        lone is not None and torch.equal(lone, expected),
        f"torch.save, {name}, by the file's own name",
        error,
    )

for name, what in (
    ("student", {**under("student."), **under("teacher.")}),
    ("deep", {"run": {"learner": under("net.")}}),
):
    path = folder(name)
    torch.save(what, f"{path}/model.pt")
    _, error = embed(path)
    check(
        "wrapped in another" in error and "visual.conv1.weight" in error,
        f"a wrapping that is not known is named, {name}",
        error,
    )
path = folder("twice")
torch.save({"model": weights, "state_dict_ema": under("module.")}, f"{path}/model.pt")
got, error = embed(path)
check(got is not None and torch.equal(got, expected), "averaged weights beside the model", error)
path = folder("both")
torch.save({**under("model."), **under("clip.")}, f"{path}/model.pt")
_, error = embed(path)
check("another part of the model" in error, "one tensor under two wrappings", error)

half = {k: v.half() for k, v in weights.items()}
path = folder("half")
torch.save({k: torch.nn.Parameter(v) for k, v in half.items()}, f"{path}/pytorch_model.bin")
path2 = folder("half-safetensors")
save_file(half, f"{path2}/model.safetensors")
check(torch.equal(embed(path)[0], embed(path2)[0]), "F16 parameters in a .bin as in safetensors")

views = torch.save(dict(weights.items()), f"{work}/ignored.pt")  # one storage, many tensors
flat = torch.cat([v.flatten() for v in weights.values()])
cut, at = {}, 0
for k, v in weights.items():
    cut[k] = flat[at : at + v.numel()].view(v.shape)
    at += v.numel()
path = folder("views")
torch.save(cut, f"{path}/model.pt")
got, error = embed(path)
check(got is not None and torch.equal(got, expected), "tensors that share one storage", error)

path = folder("strided")
torch.save(
    {k: v.t().contiguous().t() if k == "visual.proj" else v for k, v in weights.items()},
    f"{path}/model.pt",
)
_, error = embed(path)
check(
    "visual.proj" in error and "contiguous" in error,
    "a transposed tensor is refused by name",
    error,
)

path = folder("old")
torch.save(weights, f"{path}/model.pt", _use_new_zipfile_serialization=False)
_, error = embed(path)
check("zip archive" in error, "PyTorch's format before 1.6 is refused", error)

# ---- OpenAI's own: TorchScript, no config, its own vocabulary file

vocabulary = 514 + 40
cfg = {
    "embed_dim": 32,
    "quick_gelu": True,
    "vision_cfg": {
        "image_size": 32,
        "layers": 2,
        "width": 64,
        "patch_size": 16,
        "head_width": 64,
        "mlp_ratio": 4.0,
    },
    "text_cfg": {
        "context_length": 20,
        "vocab_size": vocabulary,
        "width": 64,
        "heads": 1,
        "layers": 1,
    },
}
tiny = clip_weights.random_weights(cfg)
alphabet = list(clip.bpe.byte_alphabet().values())
merges = [f"{a} {b}" for a in "abcd" for b in "efghijklmn"]
for name, layout in (("openai", "jit"), ("configured", "open_clip")):
    os.makedirs(f"{work}/{name}")
    clip.write_folder(f"{work}/{name}", cfg, tiny, layout)
    for file in ("vocab.json", "merges.txt"):
        os.remove(f"{work}/{name}/{file}")
    with gzip.open(f"{work}/{name}/bpe_simple_vocab_16e6.txt.gz", "wt") as f:
        f.write(
            '"bpe_simple_vocab_16e6.txt#version: 0.2\n' + "\n".join([*merges, "z z", "y y"]) + "\n"
        )
got, error = embed(f"{work}/openai/model.pt")
check(
    got is not None and torch.equal(got, embed(f"{work}/configured")[0]),
    "OpenAI's TorchScript archive says itself how it is built",
    error,
)
tokens = subprocess.run(
    [cli, "tokenize", f"{work}/openai", "ae zz", "--json"], capture_output=True, text=True
)
# Bytes come in the order of their ids in OpenAI's list: the visible ones first.
order = [b for b in range(256) if clip.bpe.byte_alphabet()[b] == chr(b)] + [
    b for b in range(256) if clip.bpe.byte_alphabet()[b] != chr(b)
]
z = order.index(ord("z"))
check(
    f"{order.index(ord('a'))}" in tokens.stdout and f"{256 + z}" in tokens.stdout,
    "OpenAI's vocabulary file",
    tokens.stdout + tokens.stderr,
)
os.makedirs(f"{work}/nameless")
torch.save(tiny, f"{work}/nameless/model.pt")
_, error = embed(f"{work}/nameless/model.pt")
check("open_clip_config.json" in error, "a state dict without a config is not guessed at", error)
with gzip.open(f"{work}/openai/bpe_simple_vocab_16e6.txt.gz", "wt") as f:
    f.write("title\na e\n")
_, error = embed(f"{work}/openai")
check("holds 1 merges" in error, "a vocabulary file cut short is named", error)

# ---- archives that a stranger made up

path = folder("hostile")


def archive(listing, entries=(), compression=zipfile.ZIP_STORED, name="archive/data.pkl"):
    with zipfile.ZipFile(f"{path}/model.pt", "w", compression) as z:
        z.writestr(name, listing)
        for entry, data in entries:
            z.writestr(entry, data)


def refused(what, *words):
    _, error = embed(path)
    check(error and all(w in error for w in words) and "Traceback" not in error, what, error)


class Runs:
    def __init__(self, function, *arguments):
        self.how = function, arguments

    def __reduce__(self):
        return self.how


marker = f"{work}/it-ran"
for protocol in (2, 4):
    archive(pickle.dumps({"x": Runs(os.system, f"touch {marker}")}, protocol))
    refused(f"os.system, protocol {protocol}", "posix.system")
archive(pickle.dumps({"x": Runs(eval, f"open('{marker}', 'w')")}, 2))
refused("eval", "eval")
archive(b"\x80\x02ctorch.jit._pickle\nbuild_intlist\nctorch.jit._pickle\nbuild_intlist\nR.")
refused("a known name called with something else", "calls")
check(not os.path.exists(marker), "nothing of them ran")
archive(pickle.dumps({"x": Runs(complex, 1.0)}, 0))
refused("protocol 0 and its opcodes", "opcode")
archive(b"\x80\x02}")
refused("a list that ends in the middle", "ends")
archive(b"\x80\x02h\x07.")
refused("a value that does not exist", "does not exist")
archive(b"\x80\x02" + b"(" * 3000000)
refused("three million marks", "nests")
archive(b"\x80\x02)" * 2500000)
refused("two and a half million values", "a million values")
state = b"\x80\x02}q\x00(" + b"".join(b"X\x04\x00\x00\x00%04dK\x01" % i for i in range(9000)) + b"u"
archive(state + b"c__torch__\nA\n)\x81" + b"h\x00b" * 1000 + b".")
refused("one state given a thousand times", "a million attributes")
archive(b"\x80\x02I1\n.")
refused("an opcode outside the subset", "0x49")


def tensor(key="0", numel=4, offset=0, size=(4,), stride=(1,), kind="FloatStorage"):
    """One _rebuild_tensor_v2, as torch writes it."""

    def integer(i):
        return b"J" + struct.pack("<i", i)

    def text(s):
        return b"X" + struct.pack("<I", len(s)) + s.encode()

    persistent = (
        b"("
        + text("storage")
        + f"ctorch\n{kind}\n".encode()
        + text(key)
        + text("cpu")
        + integer(numel)
        + b"tQ"
    )
    return (
        b"ctorch._utils\n_rebuild_tensor_v2\n("
        + persistent
        + integer(offset)
        + b"("
        + b"".join(map(integer, size))
        + b"t("
        + b"".join(map(integer, stride))
        + b"t\x89ccollections\nOrderedDict\n)RtR"
    )


def one(data=b"\0" * 16, entry="archive/data/0", **how):
    archive(b"\x80\x02}X\x01\x00\x00\x00x" + tensor(**how) + b"s.", [(entry, data)])


for label, how in (
    ("beyond its bytes", {"size": (5,)}),
    ("at a negative offset", {"offset": -1}),
    ("of a negative size", {"size": (-4,)}),
    ("whose size overflows", {"size": (2**31 - 1,) * 4, "stride": (0, 0, 0, 1)}),
    ("of nine dimensions", {"size": (1,) * 9, "stride": (1,) * 9}),
    ("without bytes", {"key": "7"}),
    ("whose offset lies outside", {"offset": 2**31 - 1}),
):
    one(**how)
    refused(f"a tensor {label}", "x")
one(kind="ComplexFloatStorage")
refused("a storage of an unknown type", "ComplexFloatStorage")
one()
refused("a whole tensor, but none of a model's", "missing")
archive(pickle.dumps({}, 2), [("archive/byteorder", "big")])
refused("big-endian", "big-endian")
archive(b"", name="archive/other")
refused("no list of tensors", "data.pkl")
one()
whole = open(f"{path}/model.pt", "rb").read()
bad = 0
for cut in range(0, len(whole), 7):
    open(f"{path}/model.pt", "wb").write(whole[:cut])
    done = subprocess.run([cli, "info", path], capture_output=True, text=True)
    bad += done.returncode != 1 or "fewshot-cli:" not in done.stderr
check(bad == 0, f"an archive cut short at {len(whole) // 7} places")

shutil.rmtree(work)
print(f"1..{count}")
sys.exit(failures > 0)
