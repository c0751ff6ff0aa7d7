/* SPDX-License-Identifier: MIT */
/* Decodes what is wanted by a pool of threads and lets go of what was wanted longest ago. */
#include "widgets/few-thumbnails.h"
#include <fewshot.h>

struct _FewThumbnails
{
  GObject parent;
  GThreadPool *pool;
  FewDecodeBudget *budget;
  GQueue kept;         /* FewPicture *, owned, newest first */
  GHashTable *links;   /* FewPicture * → its GList in kept */
  GHashTable *pending; /* FewPicture * → Request * */
};

typedef struct
{
  gatomicrefcount refs;
  GWeakRef owner;
  FewPicture *picture;
  FewDecodeBudget *budget;
  char *path;
  guint wanted; /* by so many widgets; the UI thread's */
  int unwanted; /* atomic */
  guint8 *rgba;
  guint width, height;
} Request;

G_DEFINE_FINAL_TYPE (FewThumbnails, few_thumbnails, G_TYPE_OBJECT)

static void
request_unref (gpointer data)
{
  Request *request = data;
  if (!g_atomic_ref_count_dec (&request->refs))
    return;
  g_weak_ref_clear (&request->owner);
  g_object_unref (request->picture);
  few_decode_budget_unref (request->budget);
  g_free (request->path);
  g_free (request->rgba);
  g_free (request);
}

static void
keep_texture (FewThumbnails *self, FewPicture *picture)
{
  g_queue_push_head (&self->kept, g_object_ref (picture));
  g_hash_table_insert (self->links, picture, self->kept.head);
  while (self->kept.length > FEW_THUMBNAILS_KEPT)
    {
      g_autoptr (FewPicture) oldest = g_queue_pop_tail (&self->kept);
      g_hash_table_remove (self->links, oldest);
      few_picture_set_texture (oldest, NULL);
    }
}

/* UI thread; the last reference of a request is dropped here, so pictures and textures never die
 * on a decoder thread. */
static gboolean
deliver_cb (gpointer data)
{
  Request *request = data;
  g_autoptr (FewThumbnails) self = g_weak_ref_get (&request->owner);
  if (self && g_hash_table_lookup (self->pending, request->picture) == request)
    {
      if (request->rgba)
        {
          g_autoptr (GBytes) bytes = g_bytes_new_take (
              g_steal_pointer (&request->rgba), (gsize) request->width * request->height * 4);
          g_autoptr (GdkTexture) texture =
              gdk_memory_texture_new ((int) request->width, (int) request->height,
                                      GDK_MEMORY_R8G8B8A8, bytes, (gsize) request->width * 4);
          keep_texture (self, request->picture);
          few_picture_set_texture (request->picture, texture);
        }
      g_hash_table_remove (self->pending, request->picture);
    }
  return G_SOURCE_REMOVE;
}

static void
decode_request (gpointer data, gpointer user G_GNUC_UNUSED)
{
  Request *request = data;
  if (!g_atomic_int_get (&request->unwanted))
    request->rgba = few_thumbnail (request->path, FEW_THUMBNAIL_SIDE, request->budget,
                                   &request->width, &request->height, NULL);
  g_idle_add_full (G_PRIORITY_HIGH_IDLE, deliver_cb, request, request_unref);
}

static void
few_thumbnails_finalize (GObject *object)
{
  FewThumbnails *self = FEW_THUMBNAILS (object);
  GHashTableIter iter;
  gpointer request;
  g_hash_table_iter_init (&iter, self->pending);
  while (g_hash_table_iter_next (&iter, NULL, &request))
    g_atomic_int_set (&((Request *) request)->unwanted, 1);
  g_thread_pool_free (self->pool, FALSE, FALSE);
  g_hash_table_unref (self->pending);
  g_hash_table_unref (self->links);
  g_queue_clear_full (&self->kept, g_object_unref);
  few_decode_budget_unref (self->budget);
  G_OBJECT_CLASS (few_thumbnails_parent_class)->finalize (object);
}

static void
few_thumbnails_class_init (FewThumbnailsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_thumbnails_finalize;
}

static void
few_thumbnails_init (FewThumbnails *self)
{
  self->pool = g_thread_pool_new (decode_request, NULL, 2, FALSE, NULL);
  self->links = g_hash_table_new (NULL, NULL);
  self->pending = g_hash_table_new_full (NULL, NULL, NULL, request_unref);
}

FewThumbnails *
few_thumbnails_new (FewDecodeBudget *budget)
{
  FewThumbnails *self = g_object_new (FEW_TYPE_THUMBNAILS, NULL);
  self->budget = few_decode_budget_ref (budget);
  return self;
}

static void
forget_texture (FewThumbnails *self, GList *link)
{
  g_autoptr (FewPicture) picture = link->data;
  g_queue_delete_link (&self->kept, link);
  g_hash_table_remove (self->links, picture);
}

void
few_thumbnails_want (FewThumbnails *self, FewPicture *picture)
{
  g_return_if_fail (FEW_IS_THUMBNAILS (self));
  GList *link = g_hash_table_lookup (self->links, picture);
  if (link && !few_picture_get_texture (picture))
    {
      forget_texture (self, link); /* its file is another */
      link = NULL;
    }
  if (link)
    {
      g_queue_unlink (&self->kept, link);
      g_queue_push_head_link (&self->kept, link);
      return;
    }
  Request *request = g_hash_table_lookup (self->pending, picture);
  if (request)
    {
      request->wanted++;
      return;
    }
  request = g_new0 (Request, 1);
  request->wanted = 1;
  g_atomic_ref_count_init (&request->refs);
  g_atomic_ref_count_inc (&request->refs);
  g_weak_ref_init (&request->owner, self);
  request->picture = g_object_ref (picture);
  request->budget = few_decode_budget_ref (self->budget);
  request->path = g_strdup (few_picture_get_address (picture));
  g_hash_table_insert (self->pending, picture, request);
  g_thread_pool_push (self->pool, request, NULL);
}

void
few_thumbnails_unwant (FewThumbnails *self, FewPicture *picture)
{
  g_return_if_fail (FEW_IS_THUMBNAILS (self));
  Request *request = g_hash_table_lookup (self->pending, picture);
  if (!request || --request->wanted > 0)
    return;
  g_atomic_int_set (&request->unwanted, 1);
  g_hash_table_remove (self->pending, picture);
}

guint
few_thumbnails_get_kept (FewThumbnails *self)
{
  g_return_val_if_fail (FEW_IS_THUMBNAILS (self), 0);
  return self->kept.length;
}
