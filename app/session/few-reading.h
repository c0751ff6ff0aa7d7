/* SPDX-License-Identifier: MIT */
/* Pictures on their way to the worker, which gets copies of what they are: of very many some a turn
 * of the main loop. The UI thread only. */
#pragma once
#include "session/few-picture.h"
#include <fewshot.h>

G_BEGIN_DECLS
typedef struct FewReading FewReading;
/* That one turn takes. */
enum { FEW_READING_PIECE = 5000 };

/* Of FewPicture. */
FewReading *few_reading_new (GPtrArray *pictures);
void few_reading_free (gpointer reading);
/* Copies the next ones and returns them (FewPicture, borrowed); free with g_ptr_array_unref. */
GPtrArray *few_reading_copy (FewReading *reading);
/* FALSE: some are not copied yet. */
gboolean few_reading_send (FewReading *reading, FewWorker *worker);
G_END_DECLS
