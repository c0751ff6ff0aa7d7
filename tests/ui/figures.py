#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The pictures of the help's pages that no screenshot of a whole page shows: dialogs and smaller
windows. Within tests/tools/display.sh:

    bash tests/tools/display.sh /usr/bin/python3 tests/ui/figures.py BUILD [--out FOLDER]
        [--one NAME]      only that one, such as tags

It takes about half a minute. The pages in data/help name what lies in data/help/figures.
"""

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import leaves
from PIL import Image
from program import activate, call, enabled, run, window
from shooting import Program, save, settle, wait, wait_for_run

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
options.add_argument("build")
options.add_argument("--out", default=os.path.join(ROOT, "data/help/figures"))
options.add_argument("--one")
options = options.parse_args()
work = tempfile.mkdtemp(prefix="fewshot-figures-")


def pictures_of(folder):
    return [
        os.path.join(place, name)
        for place, _, names in sorted(os.walk(folder))
        for name in sorted(names)
        if name.endswith((".png", ".jpg"))
    ]


# ---- what is shown: how each is opened. A dialog is closed by Escape.


def open_labels(program):
    """A table of paths and classes."""
    folder = leaves.write(f"{work}/labelled", each=4, seed=9)
    path = f"{folder}/labels.csv"
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "species", "split"])
        for i, picture in enumerate(pictures_of(folder)):
            inside = os.path.relpath(picture, folder)
            rows.writerow([inside, os.path.dirname(inside), "test" if i % 4 == 0 else "train"])
        rows.writerow(["lost.jpg", "oak", "train"])
    activate("import-labels-from", f"[<'{path}'>]")


def open_parts(program):
    """A table of parts."""
    folder = leaves.write(f"{work}/parts", each=2, seed=10)
    path = f"{folder}/labels.csv"
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "label", "box"])
        for i, picture in enumerate(pictures_of(folder)[:5]):
            inside = os.path.relpath(picture, folder)
            boxes = ["0 0 0.5 1", "0.5 0 0.5 1"] if i < 3 else [""]
            rows.writerows([inside, os.path.dirname(inside), box] for box in boxes)
        rows.writerow([inside, os.path.dirname(inside), "40 60 200 200"])
    activate("import-labels-from", f"[<'{path}'>]")


def open_keywords(program):
    """Pictures that were tagged before."""
    folder = f"{work}/keywords"
    os.mkdir(folder)
    for picture in pictures_of(f"{work}/fresh"):
        shutil.copy(picture, folder)
    classifier = f"{work}/classifier.safetensors"
    activate("export-to", f"[<'{classifier}'>]")
    wait("the classifier", lambda: os.path.exists(classifier))
    command = [f"{options.build}/app/cli/fewshot-cli", "tag", classifier, folder, "--least", "0"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    activate("import-keywords-from", f"[<'{folder}'>]")


def open_tags(program):
    activate("try-path", f"[<'{work}/fresh'>]")
    settle()
    activate("try-tag")


def open_deployment(program):
    activate("try-keep-camtrap")


def open_next(program):
    activate("label-next-path", f"[<'{work}/fresh'>]")


def open_check(program):
    activate("check-labels")


def open_models(program):
    activate("models")


def open_watched(program):
    call("org.freedesktop.Application.ActivateAction", "watched-folders", "[]", "{}")


def open_box(program):
    """The viewer, and a part drawn in it."""
    activate("page", "[<'examples'>]")
    settle()
    run("xdotool", "mousemove", "271", "115", "click", "--repeat", "2", "--delay", "80", "1")
    wait("the viewer", dialogs)
    settle()
    viewer = dialogs()[-1]
    run("xdotool", "windowfocus", viewer, "key", "b")
    place = run("xdotool", "getwindowgeometry", "--shell", viewer).stdout.split()
    x, y, width, height = (int(word.split("=")[1]) for word in place[1:5])
    middle, upper = x + width // 2, y + height * 2 // 5
    run("xdotool", "mousemove", str(middle - 150), str(upper - 130), "mousedown", "1")
    for step in range(1, 12):
        run("xdotool", "mousemove", str(middle - 150 + 27 * step), str(upper - 130 + 26 * step))
    run("xdotool", "mouseup", "1")
    run("xdotool", "mousemove", "1270", "890")


FIGURES = {
    "box": open_box,
    "labels": open_labels,
    "parts": open_parts,
    "keywords": open_keywords,
    "tags": open_tags,
    "deployment": open_deployment,
    "next": open_next,
    "check": open_check,
    "models": open_models,
    "watched": open_watched,
}


def dialogs():
    """The program's windows on the screen but the main one."""
    found = run("xdotool", "search", "--onlyvisible", "--class", "fewshot").stdout.split()
    return [one for one in found if one != window("Fewshot$")]


def is_warm(path):
    """Whether what is drawn there is brown rather than green."""
    with Image.open(path) as picture:
        red, green, _ = (
            picture.convert("RGB").resize((1, 1), box=(100, 100, 156, 156)).getpixel((0, 0))
        )
        return red > green


def shoot_several():
    """Inspect of a project of any number of labels."""
    os.mkdir(f"{work}/several")
    program = Program(options.build, f"{work}/several", "several", "light")
    try:
        folder = leaves.write(f"{work}/several/Leaves", each=12, seed=5)
        with open(f"{folder}/labels.csv", "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["file", "labels"])
            for picture in pictures_of(folder):
                inside = os.path.relpath(picture, folder)
                colour = "brown" if is_warm(picture) else "green"
                rows.writerow([inside, f"{os.path.dirname(inside)};{colour}"])
        activate("several", "[<true>]")
        activate("import-labels-from", f"[<'{folder}/labels.csv'>]")
        wait("the preview", dialogs)
        settle()
        run("xdotool", "windowfocus", dialogs()[-1], "key", "alt+a")
        wait("classes", lambda: enabled("train"))
        settle()
        activate("train")
        wait_for_run()
        activate("page", "[<'inspect'>]")
        time.sleep(6)  # what was added is told for so long
        save(settle(), options.out, "several")
    finally:
        program.close()


def shoot_opened():
    """A classifier that is the start of a project: classes without pictures."""
    os.mkdir(f"{work}/opened")
    classifier = f"{work}/opened/leaves.safetensors"
    program = Program(options.build, f"{work}/opened", "leaves", "light")
    try:
        program.fill(leaves.write(f"{work}/opened/Leaves"))
        activate("train")
        wait_for_run()
        activate("export-to", f"[<'{classifier}'>]")
        wait("the classifier", lambda: os.path.exists(classifier))
    finally:
        program.close()
    program = Program(options.build, f"{work}/opened", "opened", "light", classifier)
    try:
        time.sleep(2)
        save(settle(), options.out, "opened")
    finally:
        program.close()


def close():
    for one in dialogs():
        run("xdotool", "windowfocus", one, "key", "Escape")
        time.sleep(0.3)
    return not dialogs()


def shoot(name):
    """The newest window, when it moves no more."""
    wait(name, dialogs)
    settle()
    path = f"{work}/figure.png"
    run("import", "-window", dialogs()[-1], path)
    with Image.open(path) as shot:
        save(shot.convert("RGB"), options.out, name)
    wait("the end", close)


def shoot_dialogs():
    leaves.write(f"{work}/fresh", each=3, seed=8)
    program = Program(options.build, work, "leaves", "light")
    try:
        program.fill(leaves.write(f"{work}/Leaves"))
        activate("train")
        wait_for_run()
        for name, show in FIGURES.items():
            if options.one in (None, name):
                show(program)
                shoot(name)
    finally:
        program.close()


def main():
    begun = time.time()
    os.makedirs(options.out, exist_ok=True)
    try:
        if options.one not in ("several", "opened"):
            shoot_dialogs()
        if options.one in (None, "several"):
            shoot_several()
        if options.one in (None, "opened"):
            shoot_opened()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{time.time() - begun:.0f} s")


main()
