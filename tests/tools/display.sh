#!/bin/bash
# display.sh COMMAND…: runs it under its own virtual display and session bus, drawn with cairo, settings in memory.
# Prints only what the command prints.
exec xvfb-run -a -s '-screen 0 1280x900x24' dbus-run-session --config-file="$(dirname "$0")/session.conf" -- \
  env GSK_RENDERER=cairo GDK_BACKEND=x11 GSETTINGS_BACKEND=memory LC_ALL="${TEST_LOCALE:-C.UTF-8}" NO_AT_BRIDGE= "$@"
