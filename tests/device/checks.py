# SPDX-License-Identifier: MIT
"""Whether the GPU backend is right on this card: the engine's own tests, every method beside the
processor, NVIDIA's checkers on a short job, little memory, two programs at once."""

import concurrent.futures
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import time

from steps import NotHere, attempt, last_line

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from drawn import striped_folder
from every_method import METHODS


def build_module(place):
    output = f"{place.pack}/module/built.so"
    try:
        command = ["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader"]
        generation = place.run(command, 20, ours=False).stdout.split()[0].replace(".", "")
    except (AssertionError, OSError, IndexError):
        generation = "90"
    build = ["bash", f"{place.source}/tests/device/build.sh", place.pack, output, generation]
    place.run(build, 150, ours=False)
    place.module = output
    shutil.copy(output, f"{place.out}/libfewshot-cuda.so")
    return f"for compute capability {generation}"


def built_elsewhere(place):
    """The module that was carried, which finds cuBLAS where PyTorch has it."""
    folders = {f"{place.pack}/module", "/usr/local/cuda/lib64"}
    for site in sys.path:
        folders |= {f"{site}/nvidia/{part}/lib" for part in ("cu13", "cublas")}
    place.library_path += ":" + ":".join(sorted(filter(os.path.isdir, folders)))
    return place.module


def see_device(place):
    found = json.loads(place.run([place.program("fewshot-cli"), "devices", "--json"], 60).stdout)
    assert any(d["id"] == "cuda:0" for d in found["devices"]), found["no_gpu_because"]
    gpu = next(d for d in found["devices"] if d["id"] == "cuda:0")
    return f"{gpu['name']}, {gpu['compute_capability']}"


def selftest(place, precision):
    arguments = ["--precision", precision]
    command = [place.program("fewshot-cli"), "selftest", place.tiny, "--device", "cuda:0"]
    return last_line(place.run(command + arguments, 60).stdout)


def engine_test(place, name, devices, *arguments):
    """Sums in double precision, PyTorch's autograd and features, torch.optim."""
    command = [place.program(f"test-{name}"), *arguments]
    real = {} if place.fake else {"TEST_REAL_GPU": "1"}
    told = place.run(command, 120, TEST_DEVICES=devices, **real).stdout
    assert "\nnot ok" not in told, last_line("\n".join(re.findall(r"^not ok.*", told, re.M)))
    return f"{len(re.findall(r'^ok ', told, re.M))} tests"


def every_method(place, methods):
    runs = {}
    data = striped_folder(f"{place.pack}/striped", pictures=8)
    for device in ("cpu", "cuda:0"):
        table = f"{place.pack}/{device[:3]}.json"
        place.run(
            [place.program("fewshot-cli"), "bench", place.tiny, data, "--device", device]
            + ["--precision", "f32", "--methods", " ".join(methods), "--shots", "1,2"]
            + ["--seeds", "1", "-o", table],
            120,
        )
        runs[device] = {
            (r["method"], r["shots"]): (r["test"], r["validation"])
            for r in json.load(open(table, encoding="utf-8"))["runs"]
        }
    differing = [run for run in runs["cpu"] if runs["cpu"][run] != runs["cuda:0"].get(run)]
    assert len(runs["cpu"]) == 2 * len(methods), sorted(runs["cpu"])
    assert not differing, f"accuracies differ: {differing}"
    return f"{len(methods)} methods"


def embed(place, data, output, *arguments):
    return [place.program("fewshot-cli"), "embed", place.tiny, "--image-dir", data] + [
        "--no-cache",
        "--output",
        output,
        *arguments,
    ]


def floats(path):
    """Of the features in a safetensors file: eight bytes of length, JSON, and numbers."""
    content = open(path, "rb").read()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    start, end = next(t["data_offsets"] for t in header.values() if t.get("dtype") == "F32")
    at = 8 + length
    return struct.unpack(f"<{(end - start) // 4}f", content[at + start : at + end])


def difference(path, other):
    """The largest between the features of two files."""
    return max(abs(a - b) for a, b in zip(floats(path), floats(other)))


def sanitized(place, tool):
    """compute-sanitizer of a short main job: encode, train, write."""
    checker = shutil.which("compute-sanitizer") or "/usr/local/cuda/bin/compute-sanitizer"
    if not os.path.exists(checker):
        raise NotHere("compute-sanitizer")
    data = striped_folder(f"{place.pack}/few-{tool}", classes=2, pictures=3)
    # initcheck does not see what cuBLAS's f16 products write by the copy engine
    precision = "f32" if tool == "initcheck" else "f16"
    job = [place.program("fewshot-cli"), "train", place.tiny, data, "--device", "cuda:0"]
    job += ["--method", "clip-adapter", "--steps", "3", "--shots", "1", "--no-cache"]
    job += [
        "--precision",
        precision,
        "--threads",
        "2",
        "--output",
        f"{place.pack}/{tool}.safetensors",
    ]
    told = place.run(
        [checker, "--tool", tool, "--error-exitcode", "9", *job],
        90,
        check=False,
        XDG_CACHE_HOME=f"{place.pack}/cache-{tool}",
    )
    text = told.stdout + told.stderr
    summary = re.findall(r"=+ ((?:ERROR|RACECHECK) SUMMARY:.*)", text)
    kernels = sorted(set(re.findall(r"(?:in|at) (\w+)\(", text)))[:5]
    assert told.returncode == 0, f"{last_line(chr(10).join(summary) or text)} {kernels or ''}"
    return summary[-1] if summary else "no summary"


class Hog:
    """Holds the card's memory but so many MB, with PyTorch."""

    def __init__(self, spare):
        program = (
            "import sys, torch\nfree = torch.cuda.mem_get_info()[0]\n"
            f"held = torch.empty(free - ({spare} << 20), dtype=torch.uint8, device='cuda')\n"
            "print('held', flush=True)\nsys.stdin.read()"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.holds = self.process.stdout.readline().strip() == "held"

    def __enter__(self):
        if not self.holds:
            raise NotHere("a PyTorch that reaches the card, to fill its memory")
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def short_of_memory(place):
    """Features are the same, or a sentence says that memory is short: no crash, no other number."""
    data = striped_folder(f"{place.pack}/many", classes=4, pictures=8 if place.fake else 128)
    wanted, got = f"{place.pack}/whole.safetensors", f"{place.pack}/short.safetensors"
    place.run(embed(place, data, wanted, "--device", "cuda:0"), 60)
    told = []
    for spare in (1, 40, 200) if place.fake else (300, 500, 800, 1500):
        if os.path.exists(got):
            os.remove(got)
        command = embed(place, data, got, "--device", "cuda:0")
        if place.fake:
            limit = str(int(spare * 2**20))
            result = place.run(command, 60, check=False, FAKECUDA_MEMORY=limit)
        else:
            with Hog(spare):
                result = place.run(command, 60, check=False)
        assert result.returncode in (0, 1), f"{spare} MB: exit status {result.returncode}"
        if result.returncode == 1:
            assert "memory" in result.stderr, f"{spare} MB: {last_line(result.stderr)}"
            told.append(f"{spare} MB refused")
            continue
        worst = difference(wanted, got)
        assert worst < 5e-3, f"{spare} MB: features differ by {worst:.1e}"
        told.append(f"{spare} MB {'left the GPU' if 'CPU is used' in result.stderr else 'done'}")
    return ", ".join(told)


def two_at_once(place):
    data = striped_folder(f"{place.pack}/pair", classes=2, pictures=8 if place.fake else 128)
    outputs = [f"{place.pack}/pair-{i}.safetensors" for i in range(3)]
    place.run(embed(place, data, outputs[0], "--device", "cuda:0"), 60)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(
            pool.map(
                lambda output: place.run(embed(place, data, output, "--device", "cuda:0"), 60),
                outputs[1:],
            )
        )
    worst = max(difference(outputs[0], other) for other in outputs[1:])
    assert worst < 5e-3, f"features differ by {worst:.1e}"
    return f"features differ by {worst:.1e}"


def graphs_or_not(place):
    """Batch after batch at once and op by op: the same kernels, so the same features."""
    data = striped_folder(f"{place.pack}/graphs", classes=2, pictures=4 if place.fake else 160)
    outputs = [f"{place.pack}/{name}-graphs.safetensors" for name in ("with", "without")]
    place.run(embed(place, data, outputs[0], "--device", "cuda:0"), 60)
    command = embed(place, data, outputs[1], "--device", "cuda:0")
    place.run(command, 60, FEWSHOT_CUDA_WITHOUT="graphs")
    worst = difference(*outputs)
    assert worst < 1e-6, f"features differ by {worst:.1e}"
    return f"features differ by {worst:.1e}"


def suites(place):
    """Name and function of what can run beside one another. Under the fake GPU those alone whose
    whole is no test of its own in ./test."""
    devices = "cuda:0" if place.fake else "cuda:0 cuda:0:f32 cuda:0:tf32 cuda:0:bf16"
    some = ["-p", "/golden/features/vit-cuda:0"] if place.fake else []
    yield "selftest, f16", lambda: selftest(place, "f16")
    yield "every method", lambda: every_method(place, METHODS[:3] if place.fake else METHODS)
    yield "graphs beside op by op", lambda: graphs_or_not(place)
    yield "features beside PyTorch's", lambda: engine_test(place, "golden", devices, *some)
    if not place.fake:
        for precision in ("f32", "tf32", "bf16"):
            yield f"selftest, {precision}", lambda p=precision: selftest(place, p)
        yield "ops beside double precision", lambda: engine_test(place, "kernels", devices)
    yield "gradients beside autograd", lambda: engine_test(place, "backward", devices)
    if not place.fake:
        yield "training beside torch.optim", lambda: engine_test(place, "adapter", "cuda:0")
    for tool in ("memcheck", "racecheck", "initcheck")[: 1 if place.fake else 3]:
        yield f"compute-sanitizer, {tool}", lambda tool=tool: sanitized(place, tool)


def built_before(place, path):
    assert os.path.exists(path), f"{path} is not there"
    place.module = path
    return path


def run_checks(place, report, module, tests):
    """False when there is no card to go on with. module: one that was built before; tests: more
    than the card is to be looked for."""
    if module:
        attempt(report, "the module as it was built before", lambda: built_before(place, module))
    elif not attempt(report, "building the module here", lambda: build_module(place)):
        attempt(report, "the module as it was carried", lambda: built_elsewhere(place))
    if place.fake:
        place.module = f"{place.build}/tests/fakecuda/libfewshot-cuda.so"
    if not attempt(report, "the card is seen", lambda: see_device(place)):
        return False
    if not tests:
        return True
    with concurrent.futures.ThreadPoolExecutor(2 if place.fake else 8) as pool:
        for _ in pool.map(lambda step: attempt(report, *step), list(suites(place))):
            pass
    attempt(report, "little memory", lambda: short_of_memory(place))
    attempt(report, "two programs at once", lambda: two_at_once(place))
    return True


def machine_facts(place):
    facts = {"time": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), "cores": os.cpu_count()}
    for name, command in (
        ("card", ["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv"]),
        ("nvcc", ["nvcc", "--version"]),
        ("fewshot", [place.program("fewshot-cli"), "--version"]),
        ("kernel", ["uname", "-sr"]),
    ):
        try:
            facts[name] = last_line(place.run(command, 20, ours=name == "fewshot").stdout)
        except (AssertionError, OSError) as error:
            facts[name] = f"not known: {error}"
    for package in ("torch", "transformers", "timm"):
        facts[package] = last_line(
            subprocess.run(
                [sys.executable, "-c", f"import {package}; print({package}.__version__)"],
                capture_output=True,
                text=True,
            ).stdout
        )
    return facts
