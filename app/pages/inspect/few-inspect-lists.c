/* SPDX-License-Identifier: MIT */
/* The lists of the template, whole or in part. */
#include "pages/inspect/few-inspect-lists.h"
#include "widgets/few-drop-down.h"
#include <glib/gi18n.h>

/* As the template lists them, and whether they are told of any number of labels, too. */
static const struct
{
  const char *name;
  gboolean several;
} sides[] = { [FEW_SIDE_BARS] = { "bars", TRUE },
              [FEW_SIDE_CONFUSION] = { "confusion", FALSE },
              [FEW_SIDE_TABLE] = { "table", TRUE },
              [FEW_SIDE_MAP] = { "map", TRUE },
              [FEW_SIDE_TRUST] = { "trust", FALSE } };

enum { N_SIDES = G_N_ELEMENTS (sides), SAME_FILTERS = 3 /* of both kinds */ };

struct FewInspectLists
{
  GtkDropDown *filter, *view; /* borrowed */
  GListModel *filters, *views; /* all of one class each */
  gboolean several, compared;
};

static gboolean
is_offered (const FewInspectLists *lists, guint side)
{
  return !lists->several || sides[side].several;
}

/* From a place in the list to a side, or back. */
static guint
find_side (const FewInspectLists *lists, guint place)
{
  guint side = 0;
  for (guint at = 0; side + 1 < N_SIDES; side++)
    if (is_offered (lists, side) && at++ == place)
      break;
  return side;
}

static guint
find_place (const FewInspectLists *lists, guint side)
{
  guint place = 0;
  for (guint i = 0; i < side; i++)
    place += is_offered (lists, i);
  return place;
}

static const char *
get_title (GListModel *list, guint i)
{
  g_autoptr (GtkStringObject) item = g_list_model_get_item (list, i);
  return gtk_string_object_get_string (item); /* the list keeps it */
}

static GListModel *
create_views (const FewInspectLists *lists)
{
  GtkStringList *views = gtk_string_list_new (NULL);
  for (guint i = 0; i < N_SIDES; i++)
    if (is_offered (lists, i))
      gtk_string_list_append (views, get_title (lists->views, i));
  return G_LIST_MODEL (views);
}

/* With any number of labels, in the place of what was mended and broken. */
static const char *const of_labels[] = { N_ ("Label Missed"), N_ ("Label Wrongly Given") };

static GListModel *
create_filters (const FewInspectLists *lists)
{
  if (!lists->several && lists->compared)
    return g_object_ref (lists->filters);
  GtkStringList *filters = gtk_string_list_new (NULL);
  for (guint i = 0; i < SAME_FILTERS; i++)
    gtk_string_list_append (filters, get_title (lists->filters, i));
  for (guint i = 0; lists->several && i < G_N_ELEMENTS (of_labels); i++)
    gtk_string_list_append (filters, _ (of_labels[i]));
  return G_LIST_MODEL (filters);
}

void
few_inspect_lists_follow (FewInspectLists *lists, gboolean several, gboolean compared)
{
  g_return_if_fail (lists != NULL);
  if (lists->several == several && lists->compared == compared)
    return;
  guint side = find_side (lists, gtk_drop_down_get_selected (lists->view));
  guint filter = gtk_drop_down_get_selected (lists->filter);
  lists->several = several;
  lists->compared = compared;
  g_autoptr (GListModel) views = create_views (lists);
  g_autoptr (GListModel) filters = create_filters (lists);
  gtk_drop_down_set_model (lists->view, views);
  gtk_drop_down_set_model (lists->filter, filters);
  gtk_drop_down_set_selected (lists->view, is_offered (lists, side) ? find_place (lists, side) : 0);
  gboolean there = filter < g_list_model_get_n_items (filters);
  gtk_drop_down_set_selected (lists->filter, there ? filter : 0);
}

const char *
few_inspect_lists_name (guint side)
{
  g_return_val_if_fail (side < N_SIDES, NULL);
  return sides[side].name;
}

void
few_inspect_lists_show_side (FewInspectLists *lists, GtkStack *stack)
{
  g_return_if_fail (GTK_IS_STACK (stack));
  if (!lists)
    return;
  guint side = find_side (lists, gtk_drop_down_get_selected (lists->view));
  gtk_stack_set_visible_child_name (stack, sides[side].name);
}

void
few_inspect_lists_choose_side (FewInspectLists *lists, guint number)
{
  g_return_if_fail (lists != NULL);
  if (number < N_SIDES && is_offered (lists, number))
    gtk_drop_down_set_selected (lists->view, find_place (lists, number));
}

FewInspectLists *
few_inspect_lists_new (GtkDropDown *filter, GtkDropDown *view)
{
  g_return_val_if_fail (GTK_IS_DROP_DOWN (filter) && GTK_IS_DROP_DOWN (view), NULL);
  FewInspectLists *lists = g_new0 (FewInspectLists, 1);
  lists->filter = filter;
  lists->view = view;
  lists->compared = TRUE;
  lists->filters = g_object_ref (gtk_drop_down_get_model (filter));
  lists->views = g_object_ref (gtk_drop_down_get_model (view));
  few_drop_down_shrink_words (filter);
  few_drop_down_shrink (view);
  return lists;
}

void
few_inspect_lists_free (FewInspectLists *lists)
{
  g_return_if_fail (lists != NULL);
  g_object_unref (lists->filters);
  g_object_unref (lists->views);
  g_free (lists);
}
