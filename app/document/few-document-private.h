/* SPDX-License-Identifier: MIT */
/* What the files of FewDocument share: saving and closing (few-document.c), opening
 * (few-document-opening.c). */
#pragma once
#include "document/few-document.h"
#include "document/few-loading.h"
#include "document/few-place.h"
#include "document/few-unwritten.h"

/* Where a saving goes: to where the document is kept, to a file that it shall be kept in from then
 * on, or to a draft because the file cannot be written. */
typedef enum { TARGET_HOME, TARGET_SAVE_AS, TARGET_FALLBACK } Target;

struct _FewDocument
{
  GObject parent;
  FewSession *session;
  FewExamples *examples; /* the session's */
  FewPlace *home;     /* NULL while there is nothing to be kept */
  FewPlace *save_as;  /* to be written, or being written, and its home then */
  FewPlace *fallback; /* a draft beside a file that cannot be written */
  gboolean keep_copy; /* of the file, before it is written over: something could not be used */
  char *loading;      /* or NULL */
  gboolean recovering;
  guint timer;
  Target target; /* while saving, and of the last saving then */
  gboolean saving;
  FewUnwritten unwritten;
  gboolean opening; /* the project is on its way into the session */
  GAsyncResult *loaded; /* that one's, whose lock it is meanwhile */
  gboolean touched;  /* by a person, since it was opened */
  gboolean conflict; /* somebody else has written the file */
  char *problem;
  FewClosedFunc closed;
  gpointer closed_user;
};

/* A person has changed something. */
void few_document_edited (FewDocument *self);
