/* SPDX-License-Identifier: MIT */
/* systemd's protocol of socket activation: LISTEN_PID says for whom the descriptors from 3 on are,
 * LISTEN_FDS how many. */
#include "cli/inherited.h"
#include <fcntl.h>
#include <fewshot.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_DESCRIPTOR = 3 };

static gboolean
read_number (const char *name, guint64 *value)
{
  const char *text = g_getenv (name);
  return text && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT, value, NULL);
}

GSocket *
cli_inherit_socket (GError **error)
{
  guint64 pid, n;
  gboolean given = read_number ("LISTEN_PID", &pid) && read_number ("LISTEN_FDS", &n)
                   && pid == (guint64) getpid () && n > 0;
  if (!given || n > 1)
    {
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                   given ? "--serve systemd takes one socket, and more were handed over."
                         : "--serve systemd wants a socket that systemd hands over: start it from "
                           "a socket unit, or name an address and a port, as 127.0.0.1:8080.");
      return NULL;
    }
  if (fcntl (FIRST_DESCRIPTOR, F_SETFD, FD_CLOEXEC) < 0)
    {
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT, "The socket handed over is not open.");
      return NULL;
    }
  g_autoptr (GSocket) socket = g_socket_new_from_fd (FIRST_DESCRIPTOR, error);
  int listens = 0;
  if (!socket)
    return NULL;
  GSocketFamily family = g_socket_get_family (socket);
  gboolean fit = (family == G_SOCKET_FAMILY_IPV4 || family == G_SOCKET_FAMILY_IPV6)
                 && g_socket_get_socket_type (socket) == G_SOCKET_TYPE_STREAM
                 && g_socket_get_option (socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, NULL)
                 && listens;
  if (fit)
    return g_steal_pointer (&socket);
  g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
               "The socket handed over does not listen for TCP (ListenStream= with an address and "
               "a port).");
  return NULL;
}
