#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""io.github.fewshot.Fewshot1 over D-Bus: a project is opened once, pictures are tried, and what is
neither is refused with a sentence. Prints TAP.

    test_interface.py FEWSHOT POCKET XML
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from documents import World, project, quit_program, read, wait, write, write_picture
from program import BUS, OBJECT, call, describe, gdbus, run
from tap import check, finish

fewshot, pocket, xml = sys.argv[1:4]
w = World(fewshot, pocket)


def ask(method, argument):
    return call("io.github.fewshot.Fewshot1." + method, argument)


w.start()
said = run("gdbus", "introspect", "--session", "-d", BUS, "-o", OBJECT, "--xml").stdout
with open(xml) as file:
    declared = file.read()
for method, kind in (("OpenProject", 's" name="path'), ("Classify", 'as" name="paths')):
    words = f'<method name="{method}">', f'<arg type="{kind}" direction="in"'
    good = all(word in said and word in declared for word in words)
    check(f"{method} is there as the file says", good)

path = write(w.path("one.fewshot"), project())
done = ask("OpenProject", path)
check("a project is opened", done.returncode == 0, done.stderr)
first = wait(lambda: run("xdotool", "search", "--name", "one").stdout.split())
check("its window is there", first)
again = ask("OpenProject", path)
check("again", again.returncode == 0, again.stderr)
count = len(run("xdotool", "search", "--onlyvisible", "--name", "^one").stdout.split())
check(f"it is still one window ({count})", count == 1)

folder = w.path("pictures")
os.mkdir(folder)
for i in range(3):
    write_picture(os.path.join(folder, f"{i}.png"), 80 * i)
done = ask("Classify", f"['{folder}']")
check("pictures are taken", done.returncode == 0, done.stderr)


def tried():
    """Lines of the table that the project's window, the second, writes of what it recognised."""
    table = w.path("tried.csv")
    gdbus("Activate", "try-csv-to", f"[<'{table}'>]", "{}", window=2)
    return (read(table) or b"").count(b"\n")


wait(lambda: tried() >= 4)
check(f"they are recognised in the project's window ({tried() - 1})", tried() == 4)

for method, argument, error, words in (
    ("OpenProject", "one.fewshot", "InvalidArgs", "not an absolute path"),
    ("OpenProject", w.path("none.fewshot"), "FileNotFound", "is not there"),
    ("OpenProject", folder, "InvalidArgs", "is no project"),
    ("Classify", "@as []", "InvalidArgs", "no picture"),
    ("Classify", "['x.png']", "InvalidArgs", "not an absolute path"),
    ("Classify", f"['{w.path('none.png')}']", "FileNotFound", "is not there"),
    ("Classify", f"['{path}']", "InvalidArgs", "is a project"),
):
    done = ask(method, argument)
    good = done.returncode != 0 and error in done.stderr and words in done.stderr
    check(f"{method} {os.path.basename(argument)} is refused", good, done.stderr)
check("the program is still there", describe("alpha"))
quit_program()
w.process.wait(timeout=30)
finish()
