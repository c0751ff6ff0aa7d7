# SPDX-License-Identifier: MIT
"""Runs the steps: each has its seconds, and what it says and how it ends is recorded."""

import os
import subprocess
import threading
import time


class NotHere(Exception):
    """What a step needs is not on this machine; the message says what."""


class Place:
    """Where things are: the unpacked pack, the build folder, the sources, and how our programs are
    run. Ours alone get our libraries: Python's would take them, too."""

    def __init__(self, pack, build, out, fake, end):
        self.pack, self.build, self.out, self.fake = pack, build, out, fake
        self.end = end  # of everything
        self.source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        self.module = f"{pack}/module/libfewshot-cuda.so"  # until one is built here
        self.library_path = f"{pack}/lib"
        if fake:
            self.module = f"{build}/tests/fakecuda/libfewshot-cuda.so"
            self.library_path += f":{build}/tests/fakecuda"
        self.tiny = f"{self.source}/tests/data/golden/vit"
        self.lock = threading.Lock()  # of the log

    def program(self, name):
        return f"{self.pack}/bin/{name}"

    def environment(self, **more):
        """Of our programs."""
        theirs = os.environ.get("LD_LIBRARY_PATH")
        return {
            **os.environ,
            "LD_LIBRARY_PATH": self.library_path + (f":{theirs}" if theirs else ""),
            "FEWSHOT_CUDA_MODULE": self.module,
            "XDG_DATA_DIRS": f"{self.pack}/share",
            "XDG_CACHE_HOME": f"{self.pack}/cache",
            "XDG_DATA_HOME": f"{self.pack}/data",
            "XDG_CONFIG_HOME": f"{self.pack}/config",
            "LC_ALL": "C.UTF-8",
            **more,
        }

    def log(self, text):
        with self.lock, open(f"{self.out}/device.log", "a", encoding="utf-8") as f:
            f.write(text + "\n")

    def run(self, command, seconds, check=True, ours=True, said=None, **environment):
        """The finished process; output and errors go to the log. An assertion fails when it failed
        or took longer. ours: it is to find our libraries; said: what it reads."""
        start = time.monotonic()
        seconds = max(min(seconds, self.end - start), 1)
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.PIPE if said else subprocess.DEVNULL,
            text=True,
            errors="replace",
            env=self.environment(**environment) if ours else None,
        )
        try:
            out, err = process.communicate(said, timeout=seconds)
            status = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            status = None
        took = time.monotonic() - start
        self.log(f"$ {' '.join(command)}\n{out}{err}[{status}, {took:.1f} s]\n")
        assert status is not None, f"not done after {seconds:.0f} s"
        if check:
            assert status == 0, last_line(err or out) or f"exit status {status}"
        return subprocess.CompletedProcess(command, status, out, err)


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip()[:300] if lines else ""


def attempt(report, name, function):
    """function returns what is worth saying of it."""
    start = time.monotonic()
    try:
        said, state = function() or "", "passed"
    except NotHere as error:
        said, state = str(error), "not here"
    except Exception as error:
        said, state = f"{error}" or type(error).__name__, "failed"
    report.add_step(name, state, time.monotonic() - start, said)
    return state == "passed"
