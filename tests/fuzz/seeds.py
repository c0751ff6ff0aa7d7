#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes tests/fuzz/seeds: small valid files from which the fuzzer starts. Needs torch, safetensors
and Pillow."""

import gzip
import io
import json
import os
import struct
import sys
import zipfile
import zlib

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../tools"))
import clip_reference as clip  # noqa: E402
import clip_weights  # noqa: E402


def write(kind, name, data):
    os.makedirs(f"{HERE}/seeds/{kind}", exist_ok=True)
    with open(f"{HERE}/seeds/{kind}/{name}", "wb") as f:
        f.write(data)


tensors = {
    "a": torch.ones(2, 3),
    "b": torch.ones(4).half(),
    "c": torch.tensor(5),
    "d": torch.ones(1, 1, 2).bfloat16(),
    "e": torch.zeros(0, 7),
}
write("safetensors", "plain", save(tensors))
write("safetensors", "metadata", save({"x": torch.ones(1)}, {"format": "pt", "alpha": "0.5"}))
tree = clip.Tree(
    {"visual.a": torch.ones(2), "b.c": torch.ones(3).half(), "input_resolution": torch.tensor(224)}
)
for name, make in (
    ("state", lambda f: torch.save(tensors, f)),
    ("wrapped", lambda f: torch.save({"epoch": 1, "state_dict": {"module.a": torch.ones(2)}}, f)),
    ("script", lambda f: torch.jit.save(torch.jit.trace(tree, torch.zeros(1)), f)),
):
    data = io.BytesIO()
    make(data)
    write("archive", name, data.getvalue())
    with zipfile.ZipFile(data) as z:
        write("pickle", name, z.read(next(n for n in z.namelist() if n.endswith("data.pkl"))))
for name, cfg in (
    ("vit", clip_weights.ARCHITECTURES["ViT-H-14"]),
    ("resnet", clip_weights.ARCHITECTURES["RN50"]),
):
    write(
        "config",
        name,
        b"\1"
        + json.dumps(
            {
                "model_cfg": cfg,
                "preprocess_cfg": {
                    "mean": clip.MEAN,
                    "std": clip.STD,
                    "interpolation": "bicubic",
                    "resize_mode": "shortest",
                },
            }
        ).encode(),
    )
write(
    "config",
    "hf",
    b"\0" + json.dumps(clip.hf_config(clip_weights.ARCHITECTURES["ViT-B-32"])).encode(),
)
write(
    "lists",
    "split",
    b"\1"
    + json.dumps(
        {"train": [["a/1.jpg", 0, "x"]], "val": [["b/2.jpg", 1, "y"]], "test": []}
    ).encode(),
)
write(
    "lists",
    "catalogue",
    b"\2"
    + json.dumps(
        {
            "models": [
                {
                    "name": "a",
                    "repository": "o/r",
                    "licence": "MIT",
                    "memory": 1,
                    "gflop": 8.8,
                    "files": [
                        {"name": "f.json"},
                        {"name": "w.safetensors", "bytes": 5, "sha256": "0" * 64},
                    ],
                }
            ]
        }
    ).encode(),
)
write(
    "lists",
    "listing",
    b"\3"
    + json.dumps(
        {
            "siblings": [
                {"rfilename": n}
                for n in ("config.json", "vocab.json", "merges.txt", "model.safetensors")
            ]
        }
    ).encode(),
)
write("lists", "text", b"\0" + b"1025794 707-320\nsub/x.png Boeing 717\n")
picture = Image.fromarray(np.zeros((3, 5, 3), np.uint8))
for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"):
    data = io.BytesIO()
    picture.save(data, kind)
    write("picture", kind.lower(), data.getvalue())


def box(kind, body):
    return struct.pack(">I4s", 8 + len(body), kind) + body


ispe = box(b"ispe", struct.pack(">III", 0, 5, 3))
ipma = box(b"ipma", struct.pack(">IIHBB", 0, 1, 1, 1, 1))
pitm = box(b"pitm", struct.pack(">IH", 0, 1))
meta = box(b"meta", bytes(4) + pitm + box(b"iprp", box(b"ipco", ispe) + ipma))
write("picture", "heic", box(b"ftyp", b"heic" + bytes(4) + b"mif1") + meta + box(b"mdat", b"x"))
small = b"\xff\x0a\x4b\x10\x00\x00"
boxes = b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl " + bytes(4))
write("picture", "jxl", small)
write("picture", "jxl-boxes", boxes + box(b"jxlp", bytes(4) + small))
exif = Image.Exif()
exif[0x10F], exif[0x110] = "Acme", "K1"
exif[0x8769] = {0x9003: "2024:02:29 23:59:59", 0x9291: "05", 0xA431: "7"}
data = io.BytesIO()
picture.save(data, "JPEG", exif=exif)
write("picture", "jpeg-exif", data.getvalue())
for kind in "PNG", "WEBP", "TIFF":
    data = io.BytesIO()
    picture.save(data, kind, exif=exif.tobytes())
    write("picture", f"{kind.lower()}-exif", data.getvalue())
infe = box(b"infe", struct.pack(">IHH4sB", 2 << 24, 7, 0, b"Exif", 0))
iinf = box(b"iinf", struct.pack(">IH", 0, 1) + infe)
brand, content = box(b"ftyp", b"heic" + bytes(4)), bytes(4) + exif.tobytes()[6:]
at = len(brand) + 12 + len(iinf) + 30 + 8  # behind meta with iloc, and the head of mdat
place = struct.pack(">IHHHHHII", 0, 0x4400, 1, 7, 0, 1, at, len(content))
meta = box(b"meta", bytes(4) + iinf + box(b"iloc", place))
write("picture", "heic-exif", brand + meta + box(b"mdat", content))
write(
    "project",
    "whole",
    """{"fewshot": 1, "later": {"a": [1, null]}, "template": "a {}.", "alpha": 0.25, "model": "/m",
 "settings": {"epochs": 7, "optimizer": "sgd"},
 "classes": [{"id": 3, "name": "가", "colour": "red"}, {"id": 4, "name": "b", "prompt": "the b"}],
 "pictures": [{"id": 9, "class": 1, "path": "b/x.png", "excluded": true, "note": "n"},
   {"id": 2, "class": 0, "path": "/far/y.png"},
   {"id": 5, "class": 0, "path": "file:///far/%FF.png"}],
 "runs": [{"title": "r", "settings": {}, "classes": ["가", "b"], "prompts": ["", "the b"],
   "template": "a {}.",
   "history": [[1.5, 0.5, null]], "ids": [9, 2], "labels": [1, 0], "roles": "te", "dim": 1,
   "hidden": 1, "weights": "AACAPwAAAEA=",
   "mood": 1}]}""".encode(),
)
golden = os.path.join(HERE, "../data/golden")


def whole(*name):
    with open(os.path.join(golden, *name), "rb") as f:
        return f.read()


def safetensors_of(entries, metadata):
    """{name: (dtype, shape, bytes)}, without the package."""
    header, data = {"__metadata__": metadata}, b""
    for name, (dtype, shape, content) in entries.items():
        offsets = [len(data), len(data) + len(content)]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": offsets}
        data += content
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def part(records, width=4):
    """What embed leaves of these names; None in the place of a feature is a refusal."""
    description = b'{"a":1}'
    data = b"FEWPART2" + struct.pack("<I", len(description)) + description
    for name, feature in records:
        record = struct.pack("<IB4Q", len(name), feature is not None, 1, 2, 3, 4) + name
        record += struct.pack(f"<{width}f", *feature) if feature else b""
        data += record + struct.pack("<I", zlib.crc32(record))
    return data


write("words", "tokenizer", b"\0" + whole("hf", "tokenizer.json"))
write("words", "merges", b"\1" + whole("vit", "merges.txt"))
merges = b'"bpe_simple_vocab"\n' + b"".join(
    b"%c %c\n" % (97 + i % 26, 97 + i // 26) for i in range(31)
)
write("words", "packed", b"\2" + gzip.compress(merges, mtime=0))
floats = struct.pack("<8f", *range(8))
write(
    "adapter",
    "small",
    safetensors_of(
        {
            "fc.0.weight": ("F32", [1, 4], floats[:16]),
            "fc.2.weight": ("F32", [4, 1], floats[16:]),
            "text_features": ("F32", [2, 4], floats),
            "logit_scale": ("F32", [], floats[4:8]),
        },
        {
            "format": "fewshot-adapter",
            "format_version": "1",
            "classes": '["a", "b"]',
            "alpha": "0.25",
            "final_relu": "1",
            "backbone_sha256": "0" * 64,
        },
    ),
)
rows = [(b"a.png", (1, 2, 3, 4)), (b"b/c.png", None), (b"d.png", (5, 6, 7, 8))]
write("features", "part", b"\0" + part(rows))
shard = {"image_features": ("F32", [2, 4], floats), "image_names": ("U8", [7], b"a\0b/cd\0")}
write("features", "shard", b"\1" + safetensors_of(shard, {"order": "path", "precision": "f32"}))
for folder in ("pictures", "odd"):
    for name in os.listdir(os.path.join(golden, folder)):
        write("decode", name, whole(folder, name))
record = "[model]\nrepository=x/y\nrevision=main\n[file f.json]\nbytes=4\nsha256=" + "0" * 64 + "\n"
for kind in (0, 1):
    write("records", f"shelf{kind}", bytes([kind]) + record.encode())
write("records", "fetched", b"\2" + safetensors_of({"a": ("F32", [8], floats)}, {}))
write("records", "json", b'\3{"a": [1, "b"]}')
write("records", "index", b'\4{"weight_map": {"a": "model-1.safetensors"}}')
write("records", "models", b"\5[%s]\nstamp=2 1:2 3\nsha256=%s\n" % (b"0" * 64, b"1" * 64))
row = '{"method": "zero-shot", "shots": 1, "seed": 1, "test": 0.5, "seconds": 1}'
write("partial", "two", f'{{"fewshot_bench":1}}\n{row}\n{row[:40]}'.encode())

# any number of labels a picture
write(
    "adapter",
    "independent",
    safetensors_of(
        {
            "weight": ("F32", [2, 4], floats),
            "bias": ("F32", [2], floats[:8]),
            "zero_scale": ("F32", [], floats[:4]),
            "thresholds": ("F32", [2], struct.pack("<2f", 0.25, 0.5)),
            "positives": ("I32", [2], struct.pack("<2i", 4, 3)),
            "text_features": ("F32", [2, 4], floats),
            "logit_scale": ("F32", [], floats[4:8]),
        },
        {
            "format": "fewshot-classifier",
            "format_version": "1",
            "kind": "independent",
            "labels": "any",
            "strength": "10",
            "prior": "0.5",
            "classes": '["a", "b"]',
            "alpha": "1",
            "backbone_sha256": "0" * 64,
        },
    ),
)
write(
    "project",
    "several",
    b"""{"fewshot": 2, "labels": "any", "template": "a {}.",
 "classes": [{"id": 3, "name": "a"}, {"id": 4, "name": "b"}],
 "pictures": [{"id": 9, "classes": [1, 0], "path": "b/x.png"},
   {"id": 2, "classes": [], "path": "y"}],
 "runs": [{"title": "r", "settings": {"method": "one-vs-rest"}, "classes": ["a", "b"],
   "prompts": ["", ""], "template": "a {}.", "history": [], "ids": [9, 2], "labels": [0, 0],
   "label_sets": [[0, 1], []], "test_map": 0.5, "roles": "te", "dim": 1, "hidden": 1,
   "form": "independent", "strength": 10, "prior": 0.5, "zero_scale": 1,
   "weights": "AACAPwAAAEAAAIA/AAAAQAAAgD4AAAA/AACAPwAAAEA="}]}""",
)
for name, more, truth, found in (
    ("compared", "", "AAAAAAEAAAA=", '"test": 2, "right": 1, "says": "AQAAAAEAAAA="'),
    (
        "compared-several",
        '"labels": "any",',
        "AgAAAAAAAAAAAAAAAQAAAA==",
        '"map": 0.75, "says": "AQAAAAEAAAABAAAAAQAAAA=="',
    ),
):
    write(
        "project",
        name,
        f"""{{"fewshot": 1, "classes": [{{"id": 7, "name": "a"}}, {{"id": 3, "name": "b"}}],
 "comparison": {{{more} "methods": ["gda", "of tomorrow"], "shots": [1, 4], "seeds": 2,
   "classes": ["a", "b"], "class_ids": [7, 3], "pictures": "BQAAAAkAAAA=", "truth": "{truth}",
   "found": [{{"method": 0, "shots": 4, "seed": 1, "most_shots": 3, "seconds": 0.5,
     "parameters": 6, "too_few": true, "chosen": "c=1", {found}, "grid_rows": 1,
     "grid_columns": 1, "grid_row": "alpha", "grid_column": "beta",
     "grid": "AAAAAAAA4D8AAAAAAADwPwAAAAAAAOg/"}},
    {{"method": 1, "shots": 1, "seed": 2, "reason": "No."}}]}}}}""".encode(),
    )
for name, data in (
    ("cells", b"\x80path,labels\na.png,x;y\nb.png,\na.png,z|x\n"),
    ("flags", b"\x80image,split,x,y\na.png,train,1,0\nb.png,test,0,yes\n"),
    ("several-map", b'\x82{"a.png": ["x", "y"], "b.png": [], "images/c.png": "y;x"}'),
    (
        "boxes-csv",
        b"\x00path,label,box\na.png,x,0 0 .5 1\na.png,y,.5 0 .5 1\nb.png,x,\nb.png,y,9 9 9 9\n",
    ),
    ("boxes-flags", b"\x80image,x,y,box\na.png,1,0,0 0 .5 1\nb.png,0,1,\n"),
    (
        "boxes-lines",
        b'\x03{"path": "a.png", "label": "x", "box": [0, 0.25, 0.5, 0.5]}\n'
        b'{"path": "b.png", "label": "y", "box": "0, 0, 1, 0.000001"}\n',
    ),
    ("several-lines", b'\x83{"path": "a.png", "labels": ["x", "y"]}\n{"path": "b.png"}\n'),
):
    write("labels", name, data)
import raws  # noqa: E402

shot, thumb = (io.BytesIO() for _ in range(2))
Image.fromarray(np.zeros((6, 8, 3), np.uint8)).save(shot, "JPEG")
Image.fromarray(np.zeros((3, 4, 3), np.uint8)).save(thumb, "JPEG")
for name, write_raw in (("cr3", raws.cr3), ("orf", raws.orf), ("orf-om", raws.orf_om),
                        ("orf-old", raws.orf_old)):  # fmt: skip
    write("picture", name, write_raw(shot.getvalue(), thumb.getvalue(), 6))
