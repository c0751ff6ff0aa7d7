#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""fewshot-cli frames: pictures of videos that the test encodes, every so many seconds and where
they change; what they say of themselves, and that no split parts them; files that are cut off,
damaged or no videos; what is missing. Prints TAP.

    test_frames.py FEWSHOT_CLI GOLDEN_FOLDER MAKE_VIDEO
"""

import http.server
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cli"))
from PIL import Image
from program import cli, dataset, json_of, model, run, work
from tap import check, finish, run_tests, test

make_video = sys.argv[3]
HEAD = "4sIIIqII"  # of app/common/frames-protocol.h
MAKE, MODEL, EXIF, TAKEN, SERIAL = 0x10F, 0x110, 0x8769, 0x9003, 0xA431


def video(name, kind="ball", seconds=6):
    path = os.path.join(work, name)
    if not os.path.exists(path):
        subprocess.run([make_video, path, kind, str(seconds)], check=True)
    return path


def script(path, text):
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, 0o755)


def frames(path, *options, folder=None):
    folder = folder or os.path.join(work, "out", os.path.basename(path) + "".join(options))
    return run("frames", path, folder, *options), folder


def pictures(folder):
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


def refused(path, words):
    result, folder = frames(path)
    assert result.returncode == 1, (result.returncode, result.stdout, result.stderr)
    assert words in result.stderr, result.stderr
    assert not pictures(folder), pictures(folder)


@test
def every_so_many_seconds():
    for ending in ("webm", "ogv", "avi", "mkv", "mov"):
        for interval, wanted in ((1, 6), (2, 3), (0.5, 12)):
            result, folder = frames(video(f"clip.{ending}"), "--every", str(interval))
            assert result.returncode == 0, result.stderr
            found = pictures(folder)
            assert abs(len(found) - wanted) <= 1, (ending, interval, found)
            assert found[0] == "clip 00000.000s.jpg", found
    with Image.open(os.path.join(folder, found[0])) as picture:
        assert picture.size == (320, 240), picture.size


@test
def where_the_picture_changes():
    result, folder = frames(video("scenes.webm", "scenes", 5), "--changes")
    assert result.returncode == 0, result.stderr
    found = pictures(folder)
    assert abs(len(found) - 5) <= 1, found
    small = [Image.open(os.path.join(folder, name)).convert("RGB").resize((8, 8)) for name in found]
    assert len({picture.tobytes() for picture in small}) == len(found)
    still = pictures(frames(video("clip.webm"), "--changes")[1])  # a small ball on black
    assert len(still) <= 2, still


@test
def most_and_side():
    answer = json_of(
        run("frames", video("clip.webm"), f"{work}/most", "--most", "2", "--side", "100", "--json")
    )
    assert answer["pictures"] == len(answer["files"]) == 2 and "problem" not in answer, answer
    with Image.open(answer["files"][0]) as picture:
        assert picture.size == (100, 75), picture.size


@test
def again_is_the_same():
    first = json_of(run("frames", video("clip.webm"), f"{work}/again", "--json"))
    second = json_of(run("frames", video("clip.webm"), f"{work}/again", "--json"))
    assert first["there_already"] == 0 and second["there_already"] == second["pictures"] == 6
    assert len(pictures(f"{work}/again")) == 6
    other = pictures(f"{work}/again")[0]
    with open(f"{work}/again/{other}", "ab") as f:
        f.write(b"a person's own")
    json_of(run("frames", video("clip.webm"), f"{work}/again", "--json"))
    assert len(pictures(f"{work}/again")) == 7  # nothing is overwritten


@test
def they_say_what_they_are_of():
    _, folder = frames(video("clip.webm"), "--every", "1")
    _, other = frames(video("other.webm", "ball", 4), "--every", "1")
    seen = []
    for one in (folder, other):
        for name in pictures(one):
            with Image.open(os.path.join(one, name)) as picture:
                exif = picture.getexif()
                more = exif.get_ifd(EXIF)
                assert exif[MAKE] == "Fewshot" and exif[MODEL] == "video", dict(exif)
                seen.append((more[TAKEN], more[SERIAL]))
    assert len(set(seen)) == 2 and len(seen) >= 9, seen


@test
def splits_do_not_part_them():
    """By what is in the files alone, wherever they are and whatever their names: frames that have
    nothing in common are moved to one side, and are not where nobody looks at what they say."""
    data = dataset("split")
    for k, name in enumerate(sorted(os.listdir(data))[:2]):
        _, folder = frames(video(f"long-{k}.webm", "scenes", 8 - k), "--every", "1")
        for i, frame in enumerate(pictures(folder)):
            os.rename(os.path.join(folder, frame), os.path.join(data, name, f"moved-{i}.jpg"))
    moved = {}
    for groups in ("bursts", "none"):
        output = os.path.join(work, "kept.safetensors")
        options = ["--method", "gda", "--groups", groups, "--json", "-o", output]
        moved[groups] = json_of(run("train", model, data, *options))["twins_moved"]
    assert moved["bursts"] >= moved["none"] + 2, moved


@test
def turned_as_the_file_says():
    """A phone's videos lie on their side and say so in the matrix of their track."""
    path = os.path.join(work, "phone.mov")
    with open(video("clip.mov"), "rb") as f:
        data = bytearray(f.read())
    at = data.index(b"tkhd") + 4 + 4 + 20 + 8 + 8  # version 0: times, ids, length, layer, volume
    one, minus = (1 << 16).to_bytes(4, "big"), (-1 << 16).to_bytes(4, "big", signed=True)
    zero, last = bytes(4), (1 << 30).to_bytes(4, "big")
    width = (240 << 16).to_bytes(4, "big")
    data[at : at + 36] = (
        zero + one + zero + minus + zero + zero + width + zero + last
    )  # by 90 degrees
    with open(path, "wb") as f:
        f.write(data)
    _, folder = frames(path, "--every", "2")
    with Image.open(os.path.join(folder, pictures(folder)[0])) as picture:
        assert picture.size == (240, 320), picture.size


@test
def cut_off():
    whole = open(video("clip.mkv"), "rb").read()
    with open(f"{work}/cut.mkv", "wb") as f:
        f.write(whole[: len(whole) // 2])
    result, folder = frames(f"{work}/cut.mkv")
    assert result.returncode == 1 and "cut off" in result.stderr, result.stderr
    assert 1 <= len(pictures(folder)) < 6  # what there was of it
    whole = open(video("clip.mov"), "rb").read()
    with open(f"{work}/cut.mov", "wb") as f:
        f.write(whole[: len(whole) // 2])
    refused(f"{work}/cut.mov", "no video that can be read")


@test
def no_videos():
    with open(f"{work}/random.mp4", "wb") as f:
        f.write(random.Random(1).randbytes(100000))
    open(f"{work}/empty.mp4", "wb").close()
    Image.new("RGB", (64, 64), "red").save(f"{work}/picture.png")
    os.rename(f"{work}/picture.png", f"{work}/picture.mp4")
    for name in ("random.mp4", "empty.mp4", "picture.mp4"):
        refused(f"{work}/{name}", name)
    refused(f"{work}/nowhere.mp4", "could not be opened")
    refused("/dev/zero", "not a regular file")
    os.mkfifo(f"{work}/pipe.mp4")
    refused(f"{work}/pipe.mp4", "not a regular file")


@test
def damaged_ones_end():
    """Bytes of each file are changed at random: pictures or a sentence, never more than seconds."""
    rng = random.Random(7)
    for ending in ("webm", "ogv", "avi", "mov"):
        whole = open(video(f"clip.{ending}"), "rb").read()
        for i in range(4):
            data = bytearray(whole)
            for _ in range(40):
                data[rng.randrange(len(data))] = rng.randrange(256)
            path = f"{work}/damaged-{i}.{ending}"
            with open(path, "wb") as f:
                f.write(data)
            start = time.time()
            result, folder = frames(path)
            assert time.time() - start < 40, (ending, i)
            assert result.returncode in (0, 1), (ending, i, result)
            assert result.returncode == 0 or result.stderr.startswith("fewshot-cli: "), result


@test
def nothing_is_fetched():
    """A list of what to play is none that is followed, whatever it is called."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *arguments):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/part.ts"
    texts = {
        "list.mp4": f"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\n{address}\n#EXT-X-ENDLIST\n",
        "uris.mp4": f"{address}\n",
        "dash.mp4": f'<?xml version="1.0"?><MPD><BaseURL>{address}</BaseURL></MPD>',
        "sdp.mp4": "v=0\nm=video 5004 RTP/AVP 96\nc=IN IP4 127.0.0.1\n",
    }
    for name, text in texts.items():
        with open(f"{work}/{name}", "w") as f:
            f.write(text)
        refused(f"{work}/{name}", name)
    server.shutdown()
    assert not asked, asked


@test
def stopped_leaves_nothing():
    folder = f"{work}/stopped"
    process = subprocess.Popen(
        [cli, "frames", video("long.webm", "ball", 120), folder, "--every", "0.05"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.time() + 30
    while not pictures(folder) and time.time() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 1
    assert not os.path.exists(folder), pictures(folder)


@test
def what_is_missing_is_named():
    environment = dict(os.environ, FEWSHOT_FRAMES=f"{work}/nothing")
    result = run("frames", video("clip.webm"), f"{work}/none", env=environment)
    assert result.returncode == 1 and "install the package fewshot-frames" in result.stderr, (
        result.stderr
    )
    environment = dict(
        os.environ,
        GST_PLUGIN_SYSTEM_PATH=f"{work}/no-plugins",
        GST_REGISTRY=f"{work}/registry",
        GST_REGISTRY_FORK="no",
    )
    result = run("frames", video("clip.webm"), f"{work}/none", env=environment)
    assert result.returncode == 1, result.stderr
    assert "of GStreamer is not here: install the package" in result.stderr, result.stderr


@test
def without_its_libraries():
    """As where the archive of tools/bundle.sh is unpacked and GStreamer is not: what to install is
    said. One that had begun to speak had its libraries."""
    program = os.path.join(work, "without")
    for words, said in (("", False), ("printf x; ", True)):
        script(program, f"#!/bin/sh\n{words}exit 127\n")
        environment = dict(os.environ, FEWSHOT_FRAMES=program)
        result = run("frames", video("clip.webm"), f"{work}/none", env=environment)
        assert result.returncode == 1, result.stderr
        assert ("GStreamer, which is not on this computer: install it" in result.stderr) != said
        assert ("broke the decoder" in result.stderr) == said, result.stderr


def moved_program(*, instead=None):
    """A copy of the program, its libexec with what only says who it is, and the answer."""
    home = os.path.join(work, "moved here")
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(f"{home}/bin")
    os.makedirs(f"{home}/libexec/fewshot")
    shutil.copy(cli, f"{home}/bin/fewshot-cli")
    for folder, name in ((f"{home}/libexec/fewshot", "own"), (f"{home}/hostile", "hostile")):
        os.makedirs(f"{folder}/libexec/fewshot", exist_ok=True)
        head = struct.pack(HEAD, b"fwef", 5, 0, 0, 0, len(name), 4)
        for path in (f"{folder}/fewshot-frames", f"{folder}/libexec/fewshot/fewshot-frames"):
            octal = "".join(f"\\{byte:03o}" for byte in head + name.encode())
            script(path, f"#!/bin/sh\nprintf '{octal}'\n")
    if instead:
        instead(f"{home}/libexec/fewshot/fewshot-frames")
    hostile = f"{home}/hostile"
    libraries = os.path.join(os.path.dirname(cli), "../../engine")
    environment = dict(os.environ, PATH=f"{hostile}:{os.environ['PATH']}")
    environment["LD_LIBRARY_PATH"] = os.path.realpath(libraries)
    return subprocess.run(
        [f"{home}/bin/fewshot-cli", "frames", video("clip.webm"), f"{work}/moved"],
        cwd=hostile,
        env=environment,
        capture_output=True,
        text=True,
    )


@test
def found_where_it_was_unpacked():
    """Beside the program, wherever that lies; not in PATH, nor in the folder it was started in."""
    result = moved_program()
    assert "own" in result.stderr and "hostile" not in result.stderr, result
    result = moved_program(instead=os.unlink)  # then that of this build, or of a package
    assert result.returncode == 0 and len(pictures(f"{work}/moved")) == 6, result


def of_another_owner():
    what = "what somebody else put beside the program is not started"
    if os.geteuid() != 0:
        check(f"{what} # SKIP only root can give files away", True)
        return
    faults = [
        lambda path: os.chown(path, 12345, 12345),
        lambda path: os.chown(os.path.dirname(path), 12345, 12345),
        lambda path: os.chmod(os.path.dirname(os.path.dirname(path)), 0o777),
        lambda path: (os.rename(path, path + "2"), os.symlink(path + "2", path)),
    ]
    results = [moved_program(instead=fault) for fault in faults]
    check(what, all(r.returncode == 0 and "own" not in r.stderr for r in results), str(results))


@test
def what_reads_is_not_trusted():
    """Another program in its place, as if a video had taken it over: neither more pictures than
    were asked for, nor times that are none."""
    liar = os.path.join(work, "liar")
    for name, time_of, n in (("more", "i * 10**9", 100), ("before", "-5 * 10**9", 1)):
        script(
            liar,
            f"#!{sys.executable}\nimport struct, sys\n"
            f"for i in range({n}):\n"
            f"    head = struct.pack('{HEAD}', b'fwef', 2, 8, 8, {time_of}, 192, 0)\n"
            "    sys.stdout.buffer.write(head + bytes([i]) * 192)\n"
            f"sys.stdout.buffer.write(struct.pack('{HEAD}', b'fwef', 4, 0, 0, 0, 0, 0))\n",
        )
        folder = os.path.join(work, "lies", name)
        options = ("frames", video("clip.webm"), folder, "--most", "3")
        result = run(*options, env=dict(os.environ, FEWSHOT_FRAMES=liar))
        assert result.returncode == 1 and "broke the decoder" in result.stderr, result
        assert len(pictures(folder)) == (3 if n > 3 else 0), pictures(folder)


@test
def usage():
    for options in (
        ["--every", "0"],
        ["--every", "x"],
        ["--most", "-1"],
        ["--every", "1", "--changes"],
    ):
        result, _ = frames(video("clip.webm"), *options)
        assert result.returncode == 2 and result.stderr, options
    assert run("frames", video("clip.webm")).returncode == 2


@test
def folders_with_videos():
    data = dataset("videos")
    name = sorted(os.listdir(data))[0]
    os.rename(video("inside.webm", "ball", 2), os.path.join(data, name, "inside.webm"))
    result = run("train", model, data, "--shots", "2", "-o", f"{work}/v.safetensors")
    assert result.returncode == 0, result.stderr
    assert "1 video is passed over" in result.stderr and "fewshot-cli frames" in result.stderr
    assert "inside.webm" not in result.stderr, result.stderr


def by_libav():
    what = "what libav decodes becomes pictures, too"
    path = os.path.join(work, "clip.flv")
    if subprocess.run([make_video, path, "ball", "3"], stderr=subprocess.DEVNULL).returncode:
        check(f"{what} # SKIP gstreamer1.0-libav is not installed", True)
        return
    result, folder = frames(path)
    check(what, result.returncode == 0 and len(pictures(folder)) == 3, result.stderr)


run_tests()
by_libav()
of_another_owner()
finish()
