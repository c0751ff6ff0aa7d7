/* SPDX-License-Identifier: MIT */
/* GTK 4.8 has no accessible objects for what is no widget: the map says what is chosen in it. */
#include "pages/inspect/few-map-words.h"
#include "base/few-percent.h"
#include "widgets/few-tile-words.h"
#include <glib/gi18n.h>

char *
few_map_words (FewView *view, const FewMapInfo *info)
{
  g_return_val_if_fail (FEW_IS_VIEW (view) && info != NULL, NULL);
  double alpha = few_view_get_alpha (view);
  if (info->kind == FEW_MAP_NEIGHBOURS) /* Translators: how many points, at which α */
    return g_strdup_printf (
        ngettext ("Map of %u picture at α = %.2f, each near those most like it",
                  "Map of %u pictures at α = %.2f, each near those most like it", info->n),
        info->n, alpha);
  g_autofree char *share = few_percent (info->share[0] + info->share[1], 0);
  /* Translators: how many points, at which α, what share of the variance two axes can show */
  return g_strdup_printf (
      ngettext ("Map of %u picture at α = %.2f; its two axes hold %s of the variance",
                "Map of %u pictures at α = %.2f; its two axes hold %s of the variance", info->n),
      info->n, alpha, share);
}

char *
few_map_words_of_point (FewPicture *picture)
{
  g_return_val_if_fail (FEW_IS_PICTURE (picture), NULL);
  g_autofree char *classes = few_picture_name_classes (picture);
  return g_strdup_printf ("%s · %s", few_picture_get_name (picture), classes);
}

char *
few_map_words_spoken (FewView *view, FewPicture *picture)
{
  g_return_val_if_fail (FEW_IS_VIEW (view), NULL);
  g_return_val_if_fail (!picture || FEW_IS_PICTURE (picture), NULL);
  int row = picture ? few_view_get_row (view, picture) : -1;
  g_autofree char *text = NULL;
  char *spoken = NULL;
  if (row < 0)
    return g_strdup (_ ("Arrow keys go from one picture to the next"));
  few_tile_words_of_answer (view, picture, (guint) row, &text, &spoken);
  return spoken;
}
