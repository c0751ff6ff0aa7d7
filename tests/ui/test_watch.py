#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Watched folders: each picture has one line in the log, whatever is paused, killed, moved away or
not writable; the page says how it goes, one notification how many; and where the desktop's portal
lets it, the program goes on without a window. Prints TAP.

    test_watch.py FEWSHOT FEWSHOT_CLI DRAGSOURCE SHOTS
"""

import glob
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from accessible import says
from desktop import Desktop
from program import call, run, wait, window
from tap import check, finish

fewshot, cli, dragsource, shots = sys.argv[1:5]
work = tempfile.mkdtemp(prefix="fewshot-watch-")
folder, target = os.path.join(work, "Incoming"), os.path.join(work, "sorted")
os.mkdir(folder)
for name in ("DATA", "CACHE", "CONFIG", "STATE"):
    os.environ[f"XDG_{name}_HOME"] = os.path.join(work, name.lower())
os.environ["GSETTINGS_BACKEND"] = "keyfile"  # settings outlast the program
kept, drawn = os.path.join(work, "kept.safetensors"), os.path.join(work, "drawn")
subprocess.run(
    [cli, "demo", "--json", "--pictures", drawn, "--output", kept], check=True, capture_output=True
)
pictures = sorted(glob.glob(drawn + "/*/*.png"))
desktop = Desktop()
app = None


def start(*arguments):
    global app
    app = subprocess.Popen([fewshot, *arguments], stderr=subprocess.DEVNULL)
    if not wait(lambda: act("none") is not None):
        sys.exit("the program did not start")


def act(action, parameter="[]"):
    """An action of the application; None: it is not on the bus."""
    done = call("org.gtk.Actions.List")
    if done.returncode or action == "none":
        return None if done.returncode else True
    return call("org.gtk.Actions.Activate", action, parameter, "{}").returncode == 0


def lines():
    """[class, name] of each in the log."""
    found = glob.glob(work + "/state/fewshot/watched/Incoming*.log")
    if not found:
        return []
    with open(found[0]) as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return [(row[1], os.path.basename(row[3])) for row in rows]


dropped = []


def drop(n):
    for _ in range(n):
        path = pictures[len(dropped) * 7 % len(pictures)]
        name = f"{len(dropped):03}-{os.path.basename(path)}"
        shutil.copy(path, os.path.join(work, "part"))
        os.rename(os.path.join(work, "part"), os.path.join(folder, name))
        dropped.append((os.path.basename(os.path.dirname(path)), name))


def answered_once():
    return sorted(name for _, name in lines()) == sorted(name for _, name in dropped)


def comes(words, seconds=20):
    return wait(lambda: says(words), seconds)


def watch(word="list", into=""):
    act("watch-add", f"[<('{folder}', '{kept}', '{word}', '{into}')>]")


def quit_program():
    act("quit")
    try:
        return app.wait(timeout=30) == 0
    except subprocess.TimeoutExpired:
        return False


other = None
try:
    # ---- dropped, shown, told
    start()
    watch()
    drop(3)
    check("three pictures get their lines", wait(answered_once), str(lines()))
    right = len(set(lines()) & set(dropped))
    check(f"with their classes ({right} of 3)", right >= 2, str(lines()))
    act("watched-folders")
    check("the page has the folder, and how many", comes("3 pictures since the program began"))
    check("its last picture", comes(dropped[-1][1]))
    check("and that it goes on with the window alone", comes("no portal"))
    run("import", "-window", "root", os.path.join(shots, "watched-folders.png"))
    other = subprocess.Popen([dragsource, work], stderr=subprocess.DEVNULL)
    wait(lambda: window("dragsource"))
    run("xdotool", "windowfocus", "--sync", window("dragsource"))
    desktop.told.clear()
    drop(4)
    check(
        "four more are one notification, with the number",
        wait(lambda: desktop.told) and desktop.told[0][0] == "4 new pictures in “Incoming”",
        str(desktop.told),
    )
    time.sleep(2)
    check("and no more than one", len(desktop.told) == 1, str(desktop.told))

    # ---- pause
    act("watch-paused")
    check("the page says that it is paused", comes("Paused"))
    before = len(lines())
    drop(2)
    time.sleep(5)
    check("what comes meanwhile waits", len(lines()) == before)
    act("watch-paused")
    check("and is answered afterwards", wait(answered_once), str(lines()))

    # ---- kills
    random.seed(11)
    for _ in range(int(os.environ.get("TEST_KILLS", "4"))):
        drop(8)
        time.sleep(random.uniform(0.8, 2.5))
        app.kill()
        app.wait()
        wait(lambda: act("none") is None)
        start()
    check("after kills each has one line", wait(answered_once, 60), str(len(lines())))
    time.sleep(3)
    check("and still has", answered_once(), str(len(lines())))

    # ---- a folder that goes and comes back
    act("watched-folders")
    os.rename(folder, folder + " away")
    check("of a folder that is away it says so", comes("Incoming could not be listed", 45))
    os.rename(folder + " away", folder)
    drop(1)
    check("it goes on when the folder is back", wait(answered_once))

    # ---- sorting, first into what is no folder
    with open(target, "w"):
        pass
    watch("sort", target)
    drop(1)
    check("of a place that cannot be written to it says so", comes("sorted could not be created"))
    check("and nothing is taken for answered", not answered_once())
    os.unlink(target)
    check("once it can be, it goes on", wait(answered_once), str(lines()))
    copies = glob.glob(target + "/*/" + dropped[-1][1])
    check("the copy is in its class's folder", len(copies) == 1, str(copies))
    watch("sort", folder)
    check("not into itself", comes("cannot be sorted into the folder that is watched"))
    watch("list")
    check("the program quits", quit_program())

    # ---- what was answered here is answered for fewshot-cli, too
    with open(work + "/out", "w") as out:
        process = subprocess.Popen([cli, "predict", kept, "--watch", folder], stdout=out)
        drop(1)
        time.sleep(5)
        process.terminate()
        process.wait()
    with open(work + "/out") as file:
        said = [line.split("\t")[0] for line in file]
    good = len(said) == 1 and dropped[-1][1] in said[0]
    check("fewshot-cli answers the new one alone", good, str(said))
    dropped.pop()

    # ---- in the background
    desktop.be_portal()
    start()
    check("the portal is asked", wait(lambda: desktop.asked), str(desktop.asked))
    check("not to be started by the login", desktop.asked and not desktop.asked[0]["autostart"])
    wait(lambda: window("Fewshot"))
    handle = window("Fewshot")
    run("xdotool", "key", "--window", handle, "ctrl+w")
    check("its window goes", wait(lambda: not window("Fewshot"), 15))
    drop(1)
    check("and it goes on", wait(answered_once), str(lines()))
    check("until it is quit", quit_program())
    start("--background")
    drop(1)
    check("it starts without a window", wait(answered_once) and not window("Fewshot"))
    act("watched-folders")
    check("its preferences come alone", comes("Watched Folders") and not window("Fewshot"))
    call("org.freedesktop.Application.Activate", "{}")
    check("and a window of projects when it is asked for", wait(lambda: window("Fewshot")))
    check("and ends", quit_program())
finally:
    for process in filter(None, (app, other)):
        process.kill()
        process.wait()
    shutil.rmtree(work, ignore_errors=True)
finish()
