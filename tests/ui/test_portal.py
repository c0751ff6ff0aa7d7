#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The camera by way of the desktop's portal: asked, and PipeWire's camera is shown; refused, and no
other way is tried; where there is no camera, a sentence. PipeWire is the real one, with a test
source as its camera; the portal is the test's. Prints TAP.

    test_portal.py FEWSHOT MAKE_VIDEO PORTAL
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from accessible import says, texts, wait
from program import activate, describe, enabled, gdbus, window
from tap import check, finish

fewshot, make_video, portal = sys.argv[1:4]
work = tempfile.mkdtemp(prefix="fewshot-portal-")
runtime = f"{work}/run"
environment = {
    **os.environ,
    "XDG_DATA_HOME": f"{work}/data",
    "XDG_CACHE_HOME": f"{work}/cache",
    "XDG_CONFIG_HOME": f"{work}/config",
    "XDG_STATE_HOME": f"{work}/state",
    "XDG_RUNTIME_DIR": runtime,
}
quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def begin(*command, **how):
    return subprocess.Popen(command, env=environment, **(how or quiet))


def end(*processes):
    for process in reversed(processes):
        process.terminate()
        process.wait()


def set_camera(on):
    gdbus("SetState", "try-camera", f"<{'true' if on else 'false'}>", "{}")


def with_portal(answer, what, condition):
    service = begin(sys.executable, portal, answer, stdout=subprocess.PIPE)
    service.stdout.readline()
    set_camera(True)
    check(what, wait("answer", condition, 30), str(texts()[-20:]))
    set_camera(False)
    end(service)
    time.sleep(0.5)


def main():
    os.makedirs(runtime, mode=0o700)
    there = all(shutil.which(program) for program in ("pipewire", "wireplumber"))
    daemons = []
    if there:
        daemons.append(begin("pipewire"))
        wait("pipewire", lambda: os.path.exists(f"{runtime}/pipewire-0"))
        daemons.append(begin("wireplumber"))
        time.sleep(1)
        daemons.append(begin(make_video, "-", "pipewire", "120"))
        time.sleep(2)
    app = begin(fewshot)
    try:
        check(
            "the window opens", wait("window", lambda: window("Fewshot$") and describe("samples"))
        )
        activate("samples")
        wait("classes", lambda: says("worn_gear") and enabled("train"))
        with_portal("no", "who says no is not asked again", lambda: says("may not be used"))
        if there:
            with_portal(
                "yes",
                "PipeWire's camera is shown and answered",
                lambda: any(re.match(r"\d+ answers? a second", t) for t in texts()),
            )
        else:
            check("PipeWire's camera # SKIP pipewire and wireplumber are not installed", True)
        end(*daemons)
        daemons.clear()
        with_portal(
            "none", "without a camera there is a sentence", lambda: says("No camera was found")
        )
    finally:
        end(app, *daemons)
        shutil.rmtree(work, ignore_errors=True)
    finish()


main()
