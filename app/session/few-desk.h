/* SPDX-License-Identifier: MIT */
/* Where questions to the worker are handed in and its answers come out: the worker, the model that
 * it holds, and the sentences that the person is told. Everything else of a session stands above
 * it. The UI thread only.
 *
 * Properties
 *   model     const FewModelInfo *, NULL while none is open; notified too when it has moved to
 *             another device, when one is being opened, and when it could not be
 *
 * Signals
 *   event (const FewEvent *)   what the worker says, to be heard by whom it concerns
 *   message (text)             a sentence for the person, as a toast */
#pragma once
#include <fewshot.h>
#include <glib-object.h>

G_BEGIN_DECLS
#define FEW_TYPE_DESK (few_desk_get_type ())
G_DECLARE_FINAL_TYPE (FewDesk, few_desk, FEW, DESK, GObject)

FewDesk *few_desk_new (void);
/* Borrowed: it lives as long as the desk. */
FewWorker *few_desk_get_worker (FewDesk *self);
/* A number for a question, never the same twice and never 0. */
guint few_desk_take_ticket (FewDesk *self);
void few_desk_say (FewDesk *self, const char *text);

/* device: as few_worker_open_model takes it. */
void few_desk_open_model (FewDesk *self, const char *folder, const char *device);
/* NULL while none is open. Its strings are never freed. */
const FewModelInfo *few_desk_get_model (FewDesk *self);
gboolean few_desk_is_opening (FewDesk *self);
/* The folder of the model asked for last, or NULL. */
const char *few_desk_get_asked (FewDesk *self);
G_END_DECLS
