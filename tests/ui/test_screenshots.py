#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""screenshots.py starts and makes one picture, of the map of drawn leaves, and figures.py one, of a
dialog; what README and metainfo show is there, and the tour fits. Prints TAP.

    test_screenshots.py BUILD
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

from PIL import Image

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from tap import check, finish

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def make(script, name):
    """Its size, and how many colours are in it."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["/usr/bin/python3", os.path.join(HERE, script), sys.argv[1]]
        command += ["--out", folder, "--one", name]
        made = subprocess.run(command, capture_output=True, text=True)
        print("# " + (made.stdout + made.stderr).replace("\n", "\n# "))
        names = os.listdir(folder)
        check(f"{script} makes one picture", made.returncode == 0 and names == [f"{name}.png"])
        with Image.open(os.path.join(folder, names[0])) as shot:
            return shot.size, len(shot.convert("RGB").getcolors(1 << 20))


size, colours = make("screenshots.py", "leaves-light-map")
check("of the window", size == (1000, 700) and colours > 100)
size, colours = make("figures.py", "models")
check("of a dialog", 200 < size[0] <= 1280 and 200 < size[1] <= 900 and colours > 100)
shown = set()
for name in ("README.md", "data/io.github.fewshot.Fewshot.metainfo.xml.in"):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        shown |= set(re.findall(r"data/screenshots/([\w.-]+)", file.read()))
there = {os.path.basename(path) for path in glob.glob(os.path.join(ROOT, "data/screenshots/*"))}
check("what README and metainfo show is there", shown and shown <= there)
tour = os.path.join(ROOT, "data/screenshots/tour.webp")
with Image.open(tour) as film:
    seconds = 0
    for frame in range(film.n_frames):
        film.seek(frame)
        film.load()
        seconds += film.info["duration"] / 1000
    check("the tour takes some 20 seconds", 15 < seconds < 30)
check("and has 2 MB at most", os.path.getsize(tour) <= 2 << 20)
finish()
