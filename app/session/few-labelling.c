/* SPDX-License-Identifier: MIT */
/* A pool of pictures without a label; each label asks the worker anew, and the newest answer
 * counts. */
#include "session/few-labelling.h"
#include <glib/gi18n.h>

enum { AT_ONCE = 12 }; /* pictures chosen in advance: nobody waits for the next */

struct _FewLabelling
{
  GObject parent;
  FewDesk *desk;
  FewExamples *examples;
  GHashTable *scans;    /* tickets */
  GPtrArray *pool;      /* FewPicture */
  GHashTable *by_path;  /* of the pool; borrowed */
  GHashTable *labelled; /* FewPicture of the pool that the examples have; borrowed */
  GHashTable *skipped;  /* likewise */
  GQueue order;         /* FewPicture, what comes next; borrowed */
  FewPicture *current;  /* borrowed; NULL: none */
  FewPicture *added;    /* the example that the last label made */
  GPtrArray *asked;     /* FewPicture, as the question numbers them */
  guint ticket;         /* 0: nothing is awaited */
  guint done, total, given;
  char *problem;
  gboolean due; /* the last label is still read: it will be asked with that */
  gboolean scored, answered; /* answered: that the last question brought a score */
  FewLabelScore score;
  GArray *history; /* Record, by number of labels */
  FewLabelGain end;
  gboolean ended;
};

/* What the labelled pictures lost when there were `n` of them. */
typedef struct
{
  guint n;
  GHashTable *losses; /* id → float * */
} Record;

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewLabelling, few_labelling, G_TYPE_OBJECT)

static void
clear_record (gpointer data)
{
  g_hash_table_unref (((Record *) data)->losses);
}

static void
tell_change (FewLabelling *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- asking */

static gboolean
is_open (FewLabelling *self, FewPicture *picture)
{
  return !g_hash_table_contains (self->labelled, picture)
         && !g_hash_table_contains (self->skipped, picture);
}

static void
ask (FewLabelling *self)
{
  g_auto (FewRoll) roll = { 0 };
  g_autofree const char **paths = g_new (const char *, self->pool->len + 1);
  if (!few_desk_get_model (self->desk) || self->pool->len == 0)
    return;
  few_examples_call (self->examples, &roll);
  g_ptr_array_set_size (self->asked, 0);
  for (guint i = 0; i < self->pool->len; i++)
    if (is_open (self, self->pool->pdata[i]))
      {
        paths[self->asked->len] = few_picture_get_path (self->pool->pdata[i]);
        g_ptr_array_add (self->asked, self->pool->pdata[i]);
      }
  self->ticket = few_desk_take_ticket (self->desk);
  self->answered = FALSE;
  self->done = self->total = 0;
  few_worker_label (few_desk_get_worker (self->desk), self->ticket, &roll.prompts, &roll.pictures,
                    paths, self->asked->len, AT_ONCE);
}

static void
go_on (FewLabelling *self)
{
  FewPicture *next = NULL;
  do
    next = g_queue_pop_head (&self->order);
  while (next && !is_open (self, next));
  self->current = next;
}

/* Which pictures of the pool the examples have. One that they had and have no more is asked about
 * again: its label was undone. */
static void
follow_examples (FewLabelling *self)
{
  GListModel *pictures = few_examples_get_pictures (self->examples);
  g_autoptr (GHashTable) now = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
      FewPicture *own = g_hash_table_lookup (self->by_path, few_picture_get_path (picture));
      if (own)
        g_hash_table_add (now, own);
    }
  GHashTableIter iter;
  gpointer picture;
  g_hash_table_iter_init (&iter, self->labelled);
  while (g_hash_table_iter_next (&iter, &picture, NULL))
    {
      if (g_hash_table_contains (now, picture))
        continue;
      if (self->current)
        g_queue_push_head (&self->order, self->current);
      self->current = picture;
      self->given -= self->given > 0;
    }
  g_hash_table_unref (self->labelled);
  self->labelled = g_steal_pointer (&now);
  if (self->current && !is_open (self, self->current))
    go_on (self);
}

/* ---- what is in the pool */

void
few_labelling_add_pictures (FewLabelling *self, GPtrArray *pictures)
{
  g_return_if_fail (FEW_IS_LABELLING (self));
  g_return_if_fail (pictures != NULL);
  for (guint i = 0; i < pictures->len; i++)
    {
      FewPicture *picture = pictures->pdata[i];
      gpointer path = (gpointer) few_picture_get_path (picture);
      if (g_hash_table_contains (self->by_path, path))
        continue;
      g_ptr_array_add (self->pool, g_object_ref (picture));
      g_hash_table_insert (self->by_path, path, picture);
    }
  follow_examples (self);
  ask (self);
  tell_change (self);
}

void
few_labelling_add_paths (FewLabelling *self, const char *const *paths)
{
  g_return_if_fail (FEW_IS_LABELLING (self));
  g_return_if_fail (paths != NULL);
  guint ticket = few_desk_take_ticket (self->desk);
  g_hash_table_add (self->scans, GUINT_TO_POINTER (ticket));
  few_worker_scan (few_desk_get_worker (self->desk), ticket, paths, NULL);
}

static void
take_scanned (FewLabelling *self, const FewEvent *event)
{
  if (!g_hash_table_remove (self->scans, GUINT_TO_POINTER (event->id)))
    return; /* somebody else's */
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < event->found->len; i++)
    {
      const FewFound *found = event->found->pdata[i];
      if (found->picture)
        g_ptr_array_add (pictures, few_picture_new (0, found->path, NULL));
    }
  few_labelling_add_pictures (self, pictures);
}

/* The label that was given last is waited for: without it nothing new would be said. */
static void
content_cb (FewLabelling *self)
{
  follow_examples (self);
  self->due = self->added && few_picture_get_state (self->added) == FEW_PICTURE_WAITING;
  if (!self->due)
    ask (self);
  tell_change (self);
}

/* ---- what a person says */

/* Files that are read are cached by now: that is quick. */
static void
add_example (FewLabelling *self, FewClass *klass)
{
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  const char *path = few_picture_get_path (self->current);
  FewPicture *picture = few_examples_make_picture (self->examples, path, klass);
  g_clear_object (&self->added);
  self->added = picture;
  g_ptr_array_add (one, picture);
  few_examples_append (self->examples, one);
  few_examples_encode (self->examples, one);
  self->given++;
  few_examples_changed (self->examples);
  /* Translators: what undo would undo: a picture was given this class */
  g_autofree char *title = g_strdup_printf (_ ("Label as “%s”"), few_class_get_name (klass));
  few_examples_did (self->examples, title);
}

void
few_labelling_label (FewLabelling *self, FewClass *klass)
{
  g_return_if_fail (FEW_IS_LABELLING (self));
  g_return_if_fail (FEW_IS_CLASS (klass));
  if (self->current)
    add_example (self, klass);
}

void
few_labelling_label_name (FewLabelling *self, const char *name)
{
  g_return_if_fail (FEW_IS_LABELLING (self));
  g_return_if_fail (name != NULL && *name);
  if (self->current)
    add_example (self, few_examples_ensure_class (self->examples, name));
}

void
few_labelling_skip (FewLabelling *self)
{
  g_return_if_fail (FEW_IS_LABELLING (self));
  if (!self->current)
    return;
  g_hash_table_add (self->skipped, self->current);
  go_on (self);
  if (!self->current)
    ask (self);
  tell_change (self);
}

/* ---- what the labels are worth */

/* Losses of pictures that were known before the last labels, then and now. */
static FewLabelGain
compare_records (const Record *before, const Record *now)
{
  guint n = 0;
  g_autofree float *then = g_new (float, g_hash_table_size (now->losses) + 1);
  g_autofree float *after = g_new (float, g_hash_table_size (now->losses) + 1);
  GHashTableIter iter;
  gpointer id, loss;
  g_hash_table_iter_init (&iter, now->losses);
  while (g_hash_table_iter_next (&iter, &id, &loss))
    {
      const float *old = g_hash_table_lookup (before->losses, id);
      if (!old)
        continue;
      then[n] = *old;
      after[n++] = *(const float *) loss;
    }
  return few_label_gain (then, after, n);
}

static void
judge_labels (FewLabelling *self)
{
  guint last = self->history->len - 1;
  const Record *now = &g_array_index (self->history, Record, last);
  self->ended = FALSE;
  for (guint i = last; i-- > 0;)
    {
      const Record *before = &g_array_index (self->history, Record, i);
      if (before->n + FEW_LABELLING_STEP > now->n)
        continue;
      self->end = compare_records (before, now);
      self->ended = few_label_gain_is_over (&self->end);
      return;
    }
}

static void
take_score (FewLabelling *self, const FewEvent *event)
{
  Record now = { event->score.n, g_hash_table_new_full (NULL, NULL, NULL, g_free) };
  for (guint i = 0; i < event->losses->len; i++)
    {
      const FewLabelLoss *loss = &g_array_index (event->losses, FewLabelLoss, i);
      g_hash_table_insert (now.losses, GUINT_TO_POINTER (loss->id),
                           g_memdup2 (&loss->loss, sizeof loss->loss));
    }
  /* what was undone is not compared with */
  while (self->history->len
         && g_array_index (self->history, Record, self->history->len - 1).n >= now.n)
    g_array_set_size (self->history, self->history->len - 1);
  g_array_append_val (self->history, now);
  self->scored = self->answered = TRUE;
  self->score = event->score;
  judge_labels (self);
}

static void
take_next (FewLabelling *self, const FewEvent *event)
{
  self->ticket = 0;
  self->done = self->total = 0;
  if (!self->answered) /* no two classes have pictures any more */
    self->scored = self->ended = FALSE;
  g_free (self->problem);
  self->problem = event->error ? g_strdup (event->error->message) : NULL;
  if (!event->next)
    return;
  g_queue_clear (&self->order);
  for (guint i = 0; i < event->next->len; i++)
    {
      FewPicture *picture = self->asked->pdata[g_array_index (event->next, guint32, i)];
      if (picture != self->current)
        g_queue_push_tail (&self->order, picture);
    }
  if (!self->current)
    go_on (self);
}

static void
labelling_event_cb (FewLabelling *self, const FewEvent *event)
{
  if (event->kind == FEW_EVENT_SCANNED)
    {
      take_scanned (self, event);
      return;
    }
  if (event->kind != FEW_EVENT_POOLING && event->kind != FEW_EVENT_SCORED
      && event->kind != FEW_EVENT_NEXT)
    return;
  if (!self->ticket || event->id != self->ticket)
    return;
  if (event->kind == FEW_EVENT_SCORED)
    take_score (self, event);
  else if (event->kind == FEW_EVENT_NEXT)
    take_next (self, event);
  self->done = event->done;
  self->total = event->total;
  tell_change (self);
}

/* ---- for who shows it */

FewPicture *
few_labelling_get_picture (FewLabelling *self)
{
  g_return_val_if_fail (FEW_IS_LABELLING (self), NULL);
  return self->current;
}

gboolean
few_labelling_is_choosing (FewLabelling *self, guint *done, guint *total)
{
  g_return_val_if_fail (FEW_IS_LABELLING (self), FALSE);
  if (done)
    *done = self->done;
  if (total)
    *total = self->total;
  return self->ticket != 0 || self->due || g_hash_table_size (self->scans) > 0;
}

guint
few_labelling_count_left (FewLabelling *self)
{
  g_return_val_if_fail (FEW_IS_LABELLING (self), 0);
  guint left = 0;
  for (guint i = 0; i < self->pool->len; i++)
    left += is_open (self, self->pool->pdata[i]);
  return left;
}

guint
few_labelling_count_given (FewLabelling *self)
{
  g_return_val_if_fail (FEW_IS_LABELLING (self), 0);
  return self->given;
}

const FewLabelScore *
few_labelling_get_score (FewLabelling *self)
{
  g_return_val_if_fail (FEW_IS_LABELLING (self), NULL);
  return self->scored ? &self->score : NULL;
}

const FewLabelGain *
few_labelling_get_end (FewLabelling *self)
{
  g_return_val_if_fail (FEW_IS_LABELLING (self), NULL);
  return self->ended ? &self->end : NULL;
}

const char *
few_labelling_get_problem (FewLabelling *self)
{
  g_return_val_if_fail (FEW_IS_LABELLING (self), NULL);
  return self->problem;
}

/* ---- life */

static void
few_labelling_dispose (GObject *object)
{
  FewLabelling *self = FEW_LABELLING (object);
  if (self->ticket)
    few_worker_stop_labelling (few_desk_get_worker (self->desk));
  self->ticket = 0;
  G_OBJECT_CLASS (few_labelling_parent_class)->dispose (object);
}

static void
few_labelling_finalize (GObject *object)
{
  FewLabelling *self = FEW_LABELLING (object);
  g_queue_clear (&self->order);
  g_clear_object (&self->added);
  g_free (self->problem);
  g_array_unref (self->history);
  g_ptr_array_unref (self->asked);
  g_hash_table_unref (self->labelled);
  g_hash_table_unref (self->skipped);
  g_hash_table_unref (self->by_path);
  g_hash_table_unref (self->scans);
  g_ptr_array_unref (self->pool);
  g_object_unref (self->examples);
  g_object_unref (self->desk);
  G_OBJECT_CLASS (few_labelling_parent_class)->finalize (object);
}

static void
few_labelling_class_init (FewLabellingClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_labelling_dispose;
  G_OBJECT_CLASS (klass)->finalize = few_labelling_finalize;
  signals[CHANGED] = g_signal_new ("changed", FEW_TYPE_LABELLING, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
few_labelling_init (FewLabelling *self)
{
  self->scans = g_hash_table_new (NULL, NULL);
  self->pool = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  self->labelled = g_hash_table_new (NULL, NULL);
  self->skipped = g_hash_table_new (NULL, NULL);
  self->asked = g_ptr_array_new ();
  self->history = g_array_new (FALSE, FALSE, sizeof (Record));
  g_array_set_clear_func (self->history, clear_record);
  g_queue_init (&self->order);
}

FewLabelling *
few_labelling_new (FewDesk *desk, FewExamples *examples)
{
  g_return_val_if_fail (FEW_IS_DESK (desk) && FEW_IS_EXAMPLES (examples), NULL);
  FewLabelling *self = g_object_new (FEW_TYPE_LABELLING, NULL);
  self->desk = g_object_ref (desk);
  self->examples = g_object_ref (examples);
  g_signal_connect_object (desk, "event", G_CALLBACK (labelling_event_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (examples, "content", G_CALLBACK (content_cb), self, G_CONNECT_SWAPPED);
  return self;
}
