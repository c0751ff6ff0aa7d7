# SPDX-License-Identifier: MIT
"""A tokenizer for models with random weights, without PyTorch."""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "data/pocket/training"))
import tokenizer as bpe  # noqa: E402


def toy_vocabulary(size):
    """A byte vocabulary of `size` symbols: the bytes, made-up words, the two marks."""
    alphabet = list(bpe.byte_alphabet().values())
    fill = [f"word{i}</w>" for i in range(size - 2 * 256 - 2)]
    return {
        s: i
        for i, s in enumerate(
            [*alphabet, *[a + "</w>" for a in alphabet], *fill, "<|startoftext|>", "<|endoftext|>"]
        )
    }


def write(folder, size):
    """The files of a tokenizer with that vocabulary."""
    bpe.write(folder, toy_vocabulary(size), [])
