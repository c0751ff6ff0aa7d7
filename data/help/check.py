#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Help pages are well-formed Mallard whose links lead somewhere, and every language has the same
pages. Prints TAP."""

import os
import sys
import xml.etree.ElementTree as ET

here = os.path.dirname(os.path.abspath(__file__))
MALLARD = "{http://projectmallard.org/1.0/}"
languages = {name: sorted(os.listdir(os.path.join(here, name))) for name in ("C", "ko")}
failed, number = False, 0
for language, names in languages.items():
    pages = {name: ET.parse(os.path.join(here, language, name)).getroot() for name in names}
    ids = {page.get("id") for page in pages.values()}
    for name, page in pages.items():
        links = {link.get("xref") for link in page.iter(MALLARD + "link")}
        good = (
            page.tag == MALLARD + "page"
            and page.get("id") + ".page" == name
            and page.find(MALLARD + "title") is not None
            and links <= ids
        )
        good = good and (name == "index.page" or "index" in links) and names == languages["C"]
        number += 1
        failed = failed or not good
        print(f"{'ok' if good else 'not ok'} {number} {language}/{name}")
print(f"1..{number}")
sys.exit(failed)
