#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The program killed (SIGKILL) at random moments while it is edited: the project always opens, and
at most three seconds of edits are lost; a project that never had a file comes back by itself.
Prints TAP.

    test_recovery.py FEWSHOT POCKET
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from program import activate, describe, gdbus
from tap import check, finish

fewshot, pocket = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="fewshot-recovery-")
environment = dict(os.environ, XDG_DATA_HOME=os.path.join(work, "data"), FEWSHOT_POCKET=pocket)
KILLS, LOST = 8, 3.0


def start(*arguments):
    process = subprocess.Popen(
        [fewshot, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait(lambda: describe("alpha"))
    return process


def wait(condition, seconds=30):
    until = time.time() + seconds
    while time.time() < until:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    return None


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait(lambda: not describe("alpha"))  # its name is off the bus


def load(path):
    try:
        with open(path, encoding="utf-8") as f:
            return json.load(f)
    except (OSError, ValueError):
        return None


def write_project(path):
    classes = [{"id": i + 1, "name": name} for i, name in enumerate(("one", "two"))]
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"fewshot": 1, "classes": classes, "pictures": [], "later": {"kept": [1, 2]}}, f)


project = os.path.join(work, "p.fewshot")
write_project(project)
rng = random.Random(7)
broken, worst = 0, 0.0
for _ in range(KILLS):
    process = start(project)
    time.sleep(0.5)  # read by a thread
    edits = []  # (when, α)
    until = time.time() + rng.uniform(0.3, 5)
    while time.time() < until:
        value = round(rng.uniform(0, 1), 3)
        gdbus("SetState", "alpha", f"<{value}>", "{}")
        edits.append((time.time(), value))
        time.sleep(rng.uniform(0.01, 0.2))
    killed = time.time()
    kill(process)
    found = load(project)
    if (
        found is None
        or found.get("later") != {"kept": [1, 2]}
        or [c["name"] for c in found["classes"]] != ["one", "two"]
    ):
        broken += 1
        continue
    alpha = found.get("alpha")
    kept = [when for when, value in edits if alpha is not None and abs(value - alpha) < 1e-9]
    later = [when for when, value in edits if when > (kept[-1] if kept else 0)]
    worst = max(worst, killed - later[0] if later else 0.0)
check(
    f"after {KILLS} kills at random moments the project opens every time",
    broken == 0,
    f"{broken} broken",
)
check(f"at most {LOST} s of edits are lost (worst: {worst:.2f} s)", worst <= LOST)

# no file: a draft, brought back at the next start
process = start()
for _ in range(3):
    activate("add-class")
drafts = os.path.join(work, "data", "fewshot", "drafts")


def draft():
    names = (
        [n for n in os.listdir(drafts) if n.endswith(".fewshot")] if os.path.isdir(drafts) else []
    )
    found = load(os.path.join(drafts, names[0])) if len(names) == 1 else None
    return found if found and len(found["classes"]) == 3 else None


check("what has no file is on disk as a draft within three seconds", wait(draft, 3.5) is not None)
kill(process)
process = start()
again = os.path.join(work, "again.fewshot")
time.sleep(1)
activate("save-to", f"[<'{again}'>]")
found = wait(lambda: load(again))
check(
    "and comes back after a crash",
    found is not None and len(found["classes"]) == 3,
    str(found)[:200],
)
check(
    "once it has a file the draft is gone",
    wait(lambda: not [n for n in os.listdir(drafts) if n.endswith(".fewshot")]) is True,
)
kill(process)
finish()
