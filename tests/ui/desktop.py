# SPDX-License-Identifier: MIT
"""A desktop's notification server, and its portal for work in the background, of a test's own."""

import sys
import threading

try:
    from gi.repository import Gio, GLib
except ImportError as error:
    print(f"1..0 # SKIP {error}: ./test installs python3-gi")
    sys.exit(0)

NOTIFICATIONS = """<node><interface name="org.freedesktop.Notifications">
<method name="Notify">
  <arg type="s" direction="in"/>
  <arg type="u" direction="in"/>
  <arg type="s" direction="in"/>
  <arg type="s" direction="in"/>
  <arg type="s" direction="in"/>
  <arg type="as" direction="in"/>
  <arg type="a{sv}" direction="in"/>
  <arg type="i" direction="in"/>
  <arg type="u" direction="out"/>
</method>
<method name="CloseNotification">
  <arg type="u" direction="in"/>
</method>
<method name="GetCapabilities">
  <arg type="as" direction="out"/>
</method>
<method name="GetServerInformation">
  <arg type="s" direction="out"/>
  <arg type="s" direction="out"/>
  <arg type="s" direction="out"/>
  <arg type="s" direction="out"/>
</method>
</interface></node>"""
PORTAL = """<node><interface name="org.freedesktop.portal.Background">
<method name="RequestBackground">
  <arg type="s" direction="in"/>
  <arg type="a{sv}" direction="in"/>
  <arg type="o" direction="out"/>
</method>
</interface></node>"""


def respond(invocation, token, code, results, delay=0):
    """Answers a portal's call by a request, and that after so many ms, as portals do."""
    bus, sender = invocation.get_connection(), invocation.get_sender()
    path = f"{invocation.get_object_path()}/request/{sender[1:].replace('.', '_')}/{token}"
    response = GLib.Variant("(ua{sv})", (code, results))

    def answer(*_):
        bus.emit_signal(sender, path, "org.freedesktop.portal.Request", "Response", response)
        return False

    invocation.return_value(GLib.Variant("(o)", (path,)))
    source = GLib.timeout_source_new(delay)
    source.set_callback(answer)
    source.attach(GLib.MainContext.get_thread_default())


class Desktop:
    """told: (title, body) of each notification; asked: the options of each request."""

    def __init__(self):
        self.told, self.asked = [], []
        # of its own: others may be at the default one
        self.context = GLib.MainContext()
        threading.Thread(target=self.run, daemon=True).start()
        self.own("org.freedesktop.Notifications", self.offer_notifications)

    def run(self):
        self.context.push_thread_default()
        GLib.MainLoop(context=self.context).run()

    def own(self, name, acquired):
        def begin(*_):
            flags = Gio.BusNameOwnerFlags.NONE
            Gio.bus_own_name(Gio.BusType.SESSION, name, flags, acquired, None, None)
            return False

        source = GLib.idle_source_new()
        source.set_callback(begin)
        source.attach(self.context)

    def offer(self, connection, path, xml, called):
        interface = Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0]
        connection.register_object(path, interface, called, None, None)

    def offer_notifications(self, connection, name):
        self.offer(connection, "/org/freedesktop/Notifications", NOTIFICATIONS, self.notified)

    def notified(self, connection, sender, path, interface, method, parameters, invocation):
        if method == "Notify":
            self.told.append(parameters.unpack()[3:5])
            invocation.return_value(GLib.Variant("(u)", (len(self.told),)))
        elif method == "GetCapabilities":
            invocation.return_value(GLib.Variant("(as)", (["body"],)))
        elif method == "GetServerInformation":
            invocation.return_value(GLib.Variant("(ssss)", ("test", "fewshot", "1", "1.2")))
        else:
            invocation.return_value(None)

    def be_portal(self):
        self.own("org.freedesktop.portal.Desktop", self.offer_portal)

    def offer_portal(self, connection, name):
        self.offer(connection, "/org/freedesktop/portal/desktop", PORTAL, self.requested)

    def requested(self, connection, sender, path, interface, method, parameters, invocation):
        """Everything is allowed."""
        options = parameters.unpack()[1]
        self.asked.append(options)
        results = {
            "background": GLib.Variant("b", True),
            "autostart": GLib.Variant("b", options["autostart"]),
        }
        respond(invocation, options["handle_token"], 0, results)
