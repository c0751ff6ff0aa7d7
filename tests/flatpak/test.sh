#!/bin/bash
# SPDX-License-Identifier: MIT
# test.sh SHOTS [WHEELS]: flatpak/bundle.sh builds the manifest against a stand-in for GNOME's
# runtime, the file that it makes is installed into a folder of its own, and as an ordinary user
# under a virtual display the main job runs in the sandbox: once in the terminal, once in the
# window. By hand, as it takes 550 MB: with the folder of NVIDIA's wheels that flatpak/wheels.txt
# names, also the extension. Prints TAP.
#
# Three things are not as they are: nothing is optimised, for minutes of compiling; liblbfgs's
# upstream repository is one that tests do not reach; protobuf with protobuf-c comes from Debian,
# and so does gexiv2 with Exiv2: minutes of C++. git finds a repository of Debian's copy of the same
# release in liblbfgs's place, and the manifest, in a copy of the tree, has that one's commit.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")") shots=$1 wheels=${2:-}
tree=$here/../..
id=io.github.fewshot.Fewshot
manifest=$tree/flatpak/$id.json
skip() { echo "1..0 # SKIP $1"; exit 0; }
[ "$(id -u)" = 0 ] || skip "only root can install for another user, as which the sandbox is tried"
for tool in flatpak flatpak-builder ostree bwrap xvfb-run import git; do
  command -v $tool >/dev/null || skip "$tool is missing; ./test installs it"
done
bwrap --bind / / --unshare-all true 2>/dev/null ||
  skip "this machine does not allow sandboxes (bubblewrap cannot make namespaces)"

work=$(mktemp -d /var/tmp/fewshot-flatpak-XXXXXX)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
export FLATPAK_SYSTEM_DIR=$work/system FLATPAK_USER_DIR=$work/user XDG_CACHE_HOME=$work/cache
. "$here/../tools/tap.sh"

branch=$(sed -nE 's/.*"runtime-version": "(.*)".*/\1/p' "$manifest")
platform="bash coreutils sed grep findutils tar gzip libc-bin base-files dash libgtk-4-1
 libadwaita-1-0 libcurl4t64 libnettle8t64 libsqlite3-0 libprotobuf-c1 libsoup-3.0-0 libgexiv2-2
 libarchive13t64
 libjson-glib-1.0-0 adwaita-icon-theme hicolor-icon-theme fontconfig fonts-dejavu-core
 gsettings-desktop-schemas ca-certificates librsvg2-common shared-mime-info libglib2.0-bin"
sdk="gcc libc6-dev pkgconf meson ninja-build gettext appstream appstream-util desktop-file-utils
 libgtk-4-dev libadwaita-1-dev libcurl4-openssl-dev nettle-dev libsqlite3-dev libjson-glib-dev
 libglib2.0-dev zlib1g-dev libsoup-3.0-dev libprotobuf-c-dev protobuf-c-compiler python3 patch make
 libgexiv2-dev libarchive-dev diffutils${wheels:+ g++}"
check "a stand-in for org.gnome.Platform//$branch and its Sdk" \
  "$here/standin.sh" "$work/runtime" "$branch" "$platform" "$sdk"
check "the platform is installed" sh -c "
  flatpak remote-add --system --no-gpg-verify standin file://$work/runtime/repo &&
  flatpak install --system -y --noninteractive standin org.gnome.Platform//$branch"
check "in Flathub's place" \
  flatpak remote-add --user --no-gpg-verify flathub "file://$work/runtime/repo"

# Through apt's own way to the mirror.
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -1)
check "liblbfgs's release" /usr/lib/apt/apt-helper download-file \
  "${mirror%/}/pool/main/libl/liblbfgs/liblbfgs_1.10.orig.tar.gz" "$work/liblbfgs.tar.gz" \
  SHA256:e2a4085a8568e84268bcf0a40a5319f6591eefb30574c71f7ff4723ba35930f7
read -r upstream tag commit < <(python3 -c "
import json, sys
module = next(m for m in json.load(open(sys.argv[1]))['modules'] if m['name'] == 'liblbfgs')
print(*(module['sources'][0][key] for key in ('url', 'tag', 'commit')))" "$manifest")
export GIT_CONFIG_GLOBAL=$work/gitconfig
stand_in_upstream() {
  git config --global user.name Test
  git config --global user.email test@localhost
  git config --global "url.file://$work/liblbfgs.insteadOf" "$upstream"
  git init -q -b master "$work/liblbfgs"
  tar -xzf "$work/liblbfgs.tar.gz" -C "$work/liblbfgs" --strip-components=1
  git -C "$work/liblbfgs" add --all --force
  git -C "$work/liblbfgs" commit -q -m "$tag"
  git -C "$work/liblbfgs" tag "$tag"
}
check "in its repository's place" stand_in_upstream
copy_tree() {
  local stands
  stands=$(git -C "$work/liblbfgs" rev-parse HEAD)
  mkdir "$work/tree"
  git -c safe.directory='*' -C "$tree" ls-files -z --cached --others --exclude-standard |
    tar -C "$tree" --null --files-from=- --ignore-failed-read -c | tar -C "$work/tree" -x
  python3 - "$commit" "$stands" "$work/tree/flatpak/$id"*.json <<'END'
import json, sys

commit, stands, *paths = sys.argv[1:]
for path in paths:
    text = open(path).read().replace(commit, stands)
    manifest = json.loads(text)
    debian = ("protobuf", "protobuf-c", "exiv2", "gexiv2")
    manifest["modules"] = [m for m in manifest["modules"] if m["name"] not in debian]
    for module in manifest["modules"]:
        if module["name"] == "fewshot":
            module["config-opts"].append("-Doptimization=0")
    json.dump(manifest, open(path, "w"))
END
  [ "$(diff -rq "$tree/flatpak" "$work/tree/flatpak" -x wheels | wc -l)" = 3 ]
}
check "a copy of the tree, where nothing but the modules differs" copy_tree

bundle=$work/tree/flatpak/bundle.sh
options=--disable-rofiles-fuse
check "bundle.sh makes one file to install from" sh -c "cd '$work' && '$bundle' $options"
check "and is installed from that file" \
  flatpak install --system -y --noninteractive "$work/$id.flatpak"
check "of the user's files only the folder that a camera's pictures go to" sh -c "
  flatpak info --show-permissions $id >'$work/permissions' &&
  grep -qx 'filesystems=xdg-pictures/Fewshot:create;' '$work/permissions'"

mkdir -p "$work/home/run" "$shots"
chown -R nobody: "$work/home"
chmod 700 "$work/home/run"
as_user() {
  setpriv --reuid=nobody --regid=nogroup --clear-groups env -i PATH="$PATH" HOME="$work/home" \
    XDG_RUNTIME_DIR="$work/home/run" LANG=C.UTF-8 FLATPAK_SYSTEM_DIR="$FLATPAK_SYSTEM_DIR" "$@"
}
check "the main job runs in the sandbox (terminal)" \
  as_user dbus-run-session -- flatpak run --command=fewshot-cli $id demo --json
check "the main job runs in the sandbox (window)" \
  as_user xvfb-run -a -s '-screen 0 1080x760x24 -noreset' dbus-run-session -- \
  bash "$here/window.sh" $id "$work/home/window.png"
check "the window was drawn" test -s "$work/home/window.png"
cp "$work/home/window.png" "$shots/flatpak.png" 2>/dev/null || true
if [ -n "$wheels" ]; then
  mkdir "$work/tree/flatpak/wheels"
  ln "$wheels"/*.whl "$work/tree/flatpak/wheels" 2>/dev/null ||
    cp "$wheels"/*.whl "$work/tree/flatpak/wheels"
  check "bundle.sh --cuda makes the extension's file" \
    sh -c "cd '$work' && '$bundle' --cuda $options"
  check "and it is installed" \
    flatpak install --system -y --noninteractive "$work/$id.Cuda.flatpak"
  # There is no driver here, so that the program itself would not open it.
  check "the sandbox loads the module and its cuBLAS" as_user dbus-run-session -- sh -c "
    flatpak run --env=LD_BIND_NOW=1 --env=LD_PRELOAD=/app/extensions/Cuda/lib/libfewshot-cuda.so \
      --command=fewshot-cli $id devices >'$work/home/devices' 2>&1
    cat '$work/home/devices'; grep '^cpu' '$work/home/devices' && ! grep ld.so '$work/home/devices'"
  check "it is uninstalled" flatpak uninstall --system -y --noninteractive $id.Cuda
fi
check "it is uninstalled" flatpak uninstall --system -y --noninteractive $id
finish
