#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What comes of pictures with any number of labels: bench in parts and gone on with, what a file
tells of what was measured, the report, and files for other programs. TAP.

test_several_out.py FEWSHOT_CLI GOLDEN_FOLDER"""

import contextlib
import csv
import glob
import html.parser
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import venv_path  # noqa: F401
from program import json_of, model, run, tensors, work
from several_set import counts_of, folder, names, rows, split, trained, usual, without, write
from tap import finish, need, run_tests, test


@test
def benched():
    """A row a method, shots and seed; what is learned is better than zero-shot on these."""
    for ending in ("json", "csv", "md"):
        table = os.path.join(work, f"bench.{ending}")
        run(
            "bench",
            model,
            usual(),
            "--labels",
            "any",
            "--seeds",
            "2",
            "--shots",
            "4,8",
            "-o",
            table,
        )
        assert os.path.getsize(table) > 100
    with open(os.path.join(work, "bench.json")) as f:
        found = json.load(f)["rows"]
    assert len(found) == 8 and all("map" in row for row in found)
    with open(os.path.join(work, "bench.csv"), newline="") as f:
        table = list(csv.DictReader(f))
    assert [float(row["map"]) for row in table] == [round(row["map"], 6) for row in found]
    mean = {
        m: sum(r["map"] for r in found if r["method"] == m) for m in ("zero-shot", "one-vs-rest")
    }
    assert mean["one-vs-rest"] > mean["zero-shot"], mean


@test
def tables_in_shards():
    """Joined they are what one run writes."""
    command, made = ("predict", "--model", model, trained(), folder), []
    for shard in ("1/2",), ("2/2",), None:
        made.append(os.path.join(work, f"labels-{len(made)}.csv"))
        result = run(*command, "--csv", made[-1], *(("--shard", *shard) if shard else ()))
        assert result.returncode == 0, result.stderr
    out = os.path.join(work, "labels-merged.csv")
    result = run("merge", *made[:2], "-o", out)
    assert result.returncode == 0, result.stderr
    with open(out, "rb") as merged, open(made[2], "rb") as whole:
        assert merged.read() == whole.read()


BENCH = ("--labels", "any", "--seeds", "2", "--shots", "4,8")


def bench_rows(name, *more):
    table = os.path.join(work, name)
    result = run("bench", model, usual(), *BENCH, *more, "-o", table)
    assert result.returncode == 0, result.stderr
    if not os.path.exists(table):
        return None
    with open(table) as f:
        return {(r["method"], r["shots"], r["seed"]): r for r in json.load(f)["rows"]}


def numbers(row):
    return {k: v for k, v in row.items() if k not in ("seconds", "peak_bytes")}


@test
def bench_in_shards():
    """Three tasks, then the same command: what one run gives, and nothing is learned again."""
    whole = bench_rows("whole.json")
    for part in ("1/3", "2/3", "3/3"):
        assert bench_rows("parts.json", "--shard", part) is None
    partials = sorted(glob.glob(os.path.join(work, "parts.json.*.partial")))
    assert len(partials) == 3
    seen = []
    for path in partials:
        with open(path) as f:
            rows_of = [json.loads(line) for line in f.read().splitlines()[1:]]
        assert 2 <= len(rows_of) <= 3, rows_of
        seen += [(r["method"], r["shots"], r["seed"]) for r in rows_of]
    assert sorted(seen) == sorted(whole), seen
    with open(partials[0]) as f:
        lines = f.read().splitlines()
    mark = json.loads(lines[1])
    mark["map"] = 0.4321
    with open(partials[0], "w") as f:
        f.write("\n".join([lines[0], json.dumps(mark), *lines[2:]]) + "\n")
    joined = bench_rows("parts.json")
    marked = (mark["method"], mark["shots"], mark["seed"])
    assert joined[marked]["map"] == 0.4321  # taken as it stood
    for key, row in whole.items():
        same = numbers(row) | ({"map": 0.4321} if key == marked else {})
        assert numbers(joined[key]) == same, (key, row, joined[key])
    assert not glob.glob(os.path.join(work, "parts.json.*"))


@test
def bench_goes_on():
    """Rows of a run that was stopped are kept, those of other labels are not."""
    first = bench_rows("on.json", "--shard", "1/1")
    table = os.path.join(work, "on.json")
    os.remove(table)
    bench_rows("on.json", "--shard", "1/2")
    (partial,) = glob.glob(table + ".*.partial")
    with open(partial) as f:
        lines = f.read().splitlines()
    mark = json.loads(lines[1])
    mark["macro_f1"], mark["per_label"][0]["ap"] = 0.125, 0.25
    with open(table + ".partial", "w") as f:  # and a torn line, as a kill leaves it
        f.write("\n".join([lines[0], json.dumps(mark)]) + '\n{"method": "zero-sh')
    os.remove(partial)
    again = bench_rows("on.json")
    key = (mark["method"], mark["shots"], mark["seed"])
    assert again[key]["macro_f1"] == 0.125 and again[key]["per_label"][0]["ap"] == 0.25
    assert all(numbers(again[k]) == numbers(first[k]) for k in first if k != key)
    damaged = mark | {"per_label": mark["per_label"] * 400}  # more labels than there are
    with open(table + ".partial", "w") as f:
        f.write("\n".join([lines[0], json.dumps(damaged)]) + "\n")
    told = bench_rows("on.json")[key]["per_label"]
    assert len(told) == 1200 and all("label" not in label for label in told), told[:2]
    other = write("other.csv", "path,labels\n" + "".join(f"{p},{';'.join(h or ['ball'])}\n"
                                                        for p, h in rows))  # fmt: skip
    with open(table + ".partial", "w") as f:
        f.write("\n".join([lines[0], json.dumps(mark)]) + "\n")
    run("bench", model, other, *BENCH, "-o", table)
    with open(table) as f:
        assert all(r["macro_f1"] != 0.125 for r in json.load(f)["rows"])


@test
def bench_views():
    """Views are more rows to learn from, in the fold of their picture; folds tell of pictures."""
    dumps = {}
    for views in ("0", "2"):
        path = os.path.join(work, f"views-{views}.safetensors")
        found = bench_rows(f"views-{views}.json", "--methods", "one-vs-rest", "--seeds", "1",
                           "--shots", "8", "--views", views, "--dump", path)  # fmt: skip
        dumps[views] = (tensors(path)[1], *found.values())
    n = dumps["0"][0]["folds"]["shape"][1]
    assert dumps["2"][0]["folds"]["shape"][1] == 3 * n
    assert dumps["2"][0]["views"]["shape"][:2] == [n, 2]
    assert dumps["0"][1]["map"] != dumps["2"][1]["map"] or (
        dumps["0"][1]["cross_validated_map"] != dumps["2"][1]["cross_validated_map"]
    )


@test
def refused_at_once():
    """A word that is none is refused before anything is opened."""
    gone = os.path.join(work, "gone.zip")
    for labels in ("nonsense", "Any", ""):
        result = run("embed", model, "--image-dir", gone, "--labels", labels, "-o", gone + ".out")
        assert result.returncode == 2 and "--labels knows one and any" in result.stderr, result
    result = run("embed", model, "--image-dir", gone, "--shard", "3/2", "-o", gone + ".out")
    assert result.returncode == 2 and "--shard" in result.stderr, result.stderr


@test
def no_classifier():
    """Which file is not there, and what it would be, wherever it stands."""
    gone = os.path.join(work, "gone.safetensors")
    picture = os.path.join(folder, rows[0][0])
    for arguments in (
        ("predict", gone, picture),
        ("predict", model, gone, picture),
        ("predict", "--model", model, gone, picture),
        ("eval", gone, usual()),
        ("eval", model, gone, usual()),
        ("tag", model, gone, folder),
        ("info", gone),
        ("card", gone),
        ("snippet", gone),
    ):
        result = run(*arguments)
        assert result.returncode == 1, (arguments, result.stderr)
        assert gone in result.stderr and "Error opening" not in result.stderr, result.stderr
        assert "fewshot-cli train" in result.stderr, (arguments, result.stderr)
        assert len(result.stderr.splitlines()) == 1, result.stderr
    result = run("eval", model, folder, usual())
    assert result.returncode == 1 and "is no file" in result.stderr, result.stderr


def split_trained():
    """(classifier, report, file of labels): a third of the pictures is tested on."""
    marked = split("measured.csv")
    c = os.path.join(work, "measured.safetensors")
    page = os.path.join(work, "report.html")
    how = ("--labels", "any", "--keep-twins", "--report", page, "-o", c, "--json")
    return c, json_of(run("train", model, marked, *how)), marked


KEYS = ("map", "micro_precision", "micro_recall", "micro_f1", "macro_f1", "exact", "zero_shot_map")


@test
def told_by_the_file():
    """What was measured on the test pictures stands in the file: info, eval, the card, Python."""
    c, report, marked = split_trained()
    told = json_of(run("info", c, "--json"))
    assert told["measured_on"] == "test" and told["measured_images"] == 20, told
    for key in KEYS:
        assert abs(told[key] - report[key]) < 1e-5, (key, told[key], report[key])
    for mine, theirs in zip(told["per_label"], report["per_label"], strict=True):
        assert mine["label"] == theirs["label"] and mine["images"] == theirs["images"]
        assert all(abs(mine[k] - theirs[k]) < 1e-5 for k in ("ap", "f1") if theirs[k] is not None)
    meta = tensors(c)[1]["__metadata__"]
    assert [x["pictures"] for x in json.loads(meta["per_label"])] == [
        x["images"] for x in report["per_label"]
    ]
    said = run("info", c).stdout
    assert f"mean average precision {100 * report['map']:.1f} %" in said and "(test)" in said, said
    measured = json_of(run("eval", model, c, usual(), "--json"))
    assert measured["images"] == len(rows) and measured["file_measured_images"] == 20
    assert abs(measured["file_map"] - report["map"]) < 1e-5, measured
    assert "its file tells, of 20 pictures (test)" in run("eval", model, c, usual()).stdout
    card = run("card", c).stdout
    assert f"Mean average precision {100 * report['map']:.1f} % of 20 pictures" in card, card
    assert "nothing was learned from" in card and "| ball | " in card, card
    whole = os.path.join(work, "untested.safetensors")
    how = ("--labels", "any", "--no-test", "-o", whole, "--json")
    report = json_of(run("train", model, usual(), *how))
    told = json_of(run("info", whole, "--json"))
    assert told["measured_on"] == "cross-validation", told
    assert abs(told["map"] - report["cross_validated_map"]) < 1e-5
    assert "cross-validation" in run("card", whole).stdout
    out = os.path.join(work, "folder")
    result = run("export", "--model", model, c, "-o", out)
    assert result.returncode == 0, result.stderr
    with open(os.path.join(out, "README.md"), encoding="utf-8") as f:
        assert "Mean average precision" in f.read()


class Page(html.parser.HTMLParser):
    """Rows of cells, pictures, texts; tags are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.images, self.texts, self.open = [], [], [], []
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag == "img":
            self.images.append(dict(attrs)["src"])
        if tag in ("th", "td"):
            self.rows[-1].append("")
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        self.texts.append(data)
        if self.open and self.open[-1] in ("th", "td"):
            self.rows[-1][-1] += data


@test
def reported():
    """A page of its own: the numbers of the report, a row a label, the hardest pictures."""
    c, report, _ = split_trained()
    with open(os.path.join(work, "report.html"), encoding="utf-8") as f:
        text = f.read()
    page = Page(text)
    cells = {row[0]: row[1:] for row in page.rows if row}
    first = next(row for row in page.rows if row and row[0] == "Mean average precision")
    assert first[1] == f"{100 * report['map']:.1f} %", first
    assert cells["CLIP alone, mean average precision"] == [f"{100 * report['zero_shot_map']:.1f} %"]
    thresholds = json_of(run("info", c, "--json"))["thresholds"]
    for label, threshold in zip(report["per_label"], thresholds, strict=True):
        row = cells[label["label"]]
        assert row[1] == str(label["images"]), row
        assert row[2] == f"{100 * label['ap']:.1f} %" and row[3] == f"{100 * label['f1']:.1f} %"
        assert row[6] == f"{100 * threshold:.1f} %", (row, threshold)
    wrong = round((1 - report["exact"]) * 20)
    assert len(page.images) == min(wrong, 12), (wrong, len(page.images))
    assert all(src.startswith("data:image/jpeg;base64,") for src in page.images)
    assert "http" not in text  # nothing of it lies elsewhere
    same = run("train", model, usual(), "--labels", "any", "--report", c, "-o", c)
    assert same.returncode == 2 and "are two files" in same.stderr, same.stderr
    evil = "<script>alert(1)</script>&"
    path = write("evil.csv", "path,labels\n" + "".join(
        f"{p},{evil if 'ball' in h else ''}\n" for p, h in rows))  # fmt: skip
    out = os.path.join(work, "evil.html")
    how = ("--labels", "any", "--report", out, "-o", out + ".safetensors")
    assert run("train", model, path, *how).returncode == 0
    with open(out, encoding="utf-8") as f:
        text = f.read()
    assert "<script" not in text and "&lt;script&gt;" in text
    Page(text)


@test
def for_others():
    """COCO has an annotation a label, Hugging Face's folder a list; both read back by their own."""
    counts = counts_of()
    out = os.path.join(folder, "labelled.json")
    result = run("labels", usual(), "--labels", "any", "--format", "coco", "-o", out)
    assert result.returncode == 0 and f"{len(rows)} named" in result.stderr, result.stderr
    answer = json_of(run("labels", out, "--labels", "any", "--json"))
    assert answer["classes"] == counts and answer["without_label"] == without, answer
    data = os.path.join(work, "hf")
    result = run("labels", usual(), "--labels", "any", "--format", "huggingface", "-o", data)
    assert result.returncode == 0 and f"{len(rows)} copied" in result.stderr, result.stderr
    lines = {}
    for part in ("train", "validation", "test"):
        with open(f"{data}/{part}/metadata.jsonl", encoding="utf-8") as f:
            lines[part] = [json.loads(line) for line in f]
        assert all(os.path.isfile(f"{data}/{part}/{x['file_name']}") for x in lines[part])
    assert sum(map(len, lines.values())) == len(rows)
    assert abs(len(lines["test"]) - len(rows) / 5) <= 3, {k: len(v) for k, v in lines.items()}
    said = {os.path.basename(x["file_name"]): x["labels"] for v in lines.values() for x in v}
    assert said == {p: sorted(h) for p, h in rows}
    train = json_of(run("labels", f"{data}/train/metadata.jsonl", "--labels", "any", "--json"))
    assert train["images"] == len(lines["train"])
    again = run("labels", usual(), "--labels", "any", "--format", "huggingface", "-o", data)
    assert f"{len(rows)} were there already" in again.stderr, again.stderr
    with contextlib.redirect_stdout(sys.stderr):  # it talks
        coco = need("pycocotools.coco").COCO(out)
        names_of = {c["id"]: c["name"] for c in coco.loadCats(coco.getCatIds())}
        assert len(coco.getImgIds()) == len(rows)
        for image in coco.loadImgs(coco.getImgIds()):
            has = [names_of[a["category_id"]]
                   for a in coco.loadAnns(coco.getAnnIds(image["id"]))]  # fmt: skip
            assert sorted(has) == sorted(dict(rows)[image["file_name"]]), image
    os.environ["HF_DATASETS_CACHE"] = os.path.join(work, "hf-cache")
    read = need("datasets").load_dataset(data)
    assert {k: len(v) for k, v in read.items()} == {k: len(v) for k, v in lines.items()}
    feature = read["train"].features["labels"]
    feature = getattr(feature, "feature", feature)
    assert feature.names == names, read["train"].features
    for part, made in lines.items():
        assert [[names[k] for k in row["labels"]] for row in read[part]] == [
            x["labels"] for x in made
        ] or sorted(str([names[k] for k in row["labels"]]) for row in read[part]) == sorted(
            str(x["labels"]) for x in made
        ), part


@test
def answers_as_coco():
    """predict --format coco: an annotation for each label that is said, with its probability."""
    c = trained()
    pictures = [os.path.join(folder, p) for p, _ in rows[:30]]
    out = os.path.join(folder, "answers.json")
    answers = json_of(run("predict", model, c, *pictures, "--json", "--format", "coco", "-o", out))
    with open(out, encoding="utf-8") as f:
        read = json.load(f)
    images = {i["id"]: i["file_name"] for i in read["images"]}
    kinds = {k["id"]: k["name"] for k in read["categories"]}
    found = {name: {} for name in images.values()}
    for a in read["annotations"]:
        found[images[a["image_id"]]][kinds[a["category_id"]]] = a["score"]
    assert len(images) == 30
    for answer in answers["predictions"]:
        mine = found[os.path.basename(answer["path"])]
        assert set(mine) == {a["label"] for a in answer["labels"]}, (mine, answer)
        assert all(abs(mine[a["label"]] - a["probability"]) < 1e-5 for a in answer["labels"])
    assert any(len(x) > 1 for x in found.values()) and any(not x for x in found.values())
    with contextlib.redirect_stdout(sys.stderr):
        assert len(need("pycocotools.coco").COCO(out).getAnnIds()) == len(read["annotations"])


run_tests()
finish()
