# SPDX-License-Identifier: MIT
"""The pictures and the texts of tests/data/families, for who makes the features and who compares
them."""

import numpy as np

TEXTS = ["a photo of a cat", "x", "many words that reach far into the context and beyond its end"]


def pictures(size, n=2):
    """[n, size, size, 3] of bytes: waves with some noise, so that no two patches are the same."""
    y, x = np.mgrid[0:size, 0:size]
    out = []
    for i in range(n):
        noise = np.random.RandomState(i + 5).randint(0, 64, (size, size, 3))
        waves = [96 + 90 * np.sin(x / (3 + i + c) + y / (5 + 2 * c)) for c in range(3)]
        out.append(np.clip(np.stack(waves, -1) + noise, 0, 255).astype(np.uint8))
    return np.stack(out)


def pixels(size, mean, std):
    """The same as a tower eats them, [n, 3, size, size] in double precision."""
    values = (pictures(size) / 255.0 - np.asarray(mean)) / np.asarray(std)
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2))


def ids(clip, vocab_size, context):
    """Ids of the texts in the toy vocabulary, padded with zeroes."""
    vocabulary = clip.toy_vocabulary(vocab_size)
    encode = clip.bpe.Tokenizer(vocabulary, [], context)
    return np.array([encode(text) for text in TEXTS], np.int64)
