/* SPDX-License-Identifier: MIT */
/* One pass over the pictures. */
#include "pages/examples/few-class-strip.h"
#include "widgets/few-thumb.h"

enum { PICTURES = 5, SIDE = 30, MOST_CLASSES = 24 };

static const char THUMBNAILS[] = "few-thumbnails"; /* where a strip keeps them */

GtkWidget *
few_class_strip_new (FewThumbnails *thumbnails)
{
  g_return_val_if_fail (FEW_IS_THUMBNAILS (thumbnails), NULL);
  GtkWidget *strip = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 3);
  g_object_set_data_full (G_OBJECT (strip), THUMBNAILS, g_object_ref (thumbnails), g_object_unref);
  gtk_widget_hide (strip);
  return strip;
}

/* Not before there is something to show: of 1,000 classes there never is. */
static void
make_thumbs (GtkWidget *strip)
{
  FewThumbnails *thumbnails = g_object_get_data (G_OBJECT (strip), THUMBNAILS);
  for (guint i = 0; i < PICTURES; i++)
    gtk_box_append (GTK_BOX (strip), few_thumb_new (thumbnails, SIDE));
}

static void
add_first (GHashTable *firsts, FewClass *klass, FewPicture *picture)
{
  GPtrArray *some = g_hash_table_lookup (firsts, klass);
  if (!some)
    {
      some = g_ptr_array_new_with_free_func (g_object_unref);
      g_hash_table_insert (firsts, klass, some);
    }
  if (some->len < PICTURES)
    g_ptr_array_add (some, g_object_ref (picture));
}

GHashTable *
few_class_strip_collect (FewExamples *examples)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (examples), NULL);
  GListModel *pictures = few_examples_get_pictures (examples);
  if (g_list_model_get_n_items (few_examples_get_classes (examples)) > MOST_CLASSES)
    return NULL;
  GHashTable *firsts = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
      const GPtrArray *further = few_picture_get_further (picture);
      if (few_picture_get_state (picture) == FEW_PICTURE_REFUSED)
        continue;
      add_first (firsts, few_picture_get_class (picture), picture);
      for (guint k = 0; further && k < further->len; k++)
        add_first (firsts, further->pdata[k], picture);
    }
  return firsts;
}

void
few_class_strip_fill (GtkWidget *strip, GPtrArray *pictures)
{
  guint i = 0;
  g_return_if_fail (GTK_IS_WIDGET (strip));
  if (pictures && !gtk_widget_get_first_child (strip))
    make_thumbs (strip);
  for (GtkWidget *thumb = gtk_widget_get_first_child (strip); thumb;
       thumb = gtk_widget_get_next_sibling (thumb), i++)
    few_thumb_set_picture (FEW_THUMB (thumb),
                           pictures && i < pictures->len ? pictures->pdata[i] : NULL);
  gtk_widget_set_visible (strip, pictures && pictures->len > 0);
}
