#!/bin/bash
# SPDX-License-Identifier: MIT
# flatpak/bundle.sh [--cuda] [FLATPAK-BUILDER OPTION…]: builds the Flatpak against GNOME's runtime
# (fetched from Flathub when it is missing) and makes one file of it in the current folder that
# installs anywhere: flatpak install --user io.github.fewshot.Fewshot.flatpak. With --cuda it also
# installs that file and makes io.github.fewshot.Fewshot.Cuda.flatpak, the extension for NVIDIA's
# GPUs (x86_64; pip fetches 550 MB into flatpak/wheels, once).
# As an ordinary user; needs flatpak and flatpak-builder, with --cuda also pip.
set -eu
here=$(dirname "$(readlink -f "$0")")
id=io.github.fewshot.Fewshot
cuda=
[ "${1:-}" != --cuda ] || { cuda=yes && shift; }
work=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
trap 'rm -rf "$work"' EXIT

build() { # ID FLATPAK-BUILDER OPTION…
  local one=$1
  shift
  flatpak-builder --user --install-deps-from=flathub --force-clean --default-branch=stable \
    --state-dir="$work/state" --repo="$work/repo" "$@" "$work/build" "$here/$one.json"
}

# The extension's manifest takes NVIDIA's packages as files. pip refuses one whose SHA-256 is not
# the recorded one, also among those that lie there already.
fetch_wheels() {
  mkdir -p "$here/wheels"
  python3 -m pip download --quiet --no-deps --require-hashes --only-binary=:all: \
    --find-links "$here/wheels" --dest "$here/wheels" --requirement "$here/wheels.txt" || {
    echo "pip could not fetch the packages that flatpak/wheels.txt names (see above)." >&2
    echo "It needs python3-pip, the network or the files in flatpak/wheels, and x86_64." >&2
    return 1
  }
}

flatpak --user remotes --columns=name | grep -qx flathub ||
  flatpak --user remote-add flathub https://dl.flathub.org/repo/flathub.flatpakrepo
build $id "$@"
flatpak build-bundle "$work/repo" $id.flatpak $id stable
echo "$PWD/$id.flatpak"
if [ -n "$cuda" ]; then
  fetch_wheels
  # An extension is built on what it extends.
  flatpak --user install -y --noninteractive --or-update $id.flatpak
  build $id.Cuda "$@"
  flatpak build-bundle --runtime "$work/repo" $id.Cuda.flatpak $id.Cuda stable
  echo "$PWD/$id.Cuda.flatpak"
fi
