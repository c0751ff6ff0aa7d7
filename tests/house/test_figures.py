#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The pictures of help, README and metainfo are those that the two scripts make, no more and no
less; what shows them names no other. The scripts are read, not run. Prints TAP.

    test_figures.py SOURCE FIGURE…      those that data/help/meson.build puts into the program
"""

import ast
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from tap import check, finish

source, built = sys.argv[1], set(sys.argv[2:])


def parse(script):
    with open(f"{source}/tests/ui/{script}", encoding="utf-8") as file:
        return list(ast.walk(ast.parse(file.read())))


def assigned(nodes, name):
    """What is assigned to that name, once, as it is written."""
    (value,) = [
        node.value
        for node in nodes
        if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == name for t in node.targets)
    ]
    return value


def made_by_figures():
    """The dialogs, and what is saved under a name of its own."""
    nodes = parse("figures.py")
    names = {key.value for key in assigned(nodes, "FIGURES").keys}
    for node in nodes:
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "save":
            names |= {one.value for one in node.args[2:] if isinstance(one, ast.Constant)}
    return names


def made_by_screenshots():
    pages = ast.literal_eval(assigned(parse("screenshots.py"), "PAGES"))
    return {
        f"{project}-{scheme}-{page}"
        for project in ("parts", "leaves")
        for scheme in ("light", "dark")
        for page in pages
    } | {"tour"}


def lying_in(folder):
    return {os.path.splitext(os.path.basename(path))[0] for path in glob.glob(f"{folder}/*")}


def shown_by(pattern, *paths):
    shown = set()
    for path in paths:
        with open(path, encoding="utf-8") as file:
            shown |= set(re.findall(pattern, file.read()))
    return shown


def compare(what, one, other):
    check(what, one == other, f"{sorted(one - other)} are more, {sorted(other - one)} are missing")


figures = lying_in(f"{source}/data/help/figures")
compare("figures.py makes those that lie there", made_by_figures(), figures)
compare("the program has them", built, figures)
pages = shown_by(r'src="figures/([\w-]+)\.png"', *glob.glob(f"{source}/data/help/*/*.page"))
windows = {name.split("-")[-1] for name in lying_in(f"{source}/data/screenshots")}
check("a page of the help shows each", figures <= pages, sorted(figures - pages))
check("and no other but windows", pages <= figures | windows, sorted(pages - figures - windows))
screenshots = lying_in(f"{source}/data/screenshots")
compare("screenshots.py makes those that lie there", made_by_screenshots(), screenshots)
shown = shown_by(
    r"data/screenshots/([\w-]+)\.\w+",
    f"{source}/README.md",
    f"{source}/data/io.github.fewshot.Fewshot.metainfo.xml.in",
)
check("README and metainfo show some of them", shown and shown <= screenshots, shown - screenshots)
finish()
