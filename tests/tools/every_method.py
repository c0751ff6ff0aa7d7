# SPDX-License-Identifier: MIT
"""Every method once, short, for comparing devices."""

METHODS = [
    "zero-shot",
    "linear-probe",
    "coop:epochs=3",
    "clip-adapter:epochs=5",
    "clip-adapter:alpha=learned,epochs=3",
    "clip-adapter-text:epochs=3",
    "clip-adapter-both:epochs=3",
    "clip-adapter:after=1,epochs=2",
    "tip-adapter",
    "tip-adapter-f:epochs=3",
    "gda",
    "clap:epochs=3",
    "lp++:epochs=3",
]
