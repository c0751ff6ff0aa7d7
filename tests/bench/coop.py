#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A step of CoOp (16 context vectors, ViT-B/32's text tower, random weights): the engine, and
PyTorch's autograd on whole sequences of 77 tokens as the published code runs, and on sequences cut
at the end token. Interleaved.

    tests/bench/coop.py BUILD_FOLDER [--classes 50] [--rounds 3] [--work FOLDER]

The limit is the arithmetic of the frozen products, there and back, on the tokens that differ, at
the measured peak."""

import argparse
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../tools"))
CONTEXT, NAME, STEPS = 16, 4, 4  # NAME: tokens of a class name and its full stop


def serve(classes, tokens, device="cpu"):
    import clip_reference as clip
    import clip_weights
    import torch
    import torch.nn.functional as F

    cfg = clip_weights.ARCHITECTURES["ViT-B-32"]
    weights = clip_weights.text_weights(clip_weights.Random(7), cfg)
    w = {name: value.to(device) for name, value in weights.items()}
    text, length = cfg["text_cfg"], 2 + CONTEXT + NAME
    ctx = torch.nn.Parameter((torch.randn(CONTEXT, text["width"]) * 0.02).to(device))
    prefix, suffix = (
        torch.randn(classes, t, text["width"]).to(device) * 0.02 for t in (1, tokens - 1 - CONTEXT)
    )
    optimizer = torch.optim.SGD([ctx], 0.002, momentum=0.9, weight_decay=5e-4)
    n = max(32, classes)
    images = F.normalize(torch.randn(n, cfg["embed_dim"])).to(device)
    labels = (torch.arange(n) % classes).to(device)
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        for _ in range(int(line)):
            x = (
                torch.cat([prefix, ctx.expand(classes, -1, -1), suffix], 1)
                + w["positional_embedding"][:tokens]
            )
            x = clip.transformer(
                w, "", text["layers"], text["heads"], x, clip.activation(cfg), True
            )
            t = F.normalize(clip.layer_norm(w, "ln_final", x)[:, length - 1] @ w["text_projection"])
            loss = F.cross_entropy(100 * images @ t.t(), labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        if device != "cpu":
            torch.cuda.synchronize()
        print(time.perf_counter() - start, flush=True)


def main():
    if sys.argv[1] == "--serve":
        return serve(int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
    import forward
    from record import record

    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--classes", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", default="/tmp/fewshot-bench")
    args = parser.parse_args()
    os.environ["LD_LIBRARY_PATH"] = os.path.join(args.build, "engine")
    model = f"{args.work}/ViT-B-32"
    if not os.path.exists(model):
        subprocess.check_call(
            [sys.executable, os.path.join(HERE, "../tools/clip_reference.py"), "ViT-B-32", model]
        )
    bench, k = os.path.join(args.build, "tests/bench"), str(args.classes)
    peaks = forward.Peaks(args.build)
    length = 2 + CONTEXT + NAME
    processes = {
        "fewshot": [f"{bench}/bench-coop", model, k],
        "fewshot, a context a class": [f"{bench}/bench-coop", model, k, "csc=1"],
        f"PyTorch, {length} tokens": [
            sys.executable,
            os.path.abspath(__file__),
            "--serve",
            k,
            str(length),
        ],
        "PyTorch, 77 tokens": [sys.executable, os.path.abspath(__file__), "--serve", k, "77"],
    }
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
            took = []
            # the difference of two runs: what a run costs once (transposing the weights, scoring)
            # is no step's
            for steps in (1, 1 + STEPS) if label.startswith("fewshot") else (STEPS,):
                process.stdin.write(f"{steps}\n")
                process.stdin.flush()
                took.append(float(process.stdout.readline()))
            if i:  # the first warms up
                seconds[label].append((took[-1] - took[0] if len(took) > 1 else took[0]) / STEPS)
    rows = 1 + CONTEXT + args.classes * (NAME + 1)
    gflop = 2e-9 * rows * 12 * 12 * 512 * 512 * 2
    limit = gflop / peaks.gops()
    best = min(statistics.median(s) for label, s in seconds.items() if label.startswith("PyTorch"))
    print(
        f"{args.classes} classes, {rows} rows instead of {args.classes * 77}; their arithmetic at "
        f"the peak: {limit * 1e3:.0f} ms"
    )
    for label, s in seconds.items():
        m = statistics.median(s)
        print(
            f"{label:28} {m * 1e3:8.0f} ms a step   limit ÷ it {limit / m:.2f}   best PyTorch ÷ it "
            f"{best / m:.2f}"
        )
        if label.startswith("fewshot"):
            what = f"step of CoOp, {args.classes} classes{label.removeprefix('fewshot')}"
            record(what, "ms", m * 1e3, {"PyTorch": best * 1e3}, limit * 1e3)


if __name__ == "__main__":
    main()
