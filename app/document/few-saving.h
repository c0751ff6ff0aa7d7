/* SPDX-License-Identifier: MIT */
/* Writing a project on a thread, without writing over what somebody else has written meanwhile. */
#pragma once
#include "base/few-stamp.h"
#include <fewshot.h>

G_BEGIN_DECLS
/* Takes over the project. expected: what the file was when it was read or written last, NULL to
 * write over whatever is there. keep_copy: the old file stays, under another name beside it. */
void few_saving_begin (gpointer source, FewProject *project, const char *path,
                       const FewStamp *expected, gboolean keep_copy, GAsyncReadyCallback done);
/* The file, of what is done or of what came of it; the result's. */
const char *few_saving_get_path (GAsyncResult *result);
/* FALSE with a sentence; G_IO_ERROR_WRONG_ETAG: it is another file than expected, and still is. */
gboolean few_saving_finish (GAsyncResult *result, FewStamp *written, GError **error);
G_END_DECLS
