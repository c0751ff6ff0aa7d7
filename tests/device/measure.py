# SPDX-License-Identifier: MIT
"""How fast the GPU backend is beside PyTorch on the same card: towers, training, folders, the first
result. Everybody is a process of its own, asked in turn, round after round; the median counts. What
the time does not reach is said."""

import itertools
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../bench"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import forward
from checks import embed
from drawn import striped_folder
from forward import Engine, Gone
from readings import Busy, kernels_of_pass
from steps import last_line

HERE = os.path.dirname(os.path.abspath(__file__))

WHOLE = {
    "towers": ["ViT-B-32", "ViT-L-14", "RN50"],  # what the time may not reach is last
    "batches": [1, 8, 64, 256],
    "precisions": ["f16", "f32", "tf32"],
    "compiled": ["f16"],
    "ours": {p: f"cuda:0:{p}" for p in ("f16", "bf16", "tf32", "f32")},
    # FEWSHOT_CUDA_WITHOUT: what graphs and each kernel that does several things bring, of one tower
    # alone, as each is a process more in every round
    "without": {"f16": ["graphs", "attention"]},
    "taken_apart": ["ViT-B-32"],
    "peer_device": "cuda",
    "rounds": 3,
    "seconds": 0.12,
    "classes": 100,
    "epochs": 5,
    "prompts": 50,
    "steps": 16,
    "pictures": 8192,
    "few": 512,  # for the processor
}
# A toy on the fake GPU, its peers on the processor: to see that everything is called rightly.
DRY = {
    **WHOLE,
    "towers": ["toy"],
    "batches": [1, 2],
    "precisions": ["f32"],
    "compiled": [],
    "ours": {"f32": "cuda:0:f32"},
    "without": {"f32": ["graphs", "epilogues"]},
    "taken_apart": ["toy"],
    "peer_device": "cpu",
    "rounds": 1,
    "seconds": 0.01,
    "classes": 2,
    "epochs": 1,
    "prompts": 2,
    "steps": 1,
    "pictures": 2,
    "few": 2,
}


def write_models(place, plan):
    """Starts writing models with random weights, which takes the processor half a minute; the
    processes by the model's name."""
    writers = {}
    for name in plan["towers"]:
        if name != "toy":
            writers[name] = subprocess.Popen(
                [sys.executable, f"{place.source}/tests/tools/clip_reference.py", name]
                + [f"{place.pack}/models/{name}", "--dtype", "f16"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
    return writers or {"toy": None}


class Bench:
    """What takes long to prepare, models and PyTorch's compilation, begins at once."""

    def __init__(self, place, report, plan, end):
        self.place, self.report, self.plan, self.end = place, report, plan, end
        self.engines, self.peaks = [], {}
        forward.SETTLE = 0.02
        self.watchdog = threading.Timer(max(end - time.monotonic(), 0), self.kill)
        self.watchdog.daemon = True
        self.watchdog.start()
        self.writers = write_models(place, plan)
        self.peers = {name: self.start_peers(name) for name in self.writers}

    def kill(self):
        """Who is still asked when the time is over answers no more."""
        for engine in self.engines:
            engine.process.kill()

    def stop(self):
        self.watchdog.cancel()
        self.kill()
        for writer in filter(None, self.writers.values()):
            writer.wait()

    def left(self):
        return self.end - time.monotonic()

    def folder(self, name):
        return self.place.tiny if name == "toy" else f"{self.place.pack}/models/{name}"

    def has_model(self, name):
        """Waits until its weights are written."""
        writer = self.writers.get(name)
        return name in self.writers and (not writer or writer.wait() == 0)

    def start(self, label, command, ours=False, **environment):
        env = self.place.environment(**environment) if ours else None
        engine = Engine(label, command, env)
        self.engines.append(engine)
        return engine

    def close(self, engines):
        for engine in engines:
            if engine.process.poll() is None:
                engine.process.kill()
            engine.process.wait()
            self.engines.remove(engine)

    def memory_held(self):
        """MB of the card by process; nothing where nobody says."""
        query = ["nvidia-smi", "--query-compute-apps=pid,used_memory"]
        try:
            told = subprocess.run(
                [*query, "--format=csv,noheader,nounits"], capture_output=True, text=True
            ).stdout
            return {int(pid): int(mb) for pid, mb in re.findall(r"(\d+), *(\d+)", told)}
        except OSError:
            return {}

    # ---- towers

    def ways(self, name):
        """Precision, device, and what is done without, of each of our processes."""
        for precision, device in self.plan["ours"].items():
            yield precision, device, ""
            for without in self.plan["without"].get(precision, []):
                if name in self.plan["taken_apart"]:
                    yield precision, device, without

    def start_ours(self, name):
        """All open their model at the same time."""
        engines, started = [], []
        for precision, device, without in self.ways(name):
            command = [self.place.program("bench-forward"), self.folder(name), device]
            label = f"fewshot {precision}" + (f" without {without}" if without else "")
            engine = self.start(label, command, ours=True, FEWSHOT_CUDA_WITHOUT=without)
            engine.precision, engine.origin = precision, "fewshot"
            engines.append(engine)
        for engine in engines:
            try:
                for batch in self.plan["batches"]:
                    engine.ask(batch, 0.001)
                started.append(engine)
            except Gone as error:
                self.report.note(f"{name}: {engine.label} is left out: {error}")
        held = self.memory_held()
        for engine in started:
            engine.held = held.get(engine.process.pid)
        return started

    def start_peers(self, name):
        batches = ",".join(map(str, self.plan["batches"]))
        peers = []
        for kind in ("compile", "eager"):
            for precision in self.plan["compiled" if kind == "compile" else "precisions"]:
                command = [sys.executable, f"{HERE}/peers.py", "tower", kind]
                command += [self.folder(name) if name == "toy" else name, precision]
                engine = self.start(
                    f"PyTorch {kind} {precision}", [*command, self.plan["peer_device"], batches]
                )
                engine.precision = precision
                peers.append(engine)
        return peers

    def ready(self, name, peers):
        """Those that have warmed up; compilation takes them long, all at once."""
        able = []
        for engine in peers:
            said = engine.process.stdout.readline().split()
            if said[:1] == ["ready"]:
                engine.origin = said[1]
                able.append(engine)
            else:
                self.report.note(f"{name}: {engine.label} is left out: {engine.last_words()}")
        return able

    def measure_tower(self, name, engines):
        for batch in self.plan["batches"]:
            if self.left() < 5:
                self.report.note(f"{name}, batch {batch} and larger: no time was left")
                return
            rates = {engine.label: [] for engine in engines}
            for _ in range(self.plan["rounds"]):
                for engine in list(engines):
                    try:
                        rates[engine.label].append(engine.ask(batch, self.plan["seconds"]))
                    except Gone as error:
                        engines.remove(engine)
                        self.report.note(f"{name}, batch {batch}: {engine.label}: {error}")
            self.write_rates(name, batch, engines, rates)

    def write_rates(self, name, batch, engines, rates):
        median = {e.label: statistics.median(rates[e.label]) for e in engines if rates[e.label]}
        for engine in engines:
            if engine.label not in median:
                continue
            rate, peak = median[engine.label], self.peaks.get(engine.precision)
            gflop = tower_gflop(self.place, name)
            ours = median.get(f"fewshot {engine.precision}")
            held = engine.held if engine.origin == "fewshot" else engine.memory
            share = rate * gflop / peak / 1e3 if gflop and peak else None
            self.report.add_row(
                "Towers, from pixels in the host's memory to features there",
                tower=name,
                batch=batch,
                engine=engine.label,
                source=engine.origin,
                **{
                    "pictures/s": round(rate, 1),
                    "fewshot ÷ it": ours / rate if ours else None,
                    "of the products' peak": share,
                    "MB of the card": held or None,
                },
            )

    def measure_products(self):
        precisions = ",".join(self.plan["precisions"])
        command = [sys.executable, f"{HERE}/peers.py", "products", precisions]
        told = self.place.run(
            [*command, self.plan["peer_device"]], min(60, self.left()), ours=False
        )
        for line in told.stdout.splitlines():
            answer = json.loads(line)
            self.peaks[answer["precision"]] = answer["tflops"]
            self.report.add_row("cuBLAS's largest product", **answer)

    def measure_towers(self):
        for name in self.writers:
            if self.left() < 10:
                self.report.note(f"{name}: no time was left")
            elif not self.has_model(name):
                self.report.note(f"{name}: its weights could not be written")
            else:
                ours = self.start_ours(name)
                self.measure_tower(name, ours + self.able[name])
                self.close(ours + self.peers[name])

    def measure_kernels(self):
        """Where the time of one pass goes, kernel by kernel, by NVIDIA's profiler."""
        profiler = shutil.which("ncu") or "/usr/local/cuda/bin/ncu"
        if "toy" in self.writers or not os.path.exists(profiler):
            return
        command = [profiler, "--clock-control", "none", "--cache-control", "none", "--csv"]
        command += ["--metrics", "gpu__time_duration.sum", self.place.program("bench-forward")]
        for name, batch in itertools.product(filter(self.has_model, self.writers), (64, 1)):
            told = self.place.run(
                [*command, self.folder(name), "cuda:0:f16"],
                min(60, self.left()),
                said=f"{batch} 0.0001\n" * 2,
                FEWSHOT_CUDA_WITHOUT="graphs",
            )
            for kernel, times in kernels_of_pass(told.stdout).items():
                self.report.add_row(
                    f"{name} in f16, batch {batch}: kernels of one pass",
                    kernel=kernel,
                    launches=len(times),
                    µs=sum(times),
                )

    # ---- training

    def ask_seconds(self, engine, line):
        try:
            engine.process.stdin.write(f"{line}\n")
            engine.process.stdin.flush()
            return float(engine.process.stdout.readline())
        except (BrokenPipeError, ValueError):
            raise Gone(engine.last_words()) from None

    def compare_training(self, table, ours, peer, steps, cost):
        """cost (engine): seconds of so many steps. Interleaved; the first round warms up."""
        engines = [
            self.start("fewshot", ours, ours=True),
            self.start("fewshot without graphs", ours, ours=True, FEWSHOT_CUDA_WITHOUT="graphs"),
            self.start("PyTorch eager", [sys.executable, *peer]),
        ]
        try:
            if engines[2].process.stdout.readline().strip() != "ready":
                raise Gone(engines[2].last_words())
            took = {engine.label: [] for engine in engines}
            for turn in range(self.plan["rounds"] + 1):
                for engine in engines:
                    seconds = cost(engine)
                    if turn:
                        took[engine.label].append(seconds / steps)
            median = {label: statistics.median(values) for label, values in took.items()}
            for label, seconds in median.items():
                self.report.add_row(
                    table,
                    engine=label,
                    **{
                        "ms a step": seconds * 1e3,
                        "fewshot ÷ it": seconds / median["fewshot"] if median["fewshot"] else None,
                    },
                )
        except Gone as error:
            self.report.note(f"{table}: {error}")
        self.close(engines)

    def measure_adapter(self):
        name = "toy" if "toy" in self.writers else "RN50"
        if not self.has_model(name):
            return
        classes, epochs = self.plan["classes"], self.plan["epochs"]
        bench = [self.place.program("bench-train"), self.folder(name), str(classes), "cuda:0"]
        peer = [f"{HERE}/../bench/train.py", "--serve", "1", self.plan["peer_device"]]
        steps = epochs * max(classes * 16 // 32, 1)
        self.compare_training(
            "The adapter's step",
            bench,
            [*peer, str(classes)],
            steps,
            lambda engine: self.ask_seconds(engine, epochs),
        )

    def measure_coop(self):
        name = "toy" if "toy" in self.writers else "ViT-B-32"
        if not self.has_model(name):
            return
        steps, prompts = self.plan["steps"], str(self.plan["prompts"])
        bench = [self.place.program("bench-coop"), self.folder(name), prompts, "csc=0", "cuda:0"]
        peer = [f"{HERE}/../bench/coop.py", "--serve", prompts, "22", self.plan["peer_device"]]

        def cost(engine):
            if engine.label == "PyTorch eager":
                return self.ask_seconds(engine, steps)
            # what a run costs once is no step's
            once = self.ask_seconds(engine, 1)
            return max(self.ask_seconds(engine, 1 + steps) - once, 0)

        self.compare_training("CoOp's step", bench, peer, steps, cost)

    # ---- files

    def measure_folder(self):
        """From files to features; what decoding alone takes on these cores is the limit."""
        name = next(iter(self.writers))
        few, many = f"{self.place.pack}/few-pictures", f"{self.place.pack}/pictures"
        make_pictures(few, self.plan["few"])
        repeat_pictures(few, many, self.plan["pictures"])
        output = f"{self.place.pack}/folder.safetensors"
        rounds = [(tower, many, self.plan["pictures"], "cuda:0") for tower in self.writers]
        for tower, folder, n, device in [*rounds, (name, few, self.plan["few"], "cpu")]:
            if not self.has_model(tower):
                continue
            command = embed(self.place, folder, output, "--device", device, "--json")
            command[2] = self.folder(tower)
            if os.path.exists(output):
                os.remove(output)
            with Busy() as busy:
                told = json.loads(self.place.run(command, max(self.left(), 1)).stdout)
            self.report.add_row(
                "A folder of JPEGs, 500 × 375, to features",
                engine=f"fewshot {device}, {tower}",
                **{
                    "pictures/s": n / max(told["seconds"], 1e-3),
                    "GPU busy, %": busy.most() if device != "cpu" else None,
                },
            )
        files = [f"{few}/{i}.jpg" for i in range(self.plan["few"])]
        command = [self.place.program("bench-folder"), self.folder(name), *files]
        parts = self.place.run(command, max(self.left(), 1)).stdout.split()
        decoding = sum(map(float, parts[:3])) / os.cpu_count() / 1e3
        self.report.add_row(
            "A folder of JPEGs, 500 × 375, to features",
            engine="reading, decoding and resizing alone, on all cores",
            **{"pictures/s": 1 / decoding},
        )
        if self.plan["peer_device"] != "cpu":
            command = [sys.executable, f"{HERE}/peers.py", "nvjpeg", few]
            told = self.place.run(command, min(60, max(self.left(), 1)), ours=False)
            self.report.add_row(
                "A folder of JPEGs, 500 × 375, to features",
                engine="nvJPEG's decoding alone, by torchvision",
                **{"pictures/s": float(told.stdout.split()[-1])},
            )

    def measure_first_result(self):
        """From the start of the program to the features of one picture, the second time: the first
        compares every op."""
        name = next(iter(self.writers))
        picture = f"{striped_folder(f'{self.place.pack}/one', 1, 1)}/kind 0/000.png"
        for device in ("cuda:0", "cpu"):
            command = [self.place.program("fewshot-cli"), "embed", self.folder(name), "--no-cache"]
            command += ["--image", picture, "--device", device]
            took = []
            for i in range(3):
                output = f"{self.place.pack}/first-{device[:3]}-{i}.safetensors"
                start = time.monotonic()
                self.place.run([*command, "--output", output], max(self.left(), 1))
                took.append(time.monotonic() - start)
            self.report.add_row(
                "The first result, from the program's start",
                engine=f"fewshot {device}",
                **{"first s": took[0], "then s": min(took[1:])},
            )


def make_pictures(folder, n):
    """JPEGs of the size of ImageNet's photographs, none like another."""
    import numpy as np
    from PIL import Image

    os.makedirs(folder, exist_ok=True)
    for i in range(n):
        rng = np.random.RandomState(i)
        small = Image.fromarray(rng.randint(0, 256, (24, 32, 3)).astype(np.uint8))
        small.resize((500, 375), Image.BICUBIC).save(f"{folder}/{i}.jpg", quality=90)


def repeat_pictures(folder, into, n):
    """So many files of those, each with an end of its own."""
    os.makedirs(into, exist_ok=True)
    files = sorted(os.listdir(folder))
    contents = [open(os.path.join(folder, file), "rb").read() for file in files]
    for i in range(n):
        with open(f"{into}/{i}.jpg", "wb") as f:
            f.write(contents[i % len(contents)] + i.to_bytes(8, "little"))


def tower_gflop(place, name):
    return None if name == "toy" else forward.gflop(f"{place.pack}/models", name)


def run(bench):
    report = bench.report
    bench.able = {name: bench.ready(name, peers) for name, peers in bench.peers.items()}
    for part in (
        bench.measure_products,
        bench.measure_towers,
        bench.measure_folder,
        bench.measure_first_result,
        bench.measure_adapter,
        bench.measure_coop,
        bench.measure_kernels,
    ):
        if bench.left() < 10:
            report.note(f"{part.__name__}: no time was left")
            continue
        try:
            part()
        except Exception as error:  # one part's failure is no other's
            report.note(f"{part.__name__} ended: {last_line(str(error)) or type(error).__name__}")
    bench.stop()
