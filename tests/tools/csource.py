# SPDX-License-Identifier: MIT
"""What the checkers know of C: tokens, statements, functions. No preprocessor: what it adds is not
seen."""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)
      |(?P<directive>^[ \t]*\#(?:[^\n\\]|\\\n|\\.)*)
      |(?P<string>(?:L|u8|u|U)?"(?:[^"\\\n]|\\.)*")
      |(?P<character>'(?:[^'\\\n]|\\.)*')
      |(?P<number>\.?[0-9](?:[eEpP][+-]|[0-9a-zA-Z_.'])*)
      |(?P<name>[A-Za-z_]\w*)
      |(?P<mark>->|\+\+|--|<<=|>>=|<<|>>|\.\.\.|[-+*/%&|^=!<>]=|&&|\|\||::|\S)
      |(?P<space>\s+)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
OPEN, CLOSE = "([{", ")]}"
TYPE_WORDS = set(
    "auto bool char const double enum extern float int long register short signed static struct "
    "union unsigned void"
    " volatile inline typeof __typeof__ __auto_type _Bool _Static_assert static_assert".split()
)


@dataclass
class Token:
    kind: str
    text: str
    line: int


@dataclass
class Function:
    name: str
    line: int  # of its name
    last: int  # of its closing brace
    static: bool
    body: list = field(repr=False)  # tokens, braces included

    @property
    def length(self):
        return self.last - self.line + 1


def tokenize(text):
    """All tokens but space, comments and directives included."""
    tokens, line = [], 1
    for match in TOKEN.finditer(text):
        if match.lastgroup != "space":
            tokens.append(Token(match.lastgroup, match.group(), line))
        line += match.group().count("\n")
    return tokens


def code(tokens):
    return [token for token in tokens if token.kind not in ("comment", "directive")]


def matching(tokens, start):
    """The index of what closes tokens[start]."""
    depth = 0
    for i in range(start, len(tokens)):
        if tokens[i].kind != "mark":
            continue
        if tokens[i].text in OPEN:
            depth += 1
        elif tokens[i].text in CLOSE:
            depth -= 1
            if not depth:
                return i
    return len(tokens) - 1


def functions(tokens):
    """Every function that a list of code tokens defines, in their order."""
    found, i, start = [], 0, 0  # start: of the declaration that i is in
    while i < len(tokens):
        token = tokens[i]
        if token.text == "{" and token.kind == "mark":
            last = matching(tokens, i)
            head = tokens[start:i]
            name = function_name(head)
            if name:
                static = any(part.text == "static" for part in head)
                found.append(
                    Function(name.text, name.line, tokens[last].line, static, tokens[i : last + 1])
                )
                i = start = last + 1
                continue
            if (
                head
                and head[0].text in ("extern", "namespace")
                and all(part.text != "=" for part in head)
            ):
                i = start = i + 1  # extern "C" {: what is inside is at the top
                continue
            i = last
        elif token.text in ("(", "["):
            i = matching(tokens, i)
        elif token.text in (";", "}") and token.kind == "mark":
            start = i + 1
        i += 1
    return found


def function_name(head):
    """The name in front of the last parentheses of a head such as `static int f (void)`, else
    None."""
    end = len(head) - 1
    while end >= 0 and head[end].kind == "name" and head[end].text not in TYPE_WORDS:
        end -= 1  # an attribute behind the arguments
    if end < 0 or head[end].text != ")" or any(part.text == "=" for part in head):
        return None
    depth = 0
    for i in range(end, 0, -1):
        depth += (head[i].text == ")") - (head[i].text == "(")
        if not depth:
            return head[i - 1] if head[i - 1].kind == "name" else None
    return None
