#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Pictures a second of the image towers: the engine, its peers and the machine's limit in one
interleaved run.

    tests/bench/forward.py BUILD_FOLDER [--models ViT-B-32,RN50] [--batches 1,8] [--rounds 5]
    [--seconds 2] [--work FOLDER]

A model is one of tests/tools/clip_weights.py or a config of open_clip's, such as MobileCLIP2-S2,
whose tower open_clip and timm make and export (tests/tools/whole_family.py); its only peers are
ONNX Runtime and OpenVINO, and its text tower, which the engine holds in memory too, is one block.

Every engine is a process of its own, asked in turn, round after round; the median counts, and the
limit is what the processors multiply and add at most in the precision that an engine computes in
(bench-peak). A precision that the processor does not have and a peer that this Python cannot import
are left out by name; PyTorch runs at its best number of threads. Run it with the Python that has
onnxruntime, openvino and torch:  pip install onnxruntime openvino onnx torch"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../tools"))
from record import record  # noqa: E402

# ---- a peer's process: prints "ready", then answers as bench-forward does


def onnx_path(work, name, precision=""):
    return f"{work}/{name}/visual{precision and '-'}{precision}.onnx"


def about_family(work, name):
    """Of a model that open_clip made: its size and its GFLOP; None of the others."""
    path = f"{work}/{name}/about.json"
    return json.load(open(path)) if os.path.exists(path) else None


def image_size(work, name):
    family = about_family(work, name)
    if family:
        return family["image_size"]
    return __import__("clip_weights").ARCHITECTURES[name]["vision_cfg"]["image_size"]


def make_model(work, name):
    import clip_reference as clip
    import clip_weights

    tools = os.path.join(HERE, "../tools")
    if name in clip_weights.ARCHITECTURES:
        subprocess.check_call(
            [sys.executable, f"{tools}/clip_reference.py", name, f"{work}/{name}"]
        )
        return
    maker = [sys.executable, f"{tools}/whole_family.py", name, work, "--short-text"]
    subprocess.check_call(maker)
    clip.bpe.write(f"{work}/{name}", clip.toy_vocabulary(49408), [])


def load_tower(work, name):
    import clip_reference as clip
    import clip_weights
    from safetensors.torch import load_file

    cfg = clip_weights.ARCHITECTURES[name]
    weights = {
        k: v.float()
        for k, v in load_file(f"{work}/{name}/open_clip_model.safetensors").items()
        if k.startswith("visual.")
    }
    return clip.ImageTower(weights, cfg).eval(), cfg["vision_cfg"]["image_size"]


def peer_runner(kind, work, name, threads):
    engine, _, precision = kind.partition(":")
    if engine in ("onnxruntime", "openvino"):
        import numpy as np

        size = image_size(work, name)
        if engine == "onnxruntime":
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            session = onnxruntime.InferenceSession(
                onnx_path(work, name, precision), options, providers=["CPUExecutionProvider"]
            )
            return lambda b: (lambda x: lambda: session.run(None, {"pixels": x}))(
                np.random.randn(b, 3, size, size).astype(np.float32)
            )
        import openvino

        core, compiled = openvino.Core(), {}
        model = core.read_model(onnx_path(work, name))

        def prepare(b):
            if b not in compiled:
                model.reshape([b, 3, size, size])
                compiled[b] = core.compile_model(
                    model,
                    "CPU",
                    {
                        "PERFORMANCE_HINT": "LATENCY",
                        "INFERENCE_NUM_THREADS": threads,
                        "INFERENCE_PRECISION_HINT": precision or "f32",
                    },
                )
            x = np.random.randn(b, 3, size, size).astype(np.float32)
            return lambda: compiled[b](x)

        return prepare
    import torch

    tower, size = load_tower(work, name)
    if kind == "torch-jit":
        with torch.inference_mode():
            tower = torch.jit.freeze(
                torch.jit.trace(tower, torch.randn(1, 3, size, size), check_trace=False)
            )

    def prepare(b):
        x = torch.randn(b, 3, size, size)

        def run():
            with torch.inference_mode():
                tower(x)

        def seconds(n):
            torch.set_num_threads(n)
            run()
            start = time.perf_counter()
            run()
            return time.perf_counter() - start

        torch.set_num_threads(min(range(1, threads + 1), key=seconds))
        return run

    return prepare


def peak_memory():
    """MB of this process alone: ru_maxrss would count the conductor that it was forked from."""
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) // 1024 for line in f if line.startswith("VmHWM"))


def serve(kind, work, name):
    prepare = peer_runner(kind, work, name, os.cpu_count())
    print("ready", flush=True)
    for line in sys.stdin:
        batch, seconds = line.split()
        run = prepare(int(batch))
        run()
        done, start = 0, time.perf_counter()
        while time.perf_counter() - start < float(seconds):
            run()
            done += int(batch)
        print(done / (time.perf_counter() - start), peak_memory(), flush=True)


# ---- the conductor

# Seconds: OpenMP's threads spin for 0.2 s after their last work and would take a processor from
# whoever comes next
SETTLE = 0.3


def environment():
    # These two halve OpenBLAS and PyTorch here: the peers run without them.
    return {
        k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
    }


def export(work, name):
    import torch

    if not os.path.exists(onnx_path(work, name)):
        tower, size = load_tower(work, name)
        how = {"dynamo": False} if "dynamo" in torch.onnx.export.__code__.co_varnames else {}
        torch.onnx.export(
            tower,
            torch.randn(2, 3, size, size),
            onnx_path(work, name),
            input_names=["pixels"],
            output_names=["features"],
            dynamic_axes={"pixels": {0: "n"}},
            opset_version=17,
            **how,
        )


def quantise(work, name):
    """ONNX Runtime's own way to 8 bits: weights once, activations as they come. Convolutions stay
    f32, as its 8 bits are slower there."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    if not os.path.exists(onnx_path(work, name, "int8")):
        quantize_dynamic(
            onnx_path(work, name),
            onnx_path(work, name, "int8"),
            op_types_to_quantize=["MatMul", "Gemm"],
            weight_type=QuantType.QInt8,
        )


def gflop(work, name):
    """Multiply-adds × 2 of one picture's matrix products and convolutions."""
    import clip_weights

    family = about_family(work, name)
    if family:
        return family["gflop"]
    cfg = clip_weights.ARCHITECTURES[name]
    v = cfg["vision_cfg"]
    if not clip_weights.is_resnet(cfg):
        n, w = (v["image_size"] // v["patch_size"]) ** 2, v["width"]
        t = n + 1
        return 2e-9 * (
            n * 3 * v["patch_size"] ** 2 * w
            + v["layers"] * (12 * t * w * w + 2 * t * t * w)
            + w * cfg["embed_dim"]
        )
    w, side, total, inplanes = v["width"], v["image_size"] // 2, 0, v["width"]
    total += side * side * 9 * (3 * w / 2 + w * w / 4 + w * w / 2)
    side //= 2
    for stage, count in enumerate(v["layers"]):
        p = w << stage
        for j in range(count):
            out = side // 2 if stage and j == 0 else side
            total += side * side * (inplanes * p + 9 * p * p) + out * out * (
                4 * p * p + (4 * p * inplanes if j == 0 else 0)
            )
            side, inplanes = out, 4 * p
    t = side * side + 1
    return 2e-9 * (
        total + 2 * t * inplanes * inplanes + inplanes * inplanes + inplanes * cfg["embed_dim"]
    )


class Gone(Exception):
    """An engine's process has ended; the message is the last that it said."""


class Engine:
    def __init__(self, label, command, variables=None, precision="f32"):
        self.label, self.memory, self.precision = label, 0, precision
        self.complaints = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
            text=True,
            env=variables or environment(),
        )

    def ask(self, batch, seconds):
        time.sleep(SETTLE)
        try:
            self.process.stdin.write(f"{batch} {seconds}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Gone(self.last_words()) from None
        answer = self.process.stdout.readline().split()
        if len(answer) != 2:
            raise Gone(self.last_words())
        self.memory = max(self.memory, int(float(answer[1])))
        return float(answer[0])

    def last_words(self):
        self.process.wait()
        self.complaints.seek(0)
        return (self.complaints.read().strip().splitlines() or ["it ended without a word"])[-1]

    def end(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait()


def start_peer(peer, work, name):
    export(work, name)
    precision = peer.partition(":")[2] or "f32"
    if peer == "onnxruntime:int8":
        quantise(work, name)
    command = [sys.executable, os.path.abspath(__file__), "--serve", peer, work, name]
    engine = Engine(peer, command, precision=precision)
    if engine.process.stdout.readline().strip() != "ready":
        raise Gone(engine.last_words())
    return engine


def warm_up(engines, batch, name):
    """Packing, compilation, page faults; who cannot is left out by name. Those who can."""
    able = []
    for engine in engines:
        try:
            engine.ask(batch, 0.3)
            able.append(engine)
        except Gone as error:
            print(f"# {name}: {engine.label} is left out: {error}", flush=True)
    return able


class Peaks:
    """The processors' limit in each precision, measured among the engines."""

    def __init__(self, build):
        program = os.path.join(build, "tests/bench/bench-peak")
        kinds = subprocess.check_output([program], text=True).split("\n")
        kinds = dict(kind.split(" ", 1) for kind in kinds if kind)
        self.engines = {p: Engine(f"{p}, {how}", [program, p]) for p, how in kinds.items()}
        self.forget()

    def forget(self):
        self.rates = {p: [] for p in self.engines}

    def measure(self, seconds=0.2):
        for precision, engine in self.engines.items():
            self.rates[precision].append(engine.ask(1, seconds))

    def gops(self, precision="f32"):
        """Where there are no instructions for it, an engine can but compute in f32."""
        return statistics.median(self.rates.get(precision) or self.rates["f32"])

    def describe(self):
        return "; ".join(f"{e.label}: {self.gops(p):.0f} GOP/s" for p, e in self.engines.items())


def start_engines(args, name):
    folder = f"{args.work}/{name}"
    if not os.path.exists(folder):
        make_model(args.work, name)
    bench = os.path.join(args.build, "tests/bench/bench-forward")
    engines = [
        Engine(f"fewshot {d}", [bench, folder, d], precision=d.partition(":")[2] or "f32")
        for d in filter(None, args.devices.split(","))
    ]
    for peer in filter(None, args.peers.split(",")):
        try:
            engines.append(start_peer(peer, args.work, name))
        except Exception as error:  # a missing peer is named, and the others still run
            print(f"# {name}: {peer} is left out: {error}", flush=True)
    return engines


def report(work, name, batch, engines, rates, peaks):
    medians = {e.label: statistics.median(rates[e.label]) for e in engines}
    ours = medians.get("fewshot cpu", float("nan"))
    print(f"\n{name}, batch {batch}: {gflop(work, name):.2f} GFLOP a picture; {peaks.describe()}")
    print(
        f"{'engine':22}{'pictures/s':>12}{'limit':>9}{'of it':>8}{'fewshot f32 ÷ it':>18}"
        f"{'peak MB':>10}"
    )
    for e in engines:
        limit = peaks.gops(e.precision) / gflop(work, name)
        print(
            f"{e.label:22}{medians[e.label]:12.1f}{limit:9.1f}{medians[e.label] / limit:8.0%}"
            f"{ours / medians[e.label]:18.2f}{e.memory:10}",
            flush=True,
        )
    peers = {e.label: medians[e.label] for e in engines if not e.label.startswith("fewshot")}
    for e in engines:
        if e.label.startswith("fewshot"):
            record(
                f"{name}, {e.precision}, batch {batch}",
                "pictures/s",
                medians[e.label],
                {
                    p: rate
                    for p, rate in peers.items()
                    if p.endswith(":int8") == (e.precision == "int8")
                },
                peaks.gops(e.precision) / gflop(work, name),
            )


def main():
    if sys.argv[1] == "--serve":
        return serve(*sys.argv[2:5])
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--models", default="ViT-B-32,RN50")
    parser.add_argument("--batches", default="1,8")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--devices", default="cpu,cpu:bf16,cpu:int8")
    parser.add_argument(
        "--peers",
        default="onnxruntime,onnxruntime:int8,openvino,openvino:bf16,torch,torch-jit",
    )
    parser.add_argument("--work", default="/tmp/fewshot-bench")
    args = parser.parse_args()
    os.environ["LD_LIBRARY_PATH"] = os.path.join(args.build, "engine")
    peaks = Peaks(args.build)
    for name in args.models.split(","):
        engines = start_engines(args, name)
        for batch in map(int, args.batches.split(",")):
            engines = warm_up(engines, batch, name)
            rates = {e.label: [] for e in engines}
            peaks.forget()
            for _ in range(args.rounds):
                peaks.measure()
                for e in engines:
                    rates[e.label].append(e.ask(batch, args.seconds))
            report(args.work, name, batch, engines, rates, peaks)
        for e in engines:
            e.end()


if __name__ == "__main__":
    main()
