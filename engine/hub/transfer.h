/* SPDX-License-Identifier: MIT */
/* One file from the hub into FOLDER/FILE: FILE.part, what is known of it, and the attempts to
 * complete it. */
#pragma once
#include <fewshot/hub.h>
#include "hub/hasher.h"
#include "hub/request.h"

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
