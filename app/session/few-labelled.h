/* SPDX-License-Identifier: MIT */
/* Classes and pictures as dense labels, as the worker takes them. */
#pragma once
#include "session/few-picture.h"
#include <gio/gio.h>

G_BEGIN_DECLS
/* Pictures that take part, in the order of the list; classes likewise. Strings are borrowed from
 * the classes and pictures and last until one of them changes. */
typedef struct
{
  const char **names;   /* [n_classes] */
  const char **prompts; /* [n_classes], NULL for the template */
  const char **paths;   /* [n] */
  guint32 *ids;         /* [n] */
  guint32 *labels;      /* [n] < n_classes */
  guint n;
  guint n_classes;
  GPtrArray *classes;   /* [n_classes] FewClass */
} FewLabelled;

/* classes: of FewClass; pictures: of FewPicture, each of one of these classes. Clear with
 * few_labelled_clear. */
void few_labelled_collect (FewLabelled *labelled, GListModel *classes, GListModel *pictures);
void few_labelled_clear (FewLabelled *labelled);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FewLabelled, few_labelled_clear)
G_END_DECLS
