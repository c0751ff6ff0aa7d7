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
    g_hash_table_add (addresses,
                      g_ref_string_acquire (few_picture_get_address_string (order->pdata[i])));
  return addresses;
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
few_arrival_tell (FewExamples *examples, FewDesk *desk, GPtrArray *added)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (examples) && FEW_IS_DESK (desk), FALSE);
  g_return_val_if_fail (added != NULL, FALSE);
  if (added->len > 0)
    {
      few_examples_grew (examples);
      return TRUE;
    }
  few_examples_report_progress (examples, 0, 0);
  few_desk_say (desk, few_examples_get_refused (examples)->len
                          ? _ ("No new pictures in there; see the list of refused files.")
                          : _ ("No new pictures in there."));
  return FALSE;
}

void
few_arrival_keep (FewExamples *examples, GPtrArray *added)
{
  g_return_if_fail (FEW_IS_EXAMPLES (examples) && added != NULL);
  g_autofree char *title = g_strdup_printf (
      /* Translators: what undo would undo: pictures were added */
      ngettext ("Add %u Picture", "Add %u Pictures", added->len), added->len);
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
