#!/bin/bash
# SPDX-License-Identifier: MIT
# window.sh ID PICTURE: in the sandbox, through the window's actions: samples, training, export;
# then a picture of the window.
set -eu
id=$1 picture=$2 path=/${1//.//}/window/1
call() { gdbus call --session -d "$id" -o "$path" -m "org.gtk.Actions.$1" "${@:2}" 2>/dev/null; }
enabled() { call Describe "$1" | grep -q '^((true'; }
wait_for() { # SECONDS COMMAND…
  local until=$((SECONDS + $1))
  shift
  while ! "$@"; do
    [ $SECONDS -lt $until ] || { echo "waited in vain for: $*" >&2; return 1; }
    sleep 0.2
  done
}
flatpak run "$id" &
trap 'flatpak kill "$id" || true' EXIT
wait_for 60 call Describe samples
sleep 1
call Activate samples '[]' '{}'
wait_for 60 enabled train
# Some pictures may not have been read yet: then it is refused, and asked for again.
trained() {
  enabled export && return
  ! enabled train || call Activate train '[]' '{}'
  sleep 2
  return 1
}
wait_for 180 trained
out=$HOME/.var/app/$id/data/adapter.safetensors
call Activate export-to "[<'$out'>]" '{}'
wait_for 30 test -s "$out"
call Activate page "[<'inspect'>]" '{}'
sleep 2
import -window root "$picture"
