#!/bin/bash
# flatpak/bundle.sh [FILE.flatpak]: builds the Flatpak against GNOME's runtime (fetched from Flathub when it is missing) and makes one file of
# it that installs anywhere: flatpak install --user FILE.flatpak. As an ordinary user; needs flatpak and flatpak-builder.
set -eu
here=$(dirname "$(readlink -f "$0")")
id=io.github.fewshot.Fewshot
bundle=$(readlink -f "${1:-$id.flatpak}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flatpak --user remote-add --if-not-exists flathub https://dl.flathub.org/repo/flathub.flatpakrepo
flatpak-builder --user --install-deps-from=flathub --force-clean --default-branch=stable --state-dir="$work/state" --repo="$work/repo" "$work/build" "$here/$id.json"
flatpak build-bundle "$work/repo" "$bundle" $id stable
echo "$bundle"
