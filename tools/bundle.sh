#!/bin/bash
# SPDX-License-Identifier: MIT
# bundle.sh FOLDER: builds Fewshot and makes FOLDER/fewshot-VERSION-MACHINE.tar.xz of it, with every
# library that it needs but glibc, what belongs to the computer's graphics driver, and GStreamer. It
# runs where it is unpacked, on any distribution whose glibc is not older than this computer's:
# build it on the oldest that it shall run on.
set -euo pipefail
out=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/.."
. tools/prepare.sh
# shellcheck disable=SC2086
install_missing $build_packages
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# the sources are named as they are in the tree, wherever that is
CFLAGS="-ffile-prefix-map=$(realpath -m --relative-to="$work/build" .)/=" \
  meson setup "$work/build" --prefix=/usr --libdir=lib --libexecdir=libexec --buildtype=release \
  --strip -Dtests=false -Dtree=false -Dcuda=disabled >"$work/log" || { cat "$work/log" && exit 1; }
ninja -C "$work/build" >"$work/log" || { tail -20 "$work/log" && exit 1; }
version=$(meson introspect --projectinfo "$work/build" |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["version"])')
name=fewshot-$version-$(uname -m)
tree=$work/$name
DESTDIR=$work/installed meson install -C "$work/build" --no-rebuild >"$work/log"
mv "$work/installed/usr" "$tree"
rm -rf "$tree"/include "$tree"/lib/pkgconfig "$tree"/lib/systemd "$tree"/share/dbus-1
if grep -rlF -e "$work" -e "$PWD" "$tree"; then
  echo "bundle.sh: those name folders of this computer, which anybody may make on another" >&2
  exit 1
fi
mkdir "$tree/programs"
mv "$tree"/bin/* "$tree/programs"

# What reads cameras and videos takes GStreamer, and all that this stands on, from the computer,
# whose GLib may be newer than the one here: Fewshot finds it in libexec beside its own folder.
frames=$tree/libexec/fewshot/fewshot-frames
mkdir "$tree/libexec/outside"
mv "$frames" "$tree/libexec/outside"
cat >"$frames" <<'END'
#!/bin/sh
# Starts the program of this name with the computer's own libraries.
export LD_LIBRARY_PATH="${FEWSHOT_OUTSIDE-}"
exec "$(dirname "$(dirname "$(readlink -f "$0")")")/outside/fewshot-frames" "$@"
END
chmod 755 "$frames"

# The loaders of pictures, their list with a mark for where it is unpacked.
loaders=$(pkg-config --variable=gdk_pixbuf_moduledir gdk-pixbuf-2.0)
mkdir "$tree/lib/loaders"
cp "$loaders"/*.so "$tree/lib/loaders"
sed "s|\"$loaders/|\"@here@/lib/loaders/|" "$(dirname "$loaders")/loaders.cache" \
  >"$tree/lib/loaders.cache"

# What belongs to the kernel, the C library or the driver is the computer's own.
theirs='^(ld-linux.*|linux-vdso|libc|libm|libdl|librt|libpthread|libresolv|libutil|libnss_.*)\.so'
theirs+='|^(libGL|libEGL|libGLX|libGLdispatch|libOpenGL|libdrm|libgbm|libvulkan|libcuda)\.so'
# ldd names, of all that these need, where it lies
ldd "$tree"/programs/* "$tree"/lib/*.so.* "$tree"/lib/loaders/*.so |
  awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u | while read -r library; do
  base=$(basename "$library")
  [[ $base =~ $theirs || -e $tree/lib/$base ]] || cp -L "$library" "$tree/lib/$base"
done
# under what terms: Debian's packages say it
if command -v dpkg >/dev/null; then
  mkdir "$tree/licences"
  find "$tree/lib" -name '*.so*' -printf '*/%f\0' | xargs -0 dpkg -S 2>/dev/null |
    cut -d: -f1 | sort -u >"$work/packages" || true
  while read -r package; do
    cp -L "/usr/share/doc/$package/copyright" "$tree/licences/$package" || true
  done <"$work/packages"
fi
# A driver of the computer's may want a newer libstdc++ than the one here: that of the computer is
# taken wherever there is one.
mkdir "$tree/lib/fallback"
mv "$tree"/lib/libstdc++.so.* "$tree"/lib/libgcc_s.so.* "$tree/lib/fallback"

share=$tree/share
schemas=/usr/share/glib-2.0/schemas
cp "$schemas"/org.gtk.gtk4.*.xml "$share/glib-2.0/schemas"
glib-compile-schemas "$share/glib-2.0/schemas"
mkdir -p "$share/icons/Adwaita"
(cd /usr/share/icons &&
  find Adwaita -name '*-symbolic.svg' -exec cp --parents -t "$share/icons" {} +)
cp /usr/share/icons/Adwaita/index.theme "$share/icons/Adwaita"
cp /usr/share/icons/hicolor/index.theme "$share/icons/hicolor"
mkdir -p "$share/mime"
cp /usr/share/mime/mime.cache "$share/mime"

cat >"$work/start" <<'END'
#!/bin/sh
# Starts the program of this name with what lies beside it.
here=$(dirname "$(dirname "$(readlink -f "$0")")")
libraries=$here/lib
ldconfig=$(command -v ldconfig || echo /sbin/ldconfig)
"$ldconfig" -p 2>/dev/null | grep -q 'libstdc++\.so\.6' || libraries=$libraries:$here/lib/fallback
# what it was: for the program that is to take none of these
export FEWSHOT_OUTSIDE="${FEWSHOT_OUTSIDE-${LD_LIBRARY_PATH-}}"
export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export XDG_DATA_DIRS="$here/share:${XDG_DATA_DIRS:-/usr/local/share:/usr/share}"
export GSETTINGS_SCHEMA_DIR="$here/share/glib-2.0/schemas"
export FEWSHOT_POCKET="$here/share/fewshot/pocket"
export FEWSHOT_CATALOGUE="$here/share/fewshot/models.json"
export FEWSHOT_LOCALEDIR="$here/share/locale"
# the list of loaders has absolute paths: this place's are kept with the person's caches
cache=${XDG_CACHE_HOME:-$HOME/.cache}/fewshot
list=$cache/loaders-$(echo "$here" | cksum | tr ' ' -).cache
if mkdir -p "$cache" && [ ! "$list" -nt "$here/lib/loaders.cache" ]; then
  sed "s|@here@|$here|" "$here/lib/loaders.cache" >"$list.$$" && mv "$list.$$" "$list"
fi
export GDK_PIXBUF_MODULE_FILE="$list"
exec "$here/programs/$(basename "$0")" "$@"
END
for program in "$tree"/programs/*; do
  install -m 755 "$work/start" "$tree/bin/$(basename "$program")"
done
cp LICENSE "$tree"
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner -cf - "$name" |
  xz -T0 -6 >"$out/$name.tar.xz"
echo "$out/$name.tar.xz"
