# SPDX-License-Identifier: MIT
"""The running program as D-Bus and the X server see it."""

import re
import subprocess

BUS, PATH = "io.github.fewshot.Fewshot", "/io/github/fewshot/Fewshot/window/"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def gdbus(method, *arguments, window=1):
    return run(
        "gdbus",
        "call",
        "--session",
        "-d",
        BUS,
        "-o",
        f"{PATH}{window}",
        "-m",
        "org.gtk.Actions." + method,
        *arguments,
    ).stdout


def activate(action, parameter="[]"):
    gdbus("Activate", action, parameter, "{}")


def describe(action, window=1):
    """(enabled, state) of an action, or None."""
    text = gdbus("Describe", action, window=window)
    found = re.match(r"\(\((true|false),", text)
    state = re.search(r"\[<([0-9.e-]+)>\]", text)
    return (found.group(1) == "true", float(state.group(1)) if state else None) if found else None


def window(name):
    found = run("xdotool", "search", "--onlyvisible", "--name", name).stdout.split()
    return found[-1] if found else None
