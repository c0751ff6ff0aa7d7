#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The camera in the real program, a test source in its place: Try follows what it shows, Examples
takes pictures as long as the space bar is held, Escape closes; whoever leaves lets go of the
camera. A video becomes pictures by the keyboard alone. What is missing is named. Prints TAP.

    test_webcam.py FEWSHOT SHOTS_FOLDER MAKE_VIDEO
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from accessible import Atspi, named, says, texts, wait
from program import activate, describe, enabled, gdbus, open_files, run, window
from tap import check, finish

fewshot, shots, make_video = sys.argv[1:4]
work = tempfile.mkdtemp(prefix="fewshot-camera-")
pictures = f"{work}/Pictures"
source = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=480,framerate=30/1"
environment = {
    **os.environ,
    "XDG_DATA_HOME": f"{work}/data",
    "XDG_CACHE_HOME": f"{work}/cache",
    "XDG_CONFIG_HOME": f"{work}/config",
    "FEWSHOT_CAMERA": source,
}


def shoot(name):
    time.sleep(0.5)
    run("import", "-window", "root", os.path.join(shots, f"camera-{name}.png"))


def set_camera(on):
    gdbus("SetState", "try-camera", f"<{'true' if on else 'false'}>", "{}")


def readers():
    """How many programs have the camera or a video open, of this test alone."""
    count = 0
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/environ", "rb") as f:
                own = work.encode() in f.read()
            with open(f"/proc/{entry}/status") as f:
                status = f.read()
        except OSError:
            continue
        count += own and status.startswith("Name:\tfewshot-frames\n") and "State:\tZ" not in status
    return count


def taken():
    folder = f"{pictures}/Fewshot/bolt"
    return len(os.listdir(folder)) if os.path.isdir(folder) else 0


def try_camera():
    set_camera(True)
    check(
        "the picture is shown and answered",
        wait("answers", lambda: any(re.match(r"\d+ answers? a second", t) for t in texts())),
    )
    check(
        "by bars of classes",
        wait("bars", lambda: named("bolt", Atspi.Role.LEVEL_BAR)),
        str(texts()),
    )
    check("it has a name", wait("name", lambda: named("What the camera shows")))
    check("one program reads it", readers() == 1, str(readers()))
    shoot("try")
    activate("try-keep-frame")
    check("a frame is kept", wait("kept", lambda: os.path.isdir(f"{pictures}/Fewshot/camera")))
    activate("page", "[<'train'>]")
    check("another page lets go of it", wait("closed", lambda: readers() == 0))
    activate("page", "[<'try'>]")
    check(
        "the pictures are back, with the one that was kept",
        wait("table", lambda: named("Pictures that are tried") or says(".jpg")),
    )
    check("and the camera stays off", readers() == 0)


def take_pictures():
    activate("page", "[<'examples'>]")
    activate("select-class", "[<0>]")
    activate("take-pictures")
    title = "Pictures of “bolt”"
    check("its window opens", wait("window", lambda: window(title) and readers() == 1))
    check("with a button", wait("button", lambda: named("Hold to Take Pictures")))
    time.sleep(1)
    run("xdotool", "keydown", "space")
    time.sleep(1.5)
    shoot("take")
    run("xdotool", "keyup", "space")
    check("as long as the key is held", wait("taken", lambda: taken() >= 4), str(taken()))
    time.sleep(1)
    count = taken()
    time.sleep(0.7)
    check("and no longer", taken() == count, f"{count}, {taken()}")
    check(
        "how many there are is said", wait("count", lambda: says(f"{count} pictures were taken."))
    )
    check("they are examples", wait("tiles", lambda: says(f"{144 + count} pictures in 6 classes")))
    run("xdotool", "key", "Escape")
    check("Escape closes", wait("gone", lambda: not window(title)))
    check("and lets go of the camera", wait("closed", lambda: readers() == 0))


def take_video():
    path = f"{work}/clip.webm"
    subprocess.run([make_video, path, "scenes", "5"], check=True)
    open_files(path)
    check(
        "a video is asked about",
        wait("asked", lambda: says("clip.webm (0:05): about 5 pictures")),
    )
    shoot("video")
    run("xdotool", "key", "Return")
    check(
        "and becomes pictures beside it",
        wait("frames", lambda: os.path.isdir(f"{work}/clip.webm frames") and says("clip 00004")),
    )


def miss():
    app = subprocess.Popen([fewshot], env={**environment, "FEWSHOT_FRAMES": f"{work}/nothing"})
    try:
        wait("window", lambda: window("Fewshot$") and describe("samples"))
        activate("samples")
        wait("classes", lambda: says("worn_gear"))
        set_camera(True)
        check(
            "the package that is missing is named",
            wait("sentence", lambda: says("install the package fewshot-frames")),
        )
        shoot("missing")
    finally:
        app.terminate()
        app.wait()


def main():
    os.makedirs(f"{work}/config")
    with open(f"{work}/config/user-dirs.dirs", "w") as f:
        f.write(f'XDG_PICTURES_DIR="{pictures}"\n')
    app = subprocess.Popen([fewshot], env=environment)
    try:
        check(
            "the window opens", wait("window", lambda: window("Fewshot$") and describe("samples"))
        )
        run("xdotool", "windowsize", window("Fewshot$") or "0", "1000", "700")
        run("xdotool", "mousemove", "1270", "890")  # no tooltips
        activate("samples")
        wait("classes", lambda: says("worn_gear") and enabled("train"))
        time.sleep(2)
        try_camera()
        take_pictures()
        take_video()
    finally:
        app.terminate()
        app.wait()
    try:
        miss()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    finish()


main()
