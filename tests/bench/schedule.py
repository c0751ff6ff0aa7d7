#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""schedule.py CLI MODEL SETS [--report]: which schedule the visual adapter learns best by.

SETS is what data/pocket/training/few_shot_sets.py makes of Debian's packages. Candidates are
compared on half of the sets (TUNED), without --report; the one that was taken and the default of
version 0.2 are then measured on the other half (REPORTED) with it. α and the temperature of each
are those of the folds. About six minutes of two cores each."""

import json
import subprocess
import sys
import tempfile

TUNED = {"digits": "a photo of a {}.", "openclipart": "clip art of a {}."}
REPORTED = {"fashion-mnist": "a photo of a {}.", "stamps": "clip art of a {}."}
CANDIDATES = [
    "steps=0,epochs=50,lr=0.003",
    "steps=300,lr=0.003",
    "steps=1000,lr=0.001",
    "steps=1000,lr=0.003",
    "steps=1000,lr=0.003,relu=0",
    "steps=1000,lr=0.003,batch=64",
    "steps=1000,lr=0.003,wd=0.1",
    "steps=3000,lr=0.001",
    "steps=3000,lr=0.001,relu=0",
]
FINAL = ["alpha=view,steps=0,epochs=50,lr=0.003", ""]


def run(cli, model, folder, template, methods, seeds):
    """Mean accuracy, log-loss and seconds of each method over shots and draws."""
    with tempfile.TemporaryDirectory() as place:
        output = f"{place}/rows.json"
        subprocess.run(
            [cli, "bench", model, folder, "--methods", " ".join(methods), "--shots", "2,4,16"]
            + ["--seeds", str(seeds), "--template", template, "-o", output],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with open(output, encoding="utf-8") as file:
            rows = json.load(file)["runs"]
    means = []
    for method in methods:
        mine = [row for row in rows if row["method"] == method]
        values = ("test", "log_loss", "seconds")
        means.append([sum(row[value] for row in mine) / len(mine) for value in values])
    return means


def main():
    cli, model, sets = sys.argv[1:4]
    report = "--report" in sys.argv
    methods = ["clip-adapter" + (f":{c}" if c else "") for c in (FINAL if report else CANDIDATES)]
    used = REPORTED if report else TUNED
    columns = [
        run(cli, model, f"{sets}/{name}", template, methods, 10 if report else 2)
        for name, template in used.items()
    ]
    print("| setting |" + "".join(f" {name} | log-loss | seconds |" for name in used) + " mean |")
    print("|---|" + "---:|" * (3 * len(used) + 1))
    for i, method in enumerate(methods):
        cells = "".join(f" {100 * c[i][0]:.1f} | {c[i][1]:.3f} | {c[i][2]:.2f} |" for c in columns)
        print(f"| `{method}` |{cells} {100 * sum(c[i][0] for c in columns) / len(columns):.1f} |")


if __name__ == "__main__":
    main()
