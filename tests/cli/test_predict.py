#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`fewshot-cli predict`: finding the model, folders and lists, tables, “none of these”, sorted
copies through kills. Prints TAP.

test_predict.py FEWSHOT_CLI GOLDEN_FOLDER     TEST_KILLS=50 in the environment: so many kills
"""

import csv
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from program import cli, dataset, golden, json_of, model, run, tensors, work
from tap import finish, run_tests, test

data = dataset("plain")
out = os.path.join(work, "classifier.safetensors")
pictures = sorted(
    os.path.join(folder, name) for folder, _, names in os.walk(data) for name in names
)
shelf = os.path.join(work, "share", "fewshot", "models", "somebody--tiny")


def trained():
    if not os.path.exists(out):
        json_of(run("train", model, data, "--epochs", "60", "--lr", "0.01", "-o", out, "--json"))
    return out


def put_on_shelf():
    """The model as `pull` leaves it, under another name than it was trained as."""
    os.environ["XDG_DATA_HOME"] = os.path.join(work, "share")
    if os.path.exists(shelf):
        return
    shutil.copytree(model, shelf)
    with open(os.path.join(shelf, "fewshot-model.ini"), "w") as f:
        f.write("[model]\nrepository=somebody/tiny\nrevision=main\n")
        for name in os.listdir(model):
            size = os.path.getsize(os.path.join(model, name))
            f.write(f"[file {name}]\nbytes={size}\nsha256=\n")


def lines_of(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def predicted(*arguments, code=0, **how):
    result = run("predict", "--model", model, trained(), *arguments, "--json-lines", **how)
    assert result.returncode == code, (result.returncode, result.stderr)
    return lines_of(result)


@test
def model_found():
    """By what the classifier records, wherever the model is on the shelf; never another one."""
    trained()
    os.environ["XDG_DATA_HOME"] = os.path.join(work, "nothing")
    missing = run("predict", out, pictures[0])
    assert missing.returncode == 1 and "--model" in missing.stderr, missing.stderr
    old = json_of(run("predict", model, out, pictures[0], "--json"))
    named = json_of(run("predict", "--model", model, out, pictures[0], "--json"))
    put_on_shelf()
    alone = json_of(run("predict", out, pictures[0], "--json"))
    assert old == named == alone
    assert json_of(run("eval", out, data, "--json")) == json_of(
        run("eval", model, out, data, "--json")
    )
    with open(os.path.join(shelf, "open_clip_config.json")) as f:
        config = json.load(f)
    config["preprocess_cfg"]["mean"] = [0.1, 0.2, 0.3]
    with open(os.path.join(shelf, "open_clip_config.json"), "w") as f:
        json.dump(config, f)
    record = os.path.join(shelf, "fewshot-model.ini")
    size = os.path.getsize(os.path.join(shelf, "open_clip_config.json"))
    text = open(record).read().split("[file open_clip_config.json]\nbytes=")
    rest = text[1].split("\n", 1)[1]
    with open(record, "w") as f:
        f.write(f"{text[0]}[file open_clip_config.json]\nbytes={size}\n{rest}")
    other = run("predict", out, pictures[0])
    assert other.returncode == 1 and "another config" in other.stderr, other.stderr
    other = run("predict", "--model", os.path.join(golden, "resnet"), out, pictures[0])
    assert other.returncode == 1 and "was trained on" in other.stderr, other.stderr


@test
def built_in_model_found():
    out = os.path.join(work, "pocket.safetensors")
    json_of(run("train", "pocket", data, "-o", out, "--json"))
    assert json_of(run("predict", out, pictures[0], "--json")) == json_of(
        run("predict", "pocket", out, pictures[0], "--json")
    )


@test
def usage():
    trained()
    picture = pictures[0]
    for wrong in (
        (out,),
        (model, out),
        ("--model", model, out),
        (model, out, picture, "--shard", "3/2"),
        (model, out, picture, "--json", "--json-lines"),
        (model, out, picture, "--top", "-1"),
        (model, out, picture, "--alpha", "2"),
        (model, out, picture, "--reject", "0.9"),
        (model, out, picture, "--reject", "much"),
        (model, out, picture, "--reject", "0.05", "--alpha", "0.123"),
    ):
        put_on_shelf()
        result = run("predict", *wrong)
        assert result.returncode == 2, (wrong, result)
    assert run("predict", picture, picture).returncode == 1
    assert run("predict", model, out, os.path.join(work, "nowhere")).returncode == 1
    gone, made = os.path.join(work, "gone.safetensors"), os.path.join(work, "made")
    for command in (("export",), ("onnx", "--whole")):
        assert run(*command, gone, "-o", made).returncode == 1, command
        assert run(*command, out, "-o", made, "--reject", "2").returncode == 2, command


@test
def folders_and_lists():
    """A folder's pictures, or those below it; lists; the same answers whichever way."""
    trained()
    single = predicted(*pictures)
    assert [line["path"] for line in single] == pictures
    assert predicted(data, "--recursive") == single
    flat = os.path.join(data, "kind 1")
    assert predicted(flat) == [s for s in single if s["path"].startswith(flat)]
    nothing = run("predict", "--model", model, out, data)
    assert nothing.returncode == 1 and "no pictures in" in nothing.stderr, nothing.stderr
    text = "\n".join(pictures[:5]) + "\r\n\n" + flat  # with and without an end
    listed = os.path.join(work, "list")
    with open(listed, "w") as f:
        f.write(text)
    wanted = single[:5] + predicted(flat)
    assert predicted("--list", listed) == wanted
    assert predicted("-", input=text) == wanted
    fifo = os.path.join(work, "fifo")
    os.mkfifo(fifo)
    assert run("predict", "--model", model, out, "--list", fifo, timeout=20).returncode == 1
    broken = run("predict", "--model", model, out, "-", input="a\0b\n")
    assert broken.returncode == 1 and "zero byte" in broken.stderr, broken.stderr


@test
def standard_input_answers_as_it_comes():
    process = subprocess.Popen(
        [cli, "predict", "--model", model, trained(), "-", "--json-lines"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    for picture in pictures[:3]:
        process.stdin.write(picture + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["path"] == picture
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 1


@test
def some_are_refused():
    """One line each on standard error, the rest goes on, and the exit status says so."""
    folder = os.path.join(work, "mixed")
    os.makedirs(folder, exist_ok=True)
    shutil.copy(pictures[0], os.path.join(folder, "b.png"))
    for name in ("a.jpg", "c\x1b[31m.jpg"):
        with open(os.path.join(folder, name), "w") as f:
            f.write("none")
    result = run("predict", model, trained(), folder)
    assert result.returncode == 1 and len(result.stdout.splitlines()) == 1, result
    assert len(result.stderr.splitlines()) == 3 and "\x1b" not in result.stderr, result.stderr
    assert result.stderr.endswith("2 of 3 pictures could not be read.\n"), result.stderr
    lines = predicted(folder, code=1)
    assert ["error" in line for line in lines] == [True, False, True], lines


@test
def shards():
    trained()
    parts = [predicted(data, "-r", "--shard", f"{i}/3") for i in (1, 2, 3)]
    assert all(parts)
    joined = sorted((line for part in parts for line in part), key=lambda line: line["path"])
    assert joined == predicted(data, "-r")


def merged(parts, name):
    output = os.path.join(work, name)
    result = run("merge", *parts, "-o", output)
    assert result.returncode == 0, result.stderr
    with open(output, "rb") as file:
        return file.read()


@test
def shards_merged():
    """Lines and tables of three shards: what one run gives, byte for byte, strange names and
    pictures that are none among them; no half shard, none twice, no other columns."""
    folder = os.path.join(work, "strange names")
    os.makedirs(os.path.join(folder, "a b"))
    names = ("=1", "two\nlines", 'quo"ted,', "zwölf", "a b/1", "a b!", "last")
    for name in names:
        shutil.copy(pictures[len(name)], os.path.join(folder, name + ".png"))
    with open(os.path.join(folder, "none.png"), "w") as file:
        file.write("no picture")
    command = ["predict", model, trained(), folder, "-r"]
    whole = run(*command, "--json-lines")
    table = os.path.join(work, "whole.csv")
    assert whole.returncode == 1 and len(whole.stdout.splitlines()) == len(names) + 1
    assert run(*command, "--csv", table).returncode == 1
    lines, tables = [], []
    for i in (1, 2, 3):
        lines.append(os.path.join(work, f"part-{i}.jsonl"))
        tables.append(os.path.join(work, f"part-{i}.csv"))
        with open(lines[-1], "w") as file:
            file.write(run(*command, "--json-lines", "--shard", f"{i}/3").stdout)
        run(*command, "--csv", tables[-1], "--shard", f"{i}/3")
    assert merged(reversed(lines), "merged.jsonl") == whole.stdout.encode()
    with open(table, "rb") as file:
        assert merged(tables, "merged.csv") == file.read()
    output = os.path.join(work, "not written")
    longest = max(lines, key=os.path.getsize)
    twice = run("merge", longest, longest, "-o", output)
    assert twice.returncode == 1 and "not the shards of one run" in twice.stderr, twice.stderr
    with open(longest, "rb+") as file:
        file.truncate(os.path.getsize(longest) - 5)
    torn = run("merge", *lines, "-o", output)
    assert torn.returncode == 1 and "has not finished" in torn.stderr, torn.stderr
    run(*command, "--csv", tables[0], "--top", "2", "--shard", "1/3")
    other = run("merge", *tables, "-o", output)
    assert other.returncode == 1 and "other columns" in other.stderr, other.stderr
    assert not os.path.exists(output)


@test
def a_table_of_some_pictures_takes_no_place():
    """Where the lines can no longer be printed, those that follow are not looked at."""
    table, listed = os.path.join(work, "cut off.csv"), os.path.join(work, "cut off.txt")
    with open(table, "w") as file:
        file.write("as it was")
    with open(listed, "w") as file:
        file.write(f"{pictures[0]}\n" * 300)
    command = [cli, "predict", model, trained(), "--list", listed, "--csv", table]
    with open("/dev/full", "w") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 1 and "standard output" in result.stderr, result.stderr
    with open(table) as file:
        assert file.read() == "as it was"


@test
def tables():
    """The best classes and their probabilities, as the JSON object has them all."""
    trained()
    table = os.path.join(work, "table.csv")
    odd = os.path.join(work, "=1+1,\n.png")
    shutil.copy(pictures[0], odd)
    whole = json_of(
        run("predict", model, out, *pictures, odd, "--top", "2", "--csv", table, "--json")
    )
    with open(table, newline="") as f:
        rows = list(csv.reader(f))
    assert rows[0] == ["path", "class", "probability"] + [
        f"{name} {i}" for i in (1, 2) for name in ("class", "probability")
    ], rows[0]
    assert len(rows) == len(pictures) + 2
    for row, answer in zip(rows[1:], whole["predictions"]):
        ranked = sorted(zip(answer["probabilities"], whole["classes"]), key=lambda pair: -pair[0])
        assert [row[1], row[3], row[5]] == [ranked[0][1], ranked[0][1], ranked[1][1]], row
        for cell, (probability, _) in zip((row[2], row[4], row[6]), (ranked[0], *ranked)):
            assert abs(float(cell) - probability) < 1e-5, (row, ranked)
        assert [t["class"] for t in answer["top"]] == [ranked[0][1], ranked[1][1]]
        assert answer["class"] == ranked[0][1]
    named = (os.path.basename(odd), "--csv", table, "--json")
    json_of(run("predict", model, out, *named, cwd=work, executable=os.path.abspath(cli)))
    assert '"\'=1+1,\n.png"' in open(table, newline="").read()
    text = run("predict", model, out, pictures[0], "--top", "3").stdout
    assert text.count("%") == 3 and len(text.splitlines()) == 1, text


@test
def rejects():
    """The thresholds in the file are the quantiles of the largest cosines of what was held out, and
    what is below them is refused."""
    many, file = os.path.join(work, "many"), os.path.join(work, "rejects.safetensors")
    for role, count in (("train", 12), ("val", 20), ("test", 37)):
        dataset(os.path.join("many", role), pictures=count)
        for folder, _, names in os.walk(os.path.join(many, role)):
            for name in names:
                with open(os.path.join(folder, name), "ab") as f:
                    f.write(role.encode())  # no two alike
    json_of(run("train", model, many, "--method", "gda", "--keep-twins", "-o", file, "--json"))
    stored = json.loads(tensors(file)[1]["__metadata__"]["reject"])
    assert [share for share, _ in stored] == [0.01, 0.02, 0.05, 0.1, 0.2], stored
    held_out = [os.path.join(many, role) for role in ("val", "test")]
    last = -1
    for share, threshold in stored:
        result = run(
            "predict", model, file, *held_out, "-r", "--reject", str(share), "--json-lines"
        )
        assert result.returncode == 0, result.stderr
        lines = lines_of(result)
        cosines = sorted(line["cosine"] for line in lines)
        assert len(cosines) == 171
        assert abs(threshold - cosines[int(share * 171)]) < 1e-6, (share, threshold)
        for line in lines:
            assert line["refused"] == (line["class"] == ""), line
            if abs(line["cosine"] - threshold) > 1e-6:  # rounded otherwise
                assert line["refused"] == (line["cosine"] < threshold), line
        refused = sum(line["refused"] for line in lines)
        assert last <= refused <= share * 171 + 2, (share, refused)
        last = refused
    assert last > 15
    between = run("predict", model, file, *held_out, "-r", "--reject", "0.15", "--json")
    assert 12 < json_of(between)["none_of_these"] <= last
    few = os.path.join(work, "few.safetensors")
    json_of(run("train", model, dataset("few", pictures=3), "--method", "gda", "-o", few, "--json"))
    assert "reject" not in tensors(few)[1]["__metadata__"]
    old = run("predict", model, few, pictures[0], "--reject", "0.05")
    assert old.returncode == 1 and "Train it again" in old.stderr, old.stderr


def contents(folder):
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            found[os.path.relpath(path, folder)] = open(path, "rb").read()
    return found


@test
def sorted_copies():
    """Killed at any moment and done again: each picture once, whole, in its class's folder, what
    was there is left alone, and nothing else stays; what was printed are whole lines."""
    trained()
    folder = dataset("unsorted", pictures=80)
    target = os.path.join(work, "sorted")
    lines = predicted(folder, "-r")
    taken = os.path.join(target, lines[0]["class"], os.path.basename(lines[0]["path"]))
    os.makedirs(os.path.dirname(taken))
    with open(taken, "w") as f:
        f.write("somebody's own")
    command = [cli, "predict", "--model", model, out, folder, "-r", "--sort", target]
    killed, partly, rounds = 0, 0, int(os.environ.get("TEST_KILLS", "12"))
    for i in range(rounds):
        # by how much is there, not by the clock: machines differ
        enough = 1 + len(lines) * (i + 1) // (rounds + 2)
        with open(target + ".lines", "w+") as printed:
            process = subprocess.Popen(
                [*command, "--json-lines"], stdout=printed, stderr=subprocess.DEVNULL
            )
            while process.poll() is None and len(glob.glob(f"{target}/*/*")) < enough:
                time.sleep(0.001)
            process.kill()
            killed += process.wait() != 0
            printed.seek(0)
            assert all(json.loads(line) and line.endswith("\n") for line in printed)
        before = contents(target)
        partly += 1 < len(before) <= len(lines)
    assert killed > rounds // 4 and partly > rounds // 4, (killed, partly)
    done = run(*command[1:], "--json")
    counts = json_of(done)
    assert counts["copied"] + counts["there"] == len(lines) and counts["not_copied"] == 0
    after = contents(target)
    assert all(after[name] == before[name] for name in before if ".few-" not in name)
    assert open(taken).read() == "somebody's own"
    wanted = sorted((line["class"], open(line["path"], "rb").read()) for line in lines)
    del after[os.path.relpath(taken, target)]
    assert sorted((name.split("/")[0], body) for name, body in after.items()) == wanted
    again = json_of(run(*command[1:], "--json"))
    assert again["copied"] == 0 and again["there"] == len(lines), again
    by_two = [
        subprocess.Popen(
            [*command[:-1], os.path.join(work, "by two"), "--shard", f"{i}/2"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for i in (1, 2)
    ]
    assert [process.wait() for process in by_two] == [0, 0]
    both = contents(os.path.join(work, "by two"))
    assert sorted((name.split("/")[0], body) for name, body in both.items()) == wanted


@test
def interrupted():
    """Ctrl-C leaves no half table."""
    folder = dataset("long", pictures=500, size=64)
    table = os.path.join(work, "interrupted.csv")
    with open(table, "w") as f:
        f.write("old")
    process = subprocess.Popen(
        [cli, "predict", model, trained(), folder, "-r", "--no-cache", "--threads", "1"]
        + ["--csv", table],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    message = process.communicate(timeout=20)[1]
    assert process.returncode == 1 and "stopped" in message, (process.returncode, message)
    assert open(table).read() == "old"
    assert not [n for n in os.listdir(work) if n.startswith(".interrupted")]


def decode(path):
    """width, height and rows of RGB of a PNG that cairo wrote: 8 bits, no interlacing."""
    with open(path, "rb") as f:
        data = f.read()
    assert data.startswith(b"\x89PNG"), path
    at, packed = 8, b""
    while at < len(data):
        n = int.from_bytes(data[at : at + 4], "big")
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + n]
        if kind == b"IHDR":
            width, height = (int.from_bytes(body[i : i + 4], "big") for i in (0, 4))
            assert body[8:10] == b"\x08\x02", body
        packed += body if kind == b"IDAT" else b""
        at += 12 + n
    raw, rows, above = zlib.decompress(packed), [], bytes(3 * width)
    for y in range(height):
        line = bytearray(raw[y * (3 * width + 1) + 1 : (y + 1) * (3 * width + 1)])
        kind = raw[y * (3 * width + 1)]
        for i in range(3 * width):
            a, b, c = (
                line[i - 3] if i > 2 else 0,
                above[i],
                above[i - 3] if i > 2 else 0,
            )
            nearest = min((a, b, c), key=lambda v: abs(a + b - c - v))
            line[i] = (line[i] + (0, a, b, (a + b) // 2, nearest)[kind]) % 256
        rows.append(bytes(line))
        above = line
    return width, height, rows


@test
def heat():
    """A picture for each, named after it and its class; nothing is overwritten; what is asked for
    is what is shown."""
    folder = os.path.join(work, "heat")
    first = pictures[0]
    where = f"{os.path.basename(first)} – kind 0"
    answer = predicted(first, "--heat", folder)
    assert answer[0]["class"] == "kind 0", answer
    assert os.listdir(folder) == [where + ".png"], os.listdir(folder)
    width, height, plain = decode(os.path.join(folder, where + ".png"))
    assert (width, height) == (24, 24) and plain != decode(first)[2]
    before = os.stat(os.path.join(folder, where + ".png"))
    predicted(first, "--heat", folder, "--heat-view", "difference")
    assert os.path.samestat(before, os.stat(os.path.join(folder, where + ".png")))
    assert decode(os.path.join(folder, where + " (2).png"))[2] != plain
    predicted(first, "--heat", folder, "--heat-class", "kind 2", "--heat-by", "occlusion")
    assert os.path.exists(os.path.join(folder, f"{os.path.basename(first)} – kind 2.png"))
    # CLIP's is what is adapted at 0
    for name, options in (("clip", ["--heat-view", "clip"]), ("zero", ["--alpha", "0"])):
        predicted(first, "--heat", os.path.join(work, name), "--heat-class", "kind 1", *options)
    name = f"{os.path.basename(first)} – kind 1.png"
    assert decode(os.path.join(work, "clip", name)) == decode(os.path.join(work, "zero", name))


@test
def heat_refusals():
    """Wrong words are wrong usage; that the folder cannot be made is said before the work."""
    for options, word in (
        (["--heat-view", "clip"], "--heat."),
        (["--heat", "h", "--heat-view", "both"], "difference"),
        (["--heat", "h", "--heat-by", "magic"], "occlusion"),
        (["--heat", "h", "--heat-class", "kind 9"], "kind 9"),
    ):
        result = run("predict", "--model", model, trained(), pictures[0], *options)
        assert result.returncode == 2 and word in result.stderr, result.stderr
    taken = os.path.join(work, "taken")
    open(taken, "w").close()
    result = run("predict", "--model", model, trained(), pictures[0], "--heat", taken)
    assert result.returncode == 1 and "taken could not be created" in result.stderr, result
    assert not result.stdout


run_tests()
finish()
