/* SPDX-License-Identifier: MIT */
/* Pieces of a list of pictures, taken by one thread a device until none is left. */
#include "encode/several.h"
#include "base/error.h"
#include "base/memory.h"
#include <string.h>

enum { PIECE = 256, TURNS = 2 };

typedef struct
{
  const FewPictureFiles *files;
  void (*lost) (gpointer user, const char *sentence);
  guint piece; /* pictures that a device takes at once */
  GMutex lock; /* of all below, and of who is told */
  guint *todo; /* n_todo pictures, taken from the end */
  guint n_todo;
} Several;

typedef struct
{
  Several *several;
  FewShare *share;
} Worker;

/* The devices' reports, one after the other. */
static void
report_picture (gpointer user, guint index, const float *feature, const guint8 *hash,
                gboolean from_cache, const GError *error)
{
  Several *s = user;
  g_mutex_lock (&s->lock);
  s->files->func (s->files->user, index, feature, hash, from_cache, error);
  g_mutex_unlock (&s->lock);
}

/* How many pictures a device has to do now, in `order`; 0: none is left. */
static guint
take_piece (Several *s, guint *order)
{
  g_mutex_lock (&s->lock);
  guint n = MIN (s->piece, s->n_todo);
  s->n_todo -= n;
  memcpy (order, s->todo + s->n_todo, n * sizeof *order);
  g_mutex_unlock (&s->lock);
  return n;
}

static void
lose_device (Several *s, FewShare *share, const guint *order, guint n, const GError *error)
{
  g_autoptr (GError) named = NULL;
  few_fail (&named, DEVICE, "%s: %s", few_model_info (share->model)->device, error->message);
  g_mutex_lock (&s->lock);
  memcpy (s->todo + s->n_todo, order, n * sizeof *order);
  s->n_todo += n;
  share->lost = TRUE;
  if (s->lost)
    s->lost (s->files->user, named->message);
  g_mutex_unlock (&s->lock);
}

static gpointer
encode_pieces (gpointer data)
{
  Worker *worker = data;
  Several *s = worker->several;
  FewPictureFiles files = *s->files;
  files.func = report_picture;
  files.user = s;
  guint order[PIECE];
  guint n;
  while (!g_cancellable_is_cancelled (files.cancellable) && (n = take_piece (s, order)) > 0)
    {
      g_autoptr (GError) error = NULL;
      if (few_encode_files_here (worker->share->model, &files, order, &n, &error))
        continue;
      lose_device (s, worker->share, order, n, error);
      return NULL;
    }
  return NULL;
}

/* What there is to do, by every device that is left. */
static void
run_workers (Several *s, FewShare *shares, guint n_shares)
{
  g_autofree Worker *workers = g_new (Worker, n_shares);
  g_autofree GThread **threads = g_new0 (GThread *, n_shares);
  for (guint i = 0; i < n_shares; i++)
    {
      workers[i] = (Worker) { s, &shares[i] };
      if (!shares[i].lost)
        threads[i] = g_thread_try_new ("few-device", encode_pieces, &workers[i], NULL);
      if (!shares[i].lost && !threads[i]) /* no thread is to be had: this one, then */
        encode_pieces (&workers[i]);
    }
  for (guint i = 0; i < n_shares; i++)
    if (threads[i])
      g_thread_join (threads[i]);
}

static guint
count_left (const FewShare *shares, guint n)
{
  guint left = 0;
  for (guint i = 0; i < n; i++)
    left += !shares[i].lost;
  return left;
}

/* The pictures of the list that is left; their indices are those in the whole. */
typedef struct
{
  const FewPictureFiles *files;
  const guint *todo;
} Rest;

static void
report_rest (gpointer user, guint index, const float *feature, const guint8 *hash,
             gboolean from_cache, const GError *error)
{
  const Rest *rest = user;
  rest->files->func (rest->files->user, rest->todo[index], feature, hash, from_cache, error);
}

static gboolean
encode_rest (FewModel *model, const FewPictureFiles *files, const guint *todo, guint n,
             GError **error)
{
  g_autofree const char **paths = few_try_copy (NULL, n, sizeof *paths, "the pictures", error);
  Rest rest = { files, todo };
  FewPictureFiles own = *files;
  for (guint i = 0; paths && i < n; i++)
    paths[i] = files->paths[todo[i]];
  own.paths = paths;
  own.func = report_rest;
  own.user = &rest;
  return paths && few_encode_files (model, &own, n, error);
}

gboolean
few_encode_on_several (FewShare *shares, guint n_shares, const FewPictureFiles *files, guint n,
                       void (*lost) (gpointer user, const char *sentence), GError **error)
{
  g_autofree guint *todo = few_try_copy (NULL, n, sizeof *todo, "the pictures", error);
  if (!todo)
    return FALSE;
  Several s = { .files = files,
                .lost = lost,
                .piece = CLAMP (n / (TURNS * n_shares), 1, PIECE),
                .todo = todo,
                .n_todo = n };
  for (guint i = 0; i < n; i++)
    todo[i] = n - 1 - i;
  g_mutex_init (&s.lock);
  while (s.n_todo > 0 && count_left (shares, n_shares) > 0
         && !g_cancellable_is_cancelled (files->cancellable))
    run_workers (&s, shares, n_shares);
  g_mutex_clear (&s.lock);
  if (g_cancellable_set_error_if_cancelled (files->cancellable, error))
    return FALSE;
  return s.n_todo == 0 || encode_rest (shares[0].model, files, todo, s.n_todo, error);
}
