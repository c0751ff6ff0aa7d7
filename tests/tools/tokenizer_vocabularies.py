#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""tokenizer_vocabularies.py: small vocabularies of the real formats, made by the sentencepiece and
tokenizers packages, and what transformers and open_clip make of some hundred texts with them, into
tests/data/tokenizers. Needs transformers 5, open_clip, sentencepiece and protobuf; ./test reads
what it wrote."""

import json
import os
import shutil
import sys
import tempfile

import sentencepiece
from open_clip.tokenizer import HFTokenizer
from tokenizers import (
    BertWordPieceTokenizer,
    Tokenizer,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import AutoTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from tokenizer_folders import FOLDERS, make  # noqa: E402
from tokenizer_texts import corpus, texts  # noqa: E402

OUT = os.path.join(os.path.dirname(HERE), "data/tokenizers")
CONTEXT = 24


def unigram():
    with tempfile.TemporaryDirectory() as work:
        with open(os.path.join(work, "text"), "w", encoding="utf8") as f:
            f.write("\n".join(corpus()))
        sentencepiece.SentencePieceTrainer.train(
            input=os.path.join(work, "text"),
            model_prefix=os.path.join(work, "m"),
            vocab_size=900,
            hard_vocab_limit=False,
            model_type="unigram",
            pad_id=0,
            eos_id=1,
            unk_id=2,
            bos_id=-1,
            character_coverage=0.99,
            normalization_rule_name="nmt_nfkc",
            num_threads=1,
            minloglevel=2,
        )
        shutil.copy(os.path.join(work, "m.model"), os.path.join(OUT, "spiece.model"))


def byte_pairs():
    model = Tokenizer(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    model.normalizer = normalizers.Replace(" ", "▁")
    model.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    special = ["<pad>", "<eos>", "<bos>", "<unk>"]
    model.train_from_iterator(
        corpus(),
        trainers.BpeTrainer(
            vocab_size=1500,
            special_tokens=special + [f"<0x{i:02X}>" for i in range(256)],
            limit_alphabet=350,
            show_progress=False,
        ),
    )
    model.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    model.post_processor = processors.TemplateProcessing(
        single="$A <eos>", special_tokens=[("<eos>", 1)]
    )
    root = json.loads(model.to_str())
    root["added_tokens"] = [t for t in root["added_tokens"] if not t["content"].startswith("<0x")]
    with open(os.path.join(OUT, "gemma.json"), "w", encoding="utf8") as f:
        json.dump(root, f, ensure_ascii=False, separators=(",", ":"))


def word_pieces():
    model = BertWordPieceTokenizer(lowercase=True)
    model.train_from_iterator(corpus(), vocab_size=1200, limit_alphabet=400, show_progress=False)
    model.save_model(OUT)


def answers(folder, some):
    if os.path.exists(os.path.join(folder, "open_clip_config.json")):
        with open(os.path.join(folder, "open_clip_config.json")) as f:
            given = json.load(f)["model_cfg"]["text_cfg"]
        judge = HFTokenizer(folder, context_length=CONTEXT, **given.get("tokenizer_kwargs", {}))
        return judge(some).tolist()
    judge = AutoTokenizer.from_pretrained(folder)
    return judge(some, padding="max_length", truncation=True, max_length=CONTEXT).input_ids


os.makedirs(OUT, exist_ok=True)
unigram()
byte_pairs()
word_pieces()
given = texts()
expected = {}
with tempfile.TemporaryDirectory() as work:
    for kind in FOLDERS:
        some = [t for t in given if FOLDERS[kind].takes(t)]
        expected[kind] = dict(zip(some, answers(make(kind, OUT, work), some)))
lists = {kind: [expected[kind].get(t) for t in given] for kind in FOLDERS}
with open(os.path.join(OUT, "expected.json"), "w", encoding="utf8") as f:
    f.write(f'{{"context":{CONTEXT},\n"texts":{json.dumps(given, separators=(",", ":"))}')
    for kind, ids in lists.items():
        f.write(f',\n"{kind}":{json.dumps(ids, separators=(",", ":"))}')
    f.write("}\n")
for name in sorted(os.listdir(OUT)):
    print(name, os.path.getsize(os.path.join(OUT, name)))
