/* SPDX-License-Identifier: MIT */
/* What each file was before it was read, kept by one thread that also compares. */
#include "session/few-changes.h"
#include "base/few-stamp.h"
#include <glib/gi18n.h>

struct _FewChanges
{
  GObject parent;
  FewDesk *desk;
  FewExamples *examples;
  GThreadPool *pool;   /* one thread: jobs are done in their order */
  GHashTable *entries; /* id → Entry, that thread's */
  GHashTable *unread;  /* ids of pictures that changed and are not read yet */
  gboolean reading;
  GQueue waiters;      /* Waiter */
  guint asked, answered;
  guint replaced, told;
};

G_DEFINE_FINAL_TYPE (FewChanges, few_changes, G_TYPE_OBJECT)

typedef struct
{
  guint id;
  GRefString *path;
  FewStamp stamp;
} Entry;

/* Files that will be read, or a look at all of them. */
typedef struct
{
  GWeakRef owner;
  GHashTable *entries;
  GPtrArray *files; /* Entry; NULL: a look */
  GArray *changed;  /* guint: ids */
} Job;

typedef struct
{
  GWeakRef object;
  FewLookedFunc done;
  guint look;
} Waiter;

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  g_ref_string_release (entry->path);
  g_free (entry);
}

static void
job_free (gpointer data)
{
  Job *job = data;
  g_weak_ref_clear (&job->owner);
  g_hash_table_unref (job->entries);
  g_clear_pointer (&job->files, g_ptr_array_unref);
  g_array_unref (job->changed);
  g_free (job);
}

static void
waiter_free (gpointer data)
{
  Waiter *waiter = data;
  g_weak_ref_clear (&waiter->object);
  g_free (waiter);
}

/* ---- on the thread */

static void
note_files (Job *job)
{
  for (guint i = 0; i < job->files->len; i++)
    {
      Entry *entry = g_steal_pointer (&job->files->pdata[i]);
      entry->stamp = few_stamp_of (entry->path);
      g_hash_table_replace (job->entries, GUINT_TO_POINTER (entry->id), entry);
    }
}

static void
compare_files (Job *job)
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, job->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Entry *entry = value;
      FewStamp now = few_stamp_of (entry->path);
      if (!few_stamp_is_equal (&now, &entry->stamp) || now.touched != entry->stamp.touched)
        g_array_append_val (job->changed, entry->id);
      entry->stamp = now;
    }
}

static gboolean deliver_cb (gpointer data);

static void
do_job (gpointer data, gpointer unused G_GNUC_UNUSED)
{
  Job *job = data;
  (job->files ? note_files : compare_files) (job);
  g_idle_add_full (G_PRIORITY_DEFAULT, deliver_cb, job, job_free);
}

/* Takes over the files. */
static void
push_job (FewChanges *self, GPtrArray *files)
{
  Job *job = g_new0 (Job, 1);
  g_weak_ref_init (&job->owner, self);
  job->entries = g_hash_table_ref (self->entries);
  job->files = files;
  job->changed = g_array_new (FALSE, FALSE, sizeof (guint));
  g_thread_pool_push (self->pool, job, NULL);
}

/* ---- what comes of it */

static void
answer_waiters (FewChanges *self)
{
  g_autoptr (FewChanges) kept = g_object_ref (self);
  Waiter *waiter;
  while (!kept->reading && (waiter = g_queue_peek_head (&kept->waiters))
         && waiter->look <= kept->answered)
    {
      g_autoptr (GObject) object = g_weak_ref_get (&waiter->object);
      g_queue_pop_head (&kept->waiters);
      if (object)
        waiter->done (object);
      waiter_free (waiter);
    }
}

/* Until they are read they take no part: what was learned of them is of other pictures. */
static void
read_again (FewChanges *self)
{
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer id;
  g_hash_table_iter_init (&iter, self->unread);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      FewPicture *picture = few_examples_get_picture (self->examples, GPOINTER_TO_UINT (id));
      if (!picture)
        continue;
      few_picture_set_state (picture, FEW_PICTURE_WAITING, NULL);
      g_ptr_array_add (pictures, picture);
    }
  self->reading = pictures->len > 0;
  few_examples_encode (self->examples, pictures);
}

static gboolean
deliver_cb (gpointer data)
{
  Job *job = data;
  g_autoptr (FewChanges) self = g_weak_ref_get (&job->owner);
  if (!self || job->files)
    return G_SOURCE_REMOVE;
  self->answered++;
  for (guint i = 0; i < job->changed->len; i++)
    g_hash_table_add (self->unread, GUINT_TO_POINTER (g_array_index (job->changed, guint, i)));
  if (!self->reading)
    read_again (self);
  answer_waiters (self);
  return G_SOURCE_REMOVE;
}

static void
tell_replaced (FewChanges *self)
{
  guint n = self->replaced - self->told;
  self->told = self->replaced;
  if (n == 0)
    return;
  g_autofree char *text = g_strdup_printf (
      ngettext ("%u picture was replaced by another of the same name. It is read anew and keeps "
                "its class: look whether that is right.",
                "%u pictures were replaced by others of the same names. They are read anew and "
                "keep their classes: look whether those are right.",
                n),
      n);
  few_desk_say (self->desk, text);
}

static gboolean
is_read (gpointer id, gpointer value G_GNUC_UNUSED, gpointer examples)
{
  FewPicture *picture = few_examples_get_picture (examples, GPOINTER_TO_UINT (id));
  return !picture || few_picture_get_state (picture) != FEW_PICTURE_WAITING;
}

/* What was cancelled is read at the next look. */
static void
encoded_cb (FewChanges *self)
{
  tell_replaced (self);
  g_hash_table_foreach_remove (self->unread, is_read, self->examples);
  self->reading = FALSE;
  answer_waiters (self);
}

/* ---- what is looked at */

/* Before they are read: what changes meanwhile is seen at the next look. */
static void
reading_cb (FewChanges *self, GPtrArray *pictures)
{
  GPtrArray *files = g_ptr_array_new_full (pictures->len, NULL);
  for (guint i = 0; i < pictures->len; i++)
    {
      Entry *entry = g_new0 (Entry, 1);
      entry->id = few_picture_get_id (pictures->pdata[i]);
      entry->path = g_ref_string_acquire (few_picture_get_path_string (pictures->pdata[i]));
      g_ptr_array_add (files, entry);
    }
  push_job (self, files);
}

static void
replaced_cb (FewChanges *self)
{
  self->replaced++;
}

void
few_changes_look (FewChanges *self, FewLookedFunc done, gpointer object)
{
  g_return_if_fail (FEW_IS_CHANGES (self));
  g_return_if_fail (!done || G_IS_OBJECT (object));
  self->asked++;
  if (done)
    {
      Waiter *waiter = g_new0 (Waiter, 1);
      g_weak_ref_init (&waiter->object, object);
      waiter->done = done;
      waiter->look = self->asked;
      g_queue_push_tail (&self->waiters, waiter);
    }
  push_job (self, NULL);
}

guint
few_changes_count (FewChanges *self)
{
  g_return_val_if_fail (FEW_IS_CHANGES (self), 0);
  return self->replaced;
}

/* ---- life */

static void
few_changes_finalize (GObject *object)
{
  FewChanges *self = FEW_CHANGES (object);
  g_thread_pool_free (self->pool, FALSE, FALSE); /* what is asked for already, nobody hears of */
  g_hash_table_unref (self->entries);
  g_hash_table_unref (self->unread);
  g_queue_clear_full (&self->waiters, waiter_free);
  g_object_unref (self->examples);
  g_object_unref (self->desk);
  G_OBJECT_CLASS (few_changes_parent_class)->finalize (object);
}

static void
few_changes_class_init (FewChangesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_changes_finalize;
}

static void
few_changes_init (FewChanges *self)
{
  self->pool = g_thread_pool_new (do_job, NULL, 1, FALSE, NULL);
  self->entries = g_hash_table_new_full (NULL, NULL, NULL, entry_free);
  self->unread = g_hash_table_new (NULL, NULL);
}

FewChanges *
few_changes_new (FewDesk *desk, FewExamples *examples)
{
  g_return_val_if_fail (FEW_IS_DESK (desk) && FEW_IS_EXAMPLES (examples), NULL);
  FewChanges *self = g_object_new (FEW_TYPE_CHANGES, NULL);
  self->desk = g_object_ref (desk);
  self->examples = g_object_ref (examples);
  g_signal_connect_object (examples, "reading", G_CALLBACK (reading_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (examples, "replaced", G_CALLBACK (replaced_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (examples, "encoded", G_CALLBACK (encoded_cb), self, G_CONNECT_SWAPPED);
  return self;
}
