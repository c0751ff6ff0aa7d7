/* SPDX-License-Identifier: MIT */
/* The pictures of the project as the page shows them: those that pass, in the order of a number
 * that each has. What GTK has for it goes through 100,000 again after every edit, and tells that
 * all of them are others. */
#pragma once
#include "session/few-examples.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_EXAMPLES_MODEL (few_examples_model_get_type ())
G_DECLARE_FINAL_TYPE (FewExamplesModel, few_examples_model, FEW, EXAMPLES_MODEL, GObject)

typedef struct
{
  gboolean (*shows) (FewPicture *picture, gpointer user);
  guint (*rank) (FewPicture *picture, gpointer user); /* the least first; equal ones as they came */
  gpointer user; /* GObject: once it has gone the list stays what it is */
} FewArrangement;

/* Of FewPicture. */
FewExamplesModel *few_examples_model_new (FewExamples *examples, const FewArrangement *arrangement);
/* They may pass, and be ranked, otherwise: a project of many is looked through in a turn of the
 * main loop of its own. */
void few_examples_model_update (FewExamplesModel *self);
/* The places of these pictures (a set of FewPicture) that are shown. */
GtkBitset *few_examples_model_find (FewExamplesModel *self, GHashTable *pictures);
G_END_DECLS
