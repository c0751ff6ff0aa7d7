/* SPDX-License-Identifier: MIT */
/* A small server: POST / with a picture's bytes, and a JSON object comes back, of a part where
 * /?box=x,y,width,height names one; GET / tells what it is. One thread of its own encodes, so that
 * the server never waits; requests that are too large, too slow, too many or from a web page are
 * refused. */
#include "cli/serve.h"
#include "cli/boxes.h"
#include "cli/inherited.h"
#include <libsoup/soup.h>
#include <string.h>

enum {
  MOST_BYTES = 64 * 1024 * 1024, /* of a picture */
  MOST_WAITING = 256,            /* requests */
  MOST_SECONDS = 10,             /* to send one */
};

typedef struct
{
  const CliServing *serving;
  GMainLoop *loop;
  GThreadPool *pool; /* one thread */
  guint waiting;
  GHashTable *deadlines; /* SoupServerMessage → id of the source that ends it */
} Server;

/* A request on its way through the pool. */
typedef struct
{
  Server *server;
  SoupServerMessage *message;
  GBytes *picture;
  FewCrop crop; /* the part that is meant */
  guint status;
  char *text; /* JSON */
} Request;

static void
respond (SoupServerMessage *message, guint status, const char *json)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "application/json; charset=utf-8", SOUP_MEMORY_COPY,
                                    json, strlen (json));
}

static char *
say_error (const char *sentence)
{
  g_autoptr (JsonBuilder) builder = cli_json_begin ();
  cli_json_string (builder, "error", sentence);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

static void
refuse (SoupServerMessage *message, guint status, const char *sentence)
{
  g_autofree char *json = say_error (sentence);
  respond (message, status, json);
}

/* ---- encoding, in the pool's thread */

static gboolean
answered_cb (gpointer data)
{
  Request *request = data;
  request->server->waiting--;
  respond (request->message, request->status, request->text);
  soup_server_message_unpause (request->message);
  g_object_unref (request->message);
  g_bytes_unref (request->picture);
  g_free (request->text);
  g_free (request);
  return G_SOURCE_REMOVE;
}

static void
encode (gpointer data, gpointer user)
{
  Request *request = data;
  const CliServing *serving = ((Server *) user)->serving;
  double box[4];
  gboolean whole = few_crop_is_whole (&request->crop);
  CliAnswer answer = { .path = "", .box = whole ? NULL : box };
  g_autofree char *name = few_address_new ("The picture", &request->crop);
  few_crop_box (&request->crop, box);
  g_autoptr (GError) error = NULL;
  g_autofree float *feature =
      cli_try_floats (1, few_classifier_length (serving->judge->classifier), &error);
  if (feature
      && few_classifier_encode_bytes (serving->judge->classifier, serving->model, request->picture,
                                      name, feature, serving->cli->cancellable, &error))
    {
      cli_judge (serving->judge, feature, &answer);
      request->status = SOUP_STATUS_OK;
      request->text = cli_answer_to_json (serving->shown, &answer);
    }
  else
    {
      gboolean theirs = error && error->domain == FEW_ERROR
                        && (error->code == FEW_ERROR_INPUT || error->code == FEW_ERROR_LIMIT
                            || error->code == FEW_ERROR_UNSUPPORTED);
      request->status =
          theirs ? SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE : SOUP_STATUS_INTERNAL_SERVER_ERROR;
      request->text = say_error (error ? error->message : "It could not be answered.");
    }
  g_main_context_invoke (NULL, answered_cb, request);
}

/* ---- requests */

static void
describe (const CliServing *serving, SoupServerMessage *message)
{
  const FewClassifierInfo *info = few_classifier_info (serving->judge->classifier);
  g_autoptr (JsonBuilder) builder = cli_json_begin ();
  cli_json_string (builder, "model", few_model_info (serving->model)->name);
  cli_json_string (builder, "method", info->method);
  cli_json_number (builder, "alpha", serving->judge->alpha);
  cli_json_array (builder, "classes");
  for (guint i = 0; i < info->n_classes; i++)
    json_builder_add_string_value (builder, info->classes[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *json = json_to_string (root, FALSE);
  respond (message, SOUP_STATUS_OK, json);
}

/* query: may be NULL */
static void
take_picture (Server *server, SoupServerMessage *message, GHashTable *query)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  const char *box = query ? g_hash_table_lookup (query, "box") : NULL;
  FewCrop crop = { 0 };
  if (body->length == 0)
    {
      refuse (message, SOUP_STATUS_BAD_REQUEST, "Send the bytes of a picture as the body.");
      return;
    }
  if (box && !cli_box_parse (box, &crop))
    {
      refuse (message, SOUP_STATUS_BAD_REQUEST,
              "box is x,y,width,height, inside the upright picture whose sides are 1.");
      return;
    }
  if (server->waiting >= MOST_WAITING)
    {
      refuse (message, SOUP_STATUS_SERVICE_UNAVAILABLE, "Too many pictures wait. Try again later.");
      return;
    }
  Request *request = g_new0 (Request, 1);
  request->server = server;
  request->message = g_object_ref (message);
  request->picture = soup_message_body_flatten (body);
  request->crop = crop;
  server->waiting++;
  soup_server_message_pause (message);
  g_thread_pool_push (server->pool, request, NULL);
}

static void
request_cb (SoupServer *soup G_GNUC_UNUSED, SoupServerMessage *message, const char *path,
            GHashTable *query, gpointer user)
{
  Server *server = user;
  const char *method = soup_server_message_get_method (message);
  if (soup_server_message_get_status (message) != SOUP_STATUS_NONE)
    return; /* refused by its head */
  if (!g_str_equal (path, "/"))
    refuse (message, SOUP_STATUS_NOT_FOUND, "There is nothing but /.");
  else if (g_str_equal (method, "GET"))
    describe (server->serving, message);
  else if (g_str_equal (method, "POST"))
    take_picture (server, message, query);
  else
    refuse (message, SOUP_STATUS_METHOD_NOT_ALLOWED, "GET or POST.");
}

/* libsoup answers once it has read all of a request. Who sends too much is told at once, on the
 * socket itself, and cut off. */
static void
cut_off (SoupServerMessage *message)
{
  static const char answer[] = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n"
                               "Connection: close\r\n\r\n";
  GSocket *socket = soup_server_message_get_socket (message);
  if (!socket)
    return;
  g_socket_send (socket, answer, sizeof answer - 1, NULL, NULL);
  g_socket_close (socket, NULL);
}

/* Of a body whose length was not told. */
static void
chunk_cb (SoupServerMessage *message, GBytes *chunk G_GNUC_UNUSED, gpointer user G_GNUC_UNUSED)
{
  if (soup_server_message_get_request_body (message)->length > MOST_BYTES)
    cut_off (message);
}

/* What the head alone says: a web page that a browser shows may not ask, and size is told. */
static void
head_cb (SoupServer *soup G_GNUC_UNUSED, SoupServerMessage *message, const char *path G_GNUC_UNUSED,
         GHashTable *query G_GNUC_UNUSED, gpointer user G_GNUC_UNUSED)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  goffset length = soup_message_headers_get_content_length (headers);
  if (soup_message_headers_get_one (headers, "Origin"))
    refuse (message, SOUP_STATUS_FORBIDDEN, "Web pages may not ask.");
  else if (length > MOST_BYTES)
    cut_off (message);
}

/* ---- connections */

typedef struct
{
  Server *server;
  SoupServerMessage *message; /* a reference: libsoup does not tell the end of each that it drops */
} Deadline;

static void
free_deadline (gpointer data)
{
  Deadline *deadline = data;
  g_object_unref (deadline->message);
  g_free (deadline);
}

static gboolean
slow_cb (gpointer data)
{
  const Deadline *deadline = data;
  GSocket *socket = soup_server_message_get_socket (deadline->message);
  g_hash_table_steal (deadline->server->deadlines, deadline->message);
  if (socket)
    g_socket_close (socket, NULL);
  return G_SOURCE_REMOVE;
}

static void
remove_source (gpointer id)
{
  g_source_remove (GPOINTER_TO_UINT (id));
}

static void
started_cb (SoupServer *soup G_GNUC_UNUSED, SoupServerMessage *message, gpointer user)
{
  Server *server = user;
  Deadline *deadline = g_new (Deadline, 1);
  *deadline = (Deadline) { server, g_object_ref (message) };
  guint id = g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, MOST_SECONDS, slow_cb, deadline,
                                         free_deadline);
  g_hash_table_replace (server->deadlines, message, GUINT_TO_POINTER (id));
  g_signal_connect (message, "got-chunk", G_CALLBACK (chunk_cb), NULL);
}

static void
over_cb (SoupServer *soup G_GNUC_UNUSED, SoupServerMessage *message, gpointer user)
{
  Server *server = user;
  g_hash_table_remove (server->deadlines, message);
}

/* Answered. libsoup keeps the connection of a broken request open and reads no more from it. */
static void
finished_cb (SoupServer *soup, SoupServerMessage *message, gpointer user)
{
  GSocket *socket = soup_server_message_get_socket (message);
  over_cb (soup, message, user);
  if (cli_logs (CLI_DEBUG))
    {
      g_autofree char *status = g_strdup_printf ("%u", soup_server_message_get_status (message));
      cli_log (CLI_DEBUG, soup_server_message_get_method (message), status);
    }
  if (socket && soup_server_message_get_status (message) == SOUP_STATUS_BAD_REQUEST)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
}

/* ---- the server */

static gboolean
check_reach (const CliServing *serving, GInetAddress *inet, GError **error)
{
  g_autofree char *host = g_inet_address_to_string (inet);
  if (serving->expose || g_inet_address_get_is_loopback (inet))
    return TRUE;
  g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
               "%s can be reached from other computers, and whoever reaches it may ask. If that "
               "is meant, add --expose.",
               host);
  return FALSE;
}

static GSocketAddress *
parse_address (const CliServing *serving, GError **error)
{
  g_autoptr (GSocketConnectable) named = g_network_address_parse (serving->address, 0, NULL);
  const char *host = named ? g_network_address_get_hostname (G_NETWORK_ADDRESS (named)) : NULL;
  if (host && g_str_equal (host, "localhost"))
    host = "127.0.0.1";
  g_autoptr (GInetAddress) inet = host ? g_inet_address_new_from_string (host) : NULL;
  if (!inet)
    g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                 "--serve wants an address and a port, as 127.0.0.1:8080, or systemd.");
  if (!inet || !check_reach (serving, inet, error))
    return NULL;
  return g_inet_socket_address_new (inet, g_network_address_get_port (G_NETWORK_ADDRESS (named)));
}

/* As many as may wait come in at the same moment: what GLib lets stand at the door is 10. */
static GSocket *
bind_address (GSocketAddress *address, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new (g_socket_address_get_family (address),
                                             G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
  if (!socket || !g_socket_bind (socket, address, TRUE, error))
    return NULL;
  g_socket_set_listen_backlog (socket, MOST_WAITING);
  return g_socket_listen (socket, error) ? g_steal_pointer (&socket) : NULL;
}

static GSocket *
open_socket (const CliServing *serving, GError **error)
{
  if (!g_str_equal (serving->address, "systemd"))
    {
      g_autoptr (GSocketAddress) address = parse_address (serving, error);
      return address ? bind_address (address, error) : NULL;
    }
  g_autoptr (GSocket) socket = cli_inherit_socket (error);
  g_autoptr (GSocketAddress) local = socket ? g_socket_get_local_address (socket, error) : NULL;
  if (!local
      || !check_reach (serving, g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local)),
                       error))
    return NULL;
  return g_steal_pointer (&socket);
}

static void
say_address (SoupServer *soup)
{
  GSList *uris = soup_server_get_uris (soup);
  for (GSList *uri = uris; uri; uri = uri->next)
    {
      g_autofree char *text = g_uri_to_string (uri->data);
      cli_log (CLI_INFO, "listening on", text);
    }
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
}

static gboolean
cancelled_cb (GCancellable *cancellable G_GNUC_UNUSED, gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
run (Server *server)
{
  g_autoptr (GSource) source = g_cancellable_source_new (server->serving->cli->cancellable);
  server->loop = g_main_loop_new (NULL, FALSE);
  server->pool = g_thread_pool_new (encode, server, 1, TRUE, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (cancelled_cb), server->loop, NULL);
  g_source_attach (source, NULL);
  g_main_loop_run (server->loop);
  g_source_destroy (source);
  g_thread_pool_free (server->pool, FALSE, TRUE);
  while (server->waiting > 0)
    g_main_context_iteration (NULL, TRUE);
  g_main_loop_unref (server->loop);
}

int
cli_serve (const CliServing *serving)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = open_socket (serving, &error);
  if (!socket)
    return cli_fail (error);
  g_autoptr (SoupServer) soup = soup_server_new ("server-header", "fewshot-cli ", NULL);
  Server server = { .serving = serving };
  soup_server_add_early_handler (soup, NULL, head_cb, &server, NULL);
  soup_server_add_handler (soup, NULL, request_cb, &server, NULL);
  g_signal_connect (soup, "request-started", G_CALLBACK (started_cb), &server);
  g_signal_connect (soup, "request-read", G_CALLBACK (over_cb), &server);
  g_signal_connect (soup, "request-finished", G_CALLBACK (finished_cb), &server);
  g_signal_connect (soup, "request-aborted", G_CALLBACK (finished_cb), &server);
  server.deadlines = g_hash_table_new_full (NULL, NULL, NULL, remove_source);
  gboolean ok = soup_server_listen_socket (soup, socket, 0, &error);
  if (ok)
    {
      say_address (soup);
      run (&server);
    }
  soup_server_disconnect (soup);
  g_signal_handlers_disconnect_by_data (soup, &server);
  g_hash_table_unref (server.deadlines);
  return ok ? CLI_OK : cli_fail (error);
}
