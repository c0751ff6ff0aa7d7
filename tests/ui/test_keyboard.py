#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""From the welcome page to an exported classifier by keyboard alone, in the real program: what has
the focus says its name, its role and its value to a screen reader on the way. Prints TAP.

    test_keyboard.py FEWSHOT
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from accessible import Atspi, named, says, wait, words_of
from gi.repository import GLib
from program import activate, describe, enabled, run
from tap import check, finish

fewshot = sys.argv[1]
work = tempfile.mkdtemp(prefix="fewshot-keyboard-")
target = f"{work}/classifier.safetensors"
Role = Atspi.Role
nameless = set()


def key(*keys):
    run("xdotool", "key", "--clearmodifiers", *keys)
    time.sleep(0.15)


def windows():
    return run("xdotool", "search", "--onlyvisible", "--class", "fewshot").stdout.split()


def focus_window(count=1):
    """There is no window manager: once there are so many, the newest gets the keyboard."""
    found = wait("windows", lambda: len(windows()) == count, 15)
    if found:
        time.sleep(0.5)
        run("xdotool", "windowfocus", "--sync", windows()[-1])
        time.sleep(0.3)
    return found


def names_of(node):
    """Its name, or what it is labelled by, or the words in it."""
    name = words_of(node)
    for relation in [] if name else node.get_relation_set():
        if relation.get_relation_type() == Atspi.RelationType.LABELLED_BY:
            name = " ".join(
                words_of(relation.get_target(i)) for i in range(relation.get_n_targets())
            )
    return name


def note_focus(event):
    if event.detail1:
        latest[:] = [event.source]


latest = []
listener = Atspi.EventListener.new(note_focus)
listener.register("object:state-changed:focused")


heard = []  # descriptions that changed, of what has the focus
teller = Atspi.EventListener.new(
    lambda event: heard.append(event.any_data) if latest and event.source == latest[0] else None
)
teller.register("object:property-change:accessible-description")


def focused():
    """(name, role, node) of what has the focus; None: nothing."""
    context = GLib.MainContext.default()
    quiet = 0
    while quiet < 6:  # all that is on its way
        quiet = 0 if context.iteration(False) else quiet + 1
        time.sleep(0.01)
    return (names_of(latest[0]), latest[0].get_role(), latest[0]) if latest else None


def note(found):
    # what has no name is called by its type
    if found and re.match(r"((Gtk|Adw|Few)[A-Z][A-Za-z]*)?$", found[0]):
        nameless.add((found[0], Atspi.role_get_name(found[1])))


def tab_to(name, role=None, most=40, step="Tab"):
    """Tab until what has the focus has this name."""
    for _ in range(most):
        found = focused()
        note(found)
        if found and name in found[0] and (role is None or found[1] == role):
            return found
        key(step)
    return None


def passing(name):
    """Of a toast: it goes by itself, and is no stop that comes again."""
    return name == "Close this message" or "Undo" in name


def tour(page, most=60):
    """Every stop of Tab on a page; what they say."""
    stops = []
    for _ in range(most):
        key("Tab")
        found = focused()
        note(found)
        if found and not passing(found[0]):
            stops.append((found[0], Atspi.role_get_name(found[1])))
            if stops.count(stops[-1]) > 1 and stops[0] in stops[1:]:
                break
    print(f"# {page}: {stops}", flush=True)
    return stops


def value():
    found = focused()
    return Atspi.Value.get_current_value(found[2]) if found else None


def teach():
    check("the window opens", wait("window", lambda: describe("samples")))
    focus_window()
    check("Tab reaches the samples", tab_to("Try Sample Pictures", Role.PUSH_BUTTON))
    key("Return")
    check("Enter imports them", wait("classes", lambda: says("worn_gear") and enabled("train")))
    stops = tour("examples")
    check("Tab leaves the classes and the pictures", len(stops) < 30)
    check("a picture says its name and class", tab_to("bolt-01.png, bolt"))
    key("Right")
    found = focused()
    check("an arrow goes to the next", found and "bolt-02.png, bolt" in found[0])
    key("alt+2")
    tour("train")
    check("Train is reached", tab_to("Train", Role.PUSH_BUTTON))
    key("space")
    check("and trains", wait("trained", lambda: enabled("export"), 60))
    stops = tour("after training")
    check("what a run is worth has the focus on the way", has(stops, "Test accuracy", "label"))
    check("and Tab goes on", has(stops, "Inspect", "push button") and has(stops, "Shots"))


def has(stops, name, role=None):
    return any(name in stop[0] and role in (None, stop[1]) for stop in stops)


def relabel():
    key("alt+3")
    stops = tour("inspect")
    check("Tab passes the classes by", has(stops, "mistaken for"))
    check("its lists say what they choose", has(stops, "Which pictures") or has(stops, "Pictures"))
    check("α is a slider", tab_to("Residual ratio", Role.SLIDER))
    before = value()
    key("Left")
    check("whose value a key changes", wait("α", lambda: 0.005 < before - value() < 0.015, 5))
    found = tab_to("mistaken for")
    check("a mistake is reached, and says so", found)
    picture, guess = found[0].split(",")[0], found[0].rsplit(" ", 1)[1]
    key("Right")
    key("Left")  # arrows choose
    key("m")
    check("M asks for a class", focus_window(2))
    run("xdotool", "type", "--delay", "80", guess)
    time.sleep(1)
    key("Return")
    check(
        "and its name and Enter move the picture",
        wait("moved", lambda: named(f"{picture}, {guess}")),
    )


def walk_map():
    """Its points are no widgets: the map itself says which is chosen."""
    focus_window()
    latest.clear()  # the tile that had the focus is gone
    activate("view", "[<3>]")
    check("the map says what it is", wait("map", lambda: named("Map of 144 pictures", Role.IMAGE)))
    check("and is reached", tab_to("Map of 144 pictures", Role.IMAGE))
    heard.clear()
    told = []
    for arrow in ("Right", "Right", "Left"):
        known = len(heard)
        key(arrow)
        wait("a point", lambda known=known: focused() and len(heard) > known, 5)
        told += heard[-1:]
    sentence = re.compile(r"[a-z_]+-[0-9]+\.png, \w+, (recognised as|mistaken for) \w+$")
    check(
        "each arrow tells file, class and answer", len(told) == 3 and all(map(sentence.match, told))
    )
    check("of another point each", told[0] != told[1] != told[2])
    found = focused()
    check("which is the map's description", found and found[2].get_description() == told[-1])
    if not all(map(sentence.match, told)):
        print("#", told)


def take_away():
    focus_window()
    key("ctrl+e")
    check("Control E asks where to", focus_window(2))
    key("ctrl+a")
    run("xdotool", "type", "--delay", "30", target)
    key("Return")
    check("the classifier is written", wait("file", lambda: os.path.exists(target)))
    wait("dialog", lambda: says("Classifier Exported"))
    focus_window(2)
    key("Tab")
    check("what came of it can be shown", tab_to("Show in Files", Role.PUSH_BUTTON, 5))
    check("and closed", tab_to("Close", Role.PUSH_BUTTON, 5))
    key("Return")
    check("the window is back", wait("closed", lambda: not says("Classifier Exported")))


def main():
    environment = {
        **os.environ,
        "XDG_DATA_HOME": f"{work}/data",
        "XDG_CACHE_HOME": f"{work}/cache",
        "XDG_CONFIG_HOME": f"{work}/config",
    }
    app = subprocess.Popen([fewshot], env=environment)
    try:
        teach()
        relabel()
        walk_map()
        take_away()
        check("whatever has the focus has a name", not nameless)
        if nameless:
            print("#", nameless)
    finally:
        app.terminate()
        app.wait()
        shutil.rmtree(work, ignore_errors=True)
    finish()


main()
