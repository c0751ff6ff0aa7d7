# SPDX-License-Identifier: MIT
"""How fast the GPU backend is beside PyTorch on the same card: towers, training, folders, the first
result. Everybody is a process of its own, asked in turn, round after round; the median counts. What
the time does not reach is said."""

import json
import os
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../bench"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import forward
from checks import embed
from forward import Engine, Gone
from steps import last_line

HERE = os.path.dirname(os.path.abspath(__file__))

WHOLE = {
    "towers": ["ViT-B-32", "ViT-L-14", "ViT-B-16", "RN50"],  # what the time may not reach is last
    "batches": [1, 8, 64, 256],
    "precisions": ["f16", "f32", "tf32", "bf16"],
    "compiled": ["f16", "bf16"],
    "ours": {p: f"cuda:0:{p}" for p in ("f16", "f32", "tf32", "bf16")},
    # FEWSHOT_CUDA_WITHOUT: what graphs and each kernel that does several things bring; the others
    # than graphs of one tower alone, as each is a process more in every round
    "without": {
        "f16": ["graphs", "hidden", "attention", "epilogues,attention,hidden"],
        "f32": ["graphs", "epilogues"],
    },
    "taken_apart": ["ViT-B-32"],
    "peer_device": "cuda",
    "rounds": 3,
    "seconds": 0.2,
    "classes": 100,
    "epochs": 5,
    "prompts": 50,
    "steps": 16,
    "pictures": 1024,
}
# A toy on the fake GPU, its peers on the processor: to see that everything is called rightly.
DRY = {
    **WHOLE,
    "towers": ["toy"],
    "batches": [1, 2],
    "precisions": ["f32"],
    "compiled": [],
    "ours": {"f32": "cuda:0:f32"},
    "taken_apart": ["toy"],
    "peer_device": "cpu",
    "rounds": 1,
    "seconds": 0.01,
    "classes": 2,
    "epochs": 1,
    "prompts": 2,
    "steps": 1,
    "pictures": 2,
}


def prepare(place, plan):
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
    def __init__(self, place, report, plan, end):
        self.place, self.report, self.plan, self.end = place, report, plan, end
        self.engines, self.peaks = [], {}
        forward.SETTLE = 0.02
        self.watchdog = threading.Timer(max(end - time.monotonic(), 0), self.kill)
        self.watchdog.daemon = True
        self.watchdog.start()

    def kill(self):
        """Who is still asked when the time is over answers no more."""
        for engine in self.engines:
            engine.process.kill()

    def left(self):
        return self.end - time.monotonic()

    def folder(self, name):
        return self.place.tiny if name == "toy" else f"{self.place.pack}/models/{name}"

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

    def memory_used(self):
        """MB of the whole card; None where nobody says."""
        try:
            told = subprocess.run(
                ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"],
                capture_output=True,
                text=True,
            ).stdout
            return int(told.split()[0])
        except (OSError, ValueError, IndexError):
            return None

    # ---- towers

    def ways(self, name):
        """Precision, device, and what is done without, of each of our processes."""
        for precision, device in self.plan["ours"].items():
            yield precision, device, ""
            for without in self.plan["without"].get(precision, []):
                if without == "graphs" or name in self.plan["taken_apart"]:
                    yield precision, device, without

    def start_ours(self, name):
        """Each alone first, so that what it holds on the card can be told."""
        started = []
        for precision, device, without in self.ways(name):
            before = self.memory_used()
            command = [self.place.program("bench-forward"), self.folder(name), device]
            label = f"fewshot {precision}" + (f" without {without}" if without else "")
            engine = self.start(label, command, ours=True, FEWSHOT_CUDA_WITHOUT=without)
            engine.precision, engine.origin = precision, "fewshot"
            try:
                for batch in self.plan["batches"]:
                    engine.ask(batch, 0)
                after = self.memory_used()
                engine.held = after - before if before is not None and after else None
                started.append(engine)
            except Gone as error:
                self.report.note(f"{name}: {label} is left out: {error}")
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
            gflop = forward.gflop(name) if name != "toy" else None
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
        for precision in self.plan["precisions"]:
            command = [sys.executable, f"{HERE}/peers.py", "products", precision]
            try:
                command.append(self.plan["peer_device"])
                told = self.place.run(command, min(60, self.left()), ours=False)
                answer = json.loads(told.stdout)
            except Exception as error:  # the shares are left out, not the rates
                self.report.note(f"products in {precision} could not be measured: {error}")
                continue
            self.peaks[precision] = answer["tflops"]
            self.report.add_row("cuBLAS's largest product", **answer)

    def measure_towers(self):
        waiting = {}
        for name, writer in self.writers.items():
            if writer and writer.wait() != 0:
                self.report.note(f"{name}: its weights could not be written")
                continue
            waiting[name] = None
        ours = {name: self.start_ours(name) for name in waiting}
        waiting = {name: self.start_peers(name) for name in waiting}
        for name, peers in waiting.items():
            engines = ours[name] + self.ready(name, peers)
            self.measure_tower(name, engines)
            self.close(ours[name] + peers)

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
        if self.writers.get(name) and self.writers[name].wait() != 0:
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
        if self.writers.get(name) and self.writers[name].wait() != 0:
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
        name = "toy" if "toy" in self.writers else "ViT-B-32"
        n, folder = self.plan["pictures"], f"{self.place.pack}/pictures"
        make_pictures(folder, n)
        output = f"{self.place.pack}/folder.safetensors"
        for device in ("cuda:0", "cpu"):
            command = embed(self.place, folder, output, "--device", device, "--json")
            command[2] = self.folder(name)
            if os.path.exists(output):
                os.remove(output)
            told = json.loads(self.place.run(command, max(self.left(), 1)).stdout)
            self.report.add_row(
                "A folder of JPEGs, 500 × 375, to features",
                engine=f"fewshot {device}",
                **{"pictures/s": n / max(told["seconds"], 1e-3)},
            )
        files = [f"{folder}/{i}.jpg" for i in range(n)]
        command = [self.place.program("bench-folder"), self.folder(name), *files]
        parts = self.place.run(command, max(self.left(), 1)).stdout.split()
        decoding = sum(map(float, parts[:3])) / os.cpu_count() / 1e3
        self.report.add_row(
            "A folder of JPEGs, 500 × 375, to features",
            engine="reading, decoding and resizing alone, on all cores",
            **{"pictures/s": 1 / decoding},
        )

    def measure_first_result(self):
        """From the start of the program to the features of one picture, the second time: the first
        compares every op."""
        name = "toy" if "toy" in self.writers else "ViT-B-32"
        picture = f"{self.place.pack}/striped/kind 0/000.png"
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


def run(place, report, plan, writers, end):
    bench = Bench(place, report, plan, end)
    bench.writers = writers
    for part in (
        bench.measure_products,
        bench.measure_adapter,
        bench.measure_coop,
        bench.measure_first_result,
        bench.measure_folder,
        bench.measure_towers,
    ):
        if bench.left() < 10:
            report.note(f"{part.__name__}: no time was left")
            continue
        try:
            part()
        except Exception as error:  # one part's failure is no other's
            report.note(f"{part.__name__} ended: {last_line(str(error)) or type(error).__name__}")
    bench.watchdog.cancel()
    bench.kill()
    for writer in filter(None, writers.values()):
        writer.wait()
