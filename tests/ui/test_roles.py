#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What pictures are for, from another process's window to the run: a folder that is dropped is
test pictures, another is none of these, and the run says so. Prints TAP.

    test_roles.py FEWSHOT DRAGSOURCE
"""

import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from accessible import Atspi, everything, named, press, row_of, says, wait
from program import activate, describe, drag, enabled, geometry_of, move, run, window
from tap import check, finish

fewshot, dragsource = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="fewshot-roles-")
TESTS, NONE = 3, 5


def write_pictures(name, n, colour):
    folder = f"{work}/{name}"
    os.mkdir(folder)
    for i in range(n):
        shade = f"rgb({colour[0]},{colour[1]},{40 + 30 * i})"
        run("convert", "-size", "40x40", f"xc:{shade}", f"{folder}/{name}-new{i}.png")
    return folder


def drop(folder):
    """From a window of another process onto the pictures."""
    source = subprocess.Popen([dragsource, folder])
    wait("source", lambda: window("dragsource"))
    run("xdotool", "windowmove", window("dragsource"), "1100", "40")
    time.sleep(0.5)
    drag((1180, 90), (600, 400))
    found = wait("the preview", lambda: says(f"Add {len(os.listdir(folder))} Pictures?"))
    source.terminate()
    source.wait()
    return found


def tick(words):
    """Clicks the check button of these words in the preview, the window that is not the first."""
    ours = window("Fewshot$")
    others = run("xdotool", "search", "--onlyvisible", "--class", "fewshot").stdout.split()
    boxes = [
        node.get_component_iface().get_extents(Atspi.CoordType.WINDOW)
        for node in everything()
        if (node.get_name() or "").startswith(words)
        and node.get_role() in (Atspi.Role.CHECK_BOX, Atspi.Role.RADIO_BUTTON)
    ]
    others = [handle for handle in others if handle != ours]
    if not boxes or not others:
        return False
    x, y = geometry_of(others[-1])[:2]
    move(x + boxes[0].x + 12, y + boxes[0].y + boxes[0].height // 2)
    time.sleep(0.2)
    run("xdotool", "click", "1")
    return True


def answer(words):
    ticked = tick(words)
    time.sleep(0.3)
    return ticked and press("Add", -2)


def main():
    environment = {
        **os.environ,
        "XDG_DATA_HOME": f"{work}/data",
        "XDG_CACHE_HOME": f"{work}/cache",
        "XDG_CONFIG_HOME": f"{work}/config",
    }
    tests, none = (
        write_pictures("bolt", TESTS, (200, 30)),
        write_pictures("other", NONE, (20, 200)),
    )
    app = subprocess.Popen([fewshot], env=environment)
    try:
        check(
            "the window opens", wait("window", lambda: window("Fewshot$") and describe("samples"))
        )
        run("xdotool", "windowmove", window("Fewshot$"), "0", "0")
        run("xdotool", "windowsize", window("Fewshot$"), "1000", "760")
        activate("samples")
        wait("classes", lambda: says("worn_gear") and enabled("train"))
        wait("tile", lambda: named("bolt-01.png, bolt", Atspi.Role.IMAGE))
        time.sleep(1)

        check("a folder that is dropped is shown first", drop(tests))
        check("it can be test pictures", answer("As test pictures"))
        check(
            "they join their class and say what they are",
            wait("tile", lambda: named("bolt-new0.png, bolt, Test picture", Atspi.Role.IMAGE)),
        )
        check("and are counted", wait("words", lambda: says(f"{TESTS} pictures only for testing")))

        check("another folder is shown first, too", drop(none))
        check("it can be none of these", answer("None of these"))
        check(
            "they have a row of their own",
            wait("row", lambda: named("None of these", Atspi.Role.LIST_ITEM)),
        )
        time.sleep(0.5)
        move(*row_of("None of these"))
        run("xdotool", "click", "1")
        check(
            "which shows them",
            wait(
                "tiles",
                lambda: (
                    named("other-new0.png, None of these", Atspi.Role.IMAGE)
                    and not named("bolt-01.png, bolt", Atspi.Role.IMAGE)
                ),
            ),
        )

        activate("use-method", "[<'automatic'>]")
        check("a run ends", wait("trained", lambda: enabled("export"), 90))
        check(
            "and knows them",
            wait("words", lambda: says(f"It knows {NONE} pictures of none of these")),
        )
        check("it tested on what was set aside", says(f", {TESTS} to test on"))
    finally:
        app.terminate()
    finish()


main()
