#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Cleaned text against the ftfy package and Python's html: every assigned character in several
places, every entity, and 10,000 strings of mojibake, widths, quotes, escapes and references. Prints
TAP.

    test_clean.py TEXT_CLEAN
"""

import html
import html.entities
import os
import random
import re
import subprocess
import sys
import unicodedata

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
import venv_path  # noqa: E402, F401
from tap import finish, run_tests, test  # noqa: E402

try:
    import ftfy
except ImportError as error:
    print(f"1..0 # SKIP {error}: ./test installs ftfy")
    sys.exit(0)

program = sys.argv[1]
characters = [
    chr(c)
    for c in range(1, 0x110000)
    if not 0xD800 <= c < 0xE000 and unicodedata.category(chr(c)) != "Cn"
]
rng = random.Random(26)


def ours(texts, *options):
    given = "".join(t + "\0" for t in texts).encode()
    done = subprocess.run(
        [program, *options], input=given, stdout=subprocess.PIPE, check=True
    ).stdout
    return done.decode().split("\0")[:-1]


def theirs(text):
    """open_clip's basic_clean, whitespace_clean and lower."""
    return " ".join(html.unescape(html.unescape(ftfy.fix_text(text))).split()).lower()


def compare(texts, expected=theirs, *options):
    answers = ours(texts, *options)
    assert len(answers) == len(texts)
    wrong = [(t, a, e) for t, a in zip(texts, answers) if a != (e := expected(t))]
    assert not wrong, f"{len(wrong)} of {len(texts)} differ: " + "; ".join(
        f"{t!r} gives {a!r}, not {e!r}" for t, a, e in wrong[:5]
    )


def garbled(text):
    """The text as a program shows it that takes UTF-8 for another encoding."""
    for _ in range(rng.choice([1, 1, 1, 2])):
        codec = rng.choice(
            [
                "latin-1",
                "sloppy-windows-1252",
                "sloppy-windows-1252",
                "sloppy-windows-1250",
                "sloppy-windows-1251",
                "sloppy-windows-1253",
                "sloppy-windows-1254",
                "sloppy-windows-1257",
                "iso-8859-2",
                "macroman",
                "cp437",
                "cp1252",
            ]
        )
        data = text.encode("utf-8", "replace")
        if rng.random() < 0.15:
            data = data.replace(b"\xa0", b" ")
        text = data.decode(codec, "replace")
    return text


@test
def every_character():
    # Between words; as a word; behind a capital, before the sigma whose form depends on its
    # neighbours.
    compare([f"a{c}b {c} A{c}\u03a3" for c in characters])


@test
def every_pair_that_mojibake_is_made_of():
    marks = sorted(
        {
            bytes([b]).decode(codec, "ignore")
            for b in range(128, 256)
            for codec in (
                "latin-1",
                "cp1252",
                "cp1251",
                "cp1250",
                "cp1253",
                "cp1254",
                "cp1257",
                "iso-8859-2",
                "mac-roman",
                "cp437",
            )
        }
        - {""}
    )
    compare(
        [
            f"{a}{rng.choice(marks)}{b}{rng.choice('a 1E.')}"
            for a in marks
            for b in rng.sample(marks, 40)
        ]
    )


@test
def every_entity():
    names = list(html.entities.html5)
    spelled = (
        names
        + [n.upper() for n in names]
        + [n.rstrip(";") for n in names]
        + [n + "x;" for n in names]
    )
    compare(
        [f"x&{n}y" for n in spelled] + [f"<&{n}y" for n in names] + [f"&amp;{n}" for n in names]
    )


@test
def numbers():
    values = list(range(0, 0x300)) + [
        0xD7FF,
        0xD800,
        0xDFFF,
        0xE000,
        0xFDD0,
        0xFFFE,
        0x1F600,
        0x10FFFF,
        0x110000,
        10**20,
    ]
    compare(
        [
            form.format(v)
            for v in values
            for form in ("a&#{};b", "a&#{}b", "a&#x{:x};b", "a&#X{:X} ", "&amp;#{};", "<&#{};")
        ]
    )
    compare(
        [
            "&#;",
            "&#x;",
            "&#xg;",
            "&#12a;",
            "&;",
            "&",
            "&&amp;;",
            "&#59;",
            "a & b",
            "&" * 40,
            "&" + "a" * 60 + ";",
        ]
    )


@test
def strings():
    scripts = [
        (0x41, 0x17F),
        (0xC0, 0x17F),
        (0x391, 0x3C9),
        (0x410, 0x44F),
        (0x5D0, 0x5EA),
        (0x621, 0x64A),
        (0x904, 0x939),
        (0xE01, 0xE2E),
        (0x3041, 0x3096),
        (0x4E00, 0x9FA5),
        (0xAC00, 0xD7A3),
        (0xFF01, 0xFFEE),
        (0x2010, 0x203A),
        (0x1F600, 0x1F64F),
        (0x2100, 0x214F),
    ]
    words = [
        "caf\u00e9",
        "na\u00efve",
        "\u201cquoted\u201d",
        "don\u2019t",
        "100 \u20ac",
        "\u2026",
        "\u2014",
        "\ufb01sh",
        "\uff34\uff29\uff27\uff25\uff32",
        "&amp;",
        "&EACUTE;",
        "&lt;b&gt;",
        "&eacute",
        "&#233;",
        "\x1b[31mred\x1b[0m",
        "\ufeff",
        "\u200bzero",
        "\u2167",
        "\u24b6",
        "\u0130stanbul",
        "\u039f\u03a3",
        "\x7f",
        "\u2028",
        "\r\n",
        "\r",
        "\x85",
        "\ufffd",
        "\x1a",
        "<",
        "voil\u00e0",
        "\u00c0 la carte",
        "e\u0301",
        "a_b",
        "\U0001f4a9",
    ]
    texts = []
    while len(texts) < 10000:
        parts = []
        for _ in range(rng.randint(1, 6)):
            low, high = rng.choice(scripts)
            parts.append(
                rng.choice(words)
                if rng.random() < 0.5
                else "".join(chr(rng.randint(low, high)) for _ in range(rng.randint(1, 8)))
            )
        text = rng.choice([" ", " ", "", ", ", "\n"]).join(parts)
        kind = rng.random()
        if kind < 0.5:
            text = garbled(text)
        elif kind < 0.7:
            text = (
                rng.choice(words) + " " + garbled(text) + rng.choice([" ", ""]) + rng.choice(words)
            )
        texts.append(text.replace("\0", ""))
    compare(texts)


@test
def plain():
    """As the fast tokenizer of transformers: composed, white space joined, lower case without a
    rule for the last sigma."""

    def expected(text):
        text = re.sub(
            r"[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+",
            " ",
            unicodedata.normalize("NFC", text),
        )
        return "".join(c.lower() for c in text)

    compare(
        [f"a{c}b {c} A{c}\u03a3" for c in characters]
        + ["&amp; \u201cx\u201d caf\u00c3\u00a9", " a  b "],
        expected,
        "--plain",
    )


run_tests()
finish()
