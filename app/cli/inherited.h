/* SPDX-License-Identifier: MIT */
/* The socket that whoever started the program listens on for it (sd_listen_fds). */
#pragma once
#include <gio/gio.h>

/* NULL with an error where there is none, or not exactly one that is fit to serve HTTP. */
GSocket *cli_inherit_socket (GError **error);
