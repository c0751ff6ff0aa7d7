/* SPDX-License-Identifier: MIT */
/* Told, kept, and all of them read anew. */
#include "session/few-arrival.h"
#include <glib/gi18n.h>

GHashTable *
few_arrival_list_addresses (FewExamples *examples)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (examples), NULL);
  GHashTable *addresses =
      g_hash_table_new_full (g_str_hash, g_str_equal, (GDestroyNotify) g_ref_string_release, NULL);
  const GPtrArray *order = few_gallery_get_order (few_examples_get_gallery (examples));
  for (guint i = 0; i < order->len; i++)
    g_hash_table_insert (addresses,
                         g_ref_string_acquire (few_picture_get_address_string (order->pdata[i])),
                         order->pdata[i]);
  return addresses;
}

/* Class → its name, a key of `names`. */
static GHashTable *
name_classes (FewExamples *examples, GHashTable *names)
{
  GListModel *classes = few_examples_get_classes (examples);
  GHashTable *name_of = g_hash_table_new (NULL, NULL);
  for (guint k = 0; k < g_list_model_get_n_items (classes); k++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (classes, k);
      char *name = g_strdup (few_class_get_name (klass));
      g_hash_table_add (names, name);
      g_hash_table_insert (name_of, klass, name);
    }
  return name_of;
}

static const char **
list_labels (FewPicture *picture, GHashTable *name_of)
{
  g_autoptr (GPtrArray) classes = few_picture_list_classes (picture);
  const char **names = g_new0 (const char *, classes->len + 1);
  for (guint i = 0; i < classes->len; i++)
    names[i] = g_hash_table_lookup (name_of, classes->pdata[i]);
  return names;
}

void
few_arrival_list_known (FewExamples *examples, gboolean labels, FewKnown *known)
{
  g_return_if_fail (FEW_IS_EXAMPLES (examples) && known != NULL);
  gboolean wanted = labels || few_examples_is_several (examples);
  const GPtrArray *order = few_gallery_get_order (few_examples_get_gallery (examples));
  *known = (FewKnown) { .paths = g_hash_table_new_full (
                            g_str_hash, g_str_equal, (GDestroyNotify) g_ref_string_release, g_free),
                        .names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL) };
  g_autoptr (GHashTable) name_of = name_classes (examples, known->names);
  for (guint i = 0; i < order->len; i++)
    g_hash_table_insert (known->paths,
                         g_ref_string_acquire (few_picture_get_address_string (order->pdata[i])),
                         wanted ? list_labels (order->pdata[i], name_of) : NULL);
}

static guint
get_added_id (GPtrArray *added, guint at)
{
  return added->len ? few_picture_get_id (added->pdata[at]) : 0;
}

void
few_arrival_refuse (FewExamples *examples, GPtrArray *added, GPtrArray *refused)
{
  g_return_if_fail (FEW_IS_EXAMPLES (examples));
  g_return_if_fail (added != NULL && refused != NULL);
  guint first = get_added_id (added, 0);
  guint last = get_added_id (added, added->len - 1);
  for (guint i = 0; i < refused->len; i++)
    few_examples_refuse (examples, refused->pdata[i], first, last);
}

gboolean
few_arrival_tell (FewExamples *examples, FewDesk *desk, guint came)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (examples) && FEW_IS_DESK (desk), FALSE);
  if (came > 0)
    {
      few_examples_grew (examples);
      return TRUE;
    }
  few_examples_report_progress (examples, 0, 0);
  few_examples_tell_refused (examples); /* nothing else changed, and their list is spoken of */
  few_desk_say (desk, few_examples_get_refused (examples)->len
                          ? _ ("No new pictures in there; see the list of refused files.")
                          : _ ("No new pictures in there."));
  return FALSE;
}

static char *
name_step (guint added, guint labelled)
{
  if (added > 0 && labelled > 0)
    /* Translators: what undo would undo: new pictures, and labels for others */
    return g_strdup (_ ("Add Pictures and Labels"));
  if (labelled > 0)
    return g_strdup_printf (ngettext ("Label %u Picture", "Label %u Pictures", labelled), labelled);
  /* Translators: what undo would undo: pictures were added */
  return g_strdup_printf (ngettext ("Add %u Picture", "Add %u Pictures", added), added);
}

void
few_arrival_keep (FewExamples *examples, guint added, guint labelled)
{
  g_return_if_fail (FEW_IS_EXAMPLES (examples));
  g_autofree char *title = name_step (added, labelled);
  few_examples_did (examples, title);
}

static gboolean
is_picture (FewPicture *picture G_GNUC_UNUSED, gconstpointer unused G_GNUC_UNUSED)
{
  return TRUE;
}

void
few_examples_encode_all (FewExamples *self)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  g_autoptr (GPtrArray) pictures = few_examples_where (self, is_picture, NULL);
  few_examples_encode (self, pictures);
}
