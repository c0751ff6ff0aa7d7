#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What 100 million pictures cost: what a task pays for each picture beside the model (finding it,
a line of its predictions, merging that line), measured here with names of many folders for few
files, and hours and bytes reckoned from that and from speeds that other benchmarks measured.

scale.py BUILD [PICTURES [SPEED…]]     500,000 names; pictures a second of forward.py or folder.py
                                      on two cores, 51 97 23.5 unless given

These are the numbers of the help's page “Beyond One Machine”.
"""

import os
import subprocess
import sys
import tempfile

cli = os.path.abspath(os.path.join(sys.argv[1], "app/cli/fewshot-cli"))
n = int(sys.argv[2]) if len(sys.argv) > 2 else 500000
speeds = [float(word) for word in sys.argv[3:]] or [51, 97, 23.5]
HUNDRED = 10**8
CORES, DIM, IN_A_FOLDER, PARTS = 2, 512, 1000, 16
work = tempfile.mkdtemp(prefix="fewshot-scale-")
os.environ["XDG_CACHE_HOME"] = os.path.join(work, "cache")
drawn, kept = os.path.join(work, "drawn"), os.path.join(work, "kept.safetensors")
subprocess.run(
    [cli, "demo", "--json", "--pictures", drawn, "--output", kept], check=True, capture_output=True
)
files = sorted(os.path.join(at, name) for at, _, names in os.walk(drawn) for name in names)[:50]


def link(folder, count):
    """Names of 30 bytes below the folder, as those of a camera are."""
    for i in range(count):
        place = os.path.join(folder, f"site-{i // IN_A_FOLDER:06}")
        if i % IN_A_FOLDER == 0:
            os.makedirs(place)
        os.link(files[i % len(files)], os.path.join(place, f"IMG_{i:010}.png"))


def run(*words, **how):
    """Seconds of processor time, bytes at most."""
    process = subprocess.Popen([cli, *words], stderr=subprocess.DEVNULL, **how)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{words[0]} failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def embed(folder, shards):
    words = ["embed", "pocket", "--image-dir", folder, "--no-cache", "--threads", "1"]
    out = os.path.join(work, "features.safetensors")
    return run(*words, "--shard", f"1/{shards}", "-o", out, stdout=subprocess.DEVNULL)


few, many = os.path.join(work, "few"), os.path.join(work, "many")
link(few, IN_A_FOLDER)
link(many, n)
# as many pictures are encoded of both
base, least = embed(few, IN_A_FOLDER // 10)
found, most = embed(many, n // 10)
finding = (found - base) / n
print(f"{n:,} pictures, on a disk whose folders were just written: finding one takes "
      f"{finding * 1e6:.2f} µs of a processor; {most / 1e6:.0f} MB at most, of "
      f"{IN_A_FOLDER:,} pictures {least / 1e6:.0f}")  # fmt: skip

lines, parts = os.path.join(work, "lines"), []
with open(lines, "wb") as file:
    run("predict", kept, few, "--recursive", "--json-lines", stdout=file)
with open(lines) as file:
    said = [line.replace(few, "/data") for line in file]
width = sum(len(line.encode()) for line in said) / len(said)
for part in range(PARTS):
    parts.append(os.path.join(work, f"part-{part}"))
    with open(parts[-1], "w") as file:
        for i in range(part, n, PARTS):
            line = said[i % IN_A_FOLDER]
            file.write(line.replace("site-000000", f"site-{i // IN_A_FOLDER:06}"))
merging = run("merge", *parts, "-o", os.path.join(work, "whole"))[0] / n
print(f"a line of JSON has {width:.0f} bytes, {PARTS} parts of them are merged in "
      f"{merging * 1e6:.2f} µs a picture\n")  # fmt: skip

print(f"Reckoned for {HUNDRED:,} pictures, {CORES} cores as measured, no loss between machines:\n")
print("| pictures/s on two cores | core hours | hours on 64 cores |\n|---:|---:|---:|")
for speed in speeds:
    hours = HUNDRED / speed * CORES / 3600
    print(f"| {speed:g} | {hours:,.0f} | {hours / 64:.1f} |")
print(f"\nfeatures of {DIM} numbers {HUNDRED * DIM * 4 / 1e9:.0f} GB, names of 30 bytes "
      f"{HUNDRED * 31 / 1e9:.1f} GB, predictions {HUNDRED * width / 1e9:.0f} GB; finding the "
      f"pictures {HUNDRED * finding / 60:.1f} minutes a task, merging predictions "
      f"{HUNDRED * merging / 60:.1f} minutes, of one processor")  # fmt: skip
subprocess.run(["rm", "-rf", work], check=True)
