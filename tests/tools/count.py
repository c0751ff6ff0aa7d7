#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""count.py STATUS BUILD…: adds up meson's JUnit logs into "N passed, M failed, K skipped", shows
the end of what a failed test wrote, and fails when anything did. A test that died after cases that
passed has none that failed there: meson's other log names it."""

import json
import re
import sys
import xml.etree.ElementTree as ET

# What a program wrote, meson 1.0 puts there as it is; XML knows few control characters.
UNKNOWN_TO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

LAST_LINES = 40
BAD = ("FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS")


def suites(build):
    with open(f"{build}/meson-logs/testlog.junit.xml", encoding="utf-8", errors="replace") as log:
        return ET.fromstring(UNKNOWN_TO_XML.sub("?", log.read()).encode()).iter("testsuite")


def show_end(*texts):
    for text in texts:
        lines = (text or "").strip().splitlines()
        print(*(f"  {line}" for line in lines[-LAST_LINES:]), sep="\n")


def short(name):
    return name.split(" / ")[-1]


def dead(build, named):
    """Tests that did not end well, without those named already."""
    with open(f"{build}/meson-logs/testlog.json", encoding="utf-8", errors="replace") as log:
        tests = [json.loads(line) for line in log]
    return [t for t in tests if t["result"] in BAD and short(t["name"]) not in named]


status = int(sys.argv[1])
passed = failed = skipped = 0
for build in sys.argv[2:]:
    named = set()
    for suite in suites(build):
        failed_before = failed
        for case in suite.iter("testcase"):
            skip = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                named |= {short(suite.get("name")), short(case.get("name"))}
                print("failed:", case.get("classname"), case.get("name"))
            elif skip is not None:
                skipped += 1
                print(
                    "skipped:", case.get("classname"), case.get("name"), skip.get("message") or ""
                )
            else:
                passed += 1
        if failed > failed_before:
            show_end(suite.findtext("system-out"), suite.findtext("system-err"))
    for test in dead(build, named):
        failed += 1
        print("failed:", test["name"], test["result"], "exit status", test["returncode"])
        show_end(test.get("stdout"), test.get("stderr"))
if status and not failed:
    failed = 1  # a test that died before it said so
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or not passed else 0)
