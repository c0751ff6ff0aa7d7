# SPDX-License-Identifier: MIT
"""The window on a project, driven by its actions, and pictures of it: what screenshots.py and
figures.py share. The screen is tests/tools/display.sh's."""

import io
import os
import subprocess
import sys
import time

from PIL import Image, ImageChops
from program import activate, describe, enabled, run, window

WIDTH, HEIGHT = 1000, 700


def picture(width=WIDTH, height=HEIGHT):
    """The screen's upper left."""
    command = ["import", "-window", "root", "-crop", f"{width}x{height}+0+0", "+repage", "png:-"]
    with Image.open(io.BytesIO(subprocess.check_output(command))) as shot:
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


def save(shot, folder, name):
    """In few colours, which windows are made of."""
    path = os.path.join(folder, f"{name}.png")
    shot.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{name}.png {shot.size}", flush=True)


def wait_for_run():
    wait("a run", lambda: enabled("export"), 90)


class Program:
    """The window on a project, in one of the two styles."""

    def __init__(self, build, work, project, scheme, file=None):
        self.project, self.scheme, self.work = project, scheme, work
        self.file = file or f"{work}/{project}.fewshot"
        self.old = os.path.exists(self.file)
        self.process = subprocess.Popen(
            [f"{build}/app/fewshot", *([self.file] if self.old else [])],
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
            return f"{self.work}/data/fewshot/samples/gear"
        return f"{self.work}/fresh"

    def choose_first(self):
        """The first picture of the grid, by a click."""
        run("xdotool", "mousemove", "625", "160", "click", "1")
        run("xdotool", "mousemove", "1270", "890")
        time.sleep(0.4)
