#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Help pages are well-formed Mallard whose links lead somewhere, their pictures are there and say
what they show, and every language has the same pages and pictures. Prints TAP.

    check.py PAGE…      pages of the window, whose screenshots are shown
"""

import os
import sys
import xml.etree.ElementTree as ET

here = os.path.dirname(os.path.abspath(__file__))
MALLARD = "{http://projectmallard.org/1.0/}"
languages = {name: sorted(os.listdir(os.path.join(here, name))) for name in ("C", "ko")}
figures = set(os.listdir(os.path.join(here, "figures")))
screenshots = {f"{page}.png" for page in sys.argv[1:]}
shown = {}
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
        media = list(page.iter(MALLARD + "media"))
        sources = [one.get("src") for one in media]
        good = good and all("".join(one.itertext()).strip() for one in media)
        good = good and {f"figures/{file}" for file in figures | screenshots} >= set(sources)
        good = good and sources == shown.setdefault(name, sources)
        good = good and (name == "index.page" or "index" in links) and names == languages["C"]
        number += 1
        failed = failed or not good
        print(f"{'ok' if good else 'not ok'} {number} {language}/{name}")
number += 1
unseen = figures - {os.path.basename(source) for sources in shown.values() for source in sources}
failed = failed or bool(unseen)
print(f"{'not ok' if unseen else 'ok'} {number} every figure is on a page", *unseen)
print(f"1..{number}")
sys.exit(failed)
