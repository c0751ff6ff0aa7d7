/* SPDX-License-Identifier: MIT */
/* Arrays that grow until the worker gets them. */
#include "session/few-reading.h"

struct FewReading
{
  GPtrArray *pictures;
  guint at;
  guint32 *ids;
  char **paths, **hashes;
};

FewReading *
few_reading_new (GPtrArray *pictures)
{
  g_return_val_if_fail (pictures != NULL, NULL);
  FewReading *reading = g_new (FewReading, 1);
  *reading = (FewReading) { .pictures = g_ptr_array_new_full (pictures->len, g_object_unref),
                            .ids = g_new (guint32, pictures->len + 1),
                            .paths = g_new0 (char *, pictures->len + 1),
                            .hashes = g_new0 (char *, pictures->len + 1) };
  for (guint i = 0; i < pictures->len; i++)
    g_ptr_array_add (reading->pictures, g_object_ref (pictures->pdata[i]));
  return reading;
}

void
few_reading_free (gpointer data)
{
  FewReading *reading = data;
  g_ptr_array_unref (reading->pictures);
  g_free (reading->ids);
  g_strfreev (reading->paths);
  g_strfreev (reading->hashes);
  g_free (reading);
}

GPtrArray *
few_reading_copy (FewReading *reading)
{
  g_return_val_if_fail (reading != NULL, NULL);
  guint end = MIN (reading->at + FEW_READING_PIECE, reading->pictures->len);
  GPtrArray *some = g_ptr_array_new_full (end - reading->at, NULL);
  for (guint i = reading->at; i < end; i++)
    {
      FewPicture *picture = reading->pictures->pdata[i];
      const char *hash = few_picture_get_hash (picture);
      reading->ids[i] = few_picture_get_id (picture);
      reading->paths[i] = g_strdup (few_picture_get_address (picture));
      reading->hashes[i] = g_strdup (hash ? hash : "");
      g_ptr_array_add (some, picture);
    }
  reading->at = end;
  return some;
}

gboolean
few_reading_send (FewReading *reading, FewWorker *worker)
{
  g_return_val_if_fail (reading != NULL && worker != NULL, FALSE);
  if (reading->at < reading->pictures->len)
    return FALSE;
  few_worker_encode_own (worker, reading->pictures->len, g_steal_pointer (&reading->ids),
                         g_steal_pointer (&reading->paths), g_steal_pointer (&reading->hashes));
  return TRUE;
}
