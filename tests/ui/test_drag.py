#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The main job as a person does it, in the real program: folders are dragged with the mouse from
another process, an adapter is trained, α is moved with the keyboard and over D-Bus, the adapter is
exported. Prints TAP.

    test_drag.py FEWSHOT DRAGSOURCE FEWSHOT_CLI SHOTS_FOLDER
"""

import json
import os
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from program import activate, describe, enabled, gdbus, run, window
from tap import check, finish

fewshot, dragsource, cli, shots = sys.argv[1:5]
work = tempfile.mkdtemp(prefix="fewshot-drag-")


def wait(what, test, seconds=40):
    end = time.time() + seconds
    while time.time() < end:
        if test():
            return True
        time.sleep(0.1)
    print(f"# waited in vain for {what}", flush=True)
    return False


def geometry(handle):
    text = run("xdotool", "getwindowgeometry", "--shell", handle).stdout
    return {k: int(v) for k, v in (line.split("=") for line in text.splitlines() if "=" in line)}


def screenshot(name):
    run("import", "-window", "root", os.path.join(shots, name + ".png"))


def drag(source, target, x, y):
    """Press on the source, move in small steps, release over the target: what a hand does."""
    s, t = geometry(source), geometry(target)
    x0, y0, x1, y1 = s["X"] + s["WIDTH"] // 2, s["Y"] + s["HEIGHT"] // 2, t["X"] + x, t["Y"] + y
    run("xdotool", "mousemove", str(x0), str(y0))
    time.sleep(0.2)
    run("xdotool", "mousedown", "1")
    time.sleep(0.1)
    for i in range(1, 13):
        run("xdotool", "mousemove", str(x0 + (x1 - x0) * i // 12), str(y0 + (y1 - y0) * i // 12))
        time.sleep(0.03)
    time.sleep(0.3)
    run("xdotool", "mouseup", "1")


def main():
    # The sample pictures that the program draws, in folders with Korean names too: one folder
    # dragged per class.
    pictures = os.path.join(work, "pictures")
    demo = run(
        cli,
        "demo",
        "--json",
        "--pictures",
        pictures,
        "--output",
        os.path.join(work, "demo.safetensors"),
    )
    check("demo draws the pictures", demo.returncode == 0, demo.stderr)
    os.rename(os.path.join(pictures, "nut"), os.path.join(pictures, "너트"))
    folders = [os.path.join(pictures, name) for name in sorted(os.listdir(pictures))]
    # its cache must not answer for the app
    app = subprocess.Popen(
        [fewshot], env={**os.environ, "XDG_CACHE_HOME": os.path.join(work, "cache")}
    )
    source = subprocess.Popen([dragsource, *folders])
    try:
        check(
            "both windows open",
            wait("windows", lambda: window("Fewshot$") and window("dragsource")),
        )
        ours, theirs = window("Fewshot$"), window("dragsource")
        run("xdotool", "windowmove", theirs, "1100", "40")
        run("xdotool", "windowmove", ours, "0", "0")
        time.sleep(1)
        screenshot("welcome")
        drag(theirs, ours, 500, 400)
        check(
            "dropped folders become classes that can be trained",
            wait("train enabled", lambda: enabled("train")),
        )
        time.sleep(4)
        screenshot("examples")
        activate("use-method", "[<''>]")  # the visual adapter, live
        check(
            "training ends and can be exported",
            wait("export enabled", lambda: enabled("export")),
        )
        time.sleep(1)
        screenshot("train")
        chosen = describe("alpha")[1]
        activate("page", "[<'inspect'>]")
        time.sleep(1)
        screenshot("inspect")
        trained = 0.6
        run("xdotool", "windowfocus", ours)
        time.sleep(0.3)
        run("xdotool", "key", "t")
        check(
            "T goes to the trained α",
            wait("t", lambda: abs(describe("alpha")[1] - trained) < 1e-9, 5),
            str(describe("alpha")),
        )
        run("xdotool", "key", "Right")
        check(
            "an arrow steps α",
            wait("Right", lambda: abs(describe("alpha")[1] - trained - 0.01) < 1e-9, 5),
            str(describe("alpha")),
        )
        run("xdotool", "key", "bracketleft", "bracketright")
        check(
            "so do the brackets",
            wait("brackets", lambda: abs(describe("alpha")[1] - trained - 0.01) < 1e-9, 5),
            str(describe("alpha")),
        )
        run("xdotool", "keydown", "z")
        check(
            "Z held shows CLIP alone",
            wait("z", lambda: describe("alpha")[1] == 0, 5),
            str(describe("alpha")),
        )
        run("xdotool", "keyup", "z")
        check(
            "and gives α back",
            wait("z up", lambda: abs(describe("alpha")[1] - trained - 0.01) < 1e-9, 5),
            str(describe("alpha")),
        )
        run("xdotool", "key", "b")
        check(
            "B goes to the best α",
            wait("b", lambda: abs(describe("alpha")[1] - chosen) < 1e-9, 5),
            str(describe("alpha")),
        )
        gdbus("SetState", "alpha", "<0.25>", "{}")
        check("α follows D-Bus", abs(describe("alpha")[1] - 0.25) < 1e-9, str(describe("alpha")))
        time.sleep(0.5)
        screenshot("inspect-moved")
        out = os.path.join(work, "adapter.safetensors")
        activate("export-to", f"[<'{out}'>]")
        check("the adapter is exported", wait("file", lambda: os.path.exists(out)))
        time.sleep(1)
        screenshot("exported")
        with open(out, "rb") as f:
            header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        meta = header["__metadata__"]
        check("α in the file is the slider's", float(meta["alpha"]) == 0.25, meta["alpha"])
        check(
            "classes are the folders",
            json.loads(meta["classes"]) == [os.path.basename(f) for f in folders],
            meta["classes"],
        )
        check("α had been chosen on validation pictures", 0 <= chosen <= 1)
        predicted = run(cli, "eval", "pocket", out, pictures, "--json")
        accuracy = json.loads(predicted.stdout or "{}")
        check(
            "fewshot-cli reads the exported adapter",
            accuracy.get("images", 0) > 200,
            predicted.stderr,
        )
    finally:
        app.terminate()
        source.terminate()
    finish()


main()
