#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The program by the keyboard alone, as a screen reader speaks it: pictures come in, are trained
on, a mistake is found and gets another class, the classifier is exported. Whatever has the focus on
the way has a name and a role, and a value where it is one. Prints TAP.

    test_keyboard.py FEWSHOT
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from accessible import Atspi, everything, named, says, wait
from program import describe, run, window
from tap import check, finish

fewshot = sys.argv[1]
work = tempfile.mkdtemp(prefix="fewshot-keyboard-")
VALUES = (Atspi.Role.SPIN_BUTTON, Atspi.Role.SLIDER, Atspi.Role.LEVEL_BAR)
spoken = {}  # of the page in view: what had the focus, in its order


def key(*names):
    run("xdotool", "key", *names)
    time.sleep(0.3)


def find_focus():
    """The innermost that has it."""
    found = None
    for node in everything():
        try:
            if node.get_state_set().contains(Atspi.StateType.FOCUSED):
                found = node
        except Exception:  # gone meanwhile
            continue
    return found


def speak(node):
    """Name, role and value, as a screen reader says them."""
    value = node.get_value_iface().get_current_value() if node.get_value_iface() else None
    return node.get_name() or "", node.get_role(), value


def is_whole(words):
    name, role, value = words
    return (
        name != ""
        and not name.startswith(("Gtk", "Few", "Adw"))
        and role not in (Atspi.Role.INVALID, Atspi.Role.UNKNOWN, Atspi.Role.FILLER)
        and (role not in VALUES or value is not None)
    )


def tab_to(name, limit=40):
    """What has the focus once its name has these words, with all on the way noted."""
    for _ in range(limit):
        node = find_focus()
        if node:
            spoken.setdefault(speak(node), len(spoken))
            if name in (node.get_name() or ""):
                return node
        key("Tab")
    print(f"# no {name}: {list(spoken)}", flush=True)
    return None


def all_spoken(page):
    wrong = [words for words in spoken if not is_whole(words)]
    check(f"{page}: all that has the focus says its name, role and value", not wrong, str(wrong))
    spoken.clear()


def enabled(action):
    found = describe(action)
    return found is not None and found[0]


def focus_dialog(title):
    """There is no window manager that would do it."""
    found = wait(title, lambda: window(title), 10)
    if found:
        run("xdotool", "windowfocus", "--sync", window(title))
        time.sleep(0.5)
    return found


def main():
    environment = {
        **os.environ,
        "XDG_DATA_HOME": f"{work}/data",
        "XDG_CACHE_HOME": f"{work}/cache",
        "XDG_CONFIG_HOME": f"{work}/config",
    }
    app = subprocess.Popen([fewshot], env=environment)
    try:
        check(
            "the window opens", wait("window", lambda: window("Fewshot$") and describe("samples"))
        )
        ours = window("Fewshot$") or "0"
        run("xdotool", "windowsize", ours, "1000", "760")
        run("xdotool", "mousemove", "1270", "890")
        run("xdotool", "windowfocus", "--sync", ours)
        time.sleep(1)
        check("the welcome offers pictures to Tab", tab_to("Sample Pictures"))
        all_spoken("welcome")
        key("space")
        check("and Space brings them in", wait("train", lambda: enabled("train")))
        time.sleep(3)

        check("Tab reaches the classes", tab_to("bolt"))
        key("Down")
        check("arrows go on to the next", wait("gear", lambda: "gear" in speak(find_focus())[0], 5))
        check("Tab leaves them, and the grid, for the button", tab_to("Train", 12))
        all_spoken("examples")
        key("space")
        check("which trains", wait("trained", lambda: enabled("export")))
        time.sleep(1)

        key("alt+3")
        time.sleep(1)
        before = {n.get_name() for n in named(", mistaken for ")}
        check("mistakes are named", len(before) > 0)
        cell = tab_to("mistaken for", 40)
        check("Tab reaches a mistake", cell is not None)
        all_spoken("inspect")
        if cell:
            key("space")
            key("5")
            check("5 gives it another class", wait("moved", lambda: says("moved to “washer”"), 10))
            key("ctrl+z")
            check("and Ctrl+Z takes that back", wait("undone", lambda: says("Undone: Move"), 10))

        key("ctrl+e")
        check("Ctrl+E asks for a file", focus_dialog("Export"))
        run("xdotool", "key", "ctrl+a")
        run("xdotool", "type", "--delay", "30", f"{work}/parts.safetensors")
        key("Return")
        check(
            "Enter exports the classifier",
            wait("export", lambda: os.path.exists(f"{work}/parts.safetensors"), 20),
        )
        check("and what came of it is said", wait("said", lambda: says("predictions match"), 20))
    finally:
        app.terminate()
        app.wait()
        shutil.rmtree(work, ignore_errors=True)
    finish()


main()
