/* SPDX-License-Identifier: MIT */
/* A cell of the matrix, or what was drawn around on the map, and what the drop down says. */
#include "pages/inspect/few-inspect-filter.h"
#include "session/few-said.h"
#include "widgets/few-ranking.h"
#include <glib/gi18n.h>

static gboolean
passes_choice (const FewInspectFilter *filter, FewView *view, const FewSnapshotInfo *info,
               guint row)
{
  int role = few_view_get_measured_role (view);
  if (filter->among)
    return g_hash_table_contains (filter->among, GUINT_TO_POINTER (info->ids[row]));
  return !filter->own || info->sets
         || (info->labels[row] == filter->label
             && few_view_get_predicted (view)[row] == filter->predicted
             && (role < 0 || info->roles[row] == role));
}

/* The number of the class at the side; −1: none is chosen. */
static int
find_focus (FewView *view)
{
  guint k;
  FewClass *focus = few_view_get_focus (view);
  return focus && g_ptr_array_find (few_view_get_classes (view), focus, &k) ? (int) k : -1;
}

/* Of any number of labels; with a class at the side, of that label. */
static gboolean
passes_labels (FewView *view, const FewSnapshotInfo *info, guint row, FewInspectShow show)
{
  int label = find_focus (view);
  if (label >= 0 && !few_said_concerns (view, row, (guint) label))
    return FALSE;
  switch (show)
    {
    case FEW_INSPECT_TEST:
      return info->roles[row] == FEW_ROLE_TEST;
    case FEW_INSPECT_MISTAKEN:
      return few_said_misses (view, row, label) || few_said_adds (view, row, label);
    case FEW_INSPECT_FIXED:
      return few_said_misses (view, row, label);
    case FEW_INSPECT_BROKEN:
      return few_said_adds (view, row, label);
    default:
      return TRUE;
    }
}

static gboolean
passes (const FewInspectFilter *filter, FewView *view, guint row, FewInspectShow show)
{
  const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (view));
  if (info->sets)
    return passes_choice (filter, view, info, row) && passes_labels (view, info, row, show);
  gboolean before = few_view_get_predicted_zero_shot (view)[row] == info->labels[row];
  gboolean after = few_view_get_predicted (view)[row] == info->labels[row];
  FewClass *focus = few_view_get_focus (view);
  if ((focus && few_view_get_class (view, info->labels[row]) != focus)
      || !passes_choice (filter, view, info, row))
    return FALSE;
  switch (show)
    {
    case FEW_INSPECT_TEST:
      return info->roles[row] == FEW_ROLE_TEST;
    case FEW_INSPECT_MISTAKEN:
      return !after;
    case FEW_INSPECT_FIXED:
      return !before && after;
    case FEW_INSPECT_BROKEN:
      return before && !after;
    default:
      return TRUE;
    }
}

GPtrArray *
few_inspect_filter_rank (const FewInspectFilter *filter, FewView *view, FewInspectShow show)
{
  guint n = few_snapshot_info (few_view_get_snapshot (view))->n;
  g_autofree guint32 *order = g_new (guint32, n + 1);
  GPtrArray *ranked = g_ptr_array_new_full (n, NULL);
  few_lens_rank (few_view_get_margins (view), n, order);
  for (guint i = 0; i < n; i++)
    {
      FewPicture *picture = few_view_get_row_picture (view, order[i]);
      if (picture && passes (filter, view, order[i], show))
        g_ptr_array_add (ranked, picture);
    }
  return ranked;
}

GPtrArray *
few_inspect_filter_list (GListModel *ranking, FewExamples *examples)
{
  GPtrArray *pictures = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < g_list_model_get_n_items (ranking); i++)
    {
      g_autoptr (FewSlot) slot = g_list_model_get_item (ranking, i);
      FewPicture *picture = few_slot_get_item (slot);
      if (few_examples_get_picture (examples, few_picture_get_id (picture)))
        g_ptr_array_add (pictures, g_object_ref (picture));
    }
  return pictures;
}

gboolean
few_inspect_filter_is_narrow (const FewInspectFilter *filter)
{
  return filter->own || filter->among;
}

char *
few_inspect_filter_words (const FewInspectFilter *filter, FewView *view)
{
  if (filter->among)
    {
      guint n = g_hash_table_size (filter->among);
      return g_strdup_printf (
          ngettext ("%u picture chosen on the map", "%u pictures chosen on the map", n), n);
    }
  if (!filter->own)
    return g_strdup ("");
  const char *own = few_class_get_name (few_view_get_class (view, filter->label));
  const char *taken = few_class_get_name (few_view_get_class (view, filter->predicted));
  /* Translators: a class, and the class that its pictures are taken for */
  return filter->label == filter->predicted
             ? g_strdup_printf (_ ("“%s”, recognised"), own)
             : g_strdup_printf (_ ("“%s” taken for “%s”"), own, taken);
}

void
few_inspect_filter_set_pictures (FewInspectFilter *filter, GPtrArray *pictures)
{
  g_clear_pointer (&filter->among, g_hash_table_unref);
  g_clear_object (&filter->own);
  g_clear_object (&filter->taken);
  if (!pictures || pictures->len == 0)
    return;
  filter->among = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < pictures->len; i++)
    g_hash_table_add (filter->among, GUINT_TO_POINTER (few_picture_get_id (pictures->pdata[i])));
}

void
few_inspect_filter_set_cell (FewInspectFilter *filter, FewView *view, guint label, guint predicted)
{
  few_inspect_filter_set_pictures (filter, NULL);
  filter->label = label;
  filter->predicted = predicted;
  g_set_object (&filter->own, few_view_get_class (view, label));
  g_set_object (&filter->taken, few_view_get_class (view, predicted));
}

gboolean
few_inspect_filter_follow (FewInspectFilter *filter, FewView *view)
{
  GPtrArray *classes = few_view_get_classes (view);
  if (!filter->own)
    return TRUE;
  if (few_view_get_snapshot (view) && g_ptr_array_find (classes, filter->own, &filter->label)
      && g_ptr_array_find (classes, filter->taken, &filter->predicted))
    return TRUE;
  few_inspect_filter_set_pictures (filter, NULL);
  return FALSE;
}
