#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The pages as a screen reader has them, in the real program on its sample pictures: names and
roles of what is drawn, the matrix's buttons, the table of tried pictures, undo, and a project that
the file manager opens. Leaves screenshots of what it saw. Prints TAP.

    test_pages.py FEWSHOT SHOTS_FOLDER
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from accessible import Atspi, named, press, says, texts, wait
from program import activate, describe, enabled, gdbus, open_files, run, window
from tap import check, finish

fewshot, shots = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="fewshot-pages-")
samples, project = f"{work}/data/fewshot/samples", f"{work}/Parts.fewshot"


def shoot(name):
    time.sleep(1)
    run(
        "import",
        "-window",
        "root",
        "-crop",
        "1000x700+0+0",
        "+repage",
        os.path.join(shots, f"store-{name}.png"),
    )


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
        run("xdotool", "windowsize", window("Fewshot$") or "0", "1000", "700")
        run("xdotool", "mousemove", "1270", "890")  # no tooltips
        activate("samples")
        check(
            "sample pictures become classes",
            wait("classes", lambda: says("worn_gear") and enabled("train")),
        )
        check(
            "a picture says its name and class",
            wait("tile", lambda: named("bolt-01.png, bolt", Atspi.Role.IMAGE)),
        )
        time.sleep(2)
        activate("train")
        check("training ends", wait("trained", lambda: enabled("export")))
        check("by automatic", wait("run", lambda: says("Run 1: Automatic")))
        shoot("train")
        activate("use-method", "[<''>]")  # the visual adapter, live
        check(
            "another run is kept",
            wait("runs", lambda: any(re.match(r"Run 2: \d+ epochs, α", t) for t in texts())),
        )
        check(
            "the chart has a name", wait("chart", lambda: named("Training chart", Atspi.Role.IMAGE))
        )

        activate("page", "[<'inspect'>]")
        check(
            "bars are meters with a value",
            wait("meters", lambda: named("bolt", Atspi.Role.LEVEL_BAR)),
        )
        shoot("inspect")
        activate("view", "[<1>]")
        check(
            "cells of the matrix are buttons that say what they count",
            wait("cells", lambda: named("pictures of bolt taken for bolt", Atspi.Role.PUSH_BUTTON)),
        )
        cell = named("pictures of bolt taken for bolt", Atspi.Role.PUSH_BUTTON)
        Atspi.Action.do_action(cell[0], 0)
        check(
            "pressing one shows its pictures alone",
            wait("cell", lambda: says("“bolt”, recognised")),
        )
        check(
            "and another press shows all",
            press("Show All") and wait("all", lambda: not says("“bolt”, recognised")),
        )
        activate("view", "[<2>]")
        check(
            "precision and recall are a table",
            wait("table", lambda: named("Precision and recall of each class")),
        )
        activate("view", "[<3>]")
        check(
            "the map says what it shows",
            wait("map", lambda: named("Map of 144 pictures at α", Atspi.Role.IMAGE)),
        )
        gdbus("SetState", "alpha", "<0.25>", "{}")
        check("and follows α", wait("α", lambda: named("at α = 0.25", Atspi.Role.IMAGE)))

        def undone():
            activate("undo")
            return wait("undone", lambda: says("Undone: Change α"), 8) or activate("redo")

        # What is said goes again by itself, perhaps before a slow machine has looked through all of
        # a page: the one with the least on it.
        activate("page", "[<'try'>]")
        check("undo says what it undid", any(undone() for _ in range(3)))

        activate("try-path", f"[<'{samples}/gear'>]")
        check(
            "tried pictures are a table",
            wait(
                "tried",
                lambda: (
                    named("Pictures that are tried")
                    and says("gear-07.png")
                    and not says("24 of 24")
                ),
            ),
        )
        check(
            "an answer has a threshold in words", wait("threshold", lambda: says("“none of these”"))
        )
        shoot("try")
        activate("compare")
        check(
            "a comparison runs to its end",
            wait("comparison", lambda: enabled("compare") and not enabled("stop-comparing"), 120),
        )
        shoot("compare")

        activate("try-csv-to", f"[<'{work}/answers.csv'>]")
        check(
            "the table is saved",
            wait(
                "csv",
                lambda: (
                    os.path.exists(f"{work}/answers.csv")
                    and sum(1 for _ in open(f"{work}/answers.csv")) == 25
                ),
            ),
        )
        activate("try-sort-to", f"[<'{work}/sorted'>]")
        check(
            "copies are sorted",
            wait(
                "sorted", lambda: sum(len(files) for _, _, files in os.walk(f"{work}/sorted")) == 24
            ),
        )
        check("and the pictures are still there", len(os.listdir(f"{samples}/gear")) == 24)

        activate("save-to", f"[<'{project}'>]")
        check(
            "the project is written and names the window",
            wait("saved", lambda: os.path.exists(project) and window("Parts – Fewshot$")),
        )
        open_files(project)
        time.sleep(1)
        check(
            "opening it again shows the same window",
            len(run("xdotool", "search", "--onlyvisible", "--name", "Fewshot$").stdout.split())
            == 1,
        )
        app.terminate()
        app.wait()
        app = subprocess.Popen([fewshot, project], env=environment)
        check(
            "it opens from the command line, with its run",
            wait("opened", lambda: window("Parts – Fewshot$") and enabled("export"), 40),
        )
        open_files(f"{samples}/bolt")
        check(
            "a folder that the file manager opens is tried",
            wait("tried", lambda: says("bolt-01.png")),
        )
        text = open(project, encoding="utf-8").read()
        check(
            "its paths are relative to it",
            '"path":"data/fewshot/samples/bolt/bolt-01.png"' in text
            and not re.search(r'"path":"/', text),
        )
    finally:
        app.terminate()
        app.wait()
        shutil.rmtree(work, ignore_errors=True)
    finish()


main()
