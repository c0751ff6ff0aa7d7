# SPDX-License-Identifier: MIT
"""Importing this adds the packages that ./test installed from PyPI to the path."""

import glob
import os
import site

for folder in glob.glob(
    os.path.join(
        os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
        "build-test/venv/lib/python3*/site-packages",
    )
):
    site.addsitedir(folder)
