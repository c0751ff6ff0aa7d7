#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""lines.py [PATH…]: the rules of CONTRIBUTING that can be read off the text, over every file that
git knows, or those whose names begin with a PATH. Prints TAP.

C: one statement a line, one initialised declaration a line, no conditional inside a conditional,
functions of at most 60 lines, an opening comment, signal handlers that end in _cb, no bare
g_object_set_data, no assert () beside GLib's, no letter beyond ASCII but in texts. Everything that
is written by hand: at most 100 columns and 500 lines, an SPDX line. The whole tree: no host of a
package registry. The self-test runs first: every rule has to find its fault."""

import re
import subprocess
import sys
from pathlib import Path

from csource import CLOSE, OPEN, TYPE_WORDS, code, functions, matching, tokenize
from tap import check, finish

COLUMNS, FILE_LINES, FUNCTION_LINES = 100, 500, 60
C_NAMES = (".c", ".h", ".cu", ".cuh")
SOURCE_NAMES = C_NAMES + (".py", ".sh", ".build")
SCRIPTS = ("run", "test", ".ci/run", "meson_options.txt")
# In two pieces, or reuse would read a licence here.
SPDX = "SPDX-License-" + "Identifier: "
# Dots in brackets, so that this file does not hold what it looks for.
REGISTRIES = re.compile(
    r"""pypi[.](org|io|nvidia) | pythonhosted[.]org | anaconda[.](org|com)
    | (deb|ftp|security|snapshot|packages|archive)[.][\w.]*debian[.]org | debian[.]org/debian
    | (archive|ports|security)[.]ubuntu[.]com
    | docker[.](io|com) | ghcr[.]io | quay[.]io | gcr[.]io
    | mcr[.]microsoft
    | npmjs[.](org|com) | yarnpkg[.]com | crates[.]io | rubygems[.]org | cpan[.]org
    | (proxy|sum)[.]golang[.]org | repo1?[.]maven | maven[.]org | nuget[.]org | packagist[.]org
    | hackage[.]haskell | hex[.]pm""",
    re.VERBOSE | re.IGNORECASE,
)
CONNECT = re.compile(r"g_signal_connect(_\w+)?$|g_signal_group_connect\w*$")


def statements(body):
    """The statements of a function's body, as lists of tokens without the mark that ends them, with
    that mark."""
    start, i, braces = 0, 0, []
    while i < len(body):
        text = body[i].text if body[i].kind == "mark" else ""
        if text in ("(", "["):
            i = matching(body, i)
        elif text == "{":
            head = body[start:i]
            words = ("=", "struct", "union", "enum", "return")
            if any(
                split_at(head, word) for word in words
            ):  # values or a type: part of the statement
                i = matching(body, i)
            else:
                if head:
                    yield head, "{"
                braces.append(i)
                start = i + 1
        elif text == "}":
            start = i + 1
        elif text == ";":
            yield body[start:i], ";"
            start = i + 1
        i += 1


def split_at(tokens, separator):
    """Where separator stands outside every bracket."""
    depth, places = 0, []
    for i, token in enumerate(tokens):
        if token.kind == "mark":
            depth += (token.text in OPEN) - (token.text in CLOSE)
        if not depth and token.text == separator:
            places.append(i)
    return places


def skip_head(tokens):
    """A statement without the `case x:`, label, `else`, `if (…)`, `for (…)`, `while (…)` in front
    of it."""
    while tokens:
        first = tokens[0].text
        if first in ("case", "default"):
            colon = next(
                (i for i, token in enumerate(tokens) if token.text == ":"), len(tokens) - 1
            )
            tokens = tokens[colon + 1 :]
        elif first in ("else", "do"):
            tokens = tokens[1:]
        elif (
            first in ("if", "for", "while", "switch") and len(tokens) > 1 and tokens[1].text == "("
        ):
            tokens = tokens[matching(tokens, 1) + 1 :]
        elif len(tokens) > 1 and tokens[0].kind == "name" and tokens[1].text == ":":
            tokens = tokens[2:]
        else:
            return tokens
    return tokens


def is_declaration(tokens):
    first = tokens[0]
    if first.kind != "name":
        return False
    if first.text in TYPE_WORDS or first.text in (
        "g_autofree",
        "g_autoptr",
        "g_auto",
        "g_autolist",
        "typedef",
    ):
        return True
    rest = 1
    while rest < len(tokens) and tokens[rest].text == "*":
        rest += 1
    return (
        rest < len(tokens) and tokens[rest].kind == "name" and first.text not in ("return", "goto")
    )


def check_statements(body):
    previous = 0  # the line on which a statement ended
    for statement, end in statements(body):
        if not statement:
            continue
        line = statement[0].line
        if line == previous:
            yield line, "two statements on one line"
        previous = statement[-1].line if end == ";" else 0
        inner = skip_head(statement)
        if not inner:
            continue
        if (
            inner is not statement
            and end == ";"
            and statement[0].text not in ("case", "default")
            and inner[0].line == statement[0].line
        ):
            yield line, "two statements on one line"
        if is_declaration(inner):
            if len(split_at(inner, "=")) > 1 and split_at(inner, ","):
                yield line, "more than one initialised variable in a declaration"
        elif split_at(inner, ","):
            yield line, "statements joined by commas"


def check_conditionals(tokens):
    """A ? between the ? and the end of another one's last operand, or behind one in brackets in its
    condition."""
    levels = [
        [0, False]
    ]  # conditionals open in this bracket; whether one was closed inside since the last separator
    for token in tokens:
        if token.kind != "mark":
            if token.text == "return":
                levels[-1] = [0, False]
            continue
        if token.text in OPEN:
            levels.append([0, False])
        elif token.text in CLOSE and len(levels) > 1:
            inner = levels.pop()
            levels[-1][1] |= inner[1] and token.text != "}"
        elif token.text in (",", ";") or (
            token.text.endswith("=") and token.text not in ("==", "!=", "<=", ">=")
        ):
            levels[-1] = [0, False]
        elif token.text == "?":
            if levels[-1][1] or any(level[0] for level in levels):
                yield token.line, "a conditional inside a conditional"
            levels[-1] = [levels[-1][0] + 1, True]


def check_calls(tokens, own):
    for i, token in enumerate(tokens):
        if token.kind != "name" or i + 1 >= len(tokens) or tokens[i + 1].text != "(":
            continue
        if token.text == "assert":
            yield token.line, "assert: GLib's says more, and clang-tidy reads no other"
        if token.text == "g_object_set_data":
            yield token.line, "g_object_set_data: state belongs to a field or a property"
        if CONNECT.match(token.text) or token.text.startswith(
            "gtk_widget_class_bind_template_callback"
        ):
            arguments = tokens[i + 2 : matching(tokens, i + 1)]
            if CONNECT.match(token.text):  # the third; data and who frees it come behind
                commas = [*split_at(arguments, ","), len(arguments), len(arguments)]
                arguments = arguments[commas[1] : commas[2]]
            for part in arguments:
                if part.kind == "name" and part.text in own and not part.text.endswith("_cb"):
                    yield part.line, f"the signal handler {part.text} does not end in _cb"


def check_c(text):
    tokens = tokenize(text)
    comments = [token for token in tokens if token.kind == "comment"]
    first_code = next(
        (
            token.line
            for token in tokens
            if token.kind != "comment" and token.text != "#pragma once"
        ),
        1,
    )
    if len(comments) < 2 or comments[1].line > first_code:
        yield 1, "no opening comment that says what the file is for"
    tokens = code(tokens)
    for token in tokens:
        if token.kind in ("name", "mark") and not token.text.isascii():
            yield token.line, f"“{token.text}”: a letter beyond ASCII outside a text"
    found = functions(tokens)
    static = {function.name for function in found if function.static}
    for function in found:
        if function.length > FUNCTION_LINES:
            yield (
                function.line,
                f"{function.name} has {function.length} lines, more than {FUNCTION_LINES}",
            )
        yield from check_statements(function.body)
        yield from check_conditionals(function.body)
    yield from check_calls(tokens, static)


def check_file(name, text):
    """All faults of one file, as (line, sentence)."""
    source = name.endswith(SOURCE_NAMES) or name in SCRIPTS or text.startswith("#!")
    lines = text.splitlines()
    if source:
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS:
                yield number, f"{len(line)} columns, more than {COLUMNS}"
        if len(lines) > FILE_LINES:
            yield 1, f"{len(lines)} lines, more than {FILE_LINES}"
        if not any(SPDX in line for line in lines[:3]):
            yield 1, "no SPDX line"
    if name.endswith(C_NAMES):
        yield from check_c(text)
    for number, line in enumerate(lines, 1):
        match = REGISTRIES.search(line)
        if match:
            yield number, f"names the host of a package registry ({match.group()})"


GOOD = """/* @SPDX@MIT */
/* What a house looks like. */
#include <glib.h>

typedef struct
{
  int a, b;
} Pair;

static void
opened_cb (void)
{
}

static void
pair_free (gpointer pair)
{
  g_free (pair);
}

int
few_sum (const Pair *pair, int n)
{
  static const Pair pairs[] = { { 1, 2 }, { 3, 4 } };
  int a, b;
  int sum = n > 0 ? pair->a : pair->b;

  a = b = n;
  for (int i = 0, j = 0; i < n; i++, j++)
    {
      sum += f (i, j ? a : b, i ? 1 : 2);
      if (i)
        continue;
      switch (i)
        {
        case 1:
          return sum > 0 ? a : b;
        }
    }
  g_signal_connect (pair, "open, a ? b", G_CALLBACK (opened_cb), NULL);
  g_signal_connect_swapped (pair, "close", G_CALLBACK (gtk_widget_queue_draw), NULL);
  g_signal_connect_data (pair, "shut", G_CALLBACK (opened_cb), pair, pair_free, 0);
  g_object_set_data_full (pair, "a", NULL, NULL);
  return sum;
}
""".replace("@SPDX@", SPDX)
# What is changed in GOOD, and what has to be said of it.
BAD = [
    ("a = b = n;", "a = n, b = n;", "statements joined by commas"),
    ("if (i)\n        continue;", "if (i)\n        a++, b++;", "statements joined by commas"),
    ("a = b = n;", "f (a, b), g (b);", "statements joined by commas"),
    ("case 1:\n", "case 1:\n a = 1, b = 2;\n", "statements joined by commas"),
    ("a = b = n;", "a = n; b = n;", "two statements on one line"),
    ("if (i)\n        continue;", "if (i) continue;", "two statements on one line"),
    ("int a, b;\n  int sum", "int a = 1, b = 2;\n  int sum", "more than one initialised"),
    ("int a, b;\n  int sum", "Pair *a = NULL, *b = NULL;\n  int sum", "more than one initialised"),
    ("pair->a : pair->b", "n ? 1 : 2 : pair->b", "a conditional inside"),
    ("pair->a : pair->b", "pair->a : n ? 1 : 2", "a conditional inside"),
    ("pair->a : pair->b", "pair->a : f (n ? 1 : 2)", "a conditional inside"),
    ("n > 0 ?", "(n ? 1 : 2) > 0 ?", "a conditional inside"),
    ("return sum;", "return sum;" + "\n" * 50, "more than 60"),
    ("return sum;", "return sum;" + " " * 100, "columns, more than 100"),
    ("return sum;\n}", "return sum;\n}" + "\n" * 470, "lines, more than 500"),
    (f"/* {SPDX}MIT */", "/* Mine */", "no SPDX line"),
    ("/* What a house looks like. */", "", "no opening comment"),
    ("opened_cb", "opened", "does not end in _cb"),
    ("g_object_set_data_full", "g_object_set_data", "g_object_set_data"),
    ("g_free (pair)", "assert (pair)", "assert"),
    ("few_sum (const", "few_sum\u05d0 (const", "beyond ASCII"),
    ("a house looks", "https://py" + "pi.org looks", "package registry"),
    ("a house looks", "http://de" + "b.debian.org looks", "package registry"),
    ("a house looks", "https://files.python" + "hosted.org looks", "package registry"),
    ("a house looks", "registry.npm" + "js.org looks", "package registry"),
]


def self_test():
    faults = list(check_file("good.c", GOOD))
    check("sound lines pass", not faults, str(faults))
    missed = []
    for old, new, sentence in BAD:
        assert old in GOOD, old
        said = [text for _, text in check_file("bad.c", GOOD.replace(old, new))]
        if not any(sentence in text for text in said) or len(said) > 2:
            missed.append(f"{new!r}: {said}")
    check(f"each of {len(BAD)} faults is found", not missed, "; ".join(missed))


def tree_files(root, starts):
    command = ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    for name in sorted(filter(None, listed.split("\0"))):
        if not starts or name.startswith(starts):
            try:
                yield name, Path(root, name).read_text("utf-8")
            except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
                continue  # pictures and weights


def main():
    self_test()
    files = faults = 0
    for name, text in tree_files(Path(__file__).resolve().parents[2], tuple(sys.argv[1:])):
        files += 1
        for line, sentence in sorted(set(check_file(name, text))):
            faults += 1
            print(f"# {name}:{line}: {sentence}")
    check(f"the lines of {files} files", files and not faults, f"{faults} faults")
    finish()


if __name__ == "__main__":
    main()
