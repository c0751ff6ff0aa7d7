#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""fewshot-cli against files that are not what they should be: pipes and devices in every place,
JSON and pickles made to exhaust, models that change while they are read, names that a terminal
obeys. Every run has ten seconds. Prints TAP.

    test_hostile.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import json
import os
import shutil
import stat
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from hostile import (
    CONFIG,
    WEIGHTS,
    cli,
    data,
    limited,
    model,
    picture,
    refused,
    run,
    vit,
    work,
    worked,
)
from tap import finish, run_tests, test

adapter = os.path.join(work, "good.safetensors")
worked(run("train", vit, data, "--epochs", "2", "--output", adapter))

# what can stand in a file's place and is none
places = os.path.join(work, "places")
os.makedirs(places)
os.mkfifo(os.path.join(places, "pipe"))
os.symlink("/dev/zero", os.path.join(places, "zero"))
os.makedirs(os.path.join(places, "folder"))
STRANGE = [
    (kind, os.path.join(places, kind), word)
    for kind, word in (("pipe", "pipe"), ("zero", "device"), ("folder", "folder"))
]


def put(strange, path):
    if os.path.lexists(path):
        os.unlink(path)
    os.symlink(strange, path)


@test
def pipes_in_a_model():
    for kind, strange, word in STRANGE:
        for file in (CONFIG, "vocab.json", "merges.txt", WEIGHTS):
            folder = model(f"strange-{kind}-{file}")
            put(strange, os.path.join(folder, file))
            refused(run("info", folder, preexec_fn=limited), file, word)
        for keep, file in (
            (("vocab.json", "merges.txt"), "tokenizer.json"),
            (("vocab.json", "merges.txt"), "bpe_simple_vocab_16e6.txt.gz"),
            ((WEIGHTS,), "model.pt"),
            ((WEIGHTS,), "model.safetensors.index.json"),
            ((CONFIG,), "config.json"),
        ):
            folder = model(f"strange-{kind}-{file}")
            for name in keep:
                os.unlink(os.path.join(folder, name))
            put(strange, os.path.join(folder, file))
            refused(run("info", folder, preexec_fn=limited), file, word)
        folder = model(f"strange-{kind}-shard")
        os.unlink(os.path.join(folder, WEIGHTS))
        put(strange, os.path.join(folder, "a.safetensors"))
        with open(os.path.join(folder, "a.safetensors.index.json"), "w") as f:
            json.dump({"weight_map": {"x": "a.safetensors"}}, f)
        refused(run("info", folder, preexec_fn=limited), "a.safetensors", word)


@test
def pipes_elsewhere():
    out = os.path.join(work, "out.safetensors")
    for kind, strange, word in STRANGE:
        for arguments in (
            ["predict", vit, strange, picture],
            ["eval", vit, strange, data],
            ["onnx", strange, "--output", out],
            ["snippet", strange],
            ["merge", "--output", out, strange, strange],
            ["bench", vit, data, "--split", strange, "--output", os.path.join(work, "b.csv")],
            [
                "bench",
                vit,
                data,
                "--train-list",
                strange,
                "--test-list",
                strange,
                "--output",
                os.path.join(work, "b.csv"),
            ],
            ["bench", vit, data, "--class-names", strange, "--output", os.path.join(work, "b.csv")],
            [
                "bench",
                vit,
                data,
                "--class-prompts",
                strange,
                "--output",
                os.path.join(work, "b.csv"),
            ],
        ):
            done = run(*arguments, preexec_fn=limited)
            assert done.returncode in (1, 2) and done.stderr, (arguments, done)
        refused(
            run("embed", vit, "--image", strange, "--output", out),
            "refused" if kind != "folder" else "folder",
        )
        put(strange, out + ".part")
        refused(run("embed", vit, "--image", picture, "--output", out), word)
        os.unlink(out + ".part")


@test
def pipes_of_our_own():
    """In the place of what is remembered: it is done without, and replaced."""
    for kind, strange, _ in STRANGE[:2]:
        home = os.path.join(work, "own-" + kind)
        features = os.path.join(home, "cache/fewshot/features")
        record = os.path.join(home, "data/fewshot/models/x/fewshot-model.ini")
        environment = {
            **os.environ,
            "XDG_CACHE_HOME": home + "/cache",
            "XDG_DATA_HOME": home + "/data",
        }
        for path in (os.path.join(features, "models.ini"), record):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            put(strange, path)
        worked(run("info", vit, env=environment, preexec_fn=limited))
        worked(run("models", env=environment, preexec_fn=limited))


@test
def deep_json():
    """A comment that holds a quote hid two million brackets from the check of depth; the parser
    recursed until the stack ended."""
    for hidden in ('/*"*/', '#"\n', '//"\n', "'\"'", ""):
        folder = model("deep")
        for name, head in ((CONFIG, '{"a":'), ("vocab.json", '{"a":')):
            folder = model("deep")
            with open(os.path.join(folder, name), "w") as f:
                f.write(head + hidden + "[" * 2000000)
            refused(run("info", folder), name)
    with open(os.path.join(work, "deep.safetensors"), "wb") as f:
        header = b'{"__metadata__":/*"*/' + b"[" * 2000000
        f.write(struct.pack("<Q", len(header)) + header)
    refused(run("snippet", os.path.join(work, "deep.safetensors")), "deep.safetensors")


def sharing(key_length, depth, leaf):
    """A zip of PyTorch's form whose nested dicts share one long key."""
    import zipfile

    body = b"\x80\x02}X" + struct.pack("<I", key_length) + b"k" * key_length + b"q\0"
    body += b"}h\0" * depth + b"}(" + b"h\0N" * leaf + b"u" + b"s" * (depth + 1) + b"."
    path = os.path.join(model("pickle"), "open_clip_pytorch_model.bin")
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("archive/data.pkl", body)
        z.writestr("archive/version", "3\n")
    return path


@test
def pickles_that_grow():
    """A long key that every dict shares was copied for each visit: a megabyte took minutes, twenty
    took 9 GB."""
    for key_length, depth, leaf in (
        (1000000, 29, 10000),
        (20000000, 29, 10),
        (300, 31, 400000),
        (70000, 29, 100000),
    ):
        path = sharing(key_length, depth, leaf)
        os.unlink(os.path.join(os.path.dirname(path), WEIGHTS))
        refused(run("info", os.path.dirname(path), preexec_fn=limited))

    def program(body):
        import zipfile

        path = sharing(1, 1, 1)
        with zipfile.ZipFile(path, "w") as z:
            z.writestr("archive/data.pkl", b"\x80\x02" + body)
        os.unlink(os.path.join(os.path.dirname(path), WEIGHTS))
        return run("info", os.path.dirname(path), preexec_fn=limited)

    key = b"X" + struct.pack("<I", 1000000) + b"k" * 1000000 + b"q\0"
    storage = b"(X\7\0\0\0storagectorch\nFloatStorage\nh\0X\3\0\0\0cpuK\1tQ"
    refused(program(key + storage * 20000 + b"."))  # the key of a storage, copied for each
    # A module's name
    refused(
        program(
            b"X"
            + struct.pack("<I", 1000000)
            + b"__torch__."
            + b"k" * 999990
            + b"q\0X\1\0\0\0xq\1"
            + b"h\0h\1\x93" * 20000
            + b"."
        )
    )
    refused(program(b"N" * 30000000 + b"."))  # values
    refused(program(b"Nq\0" + b"h\0" * 15000000 + b"."))  # the same one, over and over
    refused(program(b"(" * 30000000 + b"."))  # marks
    refused(program(b"]q\0" + b"(h\0h\0e" * 5000000 + b"."))  # a list that holds itself


@test
def terminals():
    """What a terminal would obey is shown, not sent; a name has one line."""
    strange = {
        "kind \x1b[2J0": "red \x1b]0;owned\x07",
        "kind \u202e1": "\u009b31m",
        "kind\n2": "a\nb",
    }
    folder = os.path.join(work, "escapes")
    for i, name in enumerate(strange):
        shutil.copytree(os.path.join(data, f"kind {i}"), os.path.join(folder, name))
    out = os.path.join(work, "escapes.safetensors")
    done = worked(run("train", vit, folder, "--epochs", "2", "--output", out))
    picture = os.path.join(folder, "kind\n2", "x\x1b[31m\u202e\n.png")
    shutil.copy(os.path.join(data, "kind 2", "001.png"), picture)
    broken = os.path.join(folder, "kind\n2", "broken\x1b[5m\n.png")
    open(broken, "w").write("none")
    for arguments in (
        ["predict", vit, out, picture, broken],
        ["eval", vit, out, folder],
        ["train", vit, os.path.join(work, "no\x1b[2J\nwhere")],
        ["info", os.path.join(work, "no\x1b[2J\nwhere")],
        ["tokenize", vit, "\x1b[31m word" * 40],
        ["no\x1b[31msuch"],
        ["snippet", out],
        [
            "bench",
            vit,
            folder,
            "--methods",
            "zero-shot",
            "--shots",
            "16",
            "--seeds",
            "1",
            "-o",
            os.path.join(work, "e.csv"),
        ],
        ["models"],
        ["remove", "a\x1b[31mb"],
        ["pull", "a\x1b[31mb"],
        ["embed", vit, "--image", broken, picture, "-o", os.path.join(work, "e.safetensors")],
    ):
        done = run(*arguments)
        for text in (done.stdout, done.stderr):
            bad = [
                c
                for c in text
                if (ord(c) < 32 and c not in "\n\t")
                or 0x7F <= ord(c) < 0xA0
                or c in "\u202e\u2028\ufffd"
                or 0xDC80 <= ord(c) <= 0xDCFF
            ]
            assert not bad, (arguments, bad, text)
    lines = run("predict", vit, out, picture, broken)
    assert len(lines.stdout.splitlines()) == 1 and "\\x1B[31m\\u{202E}\\x0A.png" in lines.stdout, (
        lines.stdout
    )
    assert len(lines.stderr.splitlines()) == 2, lines.stderr  # its own, and how many there were
    answer = run("predict", vit, out, picture, "--json")
    assert (
        "\u202e" not in answer.stdout
        and "\x1b" not in answer.stdout
        and "\u009b" not in answer.stdout
    ), answer.stdout
    assert (
        json.loads(answer.stdout)["classes"] == sorted(strange)
        and json.loads(answer.stdout)["predictions"][0]["path"] == picture
    )
    odd = os.fsencode(work) + b"/odd\xff\x1b\n.png"
    shutil.copy(picture, odd)
    done = subprocess.run(
        [cli, b"predict", vit.encode(), out.encode(), odd], capture_output=True, timeout=10
    )
    assert done.returncode == 0 and b"odd\\xFF\\x1B\\x0A.png" in done.stdout, done


@test
def snippets():
    """Of adapters whose names are no UTF-8, hold quotes or escapes: Python that runs."""
    for name in (
        b"plain.safetensors",
        b"odd\xff\xfe.safetensors",
        b'quote"\\.safetensors',
        b"esc\x1b[31m.safetensors",
        "가 \u202e.safetensors".encode(),
        b"line\n.safetensors",
    ):
        path = os.path.join(os.fsencode(work), name)
        shutil.copy(adapter, path)
        code = subprocess.run([cli, b"snippet", path], capture_output=True, timeout=10)
        assert code.returncode == 0, code
        source = code.stdout.decode()
        compile(source, "snippet", "exec")
        assert "\x1b" not in source and "\u202e" not in source
        opened = []
        lines = [line for line in source.splitlines() if "safe_open(" in line]
        import os as os_module

        eval(
            lines[0].split("with ")[1].split(" as f")[0],
            {"safe_open": lambda p, kind, opened=opened: opened.append(p), "os": os_module},
        )
        assert os.fsencode(opened[0]) == path, (opened, path)
        onnx = path.replace(b".safetensors", b".onnx")
        shutil.copy(adapter, onnx)
        source = subprocess.run(
            [cli, b"snippet", onnx], capture_output=True, timeout=10
        ).stdout.decode()
        line = next(line for line in source.splitlines() if "InferenceSession(" in line)
        seen = []

        class Fake:
            InferenceSession = staticmethod(seen.append)

        eval(line.split("= ")[1], {"onnxruntime": Fake})
        assert (
            (seen[0] == open(onnx, "rb").read())
            if isinstance(seen[0], bytes)
            else os.fsencode(seen[0]) == onnx
        ), seen


@test
def removes_only_its_own():
    models = os.path.join(os.environ["XDG_DATA_HOME"], "fewshot/models")
    hand, elsewhere, linked = (
        os.path.join(models, "vit-b-32"),
        os.path.join(work, "elsewhere"),
        os.path.join(models, "vit-b-16"),
    )
    os.makedirs(hand)
    os.makedirs(elsewhere)
    for path in (os.path.join(hand, "my-notes.txt"), os.path.join(elsewhere, "thesis.doc")):
        open(path, "w").write("x")
    os.symlink(elsewhere, linked)
    for name in ("vit-b-32", "vit-b-16"):
        refused(run("remove", name), "nothing to remove")
    assert (
        os.listdir(hand) == ["my-notes.txt"]
        and os.listdir(elsewhere) == ["thesis.doc"]
        and os.path.islink(linked)
    )
    # a record of ours names what may go; a note beside it, a link in a file's place and a record
    # that reaches outside stay
    record = "[model]\nrepository=x/y\nrevision=main\n" + "".join(
        f"[file {n}]\nbytes=4\nsha256=\n"
        for n in ("a.json", "b.json", "../../thesis.doc", "c.json", "folder")
    )
    for name in ("a.json", "a.json.part", "b.json.damaged", "notes.txt", "fewshot-model.ini"):
        open(os.path.join(hand, name), "w").write(record if name.endswith("ini") else "test")
    open(os.path.join(models, "thesis.doc"), "w").write("test")
    os.symlink(os.path.join(elsewhere, "thesis.doc"), os.path.join(hand, "c.json"))
    os.makedirs(os.path.join(hand, "folder"))
    worked(run("remove", "vit-b-32"))
    assert sorted(os.listdir(hand)) == ["c.json", "folder", "my-notes.txt", "notes.txt"], (
        os.listdir(hand)
    )
    assert os.path.exists(os.path.join(models, "thesis.doc")) and os.listdir(elsewhere) == [
        "thesis.doc"
    ]
    refused(run("remove", "vit-b-32"), "nothing to remove")
    # a folder that is a link, with a record inside: not ours to empty
    open(os.path.join(elsewhere, "fewshot-model.ini"), "w").write(record)
    refused(run("remove", "vit-b-16"), "nothing to remove")
    assert sorted(os.listdir(elsewhere)) == ["fewshot-model.ini", "thesis.doc"]


@test
def cut_off_while_it_is_opened():
    """A model on a disk that is taken away, or copied over: a sentence or a whole model, never a
    signal."""
    folder = model("cut")
    weights = os.path.join(folder, WEIGHTS)
    whole = open(weights, "rb").read()
    seen = set()
    for i in range(40):
        with open(weights, "wb") as f:
            f.write(whole)
        shutil.rmtree(os.path.join(os.environ["XDG_CACHE_HOME"], "fewshot"), ignore_errors=True)
        process = subprocess.Popen(
            [cli, "info", folder], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        time.sleep(i * 0.001)
        os.truncate(weights, 5000)
        seen.add((process.wait(timeout=10), "became shorter" in process.stderr.read()))
    assert all(status in (0, 1) for status, _ in seen), seen


@test
def umask_and_leftovers():
    """Files have the mode that the umask leaves; what a killed writer left goes at the next write,
    what is alive or ours not stays."""
    out = os.path.join(work, "mode", "adapter.safetensors")
    os.makedirs(os.path.dirname(out))
    for mask, mode in ((0o077, 0o600), (0o022, 0o644), (0o002, 0o664)):
        if os.path.exists(out):
            os.unlink(out)
        worked(
            run(
                "train",
                vit,
                data,
                "--epochs",
                "1",
                "--output",
                out,
                preexec_fn=lambda mask=mask: os.umask(mask),
            )
        )
        assert stat.S_IMODE(os.stat(out).st_mode) == mode, (oct(mask), oct(os.stat(out).st_mode))
    os.chmod(out, 0o640)
    worked(run("train", vit, data, "--epochs", "1", "--output", out))
    assert stat.S_IMODE(os.stat(out).st_mode) == 0o640  # the old file's
    big = os.path.join(os.path.dirname(out), "big.safetensors")

    def left(name):
        return [n for n in os.listdir(os.path.dirname(out)) if n.startswith("." + name)]

    for _ in range(60):  # until one is killed while it writes
        process = subprocess.Popen(
            [cli, "train", vit, data, "--epochs", "1", "--hidden", "16000", "--output", big],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not left("big") and process.poll() is None:
            time.sleep(0.0005)
        process.kill()
        process.wait()
        if left("big"):
            break
    assert left("big"), "no writer was killed in time"
    mine = os.path.join(os.path.dirname(out), ".big.safetensors.backup")
    open(mine, "w").write("mine")
    worked(run("train", vit, data, "--epochs", "1", "--output", big))
    assert left("big") == [".big.safetensors.backup"], left("big")


run_tests()
finish()
