#!/bin/bash
# SPDX-License-Identifier: MIT
# pack.sh BUILD: gathers in BUILD/device.tar.gz what tests/device/run.sh needs on a machine with a
# GPU and none of our libraries: programs, the libraries that they need (all but glibc's, which a
# newer system has), GLib's headers for building the module there, and the module as built here.
set -eu
build=$(realpath "$1")
cd "$(dirname "$0")/../.."
pack=$(mktemp -d -t fewshot-pack-XXXXXX)
trap 'rm -rf "$pack"' EXIT
mkdir "$pack"/{bin,lib,include,module}
programs="app/cli/fewshot-cli tests/engine/test-kernels tests/engine/test-backward
 tests/engine/test-golden tests/engine/test-adapter tests/bench/bench-forward
 tests/bench/bench-train tests/bench/bench-coop tests/bench/bench-folder"
for program in $programs; do
  strip -o "$pack/bin/${program##*/}" "$build/$program"
done
# shellcheck disable=SC2016 # awk's
needed='$2 == "=>" && $3 ~ /^\// && $1 !~ /^lib(c|m|dl|rt|pthread|resolv)\.so/ { print $1, $3 }'
LD_LIBRARY_PATH="$build/engine" ldd "$pack"/bin/* | awk "$needed" | sort -u |
  while read -r name path; do
    case $name in
      libicudata.so.*) # 31 MB that nothing here reads: libxml2 wants their name alone
        echo "const char icudt${name##*.}_dat[16] = { 0 };" |
          cc -shared -x c -Wl,-soname,"$name" -o "$pack/lib/$name" - ;;
      *) strip --strip-unneeded -o "$pack/lib/$name" "$path" ;;
    esac
  done
for option in $(pkg-config --cflags-only-I glib-2.0); do
  cp -r "${option#-I}" "$pack/include/$(echo "${option#-I}" | tr / _)"
done
[ ! -e "$build/engine/libfewshot-cuda.so" ] || cp "$build/engine/libfewshot-cuda.so" "$pack/module"
# GdkPixbuf tells formats by it
install -D -t "$pack/share/mime" /usr/share/mime/mime.cache
pwd >"$pack/root" # where the tests' data was when they were built
tar -C "$pack" -czf "$build/device.tar.gz" .
du -h "$build/device.tar.gz" >&2
