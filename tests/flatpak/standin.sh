#!/bin/bash
# SPDX-License-Identifier: MIT
# standin.sh WORK BRANCH PACKAGES SDK_PACKAGES: makes org.gnome.Platform and org.gnome.Sdk from
# Debian trixie's packages and puts them into WORK/repo, so that the manifest can be built and run
# where GNOME's runtime cannot be fetched. Root, apt, bubblewrap, ostree, flatpak.
set -euo pipefail
work=$1 branch=$2 platform=$3 sdk=$4 arch=$(flatpak --default-arch)
mkdir -p "$work"/apt/{lists,cache/archives}/partial "$work"/debs/{platform,sdk}
cd "$work"
: >apt/status

# An apt of its own, with the mirror that this machine uses already.
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -1)
key=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$key] $mirror trixie main" >apt/sources.list
cat >apt.conf <<END
Dir::State "$work/apt"; Dir::State::status "$work/apt/status"; Dir::Cache "$work/apt/cache";
Dir::Etc::sourcelist "$work/apt/sources.list"; Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null"; APT::Install-Recommends "false"; Acquire::Languages "none";
APT::Sandbox::User "root";
END
export APT_CONFIG=$work/apt.conf
apt-get -qq update

# What a sandbox has no use for.
skip='systemd|libsystemd-shared|udev|dpkg|perl|perl-base|perl-modules.*|libperl.*|dbus.*|libasan8'
skip+='|libtsan2|libhwasan0|liblsan0|libicu-dev|openssl|libegl-mesa0|libglx-mesa0|libgl1-mesa-dri'
skip+='|mesa-libgallium|libllvm.*|libz3-4|libgbm1'
with_dependencies() {
  apt-get -qq --print-uris install "$@" | sed -nE "s/^'[^']*' ([^_]+)_([^_]+)_.*/\1=\2/p" |
    sed 's/%3a/:/' | grep -vE "^($skip)=" | sort
}
# shellcheck disable=SC2086
with_dependencies $platform >platform.list
# shellcheck disable=SC2086
with_dependencies $platform $sdk >both.list
comm -13 platform.list both.list >sdk.list

unpack() { # into a tree, from the packages of a folder
  local tree=$1 folder=$2 package
  for package in "$folder"/*.deb; do
    dpkg-deb --fsys-tarfile "$package" |
      tar -x -C "$tree" --keep-directory-symlink --no-same-owner --exclude=./var \
        --exclude=./usr/share/{doc,man,info,locale}
  done
}
inside() { # a command with the tree as its system
  local tree=$1
  shift
  bwrap --bind "$tree/usr" /usr --bind "$tree/etc" /etc --symlink usr/lib /lib \
    --symlink usr/lib64 /lib64 --symlink usr/bin /bin --dev /dev --proc /proc \
    --tmpfs /tmp --tmpfs /var --unshare-all --clearenv --setenv PATH /usr/bin:/usr/sbin \
    --setenv HOME /tmp "$@"
}
(cd debs/platform && xargs apt-get -qq download <../../platform.list)
(cd debs/sdk && xargs apt-get -qq download <../../sdk.list)

mkdir -p platform/usr/bin platform/usr/sbin platform/usr/lib platform/etc
for folder in bin sbin lib lib64; do ln -s usr/$folder platform/$folder; done
ln -s lib platform/usr/lib64 # as in GNOME's, so that meson installs to lib
unpack platform debs/platform
mkdir -p platform/etc/ssl/certs
cat platform/usr/share/ca-certificates/mozilla/*.crt >platform/etc/ssl/certs/ca-certificates.crt
printf '%s\n' 'include /run/flatpak/ld.so.conf.d/app-*.conf' /app/lib \
  'include /run/flatpak/ld.so.conf.d/runtime-*.conf' 'include /etc/ld.so.conf.d/*.conf' \
  >platform/etc/ld.so.conf
printf '%s\n' 'passwd: files' 'group: files' 'hosts: files dns' >platform/etc/nsswitch.conf
ln -sfn ../sbin/ldconfig platform/usr/bin/ldconfig
ln -sfn dash platform/usr/bin/sh
inside platform sh -ec 'ldconfig
  lib=/usr/lib/$(uname -m)-linux-gnu
  $lib/glib-2.0/glib-compile-schemas /usr/share/glib-2.0/schemas
  $lib/gdk-pixbuf-2.0/gdk-pixbuf-query-loaders --update-cache
  PKGSYSTEM_ENABLE_FSYNC=0 update-mime-database /usr/share/mime
  rm -f /etc/ld.so.cache'
cp -al platform sdk
unpack sdk debs/sdk
ln -sfn gcc sdk/usr/bin/cc
inside sdk sh -c \
  '/usr/lib/$(uname -m)-linux-gnu/glib-2.0/glib-compile-schemas /usr/share/glib-2.0/schemas'

ostree init --repo=repo --mode=bare-user-only
ostree config --repo=repo set core.fsync false
for pair in Platform:platform Sdk:sdk; do
  tree=${pair#*:}
  mv "$tree/etc" "$tree/usr/etc"
  mkdir "$tree/files"
  printf '%s\n' '[Runtime]' "name=org.gnome.${pair%:*}" \
    "runtime=org.gnome.Platform/$arch/$branch" "sdk=org.gnome.Sdk/$arch/$branch" >"$tree/metadata"
  flatpak build-export --runtime --no-update-summary --disable-sandbox repo "$tree" "$branch" \
    >/dev/null
done
flatpak build-update-repo repo >/dev/null
