/* SPDX-License-Identifier: MIT */
/* Where a session's project is kept: in a file of the person's, or in a draft until it has one.
 * Either is written at most three seconds after a change, on a thread, so that a crash costs no
 * more than that. Nothing is written before a person has changed something. The UI thread only.
 *
 * Properties
 *   problem   a sentence while what was changed cannot be written, NULL otherwise; it is tried
 *             again and again
 *
 * Signals
 *   changed ()         the title or the path changed
 *   conflict (path)    somebody else has written the file; it is not written over until
 *                      few_document_keep_mine or few_document_let_go */
#pragma once
#include "document/few-drafts.h"
#include "session/few-session.h"

G_BEGIN_DECLS
#define FEW_TYPE_DOCUMENT (few_document_get_type ())
G_DECLARE_FINAL_TYPE (FewDocument, few_document, FEW, DOCUMENT, GObject)

/* problem: NULL when everything is on disk. Otherwise nothing is lost yet, and `kept` says that
 * it is in a draft that comes back at the next start. */
typedef void (*FewClosedFunc) (gpointer user, const char *problem, gboolean kept);

FewDocument *few_document_new (FewSession *session);
/* NULL while it has no file of its own: one that is being read, or written for the first time, is
 * not its own yet. */
const char *few_document_get_path (FewDocument *self);
/* "Leaves" of "…/Leaves.fewshot", or "Untitled" */
char *few_document_get_title (FewDocument *self);
/* TRUE when that file, by whatever name, is this document's or is being read into it. */
gboolean few_document_is_at (FewDocument *self, const char *path);
/* Untitled, and never held anything: a project may be opened in it. */
gboolean few_document_is_fresh (FewDocument *self);
/* TRUE while something is not on disk yet. */
gboolean few_document_is_dirty (FewDocument *self);
const char *few_document_get_problem (FewDocument *self);

/* Into a fresh document. Reads on a thread; the session waits meanwhile. What goes wrong is said by
 * the session. A draft stays without a path; one that is damaged is set aside. */
void few_document_open (FewDocument *self, const char *path);
/* The same for a draft that a crash left; says so once it is back. */
void few_document_recover (FewDocument *self, const char *draft);
/* Once it is written there it is kept there; what it was kept in stays until then. */
void few_document_save_as (FewDocument *self, const char *path);
/* Writes mine over what somebody else has written. */
void few_document_keep_mine (FewDocument *self);
/* What was changed here since is given up; the file is nobody's. */
void few_document_let_go (FewDocument *self);
/* Writes what is not on disk, into a draft when that fails; done () comes at once when there is
 * nothing to write. Drafts without classes go. The document goes on when there was a problem. */
void few_document_close (FewDocument *self, FewClosedFunc done, gpointer user);
G_END_DECLS
