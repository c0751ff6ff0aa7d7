#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes tests/fuzz/seeds/tokens: small tokenizers of every format, each behind the byte by which
fuzz-tokens takes its kind. Needs nothing but Python."""

import base64
import json
import os
import struct
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
# SentencePiece's table for A → a, ﬁ → fi, e and an acute accent → é, a wide space → a space.
CHARSMAP = zlib.decompress(
    base64.b85decode(
        "c-ke?chnD57zgm{#o-"
        "Uij?6f=5|O<!vdZ2nir31@p8f2Ry;4ye^W}ArO&Qs|Mn;*1%HDglK0od`pYz;v?{ok7o_lXd5{yKlQpylwLWm?}j"
        "0r=MhLFrWk|ZWX%0>4>BtH3zb?p(YAq6k<5~)c=TGEi7bi6_aGLezYyh>KGkezJ2Mh<e3liajjoH*oF^N^o>6r=#"
        "JQ;5R6K@r~MEs9c{VwB)*N>P$BlqMRfEEOnEB`Q*xcc@Ag-lZBfs7@_v@*cIR!~4{uE)A$pBO20##x$cTEojaMwB"
        "#c`q&2PhgpZ@yX+t|==|For(UH!4N>{qjoo@8tGkVdJKJ=y^eHlQ11~HJ&8O)IA1v8AHj9@sU7|9q$^95rW&p0MB"
        "fyqo_DpQ!wG`?g8Uon$!_?p?w;yb=&E_0a29}X^1=d*}~#IcyAEMXb(Ea#Sou~J>ZD!yk8t69fdHn5&eY~)9NU<;"
        "es##XlT6Fb?#Zg#PkJ?v*62T0%$2l<)99OVedImWO2!bwhWnp2$R48QXm=Q$V6&ISJBPcCthD_rIpSGmFUXm)OLh"
        "uhraE)TfRBOdaE$2{XH|L`~e@$d7$*E+;@2;1Yr|AEMgZ~"
    )
)
PIECES = ["<pad>", "</s>", "<unk>", "▁", "a", "b", "t", "ab", "▁a", "fi", "é", "cat", "▁cat", "c"]


def write(name, kind, data):
    folder = f"{HERE}/seeds/tokens"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{name}", "wb") as f:
        f.write(bytes([kind]) + data)


def part(number, data):
    n = len(data)
    size = bytes([n]) if n < 128 else bytes([n & 127 | 128, n >> 7])
    return bytes([number << 3 | 2]) + size + data


def model():
    out = b""
    for i, piece in enumerate(PIECES):
        kind = {0: 3, 1: 3, 2: 2}.get(i, 1)
        score = bytes([2 << 3 | 5]) + struct.pack("<f", -float(i))
        out += part(1, part(1, piece.encode()) + score + bytes([3 << 3, kind]))
    out += part(2, bytes([3 << 3, 1]))
    return out + part(3, part(2, CHARSMAP) + bytes([3 << 3, 1, 4 << 3, 1, 5 << 3, 1]))


def tokenizer(model, steps, splits, before, after):
    symbols = [{"SpecialToken": {"id": s, "type_id": 0}} for s in (*before, *after)]
    single = symbols[: len(before)] + [{"Sequence": {"id": "A"}}] + symbols[len(before) :]
    added = [{"id": 1, "content": PIECES[1], "normalized": False, "lstrip": True, "rstrip": True}]
    root = {
        "added_tokens": added + [{"id": 7, "content": "Ab", "single_word": True}],
        "normalizer": {"type": "Sequence", "normalizers": steps},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": splits},
        "post_processor": {"type": "TemplateProcessing", "single": single, "special_tokens": {}},
        "padding": {"pad_token": PIECES[0], "pad_id": 0},
        "model": model,
    }
    return json.dumps(root, ensure_ascii=False).encode()


scores = [[piece, -float(i)] for i, piece in enumerate(PIECES)]
charsmap = {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(CHARSMAP).decode()}
squeeze = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}
marked = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
strip = {"type": "Strip", "strip_left": True, "strip_right": True}
metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": True}
behind = {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious"}
ids = {piece: i for i, piece in enumerate(PIECES)}
write(
    "unigram",
    0,
    tokenizer(
        {"type": "Unigram", "unk_id": 2, "vocab": scores, "byte_fallback": True},
        [charsmap, strip, squeeze, {"type": "NFKC"}, {"type": "StripAccents"}],
        [{"type": "WhitespaceSplit"}, metaspace],
        [],
        ["</s>"],
    ),
)
pairs = {"type": "BPE", "unk_token": "<unk>", "fuse_unk": True, "byte_fallback": True, "vocab": ids}
for name, merges in (("pairs", [["a", "b"], ["▁", "a"]]), ("lines", ["a b", "▁ a"])):
    write(
        name,
        0,
        tokenizer(
            {**pairs, "merges": merges},
            [{"type": "Lowercase"}, marked, {"type": "Prepend", "prepend": "▁"}],
            [behind],
            ["<pad>"],
            ["</s>"],
        ),
    )
words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "photo", "##s", "cat", "猫", ",", "ca"]
write(
    "pieces",
    0,
    tokenizer(
        {
            "type": "WordPiece",
            "unk_token": "<unk>",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {**ids, "##s": 14},
        },
        [{"type": "BertNormalizer", "clean_text": True, "strip_accents": None, "lowercase": True}],
        [{"type": "BertPreTokenizer"}],
        [],
        ["</s>"],
    ),
)
write("siglip", 1, model())
write("t5", 2, model())
write("fairseq", 3, model())
write("list", 4, "\n".join(words).encode() + b"\n")
write("settings", 5, b'{"tokenizer_class":"BertTokenizerFast","do_lower_case":false}')
settings = b'{"pad_token":{"content":"[PAD]"},"strip_accents":true,"padding_side":"right"}'
write("content", 5, settings)
