#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What run.sh runs: tests, then measurements, one report.

main.py PACK BUILD OUT [--fake] [--dry] [--seconds 460] [--only tests|speed] [--module FILE]
        [--towers ViT-B-32,…]
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
parser.add_argument("--only", choices=["tests", "speed"], help="not the other")
parser.add_argument("--module", help="one that was built before, as an earlier run left it")
parser.add_argument("--towers", help="those to measure, with commas between")
args = parser.parse_args()
end = time.monotonic() + args.seconds
place, report = Place(args.pack, args.build, args.out, args.fake, end), Report(args.out)
place.log(" ".join(sys.argv))
report.machine = checks.machine_facts(place)
plan = dict(measure.DRY if args.dry else measure.WHOLE)
if args.towers:
    plan["towers"] = args.towers.split(",")
measured = args.only != "tests" and (args.dry or not args.fake)
bench = measure.Bench(place, report, plan, end) if measured else None
if checks.run_checks(place, report, args.module, args.only != "speed") and bench:
    measure.run(bench)
elif bench:
    bench.stop()
if report.failures():
    print("FAILED: " + ", ".join(report.failures()), flush=True)
sys.exit(bool(report.failures()))
