#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The program killed (SIGKILL) at random moments while it is edited, trains, is saved under other
names, undoes: the project always opens, and at most three seconds of edits are lost; a project that
never had a file comes back by itself. Prints TAP.

    test_recovery.py FEWSHOT POCKET [--kills N]   8 of them; 200 by hand
"""

import argparse
import os
import shutil
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from documents import (
    World,
    activate,
    load,
    names_of,
    project,
    set_alpha,
    wait,
    write,
    write_picture,
)
from program import enabled
from tap import check, finish

parser = argparse.ArgumentParser()
parser.add_argument("fewshot")
parser.add_argument("pocket")
parser.add_argument("--kills", type=int, default=8)
options = parser.parse_args()
LOST = 3.0  # seconds
w = World(options.fewshot, options.pocket)


def write_pictures():
    pictures = []
    for i in range(24):
        path = w.path(f"{i}.png")
        write_picture(path, 10 * i)
        pictures.append({"id": i + 1, "class": i // 12, "path": path})
    return pictures


class Hand:
    """Somebody who does this and that; it notes when α became what."""

    def __init__(self, path, trains):
        self.files = [path]  # the newest last
        self.edits = []
        self.trains = trains  # α becomes what no hand made it: what is lost cannot be told then

    def move_alpha(self):
        """To where it has not been; the program keeps thousandths."""
        known = {value for _, value in self.edits}
        value = w.rng.choice([n / 1000 for n in range(1001) if n / 1000 not in known])
        set_alpha(value)
        self.edits.append((time.time(), value))

    def undo(self):
        activate("undo")
        self.move_alpha()  # another value again, so that it is told from the one before

    def save_as(self):
        self.files.append(w.path(f"as-{w.rng.random()}.fewshot"))
        activate("save-to", f"[<'{self.files[-1]}'>]")

    def train(self):
        activate("train")

    def work(self, seconds):
        until = time.time() + seconds
        while time.time() < until:
            odd = (self.undo, self.save_as, *((self.train,) if self.trains else ()))
            (self.move_alpha if w.rng.random() < 0.85 else w.rng.choice(odd))()
            time.sleep(w.rng.uniform(0.01, 0.2))

    def lost(self, found, killed):
        """Seconds of edits that the file does not have."""
        alpha = found.get("alpha", -1)
        kept = [when for when, value in self.edits if abs(value - alpha) < 1e-9]
        later = [when for when, value in self.edits if when > (kept[-1] if kept else 0)]
        return killed - later[0] if later else 0.0


def is_whole(found, n_pictures):
    return (
        found is not None
        and found.get("later") == {"kept": [1, 2]}
        and names_of(found) == ["one", "two"]
        and len(found["pictures"]) == n_pictures
    )


pictures = write_pictures()
path = write(w.path("p.fewshot"), project(pictures=pictures, later={"kept": [1, 2]}))
torn, worst, trained = 0, 0.0, 0
for number in range(options.kills):
    hand = Hand(path, trains=number % 2 == 1)
    w.start(path)
    time.sleep(0.5)  # read by a thread
    hand.work(w.rng.uniform(0.3, 4))
    killed = time.time()
    w.kill()
    there = [file for file in hand.files if os.path.exists(file)]
    found = {file: load(file) for file in there}
    if path not in there or not all(is_whole(f, len(pictures)) for f in found.values()):
        torn += 1
        continue
    if not hand.trains:
        worst = max(worst, min(hand.lost(f, killed) for f in found.values()))
    trained += any(f.get("runs") for f in found.values())
    path = there[-1]
check(
    f"after {options.kills} kills at random moments the project opens every time",
    torn == 0,
    f"{torn} torn",
)
check(f"at most {LOST} s of edits are lost (worst: {worst:.2f} s)", worst <= LOST, f"{worst:.2f}")

# what was learned is there after a kill once the file has it, however slow the machine is
w.start(path)
wait(lambda: enabled("train"))
activate("train")
wait(lambda: (load(path) or {}).get("runs"), 60)
w.kill()
found = load(path)
check(
    f"so it does with what was learned ({trained} of the kills above found some of it)",
    is_whole(found, len(pictures)) and len(found["runs"]) > 0,
)

# no file: a draft, brought back at the next start
w.forget_drafts()
w.start()
for _ in range(3):
    activate("add-class")


def draft():
    found = [load(path) for path in w.drafts()]
    return found[0] if len(found) == 1 and found[0] and len(found[0]["classes"]) == 3 else None


check("what has no file is on disk as a draft within three seconds", wait(draft, 3.5) is not None)
w.kill()
w.start()
again = w.path("again.fewshot")
time.sleep(1)
activate("save-to", f"[<'{again}'>]")
found = wait(lambda: load(again))
check(
    "and comes back after a crash",
    found is not None and len(found["classes"]) == 3,
    str(found)[:200],
)
check("once it has a file the draft is gone", wait(lambda: not w.drafts()) is True)
w.kill()
shutil.rmtree(w.folder, ignore_errors=True)
finish()
