#!/bin/bash
# SPDX-License-Identifier: MIT
# bundle.sh TARBALL FOLDER SUITE…: as root, unpacks what tools/bundle.sh made in a clean chroot of
# each of Debian's suites, where no library of it is, and runs the main job and the window there, on
# a display of this computer. By hand: it takes some minutes.
set -euo pipefail
# what is mounted in the chroots ends with the script
[ -n "${FEWSHOT_DISPLAY:-}" ] ||
  exec env FEWSHOT_DISPLAY=own unshare --mount --propagation private \
    "$(dirname "$0")/../tools/display.sh" "$0" "$@"
tarball=$(realpath "$1")
out=$(mkdir -p "$2" && cd "$2" && pwd)
# where packages come from; without it mmdebstrap knows
mirror=(${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"})
name=$(basename "$tarball" .tar.xz)
failed=0
trap 'echo "failed: the newest log in $out says why" >&2' ERR

check() { # NAME COMMAND…
  if "${@:2}"; then echo "ok: $1"; else
    echo "not ok: $1"
    failed=1
  fi
}

says() { # WORDS COMMAND…: which fails
  ! "${@:2}" >"$out/said" 2>&1 && grep -F "$1" "$out/said"
}

warns_not() { ! grep -E 'WARNING|CRITICAL|rror' "$1" | grep -v '^dbus-daemon'; }

for suite in "${@:3}"; do
  root=$out/$suite
  rm -rf --one-file-system "$root"
  # what every desktop has, and no more
  mmdebstrap --mode=root --variant=apt \
    --include=fonts-dejavu-core,fontconfig-config,dbus-daemon "$suite" "$root" "${mirror[@]}" \
    >"$out/$suite.log" 2>&1
  mkdir "$root/person" "$root/tmp/.X11-unix"
  tar -C "$root/opt" -xf "$tarball"
  mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
  # by it the program finds what lies beside it
  mount -t proc proc "$root/proc"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  inside() { chroot "$root" env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 HOME=/person \
    DISPLAY="$DISPLAY" GSK_RENDERER=cairo GSETTINGS_BACKEND=memory GTK_A11Y=none "$@"; }
  check "$suite has no GTK of its own" test -z \
    "$(find "$root/usr/lib" -name 'libgtk-4*' -o -name 'libgdk_pixbuf*')"
  check "$suite: --version" inside "/opt/$name/bin/fewshot-cli" --version
  check "$suite: the main job" inside "/opt/$name/bin/fewshot-cli" demo \
    --output /person/kept.safetensors
  # elsewhere: the loaders are found where it lies now
  mv "$root/opt/$name" "$root/opt/moved here"
  # cameras and videos: what reads them is found, and says what it needs; then it has that
  moved=(inside "/opt/moved here/bin/fewshot-cli" frames /person/clip.webm /person/clip)
  echo 'no video yet' >"$root/person/clip.webm"
  check "$suite: without GStreamer, the remedy is said" says "it with its plugins" "${moved[@]}"
  chroot "$root" sh -c "apt-get -q update && apt-get -q install -y --no-install-recommends \
    gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good" \
    >>"$out/$suite.log" 2>&1
  inside gst-launch-1.0 -q videotestsrc num-buffers=60 ! video/x-raw,framerate=30/1 ! vp8enc ! \
    webmmux ! filesink location=/person/clip.webm
  check "$suite: with it, a video becomes pictures" "${moved[@]}"
  inside timeout 25 dbus-run-session -- "/opt/moved here/bin/fewshot" \
    >"$out/$suite-window.log" 2>&1 &
  window=$!
  seen=
  for _ in $(seq 80); do
    seen=$(xdotool search --onlyvisible --name Fewshot 2>/dev/null) || true
    [ -z "$seen" ] || break
    sleep 0.25
  done
  sleep 3
  import -window root "$out/$suite.png"
  check "$suite: the window opens" test -n "$seen"
  wait "$window" || true
  check "$suite: and warns of nothing" warns_not "$out/$suite-window.log"
  umount "$root/tmp/.X11-unix" "$root/proc"
done
exit $failed
