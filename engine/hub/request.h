/* SPDX-License-Identifier: MIT */
/* Requests to a hub: a curl handle with all that each needs, and what an answer means. */
#pragma once
#include <curl/curl.h>
#include <glib.h>

enum { FEW_REQUEST_BUFFER = 512 * 1024 }; /* bytes; curl's largest */
enum { FEW_UNTOLD_FILE = 32 << 20 };       /* the most of what nobody told the size of */

/* Bytes a second over stall_seconds, below which an attempt is given up: a server that trickles
 * would hold a fetch for ever. */
enum { FEW_LEAST_RATE = 1000 };

/* The endpoint and what every request needs. */
typedef struct
{
  const char *endpoint, *token, *ca_file;
  guint stall_seconds;
} FewHubAccess;

typedef enum {
  FEW_OUTCOME_DONE, /* the file is whole, checked and in place */
  FEW_OUTCOME_AGAIN, /* the error may pass: try again from where the part ends */
  FEW_OUTCOME_WAIT, /* the same, after retry_after seconds */
  FEW_OUTCOME_FAILED, /* the error will not pass by itself */
} FewOutcome;

/* For a file; the caller sets where its bytes go. */
CURL *few_request_handle (const FewHubAccess *access, const char *url);
/* A small text from the endpoint, for the list of a repository's files. */
CURL *few_request_new (const FewHubAccess *access, const char *url, GString *body);
/* What an answer without a file means: error set unless it is 200. */
FewOutcome few_request_outcome (CURL *curl, CURLcode code, const char *url, const char *repository,
                                guint retry_after, GError **error);
