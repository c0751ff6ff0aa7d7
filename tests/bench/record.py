#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the benchmarks measured, as one table in Markdown below a description of the machine.

    tests/bench/record.py FILE

Each benchmark adds its rows to the file that FEWSHOT_BENCH_RECORD names; without one, record()
does nothing."""

import json
import os
import platform
import sys


def record(what, unit, ours, peers, limit):
    """One row. In units a second more is better, in seconds less; peers: their values by name;
    limit: what the machine allows, or None."""
    path = os.environ.get("FEWSHOT_BENCH_RECORD")
    if path:
        with open(path, "a") as f:
            row = {"what": what, "unit": unit, "ours": ours, "peers": peers, "limit": limit}
            f.write(json.dumps(row) + "\n")


def processor():
    with open("/proc/cpuinfo") as f:
        fields = dict(line.split(":", 1) for line in f if ":" in line)
    fields = {k.strip(): v.strip() for k, v in fields.items()}
    flags = fields.get("flags", "").split()
    known = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile")
    has = ", ".join(flag for flag in known if flag in flags)
    return f"{fields.get('model name', platform.machine())} ({has or 'no vectors named'})"


def machine():
    with open("/proc/meminfo") as f:
        gib = int(f.readline().split()[1]) / 1048576
    load = os.getloadavg()[0]
    return (
        f"{processor()}, {os.cpu_count()} processors, {gib:.0f} GiB, Linux {platform.release()}; "
        f"load {load:.1f} at the end"
    )


def versions():
    from importlib import metadata

    found = []
    for name in ("onnxruntime", "openvino", "torch", "pillow"):
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"no {name}")
    return ", ".join(found)


def line(row):
    more = row["unit"].endswith("/s")
    peers = {k: v for k, v in row["peers"].items() if v > 0}
    best = (max if more else min)(peers.values(), default=None)

    def ratio(other):
        if not other:
            return "–"
        return f"{row['ours'] / other if more else other / row['ours']:.2f}"

    others = ", ".join(f"{name} {value:.3g}" for name, value in peers.items()) or "–"
    limit = f"{row['limit']:.3g}" if row["limit"] else "–"
    cells = (row["what"], row["unit"], f"{row['ours']:.3g}", others, limit)
    return "| " + " | ".join((*cells, ratio(best), ratio(row["limit"]))) + " |"


def main():
    with open(sys.argv[1]) as f:
        rows = [json.loads(text) for text in f]
    print(f"{machine()}. {versions()}.\n")
    print("| what | unit | Fewshot | peers | limit | ÷ best peer | of the limit |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        print(line(row))


if __name__ == "__main__":
    main()
