#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""layers.py [BUILD]: which room uses which, by the includes and by the symbols of BUILD's objects,
against the table below.

Prints rooms, floors, circles of files, arrows that run upwards, what libfewshot.so shows beside
what include/fewshot declares, and the figures of the house, as TAP. Without BUILD includes alone
are read, which sees little: headers hide who calls whom."""

import json
import re
import shlex
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from csource import code, functions, tokenize
from tap import check, finish

ROOT = Path(__file__).resolve().parents[2]
BASE = ["engine/base"]
VALUES = BASE + ["engine/formats", "engine/image", "engine/text", "engine/task", "engine/backend"]
CLIP = VALUES + ["engine/onnx", "engine/clip"]
ENCODE = CLIP + ["engine/encode"]
LENS = ENCODE + ["engine/lens"]
ADAPT = LENS + ["engine/adapt"]
SESSION = ["app/common", "app/base", "app/session"]
CAMERA = SESSION + ["app/camera"]
WIDGETS = CAMERA + ["app/widgets"]
MIDDLE = WIDGETS + ["app/document", "app/models", "app/export"]
PAGES = ["app/pages/" + page for page in ("examples", "train", "inspect", "try", "compare")]
# What each room may use, beside itself and engine/include, which is for all.
ROOMS = {
    "engine/include": [],
    "engine/base": [],
    **dict.fromkeys(VALUES[1:], BASE),
    "engine/onnx": BASE + ["engine/formats"],
    "engine/clip": VALUES + ["engine/onnx"],
    "engine/encode": CLIP,
    "engine/lens": ENCODE,
    "engine/adapt": LENS,
    "engine/heat": ADAPT,
    "engine/portable": ADAPT,
    "engine/worker": ADAPT + ["engine/heat", "engine/portable", "engine/project", "engine/labels"],
    "engine/hub": BASE + ["engine/task"],
    "engine/project": BASE + ["engine/task"],
    "engine/metadata": BASE,
    "engine/labels": BASE + ["engine/task", "engine/metadata"],
    "app/common": [],
    "app/frames": ["app/common"],
    "app/cli": ["app/common"],
    "app/base": ["app/common"],
    "app/session": ["app/common", "app/base"],
    "app/camera": SESSION,
    "app/watch": ["app/common", "app/base"],
    "app/widgets": CAMERA,
    **dict.fromkeys(MIDDLE[len(WIDGETS) :], WIDGETS),
    **dict.fromkeys(PAGES, MIDDLE),
    "app/shell": MIDDLE + PAGES + ["app/watch"],
    "app": MIDDLE + PAGES + ["app/watch", "app/shell"],
}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)', re.MULTILINE)
APP_TYPE = re.compile(r"\bG_DE(?:CLARE|FINE)_\w+ \(\s*\w+,\s*(few_\w+)")
ENGINE_FUNCTION = re.compile(r"^(few_\w+) \(", re.MULTILINE)
DECLARED = re.compile(r"\bFEW_API\b[^;{]*?\b(few_\w+)\s*(?:\(|;|\[)")


def room_of(name):
    """The longest room that a path lies in; adapt/methods and backend/cpu are part of theirs."""
    return max((room for room in ROOMS if name.startswith(room + "/")), key=len, default=None)


def read_includes(files):
    """(user, used) of every include that is a file of the tree."""
    for name, text in files.items():
        for kind, path in INCLUDE.findall(text):
            tops = ["engine/include"] if kind == "<" else [str(Path(name).parent), "engine", "app"]
            for top in tops:
                if f"{top}/{path}" in files:
                    yield name, f"{top}/{path}"
                    break


def nm(arguments):
    return subprocess.run(
        ["nm", *arguments], check=True, capture_output=True, text=True
    ).stdout.splitlines()


def objects(build):
    """(source's name, object) of what the build made of engine/ and app/."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = (Path(entry["directory"]) / entry["file"]).resolve()
        output = (
            entry.get("output")
            or shlex.split(entry["command"])[shlex.split(entry["command"]).index("-o") + 1]
        )
        target = Path(entry["directory"]) / output
        if (
            source.is_relative_to(ROOT)
            and target.exists()
            and "tests" not in Path(output).parts[:1]
        ):
            name = str(source.relative_to(ROOT))
            if room_of(name):
                yield name, target


def read_symbols(build):
    """(user, used, symbol) of every function or variable that one file has from another."""
    home, wanted = {}, []
    sources = {str(target): name for name, target in objects(build)}
    # all in one call: each line begins with its object and a colon
    for line in nm(["-P", "-g", "-A", *sources]):
        target, _, told = line.partition(": ")
        name = sources[target]
        symbol, kind = told.split()[:2]
        if kind == "U":
            wanted.append((name, symbol))
        else:
            home.setdefault((top_of(name), symbol), name)
            home.setdefault(symbol, name)
    for name, symbol in wanted:
        used = home.get((top_of(name), symbol)) or home.get(symbol)
        if used and used != name:
            yield name, used, symbol


def top_of(name):
    return name.split("/")[0]


def circles(arrows):
    """Sets of two and more that reach each other: Tarjan's strongly connected components."""
    order, low, stack, found = {}, {}, [], []

    def visit(node):
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in sorted(arrows.get(node, ())):
            if other not in order:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], order[other])
        if low[node] == order[node]:
            part = stack[stack.index(node) :]
            del stack[-len(part) :]
            if len(part) > 1:
                found.append(sorted(part))

    for node in sorted(arrows):
        if node not in order:
            visit(node)
    return found


def floors(arrows):
    """How many rooms are below each one, along the longest way down; rooms in a circle count
    once."""

    def height(room, way):
        return 1 + max(
            (height(other, way | {room}) for other in arrows.get(room, ()) if other not in way),
            default=-1,
        )

    return {room: height(room, {room}) for room in ROOMS}


def declared_names():
    declared = set()
    for header in sorted((ROOT / "engine/include").rglob("*.h")):
        text = re.sub(
            r"/\*.*?\*/|^\s*#.*?$", "", header.read_text(), flags=re.DOTALL | re.MULTILINE
        )
        declared |= set(DECLARED.findall(text))
    return declared


def shared_names(files):
    """Functions of the engine that read as if they were those of a type of the window."""
    app = "\n".join(text for name, text in files.items() if name.startswith("app/"))
    engine = "\n".join(text for name, text in files.items() if name.startswith("engine/"))
    types = set(APP_TYPE.findall(app))
    return sorted(
        name
        for name in set(ENGINE_FUNCTION.findall(engine))
        if any(name.startswith(kind + "_") for kind in types)
    )


def figures(files):
    """The table of the house: what the review measured before the rooms were made."""
    total = defaultdict(int)
    for text in files.values():
        lines = text.splitlines()
        tokens = tokenize(text)
        total["lines"] += len(lines)
        total["lines over 100 columns"] += sum(len(line) > 100 for line in lines)
        total["files over 500 lines"] += len(lines) > 500
        found = functions(code(tokens))
        total["functions"] += len(found)
        total["functions over 60 lines"] += sum(function.length > 60 for function in found)
        comments = [token.kind == "comment" and "SPDX" not in token.text for token in tokens]
        total["files without opening comment"] += not any(comments[:3])
        total["preconditions (g_return_…, g_assert)"] += sum(
            token.text.startswith(("g_return_", "g_assert"))
            for token in tokens
            if token.kind == "name"
        )
    return total


# The same figures of app and engine at 1aa04d6, before there were rooms.
BEFORE = {
    "exports": 440,
    "lines": 37812,
    "lines over 100 columns": 2713,
    "files over 500 lines": 9,
    "functions": 2119,
    "functions over 60 lines": 11,
    "files without opening comment": 103,
    "preconditions (g_return_…, g_assert)": 6,
}


def judge(why, declared):
    """From (file, file) → reasons: room → rooms, file → files, and the arrows that run upwards."""
    rooms, arrows, upward = defaultdict(set), defaultdict(set), []
    for (user, used), reasons in sorted(why.items()):
        arrows[user].add(used)
        above, below = room_of(user), room_of(used)
        if user.split("/")[0] != used.split("/")[0] and declared.issuperset(reasons):
            below = "engine/include"  # what the app calls through the library
        if above != below:
            rooms[above].add(below)
            if below not in ROOMS[above] + ["engine/include"]:
                upward.append(f"{user} → {used} ({', '.join(reasons[:4])})")
    return rooms, arrows, upward


def self_test():
    why = {
        ("app/session/a.c", "app/base/b.c"): ["few_b"],
        ("app/session/a.c", "engine/lens/lens.c"): ["few_open"],
        ("app/base/b.c", "engine/lens/lens.c"): ["few_hidden"],
        ("app/base/b.c", "app/session/a.h"): ["includes it"],
        ("engine/adapt/methods/m.c", "engine/hub/hub.c"): ["few_hub"],
        ("app/cli/x.c", "app/cli/y.c"): ["y"],
        ("app/cli/y.c", "app/cli/z.c"): ["z"],
        ("app/cli/z.c", "app/cli/x.c"): ["x"],
    }
    rooms, arrows, upward = judge(why, {"few_open"})
    check("arrows upwards are found", len(upward) == 3 and rooms["app/base"], str(upward))
    clash = {
        "app/a.h": "G_DECLARE_FINAL_TYPE (FewTile, few_tile, FEW, TILE, GObject)",
        "engine/b.c": "void\nfew_tile_draw (void)\n{\n}\nvoid\nfew_tiles_draw (void)\n{\n}",
    }
    check("names of two owners are found", shared_names(clash) == ["few_tile_draw"])
    check("circles are found", circles(arrows) == [[f"app/cli/{c}.c" for c in "xyz"]])


def print_house(files, rooms, arrows, upward):
    heights = floors(rooms)
    for room in sorted(ROOMS, key=lambda room: (heights[room], room)):
        count = sum(text.count("\n") for name, text in files.items() if room_of(name) == room)
        below = ", ".join(sorted(rooms[room])) or "nothing"
        print(f"# floor {heights[room]}: {room} ({count} lines) → {below}")
    for circle in circles(arrows):
        print(f"# circle of {len(circle)}: {', '.join(circle)}")
    for arrow in upward:
        print(f"# upwards: {arrow}")
    ways = sum(len(used) for used in rooms.values())
    print(f"# {len(ROOMS)} rooms, {max(heights.values()) + 1} floors, {ways} arrows between rooms")


def main():
    listed = subprocess.run(
        [
            "git",
            "-C",
            ROOT,
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "engine",
            "app",
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    files = {
        name: (ROOT / name).read_text()
        for name in listed
        if name.endswith((".c", ".h", ".cu", ".cuh")) and (ROOT / name).exists()
    }
    build = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    declared = declared_names()
    why = defaultdict(list)
    for user, used in read_includes(files):
        why[user, used].append("includes it")
    for user, used, symbol in read_symbols(build) if build else ():
        why[user, used].append(symbol)

    self_test()
    rooms, arrows, upward = judge(why, declared)
    print_house(files, rooms, arrows, upward)
    found = circles(arrows)
    homeless = [name for name in files if not room_of(name)]
    check("every file lies in a room", files and not homeless, str(homeless))
    check("no circle of files", not found, f"{len(found)} circles")
    check("no arrow runs upwards", not upward, f"{len(upward)} arrows")
    shared = shared_names(files)
    check("no name of the engine is that of a type of the window", not shared, str(shared))
    table = figures(files)
    if build:
        lines = nm(["-D", "-P", "--defined-only", build / "engine/libfewshot.so"])
        shown = {line.split()[0] for line in lines}
        why_not = f"more: {sorted(shown - declared)}, less: {sorted(declared - shown)}"
        check("libfewshot.so shows what its headers declare", shown == declared, why_not)
        table = {"exports": len(shown), **table}
    for what, figure in table.items():
        print(f"# {what}: {figure} (before: {BEFORE[what]})")
    finish()


if __name__ == "__main__":
    main()
