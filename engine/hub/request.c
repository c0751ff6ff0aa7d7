/* SPDX-License-Identifier: MIT */
/* Requests to a hub, and what their answers mean, as sentences. */
#include "hub/request.h"
#include "base/error.h"
#include <gio/gio.h>
#include <string.h>

/* ---- handles */

static char *
find_proxy (const char *url)
{
  g_auto (GStrv) proxies =
      g_proxy_resolver_lookup (g_proxy_resolver_get_default (), url, NULL, NULL);
  return proxies && proxies[0] && !g_str_has_prefix (proxies[0], "direct") ? g_strdup (proxies[0])
                                                                           : NULL;
}

CURL *
few_request_handle (const FewHubAccess *access, const char *url)
{
  CURL *curl = curl_easy_init ();
  gboolean secure = g_str_has_prefix (access->endpoint, "https://");
  g_autofree char *proxy = find_proxy (url);
  curl_easy_setopt (curl, CURLOPT_URL, url);
  curl_easy_setopt (curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt (curl, CURLOPT_MAXREDIRS, 8L);
  /* never from https to http, whatever a redirect says */
  curl_easy_setopt (curl, CURLOPT_PROTOCOLS_STR, secure ? "https" : "http,https");
  curl_easy_setopt (curl, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
  curl_easy_setopt (curl, CURLOPT_CONNECTTIMEOUT, 20L);
  curl_easy_setopt (curl, CURLOPT_LOW_SPEED_LIMIT, (long) FEW_LEAST_RATE);
  curl_easy_setopt (curl, CURLOPT_LOW_SPEED_TIME, (long) access->stall_seconds);
  curl_easy_setopt (curl, CURLOPT_BUFFERSIZE, (long) FEW_REQUEST_BUFFER);
  curl_easy_setopt (curl, CURLOPT_USERAGENT, "fewshot");
  if (access->ca_file)
    curl_easy_setopt (curl, CURLOPT_CAINFO, access->ca_file);
  if (proxy) /* the desktop's; otherwise curl reads the environment's */
    curl_easy_setopt (curl, CURLOPT_PROXY, proxy);
  /* curl leaves it out when a redirect leads to another host, port or protocol */
  if (access->token)
    {
      curl_easy_setopt (curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
      curl_easy_setopt (curl, CURLOPT_XOAUTH2_BEARER, access->token);
    }
  return curl;
}

static size_t
collect_body (char *data, size_t size, size_t n, void *user)
{
  GString *body = user;
  if (body->len + n > FEW_UNTOLD_FILE)
    return 0;
  g_string_append_len (body, data, (gssize) (size * n));
  return n;
}

CURL *
few_request_new (const FewHubAccess *access, const char *url, GString *body)
{
  CURL *curl = few_request_handle (access, url);
  curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, collect_body);
  curl_easy_setopt (curl, CURLOPT_WRITEDATA, body);
  return curl;
}

/* ---- what an answer means, as a sentence */

/* An address that a redirect or the user gave and that is not of the web; or no web server. */
static void
fail_protocol (CURL *curl, const char *url, const char *host, GError **error)
{
  long status = 0;
  curl_easy_getinfo (curl, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 300 && status < 400)
    few_fail (error, INPUT,
              "%s sent this program to an address that is not secure (https), which it refused.",
              host);
  else if (!g_str_has_prefix (url, "http://") && !g_str_has_prefix (url, "https://"))
    few_fail (error, INPUT, "%s is no address of a hub: it is to begin with https://.", url);
  else
    few_fail (error, INPUT,
              "%s does not answer as a web server does. Is the address, and its port, right?",
              host);
}

static FewOutcome
fail_network (CURL *curl, CURLcode code, const char *url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  const char *host = uri ? g_uri_get_host (uri) : url;
  switch (code)
    {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      few_fail (error, INPUT,
                "%s did not prove who it is: its certificate is not one that this system trusts. "
                "Check the date of the computer, and "
                "whether a proxy stands in between.",
                host);
      return FEW_OUTCOME_FAILED;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      fail_protocol (curl, url, host, error);
      return FEW_OUTCOME_FAILED;
    case CURLE_TOO_MANY_REDIRECTS:
      few_fail (error, INPUT, "%s sends this program in circles.", host);
      return FEW_OUTCOME_FAILED;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      few_fail (error, INPUT, "%s was not found. Is this computer online?", host);
      return FEW_OUTCOME_AGAIN;
    case CURLE_COULDNT_CONNECT:
      few_fail (error, INPUT, "%s does not answer.", host);
      return FEW_OUTCOME_AGAIN;
    case CURLE_OPERATION_TIMEDOUT:
      few_fail (error, INPUT, "%s stopped sending, or sends less than a kilobyte a second.", host);
      return FEW_OUTCOME_AGAIN;
    default:
      few_fail (error, INPUT, "The connection to %s broke: %s.", host, curl_easy_strerror (code));
      return FEW_OUTCOME_AGAIN;
    }
}

FewOutcome
few_request_outcome (CURL *curl, CURLcode code, const char *url, const char *repository,
                     guint retry_after, GError **error)
{
  long status = 0;
  if (code != CURLE_OK && code != CURLE_WRITE_ERROR)
    return fail_network (curl, code, url, error);
  curl_easy_getinfo (curl, CURLINFO_RESPONSE_CODE, &status);
  if (status == 200 || status == 206)
    return FEW_OUTCOME_DONE;
  if (status == 401 || status == 403)
    few_fail (error, INPUT,
              "%s is not open to everyone (%ld). Accept its terms on the web page of the model, "
              "and set HF_TOKEN to a token of yours.",
              repository, status);
  else if (status == 404 || status == 410)
    few_fail (error, INPUT, "%s is not there (404): is the name right?", repository);
  else if (status == 429 || status == 408 || status >= 500)
    {
      if (status == 429)
        few_fail (error, INPUT, "The server asks to wait before more is fetched (%ld).", status);
      else
        few_fail (error, INPUT, "The server has a problem (%ld).", status);
      return retry_after ? FEW_OUTCOME_WAIT : FEW_OUTCOME_AGAIN;
    }
  else
    few_fail (error, INPUT, "The server refused (%ld).", status);
  return FEW_OUTCOME_FAILED;
}
