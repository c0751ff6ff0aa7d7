#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Tokenizers of every kind: ids of 420 texts in twenty-five scripts, from small vocabularies in the
formats that models come with, against what transformers 5 and open_clip made of them
(tests/tools/tokenizer_vocabularies.py); what is refused, and how; a vocabulary of SigLIP 2's size,
opened in the time that reading a file of that size may take. Prints TAP.

    test_tokenizers.py TEXT_TOKENS
"""

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
from tap import finish, run_tests, test  # noqa: E402
from tokenizer_folders import FOLDERS, make  # noqa: E402

DATA = os.path.join(ROOT, "tests/data/tokenizers")
program = sys.argv[1]
work = tempfile.mkdtemp()
with open(os.path.join(DATA, "expected.json"), encoding="utf8") as f:
    expected = json.load(f)


def run(folder, texts=(), vocabulary=2000, options=()):
    given = "".join(t + "\0" for t in texts).encode()
    return subprocess.run(
        [program, folder, str(vocabulary), str(expected["context"]), *options],
        input=given,
        capture_output=True,
    )


def ids(folder, texts):
    done = run(folder, texts)
    assert done.returncode == 0, done.stderr.decode()
    return [[int(i) for i in line.split()] for line in done.stdout.splitlines()]


def compare(kind):
    pairs = [(t, e) for t, e in zip(expected["texts"], expected[kind]) if e is not None]
    assert len(pairs) > 390, len(pairs)
    got = ids(make(kind, DATA, work), [t for t, _ in pairs])
    wrong = [(t, g, e) for (t, e), g in zip(pairs, got) if g != e]
    assert not wrong, f"{len(wrong)} of {len(pairs)} differ: " + "; ".join(
        f"{t!r} gives {g}, not {e}" for t, g, e in wrong[:3]
    )


@test
def every_kind_gives_the_ids_of_transformers_and_open_clip():
    for kind in FOLDERS:
        compare(kind)


def changed(kind, name, change):
    """A folder of that kind whose file `name`, a JSON object, has been changed."""
    folder = make(kind, DATA, tempfile.mkdtemp(dir=work))
    path = os.path.join(folder, name)
    with open(path, encoding="utf8") as f:
        root = json.load(f)
    change(root)
    with open(path, "w", encoding="utf8") as f:
        json.dump(root, f)
    return folder


def refused(folder, *parts, vocabulary=2000):
    done = run(folder, ["a"], vocabulary)
    message = done.stderr.decode()
    assert done.returncode == 1, done.returncode
    assert all(p in message for p in parts), message


def without(kind, name):
    folder = make(kind, DATA, tempfile.mkdtemp(dir=work))
    os.remove(os.path.join(folder, name))
    return folder


@test
def a_missing_file_is_named_and_whose_it_is():
    refused(without("siglip-open-clip", "spiece.model"), "timm/ViT-B-16-SigLIP", "tokenizer.json")
    refused(without("clipa", "vocab.txt"), "bert-base-uncased", "vocab.txt")
    refused(without("siglip-transformers", "spiece.model"), "spiece.model")


@test
def normalizers_that_double_a_text_end():
    """Forty of them: a terabyte of one letter."""

    def doubling(root):
        twice = {"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}
        root["normalizer"] = {"type": "Sequence", "normalizers": [twice] * 40}

    assert len(ids(changed("siglip2-open-clip", "tokenizer.json", doubling), ["a"])[0]) > 1


@test
def what_is_not_known_is_refused_by_its_name():
    def normalizer(root):
        root["normalizer"] = {"type": "Nmt"}

    def split(root):
        root["pre_tokenizer"] = {"type": "ByteLevel", "add_prefix_space": False}

    def around(root):
        root["post_processor"]["type"] = "Odd"

    def kind(root):
        root["model"]["type"] = "WordLevel"

    def setting(root):
        root["model"]["dropout"] = 0.5

    refused(changed("siglip2-open-clip", "tokenizer.json", normalizer), "“Nmt”")
    refused(changed("siglip2-open-clip", "tokenizer.json", split), "“ByteLevel”")
    refused(changed("siglip2-open-clip", "tokenizer.json", around), "“Odd”")
    refused(changed("siglip2-open-clip", "tokenizer.json", kind), "“WordLevel”")
    refused(changed("siglip2-open-clip", "tokenizer.json", setting), "“dropout”")

    def replacement(root):
        root["normalizer"] = {
            "type": "Replace",
            "pattern": {"String": "a"},
            "content": "b" * 257,
        }

    refused(changed("siglip2-open-clip", "tokenizer.json", replacement), "“content”")

    def name_class(name):
        return lambda root: root.update(tokenizer_class=name)

    def side(root):
        root["padding_side"] = "left"

    def kwargs(**more):
        def change(root):
            root["model_cfg"]["text_cfg"]["tokenizer_kwargs"] = more

        return change

    refused(
        changed("mt5", "tokenizer_config.json", name_class("OtherTokenizerFast")),
        "“OtherTokenizer”",
    )

    def legacy(root):
        root.update(tokenizer_class="NllbTokenizerFast", legacy_behaviour=True)

    refused(changed("siglip2-open-clip", "tokenizer_config.json", legacy), "“legacy_behaviour”")
    refused(changed("siglip2-open-clip", "tokenizer_config.json", side), "“left”")
    refused(changed("mt5", "open_clip_config.json", kwargs(clean="loud")), "“loud”")
    refused(changed("mt5", "open_clip_config.json", kwargs(language="ko")), "“language”")


@test
def a_vocabulary_of_another_model_is_refused():
    for kind in ("siglip-json", "siglip-open-clip", "siglip2-open-clip", "clipa"):
        folder = make(kind, DATA, tempfile.mkdtemp(dir=work))
        refused(folder, "another model", vocabulary=100)


@test
def damaged_files_are_refused_with_a_sentence():
    for kind, name in (("siglip-json", "tokenizer.json"), ("mt5", "spiece.model")):
        folder = make(kind, DATA, tempfile.mkdtemp(dir=work))
        path = os.path.join(folder, name)
        with open(path, "rb") as f:
            data = f.read()
        for end in (0, 1, 7, len(data) // 3, len(data) - 1):
            with open(path, "wb") as f:
                f.write(data[:end])
            refused(folder, name)


def large():
    """A tokenizer.json like SigLIP 2's: 256,000 symbols, half a million merges."""
    rng = random.Random(3)
    symbols = ["<pad>", "<eos>", "<bos>", "<unk>"] + [f"<0x{i:02X}>" for i in range(256)]
    alphabet = [chr(c) for c in [*range(33, 127), *range(0xA1, 0x250), *range(0x4E00, 0x5E00)]]
    known = dict.fromkeys(symbols + alphabet)
    parts = rng.choices(alphabet, k=600000)
    # chains of three to five characters, and every way of joining the two halves of each
    merges = []
    for i in range(0, len(parts) - 5, 2):
        text = "".join(parts[i : i + 3 + i % 3])
        for n in range(2, len(text) + 1):
            if text[:n] not in known and len(known) < 256000:
                known[text[:n]] = None
                merges.append([text[: n - 1], text[n - 1 : n]])
    merges += [[m[0], m[1]] for m in merges]
    merges = merges[:580000]
    folder = make("siglip2-open-clip", DATA, tempfile.mkdtemp(dir=work))
    path = os.path.join(folder, "tokenizer.json")
    with open(path, encoding="utf8") as f:
        root = json.load(f)
    root["model"]["vocab"] = {s: i for i, s in enumerate(known)}
    root["model"]["merges"] = merges
    with open(path, "w", encoding="utf8") as f:
        json.dump(root, f, ensure_ascii=False, indent=1)
    return folder, os.path.getsize(path)


def processor_seconds(who, function):
    """Processor time, not the clock's: others may use the machine, too."""
    before = resource.getrusage(who)
    function()
    after = resource.getrusage(who)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


@test
def a_vocabulary_of_256000_symbols_is_opened_faster_than_json_is_parsed():
    folder, size = large()

    def ours():
        done = run(folder, vocabulary=256000, options=["--time"])
        assert done.returncode == 0, done.stderr.decode()

    def parse():
        with open(os.path.join(folder, "tokenizer.json"), encoding="utf8") as f:
            json.load(f)

    took = min(processor_seconds(resource.RUSAGE_CHILDREN, ours) for _ in range(2))
    limit = processor_seconds(resource.RUSAGE_SELF, parse)
    print(f"# {size >> 20} MB: {took:.2f} s of processor time; Python's json alone {limit:.2f} s")
    assert took < limit


run_tests()
shutil.rmtree(work)
finish()
