#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Training the adapter, 16 shots of 100 classes at D = 1024 (RN50's): the engine and PyTorch eager
on the same batches, interleaved.

    tests/bench/train.py BUILD_FOLDER [--rounds 5] [--work FOLDER]

PyTorch runs at each thread setting and its best counts. The limit is the matrix products'
arithmetic at the measured peak."""

import argparse
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../tools"))
CLASSES, SHOTS, BATCH, D, HIDDEN = 100, 16, 32, 1024, 256


def serve(threads, device="cpu", classes=CLASSES):
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    n, classes = int(classes) * SHOTS, int(classes)
    text = F.normalize(torch.randn(classes, D)).to(device)
    labels = (torch.arange(n) // SHOTS).to(device)
    features = 10 * text[labels] + torch.randn(n, D).to(device)
    adapter = torch.nn.Sequential(
        torch.nn.Linear(D, HIDDEN, bias=False),
        torch.nn.ReLU(),
        torch.nn.Linear(HIDDEN, D, bias=False),
        torch.nn.ReLU(),
    ).to(device)
    optimizer = torch.optim.AdamW(adapter.parameters(), 3e-3, weight_decay=1e-4)
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        for _ in range(int(line)):
            order = torch.randperm(n).to(device)
            for at in range(0, n, BATCH):
                rows = order[at : at + BATCH]
                f = features[rows]
                loss = F.cross_entropy(
                    100 * F.normalize(0.6 * adapter(f) + 0.4 * f) @ text.t(), labels[rows]
                )
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
        if device != "cpu":
            torch.cuda.synchronize()
        print(time.perf_counter() - start, flush=True)


def main():
    if sys.argv[1] == "--serve":
        return serve(*sys.argv[2:])
    import forward
    from record import record

    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--work", default="/tmp/fewshot-bench")
    args = parser.parse_args()
    os.environ["LD_LIBRARY_PATH"] = os.path.join(args.build, "engine")
    model = f"{args.work}/RN50"
    if not os.path.exists(model):
        subprocess.check_call(
            [sys.executable, os.path.join(HERE, "../tools/clip_reference.py"), "RN50", model]
        )
    bench = os.path.join(args.build, "tests/bench")
    peaks = forward.Peaks(args.build)
    processes = {}
    for threads in range(1, os.cpu_count() + 1):
        processes[f"fewshot, {threads} threads"] = [
            f"{bench}/bench-train",
            model,
            str(CLASSES),
            f"cpu,threads={threads}",
        ]
        processes[f"PyTorch eager, {threads} threads"] = [
            sys.executable,
            os.path.abspath(__file__),
            "--serve",
            str(threads),
        ]
    for label, command in processes.items():
        processes[label] = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=forward.environment(),
        )
        if label.startswith("PyTorch"):
            processes[label].stdout.readline()
    seconds = {label: [] for label in processes}
    for i in range(args.rounds + 1):
        peaks.measure()
        for label, process in processes.items():
            time.sleep(forward.SETTLE)
            process.stdin.write(f"{args.epochs}\n")
            process.stdin.flush()
            took = float(process.stdout.readline())
            if i:  # the first warms up
                seconds[label].append(took)
    steps = args.epochs * CLASSES * SHOTS // BATCH
    gflop = 2e-9 * BATCH * (5 * D * HIDDEN + 2 * D * CLASSES)
    limit = gflop / (peaks.gops() / os.cpu_count()) * 1e3
    best = min(statistics.median(s) for label, s in seconds.items() if label.startswith("PyTorch"))
    print(
        f"{SHOTS} shots × {CLASSES} classes, D = {D}, hidden {HIDDEN}, batch {BATCH}; arithmetic "
        f"of a step at one processor's peak: {limit:.2f} ms"
    )
    for label, s in seconds.items():
        m = statistics.median(s)
        print(
            f"{label:26} {m / steps * 1e3:6.2f} ms a step   50 epochs {m / args.epochs * 50:5.2f} "
            f"s   best PyTorch ÷ it {best / m:.2f}"
        )
        if label.startswith("fewshot"):
            what = f"training step, {label.partition(', ')[2]}"
            record(what, "ms", m / steps * 1e3, {"PyTorch": best / steps * 1e3}, limit)


if __name__ == "__main__":
    main()
