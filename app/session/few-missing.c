/* SPDX-License-Identifier: MIT */
/* The search for files that were moved. */
#include "session/few-missing.h"
#include <glib/gi18n.h>

struct _FewMissing
{
  GObject parent;
  FewDesk *desk;
  FewExamples *examples;
  char *home;
  gboolean looked; /* in there, since the project was opened */
  gboolean any; /* of a file it was said that it is not there */
};

enum { SEARCHED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewMissing, few_missing, G_TYPE_OBJECT)

static gboolean
is_missing (FewPicture *picture, gconstpointer unused)
{
  return few_picture_is_missing (picture) && few_picture_get_hash (picture);
}

static GPtrArray *
list_missing (FewMissing *self)
{
  return few_examples_where (self->examples, is_missing, NULL);
}

guint
few_missing_count (FewMissing *self)
{
  g_return_val_if_fail (FEW_IS_MISSING (self), 0);
  if (!self->any)
    return 0; /* whoever shows it asks at every change */
  g_autoptr (GPtrArray) missing = list_missing (self);
  return missing->len;
}

/* ---- the search */

void
few_missing_locate (FewMissing *self, const char *folder)
{
  g_return_if_fail (FEW_IS_MISSING (self));
  g_return_if_fail (folder != NULL);
  g_autoptr (GPtrArray) missing = list_missing (self);
  g_autofree const char **hashes = g_new (const char *, missing->len + 1);
  const char *folders[] = { folder, NULL };
  for (guint i = 0; i < missing->len; i++)
    hashes[i] = few_picture_get_hash (missing->pdata[i]);
  if (missing->len)
    few_worker_locate (few_desk_get_worker (self->desk), few_desk_take_ticket (self->desk), folders,
                       hashes, missing->len);
}

static void
find_again (FewPicture *picture, const char *path)
{
  few_picture_set_path (picture, path);
  few_picture_set_missing (picture, FALSE);
  few_picture_set_state (picture, FEW_PICTURE_WAITING, NULL);
}

/* Returns the pictures that were found again. */
static GPtrArray *
take_places (FewMissing *self, GPtrArray *found)
{
  g_autoptr (GPtrArray) missing = list_missing (self);
  g_autoptr (GHashTable) places = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *again = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < found->len; i++)
    {
      const FewFound *one = found->pdata[i];
      g_hash_table_insert (places, one->class_name, one->path);
    }
  for (guint i = 0; i < missing->len; i++)
    {
      FewPicture *picture = missing->pdata[i];
      const char *path = g_hash_table_lookup (places, few_picture_get_hash (picture));
      if (!path)
        continue;
      find_again (picture, path);
      g_ptr_array_add (again, g_object_ref (picture));
    }
  few_gallery_touch_some (few_examples_get_gallery (self->examples), again);
  return again;
}

static void
missing_event_cb (FewMissing *self, const FewEvent *event)
{
  self->any = self->any || (event->kind == FEW_EVENT_PICTURE && event->missing);
  if (event->kind != FEW_EVENT_LOCATED)
    return;
  g_autoptr (GPtrArray) again = take_places (self, event->found);
  few_examples_report_progress (self->examples, 0, 0);
  if (again->len)
    {
      g_autofree char *text = g_strdup_printf (
          ngettext ("%u moved picture found again", "%u moved pictures found again", again->len),
          again->len);
      few_examples_encode (self->examples, again);
      few_examples_changed (self->examples);
      few_examples_did (self->examples, _ ("Find Moved Pictures"));
      few_desk_say (self->desk, text);
    }
  g_signal_emit (self, signals[SEARCHED], 0);
}

/* ---- the project's own folder */

void
few_missing_set_home (FewMissing *self, const char *folder)
{
  g_return_if_fail (FEW_IS_MISSING (self));
  g_free (self->home);
  self->home = g_strdup (folder);
  self->looked = FALSE;
}

static void
encoded_cb (FewMissing *self)
{
  if (self->home && !self->looked && few_missing_count (self) > 0)
    few_missing_locate (self, self->home);
  self->looked = TRUE;
}

/* ---- life */

static void
few_missing_finalize (GObject *object)
{
  FewMissing *self = FEW_MISSING (object);
  g_object_unref (self->examples);
  g_object_unref (self->desk);
  g_free (self->home);
  G_OBJECT_CLASS (few_missing_parent_class)->finalize (object);
}

static void
few_missing_class_init (FewMissingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_missing_finalize;
  signals[SEARCHED] = g_signal_new ("searched", FEW_TYPE_MISSING, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 0);
}

static void
few_missing_init (FewMissing *self)
{
}

FewMissing *
few_missing_new (FewDesk *desk, FewExamples *examples)
{
  g_return_val_if_fail (FEW_IS_DESK (desk) && FEW_IS_EXAMPLES (examples), NULL);
  FewMissing *self = g_object_new (FEW_TYPE_MISSING, NULL);
  self->desk = g_object_ref (desk);
  self->examples = g_object_ref (examples);
  g_signal_connect_object (desk, "event", G_CALLBACK (missing_event_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (examples, "encoded", G_CALLBACK (encoded_cb), self, G_CONNECT_SWAPPED);
  return self;
}
