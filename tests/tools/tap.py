# SPDX-License-Identifier: MIT
"""TAP for tests in Python: functions marked @test that assert, or checks as they come."""

import importlib
import sys
import traceback

tests, number, failures = [], 0, 0


class Skipped(Exception):
    """The rest of a test cannot be: why."""


def need(name):
    """A reader of somebody else's; the test goes as far as it does without, and says so."""
    # what ./test installed before what Debian has, as in its environment: readers want newer parts
    sys.path.sort(key=lambda folder: "build-test/venv" not in folder)
    try:
        return importlib.import_module(name)
    except ImportError:
        raise Skipped(f"the rest of it needs Python's {name}, which ./test installs") from None


def test(function):
    tests.append(function)
    return function


def check(name, good, why=""):
    global number, failures
    number += 1
    failures += not good
    print(
        f"{'ok' if good else 'not ok'} {number} {name}" + ("" if good else f" # {why}"), flush=True
    )


def run_tests():
    for function in tests:
        try:
            function()
            check(function.__name__, True)
        except Skipped as reason:
            check(f"{function.__name__} # SKIP {reason}", True)
        except Exception:
            check(function.__name__, False)
            print(
                "\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True
            )


def finish():
    """The plan, and the exit status."""
    print(f"1..{number}", flush=True)
    sys.exit(failures > 0)
