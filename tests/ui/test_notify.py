#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Long work that ends in a window without the focus is announced to the desktop, here a
notification server of the test's own; short work is not, nor is work in the window that has it.
Prints TAP.

    test_notify.py FEWSHOT DRAGSOURCE
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from desktop import Desktop
from program import activate, describe, enabled, run, wait, window
from tap import check, finish

fewshot, dragsource = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="fewshot-notify-")
desktop = Desktop()
told = desktop.told


def train(seconds):
    """A run paused, so that no computer comes to its end, and stopped after that long."""
    activate("train")
    begun = wait(lambda: enabled("stop"))
    activate("pause")
    time.sleep(seconds)
    running = enabled("stop")
    activate("stop")
    ended = running and wait(lambda: enabled("train"))
    if not ended:
        print(f"# begun: {begun}, running: {running}, ended: {ended}, app: {app.poll()}")
    return ended


def focus_elsewhere():
    """The other program's window has the focus, and keeps it."""
    there = window("dragsource")
    run("xdotool", "windowfocus", "--sync", there)
    time.sleep(0.5)
    focused = run("xdotool", "getwindowfocus").stdout.strip()
    if focused != there:
        print(f"# window {focused} has the focus, not {there}")


environment = {
    **os.environ,
    "XDG_DATA_HOME": f"{work}/data",
    "XDG_CACHE_HOME": f"{work}/cache",
    "XDG_CONFIG_HOME": f"{work}/config",
}
app = subprocess.Popen([fewshot], env=environment, stderr=subprocess.DEVNULL)
other = None
try:
    project = f"{work}/Parts.fewshot"
    wait(lambda: describe("samples"))
    activate("samples")
    wait(lambda: enabled("train"))
    time.sleep(2)
    activate("save-to", f"[<'{project}'>]")
    wait(lambda: window("Parts"))  # saved, and nothing is left to be recovered
    app.terminate()
    app.wait()
    with open(project, encoding="utf-8") as f:
        data = json.load(f)
    del data["settings"]["method"]  # the visual adapter, live
    data["settings"]["epochs"] = 100000
    data["settings"].update(steps=0, folds=False)
    with open(project, "w", encoding="utf-8") as f:
        json.dump(data, f)
    app = subprocess.Popen([fewshot, project], env=environment, stderr=subprocess.DEVNULL)
    wait(lambda: window("Parts"))
    wait(lambda: enabled("train"))
    time.sleep(2)
    told.clear()  # a slow computer reads and trains the samples for long
    check(
        "work in the window that has the focus is not announced", train(6) and not told, str(told)
    )
    other = subprocess.Popen([dragsource, work], stderr=subprocess.DEVNULL)
    wait(lambda: window("dragsource"))
    focus_elsewhere()
    check("short work is not", train(1) and not told, str(told))
    focus_elsewhere()
    check(
        "long work elsewhere is, with the project's name",
        train(6) and wait(lambda: told == [("Training has ended", "Parts")], 30),
        str(told),
    )
finally:
    for process in filter(None, (app, other)):
        process.terminate()
        process.wait()
    shutil.rmtree(work, ignore_errors=True)
finish()
