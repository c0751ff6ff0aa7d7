#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What run.sh runs: tests, then measurements, one report.

main.py PACK BUILD OUT [--fake] [--dry] [--seconds 460]
"""

import argparse
import sys
import time

import checks
import measure
from report import Report
from steps import Place

parser = argparse.ArgumentParser()
parser.add_argument("pack")
parser.add_argument("build")
parser.add_argument("out")
parser.add_argument("--fake", action="store_true", help="the GPU of tests/fakecuda")
parser.add_argument("--dry", action="store_true", help="measure a toy, for moments")
parser.add_argument("--seconds", type=float, default=460, help="for all of it")
args = parser.parse_args()
end = time.monotonic() + args.seconds
place, report = Place(args.pack, args.build, args.out, args.fake, end), Report(args.out)
place.log(" ".join(sys.argv))
report.machine = checks.machine_facts(place)
plan = measure.DRY if args.dry else measure.WHOLE
towers = None if args.fake and not args.dry else measure.prepare(place, plan)
if checks.run_checks(place, report) and towers:
    measure.run(place, report, plan, towers, end)
if report.failures():
    print("FAILED: " + ", ".join(report.failures()), flush=True)
sys.exit(bool(report.failures()))
