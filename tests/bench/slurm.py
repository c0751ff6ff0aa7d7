#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""1 to 4 tasks of `embed` at a time, on a Slurm of their own and by GNU parallel: seconds, and what
of the gain that the machine's processors allow is there, as a table in Markdown.

tests/tools/slurm.sh tests/bench/slurm.py BUILD [PICTURES]     4,000 of 1,024 × 768 unless given

Each task has one thread. Efficiency is the seconds of one run, divided by those of the tasks and by
as many of them as there are processors for.
"""

import os
import subprocess
import sys
import tempfile
import time

import numpy
from PIL import Image

cli = os.path.abspath(os.path.join(sys.argv[1], "app/cli/fewshot-cli"))
n = int(sys.argv[2]) if len(sys.argv) > 2 else 4000
FILES, PARTS = 50, 12
work = tempfile.mkdtemp(prefix="fewshot-bench-")
folder = os.path.join(work, "pictures")
os.mkdir(folder)
random = numpy.random.default_rng(1)
for i in range(FILES):
    rough = Image.fromarray(random.integers(0, 256, (48, 64, 3), numpy.uint8))
    rough.resize((1024, 768), Image.BICUBIC).save(os.path.join(work, f"{i}.jpg"))
for i in range(n):
    os.link(os.path.join(work, f"{i % FILES}.jpg"), os.path.join(folder, f"{i:06}.jpg"))


def command(output, *more):
    words = [cli, "embed", "pocket", "--image-dir", folder, "--no-cache", "--threads", "1"]
    return [*words, *more, "-o", os.path.join(work, output)]


def seconds(words):
    began = time.monotonic()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def by_slurm(tasks):
    """sbatch --wait would look every 2, 4, 8 … seconds alone."""
    wrapped = " ".join(command("slurm-$SLURM_ARRAY_TASK_ID", "--shard", "slurm"))
    words = ["sbatch", "--parsable", f"--array=1-{PARTS}%{tasks}", "--output=/dev/null"]
    began = time.monotonic()
    job = subprocess.run([*words, "--wrap", wrapped], check=True, capture_output=True, text=True)
    waiting = ["squeue", "--noheader", "--jobs", job.stdout.strip(), "--states", "all"]
    states = {"PENDING"}
    while states & {"PENDING", "RUNNING", "COMPLETING", "CONFIGURING"}:
        time.sleep(0.2)
        said = subprocess.run([*waiting, "-o", "%T"], check=True, capture_output=True, text=True)
        states = set(said.stdout.split())
    taken = time.monotonic() - began
    if states != {"COMPLETED"}:
        sys.exit(f"tasks ended as {sorted(states)}")
    return taken


def by_parallel(tasks):
    words = command("parallel-{}", "--shard", "{}/" + str(PARTS))
    return seconds(
        ["parallel", "--will-cite", f"-j{tasks}", *words, ":::", *map(str, range(1, PARTS + 1))]
    )


alone = seconds(command("alone"))
print(f"{n} pictures, {PARTS} parts, {os.cpu_count()} processors; one run with one thread: "
      f"{alone:.1f} s, {n / alone:.0f} pictures/s\n")  # fmt: skip
print("| tasks at a time | Slurm, s | efficiency | GNU parallel, s | efficiency |")
print("|---:|---:|---:|---:|---:|")
for tasks in range(1, 5):
    slurm, parallel = by_slurm(tasks), by_parallel(tasks)
    at_most = min(tasks, os.cpu_count())
    print(f"| {tasks} | {slurm:.1f} | {alone / slurm / at_most:.0%} "
          f"| {parallel:.1f} | {alone / parallel / at_most:.0%} |", flush=True)  # fmt: skip
subprocess.run(["rm", "-rf", work], check=True)
