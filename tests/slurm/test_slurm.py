#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Job arrays on a real Slurm: tools/slurm/*.sbatch, tasks that are killed, fail and are preempted,
and what is merged beside a run on one machine, byte for byte. Prints TAP.

slurm.sh test_slurm.py FEWSHOT_CLI
"""

import csv
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from tap import check, finish

cli = sys.argv[1]
scripts = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/slurm")
work = tempfile.mkdtemp(prefix="fewshot-slurm-")
os.environ["XDG_CACHE_HOME"] = os.environ["FEWSHOT_CACHE"] = os.path.join(work, "cache")
PER_CLASS = 700
BATCH = 512 * 256 * 4  # what `embed` puts on disk at a time: pictures, numbers, bytes

# ---- pictures: many names for few files

drawn, kept = os.path.join(work, "drawn"), os.path.join(work, "kept.safetensors")
subprocess.run(
    [cli, "demo", "--json", "--pictures", drawn, "--output", kept], check=True, capture_output=True
)
pictures = os.path.join(work, "pictures")
for name in sorted(os.listdir(drawn))[:4]:
    files = sorted(glob.glob(os.path.join(drawn, name, "*")))[:20]
    os.makedirs(os.path.join(pictures, name))
    for i in range(PER_CLASS):
        os.link(files[i % len(files)], os.path.join(pictures, name, f"{i:05}.png"))

# ---- the program as tasks find it: the first start of task 1 is still at it when others are done,
# that of task 2 is killed, that of task 3 fails

tools = os.path.join(work, "bin")
os.mkdir(tools)
log = os.path.join(work, "log")
open(log, "w").close()
with open(os.path.join(tools, "fewshot-cli"), "w") as file:
    file.write(f"""#!/bin/bash
start="$1 ${{SLURM_ARRAY_TASK_ID:-}} ${{SLURM_RESTART_COUNT:-0}}"
echo "$start" >>{log}
case $start in
"embed 1 0") sleep 30 ;;
"embed 2 0")
  {cli} "$@" & # until some of it is on disk
  for _ in $(seq 600); do
    size=$(stat -c %s "$FEATURES.2-of-4.part" 2>/dev/null || echo 0)
    [ "$size" -lt {BATCH} ] || break
    sleep 0.02
  done
  sleep 0.1
  kill -9 $! && exit 137 ;;
"embed 3 0" | "predict 3 0") exit 1 ;;
esac
exec {cli} "$@"
""")
os.chmod(os.path.join(tools, "fewshot-cli"), 0o755)
os.environ["PATH"] = tools + ":" + os.environ["PATH"]
features = os.environ["FEATURES"] = os.path.join(work, "features.safetensors")


def submit(script, *arguments, **options):
    asked = [f"--{key.replace('_', '-')}={value}" for key, value in options.items()]
    said = subprocess.run(
        ["sbatch", "--parsable", f"--output={work}/out-%x-%a.txt", *asked]
        + [os.path.join(scripts, script), *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return said.stdout.strip()


def control(*words):
    said = subprocess.run(["scontrol", *words], check=True, capture_output=True, text=True).stdout
    return [dict(p.split("=", 1) for p in one.split() if "=" in p) for one in said.splitlines()]


pending = {}  # since when a job that is queued again was seen so


def start_soon(job):
    """Not at once: the node may still be ending what it ran, and would refuse it."""
    name = job["JobId"], job.get("Restarts")
    if time.monotonic() - pending.setdefault(name, time.monotonic()) > 5:
        subprocess.run(
            ["scontrol", "update", "jobid=" + job["JobId"], "starttime=now"], capture_output=True
        )


def wait(*jobs, seconds=100):
    """Until they are over; the states they ended in. Slurm itself lets what it has queued again
    stand for two minutes."""
    until = time.monotonic() + seconds
    found = []
    while time.monotonic() < until:
        found = [one for job in jobs for one in control("show", "job", job, "--oneliner")]
        for one in found:
            if one["JobState"] == "PENDING" and one["Reason"] == "BeginTime":
                start_soon(one)
        states = [one["JobState"] for one in found]
        if not {"PENDING", "RUNNING", "COMPLETING", "SUSPENDED"} & set(states):
            return states
        time.sleep(0.1)
    return [*states, "still there"]


def same(a, b):
    with open(a, "rb") as first, open(b, "rb") as second:
        return first.read() == second.read()


def starts(command):
    with open(log) as file:
        return [line.split()[1:] for line in file if line.startswith(command + " ")]


# ---- embed

alone = os.path.join(work, "alone.safetensors")
embed = [cli, "embed", "pocket", "--image-dir", pictures, "--no-cache", "--threads", "1"]
subprocess.run([*embed, "-o", alone], check=True, capture_output=True)

array = submit("embed.sbatch", "pocket", pictures, features, "--json", array="1-4")
join = submit("merge.sbatch", features, dependency="afterok:" + array)
# the urgent job comes when task 2 has been killed and is there again
until = time.monotonic() + 30
while time.monotonic() < until and ["2", "1"] not in starts("embed"):
    for one in control("show", "job", array, "--oneliner"):
        if one["JobState"] == "PENDING" and one["Reason"] == "BeginTime":
            start_soon(one)
    time.sleep(0.1)
urgent = subprocess.run(
    ["sbatch", "--parsable", "--partition=urgent", "--exclusive", "--output=/dev/null"]
    + ["--wrap", "sleep 1"],
    check=True,
    capture_output=True,
    text=True,
).stdout.strip()
ended = wait(array, join, urgent)
began = starts("embed")
check(f"embed: killed, failed, preempted tasks end well {ended}", set(ended) == {"COMPLETED"})
check(
    f"embed: they were started again {sorted(map(tuple, began))}",
    ["2", "1"] in began and ["3", "1"] in began,
)
again = [start for start in began if start in (["1", "1"], ["2", "2"], ["3", "2"], ["4", "1"])]
check(f"embed: {len(again)} were preempted and are queued again", len(again) > 0)
with open(os.path.join(work, "out-fewshot-embed-2.txt")) as file:
    said = file.read()
resumed = json.loads(said[said.rindex("{") :])["resumed"]
check(f"embed: {resumed} pictures on disk are not done again", resumed > 0)
check(
    "embed: merged, it is what one run writes", os.path.exists(features) and same(features, alone)
)

# ---- predict

table, alone = os.path.join(work, "table.csv"), os.path.join(work, "alone.csv")
predict = [cli, "predict", kept, pictures, "--recursive", "--threads", "1", "--top", "2"]
subprocess.run([*predict, "--csv", alone], check=True, capture_output=True)
array = submit("predict.sbatch", kept, pictures, table, "--top", "2", array="0-3")
join = submit("merge.sbatch", table, dependency="afterok:" + array)
ended = wait(array, join)
check(f"predict: a failed task ends well {ended}", set(ended) == {"COMPLETED"})
check("predict: it was started again", ["3", "1"] in starts("predict"))
check("predict: merged, it is what one run writes", os.path.exists(table) and same(table, alone))

# ---- bench

data = os.path.join(work, "data")
for name in sorted(os.listdir(drawn))[:3]:
    shutil.copytree(os.path.join(drawn, name), os.path.join(data, name))
table, alone = os.path.join(work, "bench.csv"), os.path.join(work, "bench-alone.csv")
bench = [
    "pocket",
    data,
    "--methods",
    "zero-shot,gda,linear-probe",
    "--shots",
    "1,2",
    "--seeds",
    "2",
]
subprocess.run(
    [cli, "bench", *bench, "--threads", "1", "-o", alone], check=True, capture_output=True
)
array = submit("bench.sbatch", *bench, "-o", table, array="1-4")
ended = wait(array)
rows = [sum(1 for _ in open(f"{table}.{i}-of-4.partial")) - 1 for i in range(1, 5)]
join = submit("bench.sbatch", *bench, "-o", table, "--json")
ended += wait(join)
check(f"bench: four tasks of {rows} runs and the table {ended}", rows == [3] * 4)
measured = ("seconds", "peak_bytes")


def read(path):
    with open(path, newline="") as file:
        return [{k: v for k, v in r.items() if k not in measured} for r in csv.DictReader(file)]


check(
    "bench: but for seconds and memory the table is what one run writes",
    os.path.exists(table) and len(read(table)) == 12 and read(table) == read(alone),
)
check("bench: nothing is left beside it", not glob.glob(table + ".*"))

# ---- what Slurm says of a task

said = subprocess.run(
    [*embed, "--shard", "slurm", "-o", features],
    capture_output=True,
    text=True,
    env={**os.environ, "SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_MIN": "3"}
    | {"SLURM_ARRAY_TASK_MAX": "4", "SLURM_ARRAY_TASK_COUNT": "2"},
)
check("two tasks of an array submitted again are no whole", said.returncode == 2)
shutil.rmtree(work)
finish()
