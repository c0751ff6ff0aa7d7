#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A desktop's camera portal for tests: camera_portal.py yes | no | none. It answers as
xdg-desktop-portal does; "yes" hands over a connection to the PipeWire of $XDG_RUNTIME_DIR."""

import os
import socket
import sys

from desktop import Gio, GLib, respond

BUS, OBJECT = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
XML = """<node><interface name='org.freedesktop.portal.Camera'>
  <method name='AccessCamera'>
    <arg type='a{sv}' direction='in'/><arg type='o' direction='out'/>
  </method>
  <method name='OpenPipeWireRemote'>
    <arg type='a{sv}' direction='in'/><arg type='h' direction='out'/>
  </method>
  <property name='IsCameraPresent' type='b' access='read'/>
</interface></node>"""
answer = sys.argv[1]
asked = False


def called(bus, sender, path, interface, method, arguments, invocation):
    global asked
    if method == "AccessCamera":
        asked = answer == "yes"
        token = arguments.unpack()[0]["handle_token"]
        respond(invocation, token, 0 if asked else 1, {}, delay=200)
        return
    if not asked:
        invocation.return_dbus_error("org.freedesktop.portal.Error.NotAllowed", "ask first")
        return
    pipewire = socket.socket(socket.AF_UNIX)
    pipewire.connect(os.path.join(os.environ["XDG_RUNTIME_DIR"], "pipewire-0"))
    fds = Gio.UnixFDList.new()
    index = fds.append(pipewire.fileno())
    invocation.return_value_with_unix_fd_list(GLib.Variant("(h)", (index,)), fds)


bus = Gio.bus_get_sync(Gio.BusType.SESSION)
bus.register_object(
    OBJECT,
    Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0],
    called,
    lambda *arguments: GLib.Variant("b", answer != "none"),
    None,
)
Gio.bus_own_name_on_connection(bus, BUS, Gio.BusNameOwnerFlags.NONE, None, None)
print("ready", flush=True)
GLib.MainLoop().run()
