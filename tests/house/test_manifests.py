#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The Flatpak manifests, NVIDIA's packages, the workflow and the hooks: they parse, agree with each
other, and what they name is there. Prints TAP."""

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from tap import finish, run_tests, test

ROOT = Path(__file__).resolve().parents[2]
ID = "io.github.fewshot.Fewshot"
FLATPAK = ROOT / "flatpak"
manifests = {path.stem: json.loads(path.read_text()) for path in FLATPAK.glob("*.json")}
released, development, cuda = (manifests[ID + end] for end in ("", ".Devel", ".Cuda"))


def sources(manifest):
    return [source for module in manifest["modules"] for source in module["sources"]]


def module(manifest, name):
    return next(module for module in manifest["modules"] if module["name"] == name)


@test
def named_after_their_files():
    assert len(manifests) == 3
    for name, manifest in manifests.items():
        assert manifest["id"] == name, name


@test
def sources_are_pinned():
    for manifest in manifests.values():
        for source in sources(manifest):
            if source["type"] == "git":
                assert source["url"].startswith("https://github.com/"), source
                assert re.fullmatch(r"[0-9a-f]{40}", source["commit"]) and source["tag"], source
            elif source["type"] == "archive":
                assert re.fullmatch(r"[0-9a-f]{64}", source["sha256"]), source
                assert "url" not in source and source["path"].startswith("wheels/"), source
            else:
                assert source["type"] == "dir" and source["path"] == "..", source
                assert {".git", "flatpak/wheels"} <= set(source["skip"]), source


@test
def same_libraries_everywhere():
    for name in ("liblbfgs", "protobuf", "protobuf-c"):
        same = [dict(module(manifest, name), cleanup=None) for manifest in manifests.values()]
        assert all(one == same[0] for one in same), name
    for name in ("exiv2", "gexiv2"):  # the extension has no need of them
        assert module(released, name) == module(development, name), name


@test
def development_is_the_release_with_another_profile():
    for key in ("runtime", "runtime-version", "sdk", "command", "finish-args"):
        assert development[key] == released[key], key
    assert "-Dprofile=development" in module(development, "fewshot")["config-opts"]
    assert (ROOT / f"data/icons/hicolor/scalable/apps/{ID}.Devel.svg").exists()


@test
def packages_look_nowhere_but_where_they_are_installed():
    for manifest in (released, development):
        assert "-Dtree=false" in module(manifest, "fewshot")["config-opts"]
    for recipe in ("debian/rules", "tools/bundle.sh"):
        assert "-Dtree=false" in (ROOT / recipe).read_text(), recipe


# What the build asks pkg-config for: the Debian package it comes from, and whether GNOME's runtime
# for Flatpaks has it, too.
LIBRARIES = {
    "cairo": ("libgtk-4-dev", True),
    "gdk-pixbuf-2.0": ("libgdk-pixbuf-2.0-dev", True),
    "gexiv2": ("libgexiv2-dev", False),
    "lcms2": ("liblcms2-dev", True),
    "gio-2.0": ("libgtk-4-dev", True),
    "gio-unix-2.0": ("libgtk-4-dev", True),
    "glib-2.0": ("libgtk-4-dev", True),
    "gstreamer-1.0": ("libgstreamer1.0-dev", True),
    "gstreamer-app-1.0": ("libgstreamer-plugins-base1.0-dev", True),
    "gstreamer-pbutils-1.0": ("libgstreamer-plugins-base1.0-dev", True),
    "gstreamer-video-1.0": ("libgstreamer-plugins-base1.0-dev", True),
    "gtk4": ("libgtk-4-dev", True),
    "json-glib-1.0": ("libjson-glib-dev", True),
    "libadwaita-1": ("libadwaita-1-dev", True),
    "libarchive": ("libarchive-dev", True),
    "libcurl": ("libcurl4-openssl-dev", True),
    "libprotobuf-c": ("libprotobuf-c-dev", False),
    "libsoup-3.0": ("libsoup-3.0-dev", True),
    "nettle": ("nettle-dev", True),
    "sqlite3": ("libsqlite3-dev", True),
    "zlib": ("zlib1g-dev", True),
}


@test
def every_dependency_is_installed():
    asked = set()
    for path in [ROOT / "meson.build", *(ROOT / "engine").rglob("meson.build")] + [
        *(ROOT / "app").rglob("meson.build"),
        *(ROOT / "tests").rglob("meson.build"),
    ]:
        asked |= set(re.findall(r"dependency\('([^']+)'", path.read_text()))
    asked -= {"dl", "threads"}  # the C library's
    assert asked == set(LIBRARIES), asked ^ set(LIBRARIES)
    prepare = (ROOT / "tools/prepare.sh").read_text()
    packages = re.search(r'build_packages="([^"]+)"', prepare).group(1).split()
    for name, (package, in_runtime) in LIBRARIES.items():
        assert package in packages, (name, package)
        modules = [module["name"] for module in released["modules"]]
        assert in_runtime or name.removeprefix("lib") in modules, (name, modules)
    assert "liblbfgs-dev" in packages  # has no pkg-config file
    for script in ("run", "test"):
        assert "tools/prepare.sh" in (ROOT / script).read_text(), script


@test
def wheels_are_those_of_the_list():
    text = (FLATPAK / "wheels.txt").read_text()
    listed = re.findall(r"^([\w-]+)==([\d.]+) \\\n +--hash=sha256:([0-9a-f]{64})$", text, re.M)
    assert len(listed) == text.count("==") == 6
    named = []
    for source in sources(cuda):
        if source["type"] == "archive":
            package, version = Path(source["path"]).name.split("-")[:2]
            named.append((package.replace("_", "-"), version, source["sha256"]))
    assert named == listed


@test
def workflow_and_hooks():
    try:
        import yaml
    except ImportError:
        raise AssertionError("python3-yaml is missing; ./test installs it") from None
    jobs = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text())["jobs"]
    runs = [step.get("run", "") for job in jobs.values() for step in job["steps"]]
    assert "./test" in "\n".join(runs), runs
    matrix = jobs["debian"]["strategy"]["matrix"]
    assert set(matrix["release"]) == {12, 13} and set(matrix["compiler"]) == {"gcc", "clang"}
    assert any("arm" in str(job["runs-on"]) for job in jobs.values())
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    for hook in (hook for repository in hooks for hook in repository["hooks"]):
        for word in hook["entry"].split():
            if "/" in word and not word.startswith("build-test/"):
                assert (ROOT / word).exists(), word


run_tests()
finish()
