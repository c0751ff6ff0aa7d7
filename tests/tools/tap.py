# SPDX-License-Identifier: MIT
"""TAP for tests in Python: functions marked @test that assert, or checks as they come."""

import sys
import traceback

tests, number, failures = [], 0, 0


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
        except Exception:
            check(function.__name__, False)
            print(
                "\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True
            )


def finish():
    """The plan, and the exit status."""
    print(f"1..{number}", flush=True)
    sys.exit(failures > 0)
