# SPDX-License-Identifier: MIT
"""What was seen on a card, as JSON and as Markdown: written anew after every step, so that a run
that is cut short leaves what it knew."""

import json
import os
import threading


def cell(value):
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
    return str(value).replace("|", "\\|").replace("\n", " ")


def markdown_table(rows):
    """rows: dicts; a column for each key, in the order of their first appearance."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(cell(row.get(c)) for c in columns) + " |" for row in rows]
    return "\n".join(lines)


class Report:
    def __init__(self, folder):
        self.folder = folder
        self.lock = threading.Lock()  # steps run beside one another
        self.machine, self.steps, self.tables, self.notes = {}, [], {}, []

    def add_step(self, name, state, seconds, said=""):
        """state: passed, failed, or not here."""
        self.steps.append(
            {"step": name, "state": state, "seconds": round(seconds, 1), "said": said}
        )
        print(f"{state:9} {seconds:6.1f} s  {name}  {said}", flush=True)
        self.write()

    def add_row(self, table, **row):
        self.tables.setdefault(table, []).append(row)
        print(f"{table}: " + ", ".join(f"{k} {cell(v)}" for k, v in row.items()), flush=True)
        self.write()

    def note(self, sentence):
        self.notes.append(sentence)
        print(f"# {sentence}", flush=True)
        self.write()

    def failures(self):
        return [step["step"] for step in self.steps if step["state"] == "failed"]

    def markdown(self):
        parts = ["# The GPU backend on a card"]
        parts.append(markdown_table([{"what": k, "is": v} for k, v in self.machine.items()]))
        if self.steps:
            parts += ["## Tests", markdown_table(self.steps)]
        for title, rows in self.tables.items():
            parts += [f"## {title}", markdown_table(rows)]
        if self.notes:
            parts += ["## Notes", "\n".join(f"- {note}" for note in self.notes)]
        return "\n\n".join(parts) + "\n"

    def write(self):
        with self.lock:
            self.write_files()

    def write_files(self):
        content = {
            "machine": self.machine,
            "steps": self.steps,
            "tables": self.tables,
            "notes": self.notes,
        }
        for name, text in (
            ("device.json", json.dumps(content, indent=1, ensure_ascii=False) + "\n"),
            ("device.md", self.markdown()),
        ):
            path = os.path.join(self.folder, name)
            with open(path + ".part", "w", encoding="utf-8") as f:
                f.write(text)
            os.replace(path + ".part", path)
