#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What only a real mouse shows: the wheel over settings, the frame around a drop target, pictures
dragged onto a class and out of the window, the context menu. Prints TAP.

    test_mouse.py FEWSHOT DRAGSOURCE
"""

import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from accessible import Atspi, center, named, row_of, says, wait
from program import activate, describe, drag, enabled, geometry_of, middle_of, move, run, window
from tap import check, finish

fewshot, dragsource = sys.argv[1:3]
WIDTH = 1000  # of our window
work = tempfile.mkdtemp(prefix="fewshot-mouse-")


def colours(x, y, width, height):
    """Which there are in a part of the screen, and how many of each."""
    return run(
        "import", "-window", "root", "-crop", f"{width}x{height}+{x}+{y}", "+repage",
        "-format", "%c", "-define", "histogram:unique-colors=true", "histogram:info:-",
    ).stdout  # fmt: skip


def edge():
    """Of the window's left edge, where the frame of a drop target is."""
    return colours(0, 100, 2, 500)


def around(point):
    """Of the row of a class, or of what lies around a tile's caption."""
    return colours(point[0] - 60, point[1] - 12, 120, 24)


def popup():
    """The height of the menu that is open; without one, none to speak of."""
    found = run("xdotool", "search", "--onlyvisible", "--class", "fewshot").stdout.split()
    try:
        sizes = [geometry_of(handle)[2:] for handle in found]
    except KeyError:  # one has gone meanwhile
        return 0
    return max((height for width, height in sizes if width < WIDTH), default=0)


def main():
    environment = {
        **os.environ,
        "XDG_DATA_HOME": f"{work}/data",
        "XDG_CACHE_HOME": f"{work}/cache",
        "XDG_CONFIG_HOME": f"{work}/config",
    }
    extra = f"{work}/extra"
    os.mkdir(extra)
    app = subprocess.Popen([fewshot], env=environment)
    source = None
    try:
        check(
            "the window opens", wait("window", lambda: window("Fewshot$") and describe("samples"))
        )
        ours = window("Fewshot$")
        run("xdotool", "windowmove", ours, "0", "0", "windowsize", ours, str(WIDTH), "760")
        activate("samples")
        wait("classes", lambda: says("worn_gear") and enabled("train"))
        wait("tile", lambda: named("bolt-01.png, bolt", Atspi.Role.IMAGE))
        time.sleep(1)

        # a picture of the project, dragged onto another class
        drag(center(named("bolt-01.png, bolt", Atspi.Role.IMAGE)[0]), row_of("nut"))
        check(
            "a picture dragged onto a class joins it",
            wait("tile", lambda: named("bolt-01.png, nut", Atspi.Role.IMAGE)),
        )
        check(
            "and is no second copy",
            len(named("bolt-01.png, nut", Atspi.Role.IMAGE)) == 1
            and not named("bolt-01.png, bolt", Atspi.Role.IMAGE),
        )

        # its menu
        move(*center(named("bolt-02.png, bolt", Atspi.Role.IMAGE)[0]))
        run("xdotool", "click", "3")
        check("a right click opens the menu", wait("menu", lambda: named("Show in Files")))
        run("xdotool", "key", "Escape")
        wait("menu gone", lambda: not named("Show in Files"))

        # what lies below a menu is not pressed any more
        spring = row_of("spring")
        move(1250, 880)
        activate("select-class", "[<-1>]")
        time.sleep(0.5)
        before = around(spring)
        move(*spring)
        run("xdotool", "click", "3")
        wait("menu of a class", lambda: named("Merge Into"))
        run("xdotool", "key", "Escape")
        wait("menu gone", lambda: not named("Merge Into"))
        move(1250, 880)
        activate("select-class", "[<-1>]")
        check("no row stays pressed", wait("row", lambda: around(spring) == before, 5))

        # a submenu with more rows than the menu, left while the pointer is over it
        move(*spring)
        run("xdotool", "click", "3")
        wait("menu of a class", lambda: named("Merge Into"))
        time.sleep(0.5)
        menu = popup()
        run("xdotool", "mousemove_relative", "0", "95", "click", "1")
        check(
            "a submenu has room for all of its rows", wait("room", lambda: popup() > menu + 20, 5)
        )
        for _ in range(2):
            run("xdotool", "key", "Escape")
            time.sleep(0.8)
        check("Escape there ends the menu, not the program", popup() < 20 and app.poll() is None)
        move(1250, 880)
        activate("select-class", "[<-1>]")

        # nothing takes a picture that is let go over the bar at the bottom
        activate("select-class", "[<0>]")
        time.sleep(1)
        first = center(named("bolt-02.png, bolt", Atspi.Role.IMAGE)[0])
        check("a picture is in view", first[1] > 120, str(first))
        move(*first)
        run("xdotool", "click", "1")
        move(1250, 880)
        time.sleep(0.5)
        before = colours(first[0] - 60, first[1] - 60, 600, 400)
        drag(first, (first[0] + 40, 745))
        move(1250, 880)
        check(
            "no band is left where a picture was dragged from",
            wait("band", lambda: colours(first[0] - 60, first[1] - 60, 600, 400) == before, 5),
        )
        activate("select-class", "[<-1>]")

        # files from another process onto a class row: no frame stays
        run("convert", "-size", "40x40", "xc:teal", f"{extra}/teal.png")
        before = edge()
        source = subprocess.Popen([dragsource, f"{extra}/teal.png"])
        wait("source", lambda: window("dragsource"))
        theirs = window("dragsource")
        run("xdotool", "windowmove", theirs, "1100", "40")
        time.sleep(0.5)
        drag(middle_of(theirs), row_of("washer"))
        check(
            "a file dropped on a class joins it",
            wait("teal", lambda: named("teal.png, washer", Atspi.Role.IMAGE)),
        )
        move(1250, 880)
        check("no frame stays after the drop", wait("edge", lambda: edge() == before, 5))

        # the wheel
        activate("use-method", "[<''>]")  # the live adapter's settings are in view
        wait("trained", lambda: enabled("export"))
        activate("page", "[<'train'>]")
        time.sleep(1)
        spins = [n for n in named("", Atspi.Role.SPIN_BUTTON) if n.get_value_iface()]
        values = [n.get_value_iface().get_current_value() for n in spins]
        for spin in spins:
            move(*center(spin))
            run("xdotool", "click", "--repeat", "3", "--delay", "30", "5")
        time.sleep(0.5)
        after = [n.get_value_iface().get_current_value() for n in spins]
        check("there are settings to be scrolled over", len(spins) >= 5, str(len(spins)))
        check("the wheel leaves them alone", after == values, f"{values} {after}")
    finally:
        app.terminate()
        if source:
            source.terminate()
    finish()


main()
