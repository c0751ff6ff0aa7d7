/* SPDX-License-Identifier: MIT */
/* Columns of text over the items of a GtkColumnView: what a cell says, how a column sorts, when
 * an item has changed. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
typedef struct
{
  const char *title;
  /* to the right, with figures of one width */
  gboolean number;
  gboolean expand;
  PangoEllipsizeMode ellipsize;
  char *(*text) (gpointer item, guint column);            /* free with g_free */
  int (*compare) (gpointer a, gpointer b, guint column);  /* NULL: not sortable */
  /* signal of an item after which its cells are written again; NULL: none */
  const char *changed;
  int whole; /* letters of a text that may be cut which always have room; 0: a few */
} FewColumn;

/* Number `column` of the view, which text and compare are told. */
void few_columns_add (GtkColumnView *view, guint column, const FewColumn *what);
/* Numbers in ascending order; those that are none before all. */
int few_columns_compare_numbers (float a, float b);
G_END_DECLS
