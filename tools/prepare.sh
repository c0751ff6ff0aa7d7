# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sourced by run and test: installs what is missing, configures, builds. Debian 12 and 13, Ubuntu
# 24.04.

# shellcheck disable=SC2034 # run and test use it
build_packages="gcc libc6-dev pkg-config meson ninja-build gettext libgtk-4-dev libadwaita-1-dev
 libjson-glib-dev libgdk-pixbuf-2.0-dev zlib1g-dev liblbfgs-dev libcurl4-openssl-dev nettle-dev
 libsqlite3-dev libprotobuf-c-dev protobuf-c-compiler libsoup-3.0-dev libgexiv2-dev
 libarchive-dev liblcms2-dev
 libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev gstreamer1.0-plugins-base
 gstreamer1.0-plugins-good gstreamer1.0-pipewire
 adwaita-icon-theme librsvg2-common webp-pixbuf-loader heif-gdk-pixbuf fonts-dejavu-core
 desktop-file-utils"

# install_packages PACKAGE…: with what apt knows, or else what it then learns.
install_packages() {
  local as=
  [ "$(id -u)" = 0 ] || as=sudo
  $as apt-get install -y --no-install-recommends "$@" && return
  $as apt-get update
  $as apt-get install -y --no-install-recommends "$@"
}

# install_missing PACKAGE…: as root, or through sudo; otherwise prints the one command to type.
install_missing() {
  local missing
  missing=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    awk '$1 == "installed" { print $2 }' | sort -u | comm -13 - <(printf '%s\n' "$@" | sort -u))
  [ -z "$missing" ] && return 0
  # shellcheck disable=SC2086
  set -- $missing
  echo "Installing: $*" >&2
  if ! command -v apt-get >/dev/null; then
    echo "This system has no apt-get. Install the equivalents of: $*" >&2
    return 1
  elif [ "$(id -u)" = 0 ]; then
    install_packages "$@" >&2
  elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    install_packages "$@" >&2
  else
    echo "Type this command, then try again:  sudo apt-get install $*" >&2
    return 1
  fi
}

# cuda_toolkit FOLDER PIP: prints where nvcc is: this machine's, or that of NVIDIA's packages on
# PyPI, which go to FOLDER (500 MB to fetch). Prints nothing where neither can be had; what needs it
# then says so.
cuda_toolkit() {
  local folder=$1 pip=$2 root=$1/nvidia/cu13
  command -v nvcc && return 0
  [ -x /usr/local/cuda/bin/nvcc ] && echo /usr/local/cuda/bin/nvcc && return 0
  [ "$(uname -m)" = x86_64 ] || return 0
  if [ ! -e "$root/lib/libcublasLt.so" ]; then
    "$pip" install --quiet --no-deps --require-hashes --target "$folder" \
      --requirement flatpak/wheels.txt >&2 || return 0
    ln -sf libcublas.so.13 "$root/lib/libcublas.so"
    ln -sf libcublasLt.so.13 "$root/lib/libcublasLt.so"
  fi
  echo "$PWD/$root/bin/nvcc"
}

# build FOLDER MESON_OPTION…: all, or what $targets names.
build() {
  local folder=$1
  shift
  [ -f "$folder/build.ninja" ] || meson setup "$folder" "$@" >&2 || return 1
  # shellcheck disable=SC2086
  ninja -C "$folder" --quiet ${targets:-} >&2
}
