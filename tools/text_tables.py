#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the tables that cleaning text needs, from Python's own: html.entities and the single-byte
codecs.

text_tables.py ENTITIES.h CHARMAPS.h
"""

import html
import html.entities
import sys

# The encodings that text is taken for by mistake, most likely first. Windows' have holes: those
# bytes stand for themselves.
CHARMAPS = [
    "latin-1",
    "cp1252",
    "cp1251",
    "cp1250",
    "cp1253",
    "cp1254",
    "cp1257",
    "iso8859-2",
    "mac-roman",
    "cp437",
]


def quoted(text):
    """A C string of UTF-8 bytes."""
    return (
        '"'
        + "".join(
            f"\\{b:03o}" if b < 32 or b > 126 or chr(b) in '"\\?' else chr(b) for b in text.encode()
        )
        + '"'
    )


def entities():
    """(name with its closing semicolon if it has one, text, where it counts), by name."""
    html5 = html.entities.html5
    rows = {
        name: (text, "ENTITY_BOTH" if name.endswith(";") else "ENTITY_UNESCAPE")
        for name, text in html5.items()
    }
    for name, text in html5.items():
        upper = name.upper()
        if (
            name.endswith(";")
            and name == name.lower()
            and html.unescape("&" + upper) == "&" + upper
        ):
            rows[upper] = (text.upper(), "ENTITY_REPAIR")
    return sorted((name.encode(), name, *row) for name, row in rows.items())


def characters(codec):
    return [ord(bytes([b]).decode(codec, "replace")) for b in range(128, 256)]


HEAD = "/* Made by tools/text_tables.py. */\n#pragma once\n#include <glib.h>\n\n"
with open(sys.argv[1], "w", encoding="ascii") as out:
    out.write(HEAD + "enum { ENTITY_UNESCAPE = 1, ENTITY_REPAIR = 2, ENTITY_BOTH = 3 };\n")
    out.write("static const struct { const char *name, *text; int use; } entities[] = {\n")
    for _, name, text, use in entities():
        out.write(f"  {{ {quoted(name)}, {quoted(text)}, {use} }},\n")
    out.write("};\n")
with open(sys.argv[2], "w", encoding="ascii") as out:
    out.write(HEAD + "/* What the bytes from 128 on stand for. */\n")
    out.write(
        f"enum {{ CHARMAPS = {len(CHARMAPS)}, WINDOWS_FIRST = 1, WINDOWS_LAST = 6, "
        "MAC_ROMAN = 8 };\n"
    )
    out.write("static const gunichar charmaps[CHARMAPS][128] = {\n")
    for codec in CHARMAPS:
        values = [c if c != 0xFFFD else 128 + i for i, c in enumerate(characters(codec))]
        out.write("  { " + ", ".join(hex(c) for c in values) + " },\n")
    out.write("};\n")
