# SPDX-License-Identifier: MIT
"""What NVIDIA's programs say of the card: how busy it is, how long each kernel took."""

import csv
import io
import re
import subprocess


class Busy:
    """How busy the card is, in percent, while something runs."""

    def __enter__(self):
        query = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
        try:
            self.process = subprocess.Popen(
                [*query, "-lms", "200"],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        except OSError:
            self.process = None
        return self

    def __exit__(self, *_):
        self.samples = []
        if self.process:
            self.process.terminate()
            self.samples = [int(s) for s in re.findall(r"\d+", self.process.communicate()[0])]

    def most(self):
        """The largest of three samples in a row at their least; None without as many."""
        threes = zip(self.samples, self.samples[1:], self.samples[2:])
        return max(map(min, threes), default=None)


def kernels_of_pass(table):
    """Of ncu's CSV: by kernel, the µs of each launch of the last pass, the longest together first.
    A pass begins where patches are taken."""
    start = table.find('"ID"')
    rows = list(csv.DictReader(io.StringIO(table[start:]))) if start >= 0 else []
    begin = max(
        (i for i, row in enumerate(rows) if "patchify" in (row["Kernel Name"] or "")), default=0
    )
    kernels = {}
    for row in rows[begin:]:
        if row.get("Metric Name") != "gpu__time_duration.sum":
            continue  # what the program itself printed
        scale = {"ns": 1e-3, "nsecond": 1e-3, "us": 1, "usecond": 1, "ms": 1e3, "msecond": 1e3}
        time = float(row["Metric Value"].replace(",", "")) * scale[row["Metric Unit"]]
        kernels.setdefault(row["Kernel Name"].partition("(")[0][:80], []).append(time)
    return dict(sorted(kernels.items(), key=lambda kernel: -sum(kernel[1])))
