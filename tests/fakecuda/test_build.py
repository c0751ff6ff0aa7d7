#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What nvcc and the linker made: no kernel spills registers or asks for more than a block has, on
any GPU generation; the module needs cuBLAS and the C library alone, exports one function, and the
kernels have no float atomics. Prints TAP.

    test_build.py MODULE GENERATION... -- KERNELS_CU... -- WHAT_PTXAS_SAID...
"""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from tap import finish, run_tests, test

module, *rest = sys.argv[1:]
first = rest.index("--")
second = rest.index("--", first + 1)
generations, sources, logs = rest[:first], rest[first + 1 : second], rest[second + 1 :]
REGISTERS, THREADS = 65536, 256


def output(*arguments):
    return subprocess.run(arguments, check=True, capture_output=True, text=True)


@test
def no_kernel_spills():
    said = "".join(open(log, encoding="utf-8").read() for log in logs)
    functions = re.findall(
        r"Compiling entry function '(\w+)' for 'sm_(\d+)'.*?(\d+) bytes stack frame, "
        r"(\d+) bytes spill stores, (\d+) bytes spill loads.*?Used (\d+) registers",
        said,
        re.S,
    )
    assert len(logs) == len(sources) and sorted({f[1] for f in functions}) == sorted(generations)
    assert len(functions) > 30 * len(generations), len(functions)
    for name, generation, frame, stores, loads, registers in functions:
        assert (frame, stores, loads) == ("0", "0", "0"), f"{name} spills on sm_{generation}"
        assert int(registers) * THREADS <= REGISTERS, (
            f"{name} needs {registers} registers a thread on sm_{generation}"
        )


@test
def module_needs_cublas_and_the_c_library():
    needed = re.findall(r"NEEDED.*\[(.*)\]", output("readelf", "-d", module).stdout)
    others = [
        name for name in needed if not re.match(r"libcublas(Lt)?\.so|libc\.so|ld-linux", name)
    ]
    assert any(name.startswith("libcublas") for name in needed), needed
    assert not others, others


@test
def module_exports_one_function():
    names = [
        line.split()[-1]
        for line in output("nm", "-D", "--defined-only", module).stdout.splitlines()
    ]
    assert names == ["few_cuda_module"], names


@test
def sums_have_one_order():
    for source in sources:
        assert not re.search(r"\batomic\w+ \(", open(source, encoding="utf-8").read()), source


run_tests()
finish()
