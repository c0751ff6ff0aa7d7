# SPDX-License-Identifier: MIT
"""CLIP's byte-level BPE, small: learns merges from captions and writes vocab.json and merges.txt in
CLIP's layout."""

import json
import re
from collections import Counter

PATTERN = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[a-z]+|[0-9]|[^\sa-z0-9]+")


def byte_alphabet():
    visible = [
        *range(ord("!"), ord("~") + 1),
        *range(ord("¡"), ord("¬") + 1),
        *range(ord("®"), ord("ÿ") + 1),
    ]
    others = [b for b in range(256) if b not in visible]
    return {**{b: chr(b) for b in visible}, **{b: chr(256 + i) for i, b in enumerate(others)}}


def learn(captions, merges_wanted):
    alphabet = byte_alphabet()
    words = Counter(w for c in captions for w in PATTERN.findall(c.lower()))
    split = {
        w: [*[alphabet[b] for b in w.encode()][:-1], alphabet[w.encode()[-1]] + "</w>"]
        for w in words
    }
    merges = []
    while len(merges) < merges_wanted:
        pairs = Counter()
        for word, count in words.items():
            for pair in zip(split[word], split[word][1:]):
                pairs[pair] += count
        if not pairs:
            break
        best = max(pairs, key=lambda p: (pairs[p], p))
        merges.append(best)
        for parts in split.values():
            i = 0
            while i < len(parts) - 1:
                if (parts[i], parts[i + 1]) == best:
                    parts[i : i + 2] = ["".join(best)]
                i += 1
    symbols = [alphabet[b] for b in sorted(alphabet, key=lambda b: alphabet[b])]
    vocabulary = (
        symbols
        + [s + "</w>" for s in symbols]
        + ["".join(m) for m in merges]
        + ["<|startoftext|>", "<|endoftext|>"]
    )
    return {s: i for i, s in enumerate(vocabulary)}, merges


def write(folder, vocabulary, merges):
    with open(f"{folder}/vocab.json", "w", encoding="utf8") as f:
        json.dump(vocabulary, f, ensure_ascii=False, indent=0)
        f.write("\n")
    with open(f"{folder}/merges.txt", "w", encoding="utf8") as f:
        f.write("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))


class Tokenizer:
    def __init__(self, vocabulary, merges, context_length):
        self.ids, self.rank = vocabulary, {m: i for i, m in enumerate(merges)}
        self.length, self.alphabet, self.cache = context_length, byte_alphabet(), {}

    def word(self, word):
        if word not in self.cache:
            data = word.encode()
            parts = [*[self.alphabet[b] for b in data][:-1], self.alphabet[data[-1]] + "</w>"]
            while len(parts) > 1:
                ranks = [self.rank.get(p, 1 << 30) for p in zip(parts, parts[1:])]
                i = min(range(len(ranks)), key=ranks.__getitem__)
                if ranks[i] == 1 << 30:
                    break
                parts[i : i + 2] = [parts[i] + parts[i + 1]]
            self.cache[word] = [self.ids[p] for p in parts]
        return self.cache[word]

    def __call__(self, text):
        sot, eot = self.ids["<|startoftext|>"], self.ids["<|endoftext|>"]
        ids = [i for w in PATTERN.findall(text.lower()) for i in self.word(w)]
        ids = [sot, *ids[: self.length - 2], eot]
        return ids + [0] * (self.length - len(ids))
