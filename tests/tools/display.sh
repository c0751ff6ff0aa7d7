#!/bin/bash
# SPDX-License-Identifier: MIT
# display.sh COMMAND…: runs it under its own virtual display and session bus, drawn with cairo,
# settings in memory. The server takes the first display that is free by itself, so that two that
# start at one moment never share one, and does not reset when its last client goes: a client that
# comes at that moment would be refused. Standard output is the command's alone; what the bus and
# the accessibility registry say goes nowhere. The command finds it by this shell's own descriptor,
# for newer buses close those that they inherit.
exec 3>&1 >/dev/null
exec 4< <(exec Xvfb -displayfd 1 -screen 0 1280x900x24 -noreset -nolisten tcp 2>/dev/null)
server=$!
trap 'kill $server' EXIT
read -r number <&4
DISPLAY=:$number dbus-run-session --config-file="$(dirname "$0")/session.conf" -- \
  env GSK_RENDERER=cairo GDK_BACKEND=x11 GSETTINGS_BACKEND=memory LC_ALL=C.UTF-8 \
  bash -c 'exec "$@" >>"$0"' "/proc/$$/fd/3" "$@"
