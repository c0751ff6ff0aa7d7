#!/bin/bash
# SPDX-License-Identifier: MIT
# chroot.sh SUITE FOLDER: as root, makes a clean chroot of Debian's SUITE (bookworm, trixie) below
# FOLDER, builds the packages of the last commit there by dpkg-buildpackage with the network off,
# has lintian read them, and installs them in a second clean chroot, where autopkgtest runs
# debian/tests and a systemd of a user the units. The packages and the logs stay in FOLDER/SUITE. By
# hand: it takes some GB and a quarter of an hour or more.
set -euo pipefail
# what is mounted in the chroots ends with the script
[ "$(readlink /proc/self/ns/mnt)" != "$(readlink "/proc/$PPID/ns/mnt")" ] ||
  exec unshare --mount --propagation private "$0" "$@"
suite=$1
tree=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
version=$(cd "$tree" && dpkg-parsechangelog --show-field Version)
mkdir -p "$2/$suite"
out=$(cd "$2/$suite" && pwd)
# where packages come from; without it mmdebstrap knows
mirror=(${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"})
build=$out/build tested=$out/tested
for tool in mmdebstrap dpkg-parsechangelog lintian autopkgtest unshare; do
  command -v "$tool" >/dev/null || {
    echo "chroot.sh: $tool is missing: apt-get install mmdebstrap dpkg-dev lintian autopkgtest" >&2
    exit 1
  }
done
step() { echo "$(date +%T) $*"; }
trap 'echo "failed: the newest log in $out says why" >&2' ERR

step "two clean chroots of $suite"
rm -rf --one-file-system "$build" "$tested" "$out"/*.deb
bootstrap() { # FOLDER VARIANT
  mmdebstrap --mode=root --variant="$2" --skip=check/empty "$suite" "$1" "${mirror[@]}" \
    >>"$out/bootstrap.log" 2>&1
}
bootstrap "$build" buildd
bootstrap "$tested" apt
# a program that starts a daemon in a chroot finds nothing to start
for root in "$build" "$tested"; do
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod +x "$root/usr/sbin/policy-rc.d"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  # programs find the libraries that they were built beside by /proc
  mount -t proc proc "$root/proc"
done

step "what the package is built with"
mkdir -p "$build/build/fewshot-$version"
git -C "$tree" archive HEAD | tar -x -C "$build/build/fewshot-$version"
inside() { chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/build \
  DEBIAN_FRONTEND=noninteractive sh -c "$2"; }
inside "$build" "apt-get update -q && apt-get install -qy --no-install-recommends fakeroot &&
  apt-get build-dep -qy --no-install-recommends /build/fewshot-$version" >"$out/depends.log" 2>&1

step "dpkg-buildpackage, by a user, without a network"
inside "$build" "useradd -d /build builder && chown -R builder /build"
unshare --net chroot "$build" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/build \
  DEB_BUILD_OPTIONS="parallel=$(nproc)" setpriv --reuid builder --clear-groups \
  sh -c "cd /build/fewshot-$version && dpkg-buildpackage -us -uc -b" >"$out/build.log" 2>&1
cp "$build"/build/*.deb "$build"/build/*.changes "$build"/build/*.buildinfo "$out"

for package in "$out"/*.deb; do
  # on another computer anybody may make that folder; what debuggers read names it
  [[ $package != *-dbgsym_* ]] || continue
  [ "$(dpkg-deb --fsys-tarfile "$package" | grep -acF "/build/fewshot-")" = 0 ] || {
    echo "$package names the folder that it was built in" >&2
    exit 1
  }
done

step "lintian"
lintian --allow-root --fail-on error "$out"/*.changes >"$out/lintian.log" 2>&1 || {
  cat "$out/lintian.log"
  exit 1
}

step "autopkgtest, where nothing is but what the packages bring"
inside "$tested" "apt-get update -q" >>"$out/depends.log" 2>&1
mkdir -p "$out/source"
git -C "$tree" archive HEAD debian | tar -x -C "$out/source"
reports=$out/autopkgtest-$(date +%s)
autopkgtest --output-dir "$reports" "$out"/*.deb "$out/source/" -- \
  chroot "$tested" >"$out/autopkgtest.log" 2>&1 || {
  tail -40 "$out/autopkgtest.log"
  exit 1
}
cat "$reports/summary"

step "a systemd of a user, as the suite has it, runs the installed units"
cp "$out"/*.deb "$tested/tmp"
inside "$tested" "apt-get install -qy --no-install-recommends python3 systemd /tmp/*.deb" \
  >>"$out/depends.log" 2>&1
mkdir "$tested/tree"
git -C "$tree" archive HEAD tests/systemd tests/tools | tar -x -C "$tested/tree"
# with this computer's control groups, in which it makes one of its own
# shellcheck disable=SC2016 # the inner shell's
unshare --mount bash -euc '
  mount --bind "$1" "$1"
  for part in proc sys dev; do mount --rbind /$part "$1/$part"; done
  cd "$1" && exec chroot . env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TMPDIR=/tmp \
    /tree/tests/systemd/user.sh /usr/bin/fewshot-cli /usr/lib/systemd/user' units "$tested" \
  >"$out/units.log" 2>&1 || {
  tail -40 "$out/units.log"
  exit 1
}
echo "$(grep -c '^ok' "$out/units.log") checks$(grep -o ' # SKIP.*' "$out/units.log" || true)"
umount "$build/proc" "$tested/proc"
rm -rf --one-file-system "$build" "$tested" "$out/source"
packages=("$out"/*.deb)
step "done: ${#packages[@]} packages in $out"
