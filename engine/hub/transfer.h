/* SPDX-License-Identifier: MIT */
/* One file from the hub into FOLDER/FILE: a curl handle, FILE.part, what is known of it, and
 * what an answer means. */
#pragma once
#include <fewshot/hub.h>
#include "hub/hasher.h"
#include <curl/curl.h>

/* Bytes a second over stall_seconds, below which an attempt is given up: a server that trickles would
 * hold a fetch for ever. */
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

typedef struct FewTransfer FewTransfer;

/* state: the folder's key file, whose group of this file is read and written; kept. Opens the
 * part and hashes what is there. NULL on a file error. */
FewTransfer *few_transfer_new (const FewHubAccess *access, FewHasher *hasher,
                               const FewCatalogueEntry *entry, const FewCatalogueFile *file,
                               const char *folder, GKeyFile *state, GCancellable *cancellable,
                               GError **error);
void few_transfer_free (FewTransfer *transfer);
/* The handle of one attempt, to be added to a multi handle; the transfer's. NULL with an error
 * when there is no room on the disk. */
CURL *few_transfer_start (FewTransfer *transfer, GError **error);
/* After the handle was taken out of the multi handle: what came of it. */
FewOutcome few_transfer_end (FewTransfer *transfer, CURLcode code, guint *retry_after,
                             GError **error);
/* Ends an attempt early; the part stays. */
void few_transfer_stop (FewTransfer *transfer);
guint64 few_transfer_done (const FewTransfer *transfer); /* bytes in the part */
guint64 few_transfer_total (const FewTransfer *transfer); /* 0: not known yet */
/* over the network so far, all attempts */
guint64 few_transfer_received (const FewTransfer *transfer);

/* A small text from the endpoint, for the list of a repository's files. */
CURL *few_request_new (const FewHubAccess *access, const char *url, GString *body);
/* What an answer without a file means: error set unless it is 200. */
FewOutcome few_request_outcome (CURL *curl, CURLcode code, const char *url, const char *repository,
                                guint retry_after, GError **error);
