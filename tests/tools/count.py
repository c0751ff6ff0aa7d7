#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""count.py STATUS BUILD…: adds up meson's JUnit logs into "N passed, M failed, K skipped"; fails
when anything did."""

import sys
import xml.etree.ElementTree as ET

status = int(sys.argv[1])
passed = failed = skipped = 0
for build in sys.argv[2:]:
    for case in ET.parse(f"{build}/meson-logs/testlog.junit.xml").iter("testcase"):
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
            print("failed:", case.get("classname"), case.get("name"))
        elif skip is not None:
            skipped += 1
            print("skipped:", case.get("classname"), case.get("name"), skip.get("message") or "")
        else:
            passed += 1
if status and not failed:
    failed = 1  # a test that died before it said so
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or not passed else 0)
