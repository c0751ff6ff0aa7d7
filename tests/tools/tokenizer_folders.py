#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Folders as models come with their tokenizers, made of the few files in tests/data/tokenizers: for
the maker of the expected ids and for the test that reads them."""

import base64
import json
import os
import shutil
from dataclasses import dataclass, field


@dataclass
class Folder:
    config: dict
    file: str
    settings: dict = field(default_factory=dict)
    # transformers cuts special symbols out of a text before it looks at it otherwise
    special: bool = True

    def takes(self, text):
        return self.special or not any(s in text for s in ("</s>", "<pad>", "[UNK]"))


def open_clip(name, **settings):
    text = {"hf_tokenizer_name": name, "context_length": 24, "vocab_size": 2000}
    if settings:
        text["tokenizer_kwargs"] = settings
    return {"model_cfg": {"text_cfg": text}}


def transformers(kind):
    return {"model_type": kind, "text_config": {}, "vision_config": {}}


T5 = {"tokenizer_class": "T5Tokenizer", "extra_ids": 0, "eos_token": "</s>", "unk_token": "<unk>"}
GEMMA = {
    "add_bos_token": False,
    "add_eos_token": True,
    "padding_side": "right",
    "pad_token": "<pad>",
    "eos_token": "<eos>",
    "bos_token": "<bos>",
}
SIGLIP = "timm/ViT-B-16-SigLIP"
FOLDERS = {
    "siglip-open-clip": Folder(
        open_clip(SIGLIP, clean="canonicalize"), "spiece.model", {**T5, "pad_token": "</s>"}
    ),
    "siglip-json": Folder(
        open_clip(SIGLIP, clean="canonicalize"), "unigram.json", {**T5, "pad_token": "</s>"}
    ),
    "siglip-transformers": Folder(
        transformers("siglip"),
        "spiece.model",
        {"tokenizer_class": "SiglipTokenizer", "pad_token": "</s>", "do_lower_case": True},
        special=False,
    ),
    "mt5": Folder(open_clip("google/mt5-base"), "spiece.model", {**T5, "pad_token": "<pad>"}),
    "spaces-json": Folder(
        open_clip("somebody/else"),
        "spaces.json",
        {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>"},
    ),
    "xlm-v": Folder(
        open_clip("facebook/xlm-v-base"),
        "sentencepiece.bpe.model",
        {"tokenizer_class": "XLMRobertaTokenizer"},
    ),
    "siglip2-open-clip": Folder(
        open_clip("timm/ViT-B-16-SigLIP2", clean="canonicalize"),
        "gemma.json",
        {"tokenizer_class": "GemmaTokenizer", **GEMMA},
    ),
    "siglip2-transformers": Folder(
        transformers("siglip2"), "gemma.json", {"tokenizer_class": "Siglip2Tokenizer", **GEMMA}
    ),
    "clipa": Folder(
        open_clip("bert-base-uncased", strip_sep_token=True),
        "vocab.txt",
        {"tokenizer_class": "BertTokenizer"},
    ),
    "bert-cased": Folder(
        open_clip("somebody/else", clean="lower"),
        "vocab.txt",
        {"tokenizer_class": "BertTokenizer", "do_lower_case": False},
    ),
    "bert-json": Folder(
        transformers("chinese_clip"), "bert.json", {"tokenizer_class": "BertTokenizer"}
    ),
}


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def fields(data):
    """(number, value) of a message of Protocol Buffers."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value, at = varint(data, at)
        else:
            n, at = varint(data, at) if tag & 7 == 2 else (4, at)
            value = data[at : at + n]
            at += n
        yield tag >> 3, value


def unigram_json(path, later):
    """A spiece.model as the tokenizers library writes it; `later`: as transformers 4 converts."""
    import struct

    vocabulary = []
    charsmap = b""
    with open(path, "rb") as f:
        for number, value in fields(f.read()):
            if number == 1:
                piece = dict(fields(value))
                score = struct.unpack("<f", piece.get(2, bytes(4)))[0]
                vocabulary.append([piece[1].decode(), score])
            elif number == 3:
                charsmap = dict(fields(value)).get(2, b"")
    precompiled = {
        "type": "Precompiled",
        "precompiled_charsmap": base64.b64encode(charsmap).decode(),
    }
    strip = {"type": "Strip", "strip_left": False, "strip_right": True}
    squeeze = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    if later:
        steps = {"type": "Sequence", "normalizers": [precompiled, strip, squeeze]}
        split = metaspace
    else:
        steps = precompiled
        split = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]}
    return tokenizer(
        {"type": "Unigram", "unk_id": 2, "vocab": vocabulary, "byte_fallback": False},
        steps,
        split,
        [part("A"), special("</s>")],
        {"</s>": 1},
        {"<pad>": 0, "</s>": 1, "<unk>": 2},
    )


def bert_json(path):
    with open(path, encoding="utf8") as f:
        vocabulary = {line: i for i, line in enumerate(f.read().split("\n")[:-1])}
    ids = {s: vocabulary[s] for s in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")}
    return tokenizer(
        {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": vocabulary,
        },
        {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        {"type": "BertPreTokenizer"},
        [special("[CLS]"), part("A"), special("[SEP]")],
        {s: ids[s] for s in ("[CLS]", "[SEP]")},
        ids,
    )


def part(name):
    return {"Sequence": {"id": name, "type_id": 0}}


def special(name):
    return {"SpecialToken": {"id": name, "type_id": 0}}


def tokenizer(model, steps, split, single, around, added):
    added = [
        {
            "id": i,
            "content": s,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for s, i in added.items()
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": steps,
        "pre_tokenizer": split,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": single,
            "pair": [*single, part("B")],
            "special_tokens": {s: {"id": s, "ids": [i], "tokens": [s]} for s, i in around.items()},
        },
        "decoder": None,
        "model": model,
    }


def make(kind, data, work):
    """A folder of that kind below `work`, of the files in `data`; its path."""
    folder = os.path.join(work, kind)
    given = FOLDERS[kind]
    os.makedirs(folder)
    name = "open_clip_config.json" if "model_cfg" in given.config else "config.json"
    with open(os.path.join(folder, name), "w") as f:
        json.dump(given.config, f)
    with open(os.path.join(folder, "tokenizer_config.json"), "w") as f:
        json.dump(given.settings, f)
    spiece = os.path.join(data, "spiece.model")
    made = {
        "unigram.json": lambda: unigram_json(spiece, False),
        "spaces.json": lambda: unigram_json(spiece, True),
        "bert.json": lambda: bert_json(os.path.join(data, "vocab.txt")),
    }
    if given.file in made:
        with open(os.path.join(folder, "tokenizer.json"), "w", encoding="utf8") as f:
            json.dump(made[given.file](), f, ensure_ascii=False)
    elif given.file == "gemma.json":
        shutil.copy(os.path.join(data, given.file), os.path.join(folder, "tokenizer.json"))
    else:
        source = given.file if given.file == "vocab.txt" else "spiece.model"
        shutil.copy(os.path.join(data, source), os.path.join(folder, given.file))
    return folder
