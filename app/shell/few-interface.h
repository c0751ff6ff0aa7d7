/* SPDX-License-Identifier: MIT */
/* io.github.fewshot.Fewshot1: what other programs ask for over D-Bus, as
 * data/io.github.fewshot.Fewshot1.xml describes it. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS
/* Calls become opened files of the application. The id to unregister; 0 with an error. */
guint few_interface_export (GApplication *application, GDBusConnection *connection,
                            const char *path, GError **error);
G_END_DECLS
