/* SPDX-License-Identifier: MIT */
/* Two sets a picture: what it has, and what is said. */
#include "session/few-said.h"
#include <glib/gi18n.h>

static const FewLabelSets *
get_said (FewView *view)
{
  FewSnapshot *snapshot = few_view_get_snapshot (view);
  gboolean tells = snapshot && few_snapshot_info (snapshot)->thresholds;
  return tells ? few_measuring_get_said (few_view_get_measuring (view)) : NULL;
}

static const FewLabelSets *
get_sets (FewView *view)
{
  return few_snapshot_info (few_view_get_snapshot (view))->sets;
}

/* Whether something of the first is not in the second; label −1: anything. */
static gboolean
exceeds (const FewLabelSets *first, const FewLabelSets *second, guint row, int label)
{
  guint n;
  const guint32 *labels = few_label_sets_get (first, row, &n);
  gboolean exceeds = FALSE;
  for (guint i = 0; !exceeds && i < n; i++)
    exceeds = (label < 0 || labels[i] == (guint32) label)
              && !few_label_sets_hold (second, row, labels[i]);
  return exceeds;
}

gboolean
few_said_misses (FewView *view, guint row, int label)
{
  g_return_val_if_fail (FEW_IS_VIEW (view), FALSE);
  const FewLabelSets *said = get_said (view);
  return said && exceeds (get_sets (view), said, row, label);
}

gboolean
few_said_adds (FewView *view, guint row, int label)
{
  g_return_val_if_fail (FEW_IS_VIEW (view), FALSE);
  const FewLabelSets *said = get_said (view);
  return said && exceeds (said, get_sets (view), row, label);
}

gboolean
few_said_concerns (FewView *view, guint row, guint label)
{
  g_return_val_if_fail (FEW_IS_VIEW (view), FALSE);
  const FewLabelSets *said = get_said (view);
  return few_label_sets_hold (get_sets (view), row, label)
         || (said && few_label_sets_hold (said, row, label));
}

char *
few_said_names (FewView *view, guint row)
{
  g_return_val_if_fail (FEW_IS_VIEW (view), NULL);
  guint n;
  const FewLabelSets *said = get_said (view);
  const guint32 *labels = said ? few_label_sets_get (said, row, &n) : NULL;
  if (!said)
    return NULL;
  if (n == 0)
    return g_strdup (_ ("no label"));
  GString *names = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (names, "%s%s", i ? ", " : "",
                            few_class_get_name (few_view_get_class (view, labels[i])));
  return g_string_free (names, FALSE);
}

gboolean
few_said_fits (FewView *view, guint row, FewPicture *picture)
{
  g_return_val_if_fail (FEW_IS_VIEW (view) && FEW_IS_PICTURE (picture), FALSE);
  guint n = 0;
  const FewLabelSets *said = get_said (view);
  const guint32 *labels = said ? few_label_sets_get (said, row, &n) : NULL;
  g_autoptr (GPtrArray) own = few_picture_list_classes (picture);
  gboolean fits = said && own->len == n;
  for (guint i = 0; fits && i < n; i++)
    fits = few_picture_has_class (picture, few_view_get_class (view, labels[i]));
  return fits;
}

int
few_said_first_label (const FewSnapshot *snapshot, guint row)
{
  g_return_val_if_fail (snapshot != NULL, -1);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  guint n = 0;
  const guint32 *labels = info->sets ? few_label_sets_get (info->sets, row, &n) : NULL;
  if (!info->sets)
    return (int) info->labels[row];
  return n > 0 ? (int) labels[0] : -1;
}
