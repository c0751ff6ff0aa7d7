#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The manual page and the completions say what the program does: each option of each command's
--help, read by groff, bash, zsh and fish themselves. Prints TAP.

    test_manual.py FEWSHOT_CLI [FEWSHOT ITS_PAGE]
"""

import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from tap import Skipped, finish, run_tests, test

cli = os.path.abspath(sys.argv[1])
work = tempfile.mkdtemp(prefix="fewshot-manual-")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def worked(*command):
    done = run(*command)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


def written(form, name):
    path = os.path.join(work, name)
    with open(path, "w") as f:
        f.write(worked(cli, "manual", form))
    return path


# {command: its options}, as --help prints them
commands = {
    name: set(re.findall(r"--[a-z][a-z0-9-]*", worked(cli, name, "--help").split("\n\n", 1)[1]))
    for name in re.findall(r"^  ([a-z-]+) ", run(cli, "--help").stderr, re.M)
}
common = set.intersection(*commands.values())


@test
def commands_are_known():
    assert {"train", "predict", "bench", "manual"} <= commands.keys(), commands.keys()
    assert {"--json", "--device", "--help"} <= common, common
    assert "--reject" in commands["predict"] and "--reject" not in commands["bench"]


def read_page(page):
    done = run("groff", "-ww", "-man", "-Kutf8", "-Tutf8", "-P-bcou", "-rLL=200n", page)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout


@test
def the_page_of_the_window():
    """Written by hand: its options are those that the program knows, and it is of this version."""
    if len(sys.argv) < 4:
        raise Skipped("the window is not built")
    fewshot, page = sys.argv[2:4]
    said = read_page(page)
    told = set(re.findall(r"--[a-z][a-z-]*", said))
    known = set(re.findall(r"--[a-z][a-z-]*", worked(fewshot, "--help-all")))
    assert told == known, told ^ known
    version = worked(cli, "--version").split()[1]
    assert f"Fewshot {version}" in said, said[-200:]


@test
def the_page():
    said = read_page(written("man", "fewshot-cli.1"))
    parts = dict(re.findall(r"^   ([a-z-]+)\n(.*?)(?=^   [a-z]|^[A-Z])", said, re.M | re.S))
    assert parts.keys() == commands.keys(), parts.keys() ^ commands.keys()
    for name, options in commands.items():
        told = set(re.findall(r"^ +(?:-\w, )?(--[a-z0-9-]+)", parts[name], re.M))
        assert told == options - common, (name, told ^ (options - common))


@test
def bash_completes():
    script = written("bash", "fewshot-cli.bash")
    assert worked("shellcheck", "-s", "bash", script) == ""

    def offered(*words):
        ask = (
            'source "$1"; shift; COMP_WORDS=(fewshot-cli "$@"); COMP_CWORD=$#; _fewshot_cli; '
            'printf "%s\\n" "${COMPREPLY[@]}"'
        )
        return set(worked("bash", "-c", ask, "bash", script, *words).split())

    assert offered("tr") == {"train"}
    assert offered("") >= commands.keys() | {"--version"}
    for name, options in commands.items():
        assert offered(name, "--") == options, (name, offered(name, "--") ^ options)
    assert "-o" in offered("train", "pocket", "-")
    assert offered("train", script[:-1]) == {script}


@test
def zsh_completes():
    script = written("zsh", "_fewshot-cli")
    ask = """
zmodload zsh/zpty
zpty shell zsh -f -i
put() { zpty -w shell "$1" }
put 'PROMPT=; unset zle_bracketed_paste; autoload -U compinit; fpath=('"$1"' $fpath)'
put 'compinit -u -d '"$1"'/dump; zstyle ":completion:*" list-prompt ""; LISTMAX=1000; LINES=200'
put 'list() { zle list-choices; zle -R; print listed-$((1+1)); zle kill-whole-line }'
put 'zle -N list; bindkey "^I" list; print ready-$((1+1))'
zpty -r shell said '*ready-2*'
all=
for line in "${@:2}"; do
  zpty -w -n shell "$line"$'\\t'
  zpty -r shell said '*listed-2*'
  all+=$said
done
print -r -- "$all"
"""
    assert run("zsh", "-n", script).returncode == 0
    said = worked("zsh", "-f", "-c", ask, "zsh", work, "fewshot-cli l", "fewshot-cli eval --")
    assert "label-next" in said, said
    for option in commands["eval"]:
        assert option in said, (option, said)


@test
def fish_completes():
    script = written("fish", "fewshot-cli.fish")

    def offered(line):
        told = worked(
            "fish", "--no-config", "-c", 'source $argv[1]; complete -C "$argv[2]"', script, line
        )
        return {entry.split("\t")[0] for entry in told.splitlines()}

    assert offered("fewshot-cli tr") == {"train"}
    assert offered("fewshot-cli ") == commands.keys()
    for name, options in commands.items():
        assert offered(f"fewshot-cli {name} --") == options, name


@test
def other_forms_are_refused():
    done = run(cli, "manual", "tcsh")
    assert done.returncode == 2 and "“tcsh”" in done.stderr, done.stderr
    assert done.stdout == ""


@test
def the_version_has_its_build():
    first, built, libraries = worked(cli, "--version").splitlines()
    assert re.fullmatch(r"fewshot-cli \d+\.\d+\.\d+", first), first
    assert re.fullmatch(r"built: (gcc|clang) [\d.]+, \w+, GPU module: .+", built), built
    assert re.fullmatch(r"GLib 2\.[\d.]+, libsoup 3\.[\d.]+", libraries), libraries


run_tests()
finish()
