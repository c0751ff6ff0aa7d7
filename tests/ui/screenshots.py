#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Screenshots of every page, light and dark, of two projects (the sample and drawn leaves), and a
tour of them as an animated WebP: what README and metainfo show. Within tests/tools/display.sh:

    bash tests/tools/display.sh /usr/bin/python3 tests/ui/screenshots.py BUILD [--out FOLDER]
        [--one NAME]      only that one, such as leaves-light-map; no tour

It takes some two minutes. The installed metainfo and the README name what lies in data/screenshots.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import leaves
from PIL import Image
from program import activate, enabled, gdbus
from shooting import HEIGHT, WIDTH, Program, picture, save, settle, wait, wait_for_run

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOUR_WIDTH, TOUR_MOST = 800, 2 << 20
# A page, the map of neighbours among them, and how it is reached.
PAGES = ("examples", "train", "inspect", "map", "look", "try", "compare")

options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
options.add_argument("build")
options.add_argument("--out", default=os.path.join(ROOT, "data/screenshots"))
options.add_argument("--one")
options = options.parse_args()
work = tempfile.mkdtemp(prefix="fewshot-shots-")
frames = []  # (picture, milliseconds) of the tour


def wanted(project, scheme, page="-"):
    return not options.one or options.one.startswith("-".join((project, scheme, page)).rstrip("-"))


def shoot(project, scheme, page):
    if not wanted(project, scheme, page):
        return
    save(settle(), options.out, f"{project}-{scheme}-{page}")


def film(seconds, count=1, between=None):
    """Frames seen for so long together; between: what happens before each but the first."""
    for i in range(count):
        if between and i:
            between(i)
            time.sleep(0.15)
        if not options.one:
            shot = picture().resize((TOUR_WIDTH, TOUR_WIDTH * HEIGHT // WIDTH), Image.LANCZOS)
            frames.append((shot, int(1000 * seconds / count)))


def write_tour():
    """Smaller until it fits."""
    path = os.path.join(options.out, "tour.webp")
    for quality in (70, 55, 40, 25):
        frames[0][0].save(
            path,
            save_all=True,
            append_images=[frame for frame, _ in frames[1:]],
            duration=[time for _, time in frames],
            loop=0,
            quality=quality,
            method=4,
        )
        if os.path.getsize(path) <= TOUR_MOST:
            break
    seconds = sum(time for _, time in frames) / 1000
    print(f"tour.webp: {len(frames)} frames, {seconds:.1f} s, {os.path.getsize(path) >> 10} KiB")


def compare(program):
    activate("compare")
    wait("comparison", lambda: enabled("compare") and not enabled("stop-comparing"), 100)


def first_time(program, tour):
    """From pictures to a project with a run."""
    program.fill(None if program.project == "parts" else leaves.write(f"{work}/Leaves"))
    activate("page", "[<'examples'>]")
    settle()
    if tour:
        film(2)
    shoot(program.project, program.scheme, "examples")
    activate("page", "[<'train'>]")
    activate("train")
    if tour:
        film(2.4, 6)
    wait_for_run()
    if tour:
        film(1.2)
    activate("save-to", f"[<'{program.file}'>]")
    wait("the project", lambda: os.path.exists(program.file))


def move_alpha(i):
    gdbus("SetState", "alpha", f"<{min(1, i / 9):.2f}>", "{}")


def take_tour(program):
    """The pages one after the other, as a person would go through them."""
    activate("page", "[<'inspect'>]")
    activate("view", "[<0>]")
    gdbus("SetState", "alpha", "<0.0>", "{}")
    time.sleep(0.5)
    film(4, 10, move_alpha)
    activate("alpha-best")
    program.show("look")
    film(2)
    activate("look")
    activate("view", "[<3>]")
    activate("map-kind", "[<0>]")
    time.sleep(0.6)
    film(0.8)
    activate("map-kind", "[<1>]")
    film(2.4, 6)
    program.show("try")
    film(2.2)
    activate("page", "[<'compare'>]")
    time.sleep(0.5)
    film(2.2)
    activate("page", "[<'examples'>]")
    time.sleep(0.3)
    film(0.8)


def take(project, scheme):
    if not wanted(project, scheme):
        return
    tour = project == "leaves" and scheme == "light" and not options.one
    program = Program(options.build, work, project, scheme)
    try:
        if program.old:
            wait("the project", lambda: enabled("export"))
            activate("page", "[<'examples'>]")
            shoot(project, scheme, "examples")
        else:
            first_time(program, tour)
        if wanted(project, scheme, "compare"):
            compare(program)
        for page in PAGES[1:]:
            if wanted(project, scheme, page):
                program.show(page)
                shoot(project, scheme, page)
            if page == "look":
                activate("look")
        if tour:
            take_tour(program)
    finally:
        program.close()


def main():
    begun = time.time()
    os.makedirs(options.out, exist_ok=True)
    leaves.write(f"{work}/fresh", each=3, seed=8)
    try:
        for project in ("parts", "leaves"):
            for scheme in ("light", "dark"):
                take(project, scheme)
        if frames:
            write_tour()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{time.time() - begun:.0f} s")


main()
