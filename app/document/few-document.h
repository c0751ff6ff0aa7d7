/* SPDX-License-Identifier: MIT */
/* Where a session's project is kept: in a file of the person's, or in a draft until it has one.
 * Either is written at most three seconds after a change, on a thread, so that a crash costs no
 * more than that. The UI thread only.
 *
 * Signals
 *   changed ()   the title or the path changed */
#pragma once
#include "document/few-drafts.h"
#include "session/few-session.h"

G_BEGIN_DECLS
#define FEW_TYPE_DOCUMENT (few_document_get_type ())
G_DECLARE_FINAL_TYPE (FewDocument, few_document, FEW, DOCUMENT, GObject)

FewDocument *few_document_new (FewSession *session);
/* NULL while it has no file of its own. */
const char *few_document_get_path (FewDocument *self);
/* "Leaves" of "…/Leaves.fewshot" */
char *few_document_title_of (const char *path);
/* The same of its path, or "Untitled" */
char *few_document_get_title (FewDocument *self);
/* Untitled, and never held anything: a project may be opened in it. */
gboolean few_document_is_fresh (FewDocument *self);
/* TRUE while something is not on disk yet. */
gboolean few_document_is_dirty (FewDocument *self);
/* Into a fresh document. Reads on a thread; what goes wrong is said by the session. A draft
 * stays without a path. */
void few_document_open (FewDocument *self, const char *path);
/* From now on it is kept there. */
void few_document_save_as (FewDocument *self, const char *path);
/* Writes what is not on disk; done (user) comes at once when there is nothing to write. Drafts
 * without classes go. */
void few_document_close (FewDocument *self, void (*done) (gpointer user), gpointer user);
G_END_DECLS
