#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/jxl/loader.sh FOLDER: builds libjxl's loader for GdkPixbuf into FOLDER, of the source that
# Debian has of it: Debian 12 packages the library and leaves the loader out. Needs libjxl-dev and
# liblcms2-dev, and the network the first time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
[ -e libpixbufloader-jxl.so ] && exit
mkdir -p lists/partial sources
# what apt has of binaries, as sources
sed -n 's/^deb /deb-src /p' /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
  >sources/all.list 2>/dev/null || true
for file in /etc/apt/sources.list.d/*.sources; do
  [ -e "$file" ] && sed 's/^Types:.*/Types: deb-src/' "$file" >"sources/$(basename "$file")"
done
apt=(apt-get -qq -o "Dir::Etc::sourcelist=$PWD/sources/all.list"
  -o "Dir::Etc::sourceparts=$PWD/sources" -o "Dir::State::lists=$PWD/lists"
  -o APT::Sandbox::User=root)
"${apt[@]}" update
"${apt[@]}" source --download-only jpeg-xl
rm -rf lists sources source
mkdir source
tar -C source --strip-components 1 -xf jpeg-xl_*.orig.tar.*
# shellcheck disable=SC2046
cc -shared -fPIC -O2 -o loader.so source/plugins/gdk-pixbuf/pixbufloader-jxl.c -I"$here" \
  $(pkg-config --cflags --libs gdk-pixbuf-2.0 libjxl libjxl_threads lcms2)
rm -rf source jpeg-xl_*
mv loader.so libpixbufloader-jxl.so
