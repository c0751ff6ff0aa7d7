/* SPDX-License-Identifier: MIT */
/* The desktop's camera portal: it asks the person, and hands PipeWire's connection over. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS
void few_camera_portal_ask (GCancellable *cancellable, GAsyncReadyCallback done, gpointer user);
/* A descriptor, the caller's; −1 with G_IO_ERROR_PERMISSION_DENIED and a sentence where the answer
 * was no, with another error where there is no portal, or no camera that it knows of. */
int few_camera_portal_finish (GAsyncResult *result, GError **error);
G_END_DECLS
