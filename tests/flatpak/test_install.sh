#!/bin/bash
# SPDX-License-Identifier: MIT
# test_install.sh BUILD PREFIX: meson install under DESTDIR puts everything where a desktop looks
# for it, and uninstalling takes all of it away. Prints TAP.
set -eu
build=$1 prefix=$2 id=io.github.fewshot.Fewshot
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
. "$(dirname "$(readlink -f "$0")")/../tools/tap.sh"
at=$root/tree$prefix
DESTDIR=$root/tree check "meson install" meson install -C "$build" --no-rebuild
for file in bin/fewshot bin/fewshot-cli include/fewshot.h include/fewshot/model.h \
  share/applications/$id.desktop share/metainfo/$id.metainfo.xml share/dbus-1/services/$id.service \
  share/mime/packages/$id.xml share/glib-2.0/schemas/$id.gschema.xml \
  share/icons/hicolor/scalable/apps/$id.svg share/icons/hicolor/symbolic/apps/$id-symbolic.svg \
  share/fewshot/pocket/open_clip_model.safetensors share/fewshot/models.json \
  share/fewshot/examples/classify.c share/man/man1/fewshot{,-cli}.1 \
  share/bash-completion/completions/fewshot-cli share/zsh/site-functions/_fewshot-cli \
  share/fish/vendor_completions.d/fewshot-cli.fish share/nemo/actions/$id.nemo_action \
  share/kio/servicemenus/$id.servicemenu.desktop \
  share/locale/ko/LC_MESSAGES/fewshot.mo share/help/{C,ko}/fewshot/index.page \
  share/help/{C,ko}/fewshot/figures/{tags,inspect}.png; do
  check "$file" test -s "$at/$file"
done
# what is no command of a person's wants no manual page: it lies in a folder of its own
has_pages() {
  for program in "$at"/bin/*; do
    test -s "$at/share/man/man1/$(basename "$program").1" || return 1
  done
  ! find "$at/libexec" -maxdepth 1 -type f 2>/dev/null | grep .
}
check "each command has a manual page" has_pages
check "the desktop entry is valid" desktop-file-validate "$at/share/applications/$id.desktop"
check "the metainfo is valid" appstreamcli validate --no-net "$at/share/metainfo/$id.metainfo.xml"
check "the service starts the installed program" \
  grep -qx "Exec=$prefix/bin/fewshot --gapplication-service" \
  "$at/share/dbus-1/services/$id.service"
check "the schema compiles" \
  glib-compile-schemas --strict --targetdir="$root" "$at/share/glib-2.0/schemas"
cp -r "$at/share/mime" "$root/mime"
check "the MIME type is taken" sh -c "update-mime-database '$root/mime' &&
  grep -q 'application/x-fewshot-project:\*.fewshot' '$root/mime/globs'"
libraries=$(dirname "$(find "$at" -name 'libfewshot.so.0.*' | head -1)")
check "fewshot-cli runs from there" env LD_LIBRARY_PATH="$libraries" "$at/bin/fewshot-cli" --version

# The library for others: the example, built against the installed tree.
here=$(dirname "$(readlink -f "$0")")
sed "s|^prefix=.*|prefix=$at|" "$libraries/pkgconfig/fewshot.pc" >"$root/fewshot.pc"
flags=$(PKG_CONFIG_PATH=$root pkg-config --cflags --libs fewshot)
# shellcheck disable=SC2086
check "the example compiles" cc -Wall -Wextra -Werror "$at/share/fewshot/examples/classify.c" \
  $flags -o "$root/classify"
check "and classifies as the program does, by every kind" env LD_LIBRARY_PATH="$libraries" python3 \
  "$here/example.py" "$root/classify" "$at/bin/fewshot-cli" "$at/share/fewshot/pocket" \
  "$here/../data/golden/vit" "$root"
# What ninja's target of that name runs.
uninstall() {
  (cd "$build" && meson --internal uninstall) && ! find "$root/tree" | grep .
}
check "nothing is left when it is uninstalled" uninstall
finish
