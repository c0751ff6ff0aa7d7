#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""fewshot-cli on the fake GPU: devices, the whole training, the same bits under three schedules,
selftest and benchmark as JSON, old drivers. Prints TAP.

    test_cli.py FEWSHOT_CLI MODEL
"""

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import toy_vocabulary
from drawn import striped_folder
from every_method import METHODS
from tap import finish, run_tests, test

cli, model = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="fewshot-gpu-")
os.environ["XDG_CACHE_HOME"] = os.path.join(work, "cache")
data = striped_folder(os.path.join(work, "data"), pictures=6)
TRAINING = ["--epochs", "6", "--lr", "0.01", "--shots", "3", "--json"]


def run(*arguments, **environment):
    return subprocess.run(
        [cli, *arguments], capture_output=True, text=True, env=dict(os.environ, **environment)
    )


def json_of(result):
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def train(name, *arguments, **environment):
    """Result and bytes of the adapter."""
    output = os.path.join(work, name)
    result = json_of(
        run("train", model, data, "--output", output, *TRAINING, *arguments, **environment)
    )
    return result, open(output, "rb").read()


def weights(content, scale=True):
    """The matrices of an adapter, and its scale: safetensors is eight bytes of length, JSON, and
    numbers."""
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    out = []
    for name, tensor in sorted(header.items()):
        if name == "logit_scale" and not scale:
            continue
        if name != "__metadata__" and tensor["dtype"] == "F32":
            start, end = tensor["data_offsets"]
            out += struct.unpack(
                f"<{(end - start) // 4}f", content[8 + length + start : 8 + length + end]
            )
    return out


@test
def devices():
    found = json_of(run("devices", "--json"))
    assert [d["id"] for d in found["devices"]] == ["cpu", "cuda:0"] and found[
        "no_gpu_because"
    ] is None
    assert found["devices"][1]["compute_capability"] == "8.0"
    assert "Fake GPU" in run("devices").stdout


@test
def whole_training():
    on_cpu, cpu = train("cpu.safetensors", "--device", "cpu")
    exact, f32 = train("f32.safetensors", "--device", "cuda:0", "--precision", "f32")
    reduced, f16 = train("f16.safetensors", "--device", "cuda:0")
    assert exact["device"] == "GPU 0, Fake GPU" and reduced["device"] == "GPU 0, Fake GPU, f16", (
        exact["device"],
        reduced["device"],
    )
    assert exact["accuracy"] == reduced["accuracy"] == on_cpu["accuracy"]
    # without the temperature that the folds chose: the loss of so few pictures hardly hangs on it
    a, b, c = weights(cpu, False), weights(f32, False), weights(f16, False)
    assert len(a) == len(b) == len(c) > 200
    assert max(abs(x - y) for x, y in zip(a, b)) < 2e-4, max(abs(x - y) for x, y in zip(a, b))
    # rounded features: weights whose gradient is near zero go either way with Adam, so that the
    # mean is what must agree
    assert sum(abs(x - y) for x, y in zip(a, c)) / len(a) < 5e-3


@test
def three_schedules():
    adapters = set()  # what was learned; the file also says when
    for seed in range(1, 4):
        schedule = {"FAKECUDA_SEED": str(seed)}
        content = train("seed.safetensors", "--device", "cuda:0", "--no-cache", **schedule)[1]
        adapters.add(tuple(weights(content)))
    assert len(adapters) == 1


@test
def every_method():
    tables = {}
    for device in ("cpu", "cuda:0"):
        table = os.path.join(work, f"{device[:3]}.json")
        result = run(
            "bench",
            model,
            data,
            "--device",
            device,
            "--precision",
            "f32",
            "--methods",
            " ".join(METHODS),
            "--shots",
            "1,2",
            "--seeds",
            "1",
            "-o",
            table,
        )
        assert result.returncode == 0, result.stderr
        tables[device] = {
            (r["method"], r["shots"]): (r["test"], r["validation"])
            for r in json.load(open(table))["runs"]
        }
    assert len(tables["cpu"]) == 2 * len(METHODS)
    assert tables["cpu"] == tables["cuda:0"]


@test
def features_are_cached_apart():
    picture = os.path.join(data, "kind 0", "000.png")
    ways = [[], ["--precision", "f32"], ["--precision", "tf32"], ["--precision", "bf16"]]
    for arguments in [["--device", "cuda:0", *way] for way in ways] + [["--device", "cpu"]]:
        first = run(
            "embed",
            model,
            "--image",
            picture,
            "--output",
            os.path.join(work, "e.safetensors"),
            *arguments,
        )
        assert first.returncode == 0, first.stderr
    digest = 40  # characters of what the precisions share
    keys = {name[digest:] for name in os.listdir(os.path.join(work, "cache/fewshot/features"))}
    assert keys >= {".sqlite", "-f16.sqlite", "-tf32.sqlite", "-gpu-bf16.sqlite"}, keys


@test
def selftest():
    result = run("selftest", model)
    assert result.returncode == 0 and "cuda:0 computes as the CPU does." in result.stdout, (
        result.stdout + result.stderr
    )
    lines = json_of(run("selftest", model, "--json"))
    assert lines["device"] == "cuda:0" and len(lines["tests"]) == 23
    assert all(t["difference"] <= t["allowed"] for t in lines["tests"])
    assert lines["tests"][-1]["what"] == "features of texts"


@test
def selftest_in_each_precision():
    """By the option or by the device's name; tf32 and bf16 want a card of 2020 or later."""
    for precision, arguments in (
        ("tf32", ["--device", "cuda:0", "--precision", "tf32"]),
        ("bf16", ["--device", "cuda:0:bf16"]),
        ("f16", ["--precision", "f16"]),
    ):
        told = run("info", model, *arguments)
        assert f"GPU 0, Fake GPU, {precision}" in told.stdout, told.stdout + told.stderr
        tests = json_of(run("selftest", model, *arguments, "--json"))["tests"]
        assert len(tests) == 23 and all(t["difference"] <= t["allowed"] for t in tests), tests
        worst = max(t["difference"] for t in tests)
        assert worst > {"tf32": 1e-4, "bf16": 2e-3, "f16": 1e-4}[precision], (precision, worst)
    for precision in ("tf32", "bf16"):
        refused = run("info", model, "--device", f"cuda:0:{precision}", FAKECUDA_GENERATION="75")
        assert refused.returncode == 1 and "needs 8.0" in refused.stderr, refused.stderr
    older = run("info", model, "--device", "auto:bf16", FAKECUDA_GENERATION="75")
    assert "needs 8.0" in older.stderr or "bf16" in older.stderr, older.stderr


@test
def selftest_of_families():
    """Pictures alone, with registers, rotary positions and gates; norms behind branches."""
    families = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../data/families")
    for name in ("dinov2", "dinov2-registers", "dinov3-vits16", "dinov3-vith16plus", "eva02-e14"):
        other = os.path.join(work, name)
        shutil.copytree(os.path.join(families, name), other)
        if name == "eva02-e14":
            toy_vocabulary.write(other, 545)
        for device in ("cuda:0", "cuda:0:f32"):
            tests = json_of(run("selftest", other, "--device", device, "--json"))["tests"]
            assert all(t["difference"] <= t["allowed"] for t in tests), (name, device, tests)
            assert ("features of texts" in [t["what"] for t in tests]) == (name == "eva02-e14")
            assert "features of pictures" in [t["what"] for t in tests]


@test
def benchmark():
    # the least work: the fake GPU is slow
    report = json_of(run("benchmark", model, "--seconds", "0.1", "--batch", "1"))
    assert set(report) >= {
        "fewshot",
        "system",
        "model",
        "devices",
        "no_gpu_because",
        "selftest",
        "cpu",
        "gpu",
    }, set(report)
    for device in ("cpu", "gpu"):
        assert (
            report[device]["pictures_per_second_of_1"] > 0
            and "pictures_per_second_of_8" not in report[device]
            and report[device]["texts_per_second"] > 0
            and report[device]["training_steps_per_second"] > 0
        )


@test
def no_gpu_and_old_drivers():
    another_library = os.path.join(
        os.path.dirname(os.environ["FEWSHOT_CUDA_MODULE"]), "libcuda.so.1"
    )
    for environment, words in (
        ({"FAKECUDA_DRIVER": "10020"}, "does CUDA 10.2 and is older than this build's CUDA"),
        ({"FAKECUDA_DEVICES": "0"}, "no CUDA-capable device"),
        ({"FEWSHOT_CUDA_MODULE": "/dev/null"}, "The CUDA module cannot be loaded: /dev/null"),
        ({"FEWSHOT_CUDA_MODULE": another_library}, "of another version of Fewshot"),
    ):
        refused = run("info", model, "--device", "cuda:0", **environment)
        assert refused.returncode == 1 and words in refused.stderr, refused.stderr
        auto = run("info", model, **environment)
        assert auto.returncode == 0 and "CPU" in auto.stdout and not auto.stderr, auto.stderr
        assert words in run("devices", **environment).stdout


@test
def a_gpu_that_computes_otherwise_is_not_used():
    built, wrong = os.path.dirname(os.environ["FEWSHOT_CUDA_MODULE"]), os.path.join(work, "wrong")
    os.makedirs(wrong)
    for name in os.listdir(built):
        if name.endswith(".ptx"):  # another function for every exponential
            ptx = open(os.path.join(built, name), encoding="utf-8").read()
            open(os.path.join(wrong, name), "w", encoding="utf-8").write(
                ptx.replace("ex2.approx.ftz.f32", "lg2.approx.ftz.f32")
            )
    broken = {
        "FAKECUDA_PTX": wrong,
        "XDG_CACHE_HOME": os.path.join(work, "broken"),
        "FAKECUDA_CALLS": os.path.join(work, "calls"),
    }
    calls = []
    for _ in range(2):  # the second time it is remembered
        auto = run("info", model, **broken)
        assert auto.returncode == 0 and "device        CPU" in auto.stdout, auto.stdout
        assert (
            "The CPU is used instead of the GPU: GPU 0, Fake GPU, f16 computes" in auto.stderr
            and "otherwise than the CPU" in auto.stderr
        ), auto.stderr
        calls.append(int(open(broken["FAKECUDA_CALLS"]).read()))
    assert calls[1] < calls[0] / 3, calls
    refused = run("info", model, "--device", "cuda:0", **broken)
    assert refused.returncode == 1 and "otherwise than the CPU" in refused.stderr, refused.stderr
    told = run("selftest", model, "--device", "cuda:0", **broken)
    assert told.returncode == 1 and "DIFFERS" in told.stdout


@test
def a_failing_gpu_is_left():
    # late enough to be in the midst of encoding
    calls = os.path.join(work, "calls")
    embed = [
        "embed",
        model,
        "--image-dir",
        data,
        "--no-cache",
        "--output",
        os.path.join(work, "f.safetensors"),
    ]
    whole = run(*embed, "--device", "cuda:0", FAKECUDA_CALLS=calls)
    assert whole.returncode == 0, whole.stderr
    n, left = int(open(calls).read()), 0
    right = weights(open(embed[-1], "rb").read())
    # what cuBLASLt refuses is done without it: such a failure is none
    for late in range(60, 100, 3):
        result = run(*embed, "--device", "cuda:0", FAKECUDA_FAIL_AT=str(late * n // 100))
        assert result.returncode == 0 and "refused" not in result.stderr, result.stderr
        if "The CPU is used instead of the GPU" in result.stderr:
            left += 1
            assert b'"precision":"f16, f32"' in open(embed[-1], "rb").read(4096)
        got = weights(open(embed[-1], "rb").read())
        assert len(got) == len(right) > 0
        assert max(abs(a - b) for a, b in zip(got, right)) < 2e-3
    assert left > 0


@test
def pictures_of_several_gpus():
    """In the order of the input, with each device's bits; one that fails is a sentence."""
    outputs = {}
    two = {"FAKECUDA_DEVICES": "2"}
    for name, device, environment in (
        ("one", "cuda:0", {}),
        ("second", "cuda:1", two),
        ("all", "cuda:all", two),
        ("lost", "cuda:all", {**two, "FAKECUDA_BROKEN": "1:400"}),
        ("none", "cuda:all", {**two, "FAKECUDA_BROKEN": "1:1"}),
    ):
        outputs[name] = os.path.join(work, f"several-{name}.safetensors")
        job = ["embed", model, "--image-dir", data, "--no-cache", "--output", outputs[name]]
        told = run(*job, "--device", device, **environment)
        assert told.returncode == 0, (name, told.stderr)
        gone = "a GPU is done without:" in told.stderr
        assert gone == (name in ("lost", "none")), (name, told.stderr)
        assert "CPU" not in told.stderr, (name, told.stderr)
    contents = {open(path, "rb").read() for path in outputs.values()}
    assert len(contents) == 1, "the files differ"
    job = ["embed", model, "--image-dir", data, "-o", outputs["all"], "--device", "cuda:all"]
    refused = run(*job, FAKECUDA_DEVICES="0")
    assert refused.returncode == 1 and "no CUDA-capable device" in refused.stderr, refused.stderr
    assert "There is no device" in run("info", model, "--device", "cuda:all").stderr


@test
def memory_that_cannot_be_pinned():
    """None at all, or enough for a part: the same features, no word of it, on the GPU."""
    contents = set()
    for most in (None, "0", "70000", "300000"):
        output = os.path.join(work, "pinned.safetensors")
        job = ["embed", model, "--image-dir", data, "--no-cache", "--output", output]
        told = run(*job, "--device", "cuda:0", **({"FAKECUDA_PINNED": most} if most else {}))
        assert told.returncode == 0 and not told.stderr, told.stderr
        contents.add(open(output, "rb").read())
    assert len(contents) == 1, "features differ"


@test
def a_gpu_that_fails_in_training_is_left():
    calls = os.path.join(work, "calls")
    whole, _ = train("whole.safetensors", "--device", "cuda:0", FAKECUDA_CALLS=calls)
    n = int(open(calls).read())
    on_cpu, cpu = train("cpu.safetensors", "--device", "cpu", "--no-cache")
    assert whole["device"].startswith("GPU 0")
    for late in (0.7, 0.8, 0.9):
        result, adapter = train(
            "late.safetensors",
            "--device",
            "cuda:0",
            "--threads",
            "1",
            "--no-cache",
            FAKECUDA_FAIL_AT=str(int(late * n)),
        )
        assert result["device"].startswith("CPU, 1 ×"), result
        worst = max(abs(a - b) for a, b in zip(weights(adapter), weights(cpu)))
        assert worst < 0.02, worst


@test
def usage():
    for device, precision, words in (
        ("cuda:0", "int8", "int8 is the CPU's"),
        ("cpu", "tf32", "tf32 is a GPU's"),
        ("cpu", "f64", "not “f64”"),
        ("cuda:0:int8", "f32", "There is no device"),
    ):
        refused = run("info", model, "--device", device, "--precision", precision)
        assert refused.returncode != 0 and words in refused.stderr, refused.stderr
    assert "cuda:0:f32" in run("info", model, "--device", "gpu").stderr


run_tests()
finish()
