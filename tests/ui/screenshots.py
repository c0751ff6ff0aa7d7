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
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import leaves
from PIL import Image, ImageChops
from program import activate, describe, enabled, gdbus, run, window

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WIDTH, HEIGHT = 1000, 700
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


def picture():
    path = f"{work}/shot.png"
    run("import", "-window", "root", "-crop", f"{WIDTH}x{HEIGHT}+0+0", "+repage", path)
    with Image.open(path) as shot:
        return shot.convert("RGB")


def wait(what, test, seconds=60):
    end = time.time() + seconds
    while not test():
        if time.time() > end:
            sys.exit(f"Waited in vain for {what}.")
        time.sleep(0.1)


def settle(seconds=15):
    """Until nothing moves any more; the picture then."""
    end = time.time() + seconds
    before = picture()
    while time.time() < end:
        time.sleep(0.4)
        now = picture()
        if not ImageChops.difference(before, now).getbbox():
            break
        before = now
    return before


def shoot(project, scheme, page):
    if not wanted(project, scheme, page):
        return
    shot = settle().quantize(256, dither=Image.Dither.NONE)
    shot.save(os.path.join(options.out, f"{project}-{scheme}-{page}.png"), optimize=True)
    print(f"{project}-{scheme}-{page}.png", flush=True)


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


class Program:
    """The window on a project, in one of the two styles."""

    def __init__(self, project, scheme):
        self.project, self.scheme = project, scheme
        self.file = f"{work}/{project}.fewshot"
        self.old = os.path.exists(self.file)
        self.process = subprocess.Popen(
            [f"{options.build}/app/fewshot", *([self.file] if self.old else [])],
            env={
                **os.environ,
                "XDG_DATA_HOME": f"{work}/data",
                "XDG_CACHE_HOME": f"{work}/cache",
                "XDG_CONFIG_HOME": f"{work}/config",
                "XDG_DATA_DIRS": f"{work}/none:/usr/local/share:/usr/share",
                "ADW_DEBUG_COLOR_SCHEME": f"prefer-{scheme}",
            },
            stderr=subprocess.DEVNULL,
        )
        wait("the window", lambda: window("Fewshot$") and describe("samples"))
        run("xdotool", "windowsize", window("Fewshot$"), str(WIDTH), str(HEIGHT))
        run("xdotool", "mousemove", "1270", "890")  # no tooltips

    def close(self):
        self.process.terminate()
        self.process.wait()

    def shoot(self, page):
        shoot(self.project, self.scheme, page)

    def fill(self, folder):
        if folder:
            activate("add-path", f"[<'{folder}'>]")
        else:
            activate("samples")
        wait("classes", lambda: enabled("train"))
        settle()

    def show(self, page):
        """Goes to a page and waits until it is what it will be."""
        if page in ("map", "look"):
            activate("page", "[<'inspect'>]")
            activate("view", f"[<{3 if page == 'map' else 0}>]")
            if page == "map":
                activate("map-kind", "[<1>]")
                settle()
            else:
                self.choose_first()
                activate("look")
                settle()
        elif page == "try":
            activate("try-path", f"[<'{self.folder()}'>]")
            settle()
        else:
            activate("page", f"[<'{page}'>]")

    def folder(self):
        if self.project == "parts":
            return f"{work}/data/fewshot/samples/gear"
        return f"{work}/fresh"

    def choose_first(self):
        """The first picture of the grid, by a click."""
        run("xdotool", "mousemove", "625", "160", "click", "1")
        run("xdotool", "mousemove", "1270", "890")
        time.sleep(0.4)


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
    program.shoot("examples")
    activate("page", "[<'train'>]")
    activate("train")
    if tour:
        film(2.4, 6)
    wait("a run", lambda: enabled("export"), 90)
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
    program = Program(project, scheme)
    try:
        if program.old:
            wait("the project", lambda: enabled("export"))
            activate("page", "[<'examples'>]")
            program.shoot("examples")
        else:
            first_time(program, tour)
        if wanted(project, scheme, "compare"):
            compare(program)
        for page in PAGES[1:]:
            if wanted(project, scheme, page):
                program.show(page)
                program.shoot(page)
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
