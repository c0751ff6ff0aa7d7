/* SPDX-License-Identifier: MIT */
/* Answers as keywords in the pictures' metadata: asked, written in a thread, taken back. */
#include "base/few-parts.h"
#include "pages/try/few-tag-dialog.h"
#include "pages/try/few-tagger.h"
#include "pages/try/few-try-job.h"
#include "pages/try/few-try-page.h"
#include "widgets/few-actions.h"
#include <glib/gi18n.h>

#define FEW_TYPE_TAG_ACTIONS (few_tag_actions_get_type ())
G_DECLARE_FINAL_TYPE (FewTagActions, few_tag_actions, FEW, TAG_ACTIONS, FewActions)

struct _FewTagActions
{
  FewActions parent;
  FewTryPage *page; /* weak */
  char *journal;    /* of what was written last; NULL: nothing is to be taken back */
};

G_DEFINE_FINAL_TYPE (FewTagActions, few_tag_actions, FEW_TYPE_ACTIONS)

/* ---- at work */

typedef struct
{
  GPtrArray *items;
  char *root, *model;
  gboolean inside;
} Tagging;

static void
tagging_free (gpointer data)
{
  Tagging *tagging = data;
  g_ptr_array_unref (tagging->items);
  g_free (tagging->root);
  g_free (tagging->model);
  g_free (tagging);
}

static void
tag_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable)
{
  Tagging *tagging = few_try_job_get (data);
  const FewTagOptions options = { tagging->root, tagging->model, NULL, tagging->inside };
  GError *error = NULL;
  FewTagged *tagged =
      few_tag_pictures (tagging->items, &options, few_try_job_count, data, cancellable, &error);
  if (tagged)
    g_task_return_pointer (task, tagged, (GDestroyNotify) few_tagged_free);
  else
    g_task_return_error (task, error);
}

static void
set_job (FewTagActions *self, GCancellable *job)
{
  if (self->page)
    few_try_actions_set_job (FEW_ACTIONS (self), self->page, job);
  few_actions_enable (FEW_ACTIONS (self), "try-untag", !job && self->journal);
}

/* "12 pictures tagged · 3 had the same tags already · what went wrong first" */
static char *
describe_tagged (const FewTagged *tagged)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint written = tagged->n[FEW_TAGS_NEW] + tagged->n[FEW_TAGS_CHANGED];
  guint same = tagged->n[FEW_TAGS_SAME];
  guint removed = tagged->n[FEW_TAGS_REMOVED];
  few_append_part (text, " · ", tagged->stopped, g_strdup (_ ("Stopped")));
  few_append_part (
      text, " · ", 1,
      g_strdup_printf (ngettext ("%u picture tagged", "%u pictures tagged", written), written));
  few_append_part (
      text, " · ", removed,
      g_strdup_printf (ngettext ("a tag taken from %u", "tags taken from %u", removed), removed));
  few_append_part (
      text, " · ", same,
      g_strdup_printf (ngettext ("%u stays as it is", "%u stay as they are", same), same));
  if (tagged->failed->len)
    few_append_part (text, " · ", 1, g_strdup (tagged->failed->pdata[0]));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
tagged_cb (GObject *source, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  FewTagActions *self = FEW_TAG_ACTIONS (source);
  g_autoptr (GError) error = NULL;
  FewTagged *tagged = g_task_propagate_pointer (G_TASK (result), &error);
  if (tagged && tagged->journal)
    {
      g_free (self->journal);
      self->journal = g_strdup (tagged->journal);
    }
  set_job (self, NULL);
  if (!tagged)
    {
      few_actions_say (FEW_ACTIONS (self), error->message);
      return;
    }
  g_autofree char *text = describe_tagged (tagged);
  if (tagged->journal)
    few_actions_say_with_undo (FEW_ACTIONS (self), text, "win.try-untag");
  else
    few_actions_say (FEW_ACTIONS (self), text);
  few_tagged_free (tagged);
}

/* ---- what is written */

/* Its class, or each of its labels. */
static void
add_item (GPtrArray *items, FewTrial *trial)
{
  const GPtrArray *labels = few_trial_get_labels (trial);
  FewClass *klass = few_trial_get_class (trial);
  guint n = labels ? labels->len : klass != NULL;
  g_autofree FewTag *tags = g_new (FewTag, n + 1);
  for (guint i = 0; i < n; i++)
    tags[i] = labels ? (FewTag) { few_class_get_name (labels->pdata[i]),
                                  (double) few_trial_get_chance (trial, i) }
                     : (FewTag) { few_class_get_name (klass),
                                  (double) few_trial_get_probability (trial) };
  few_tag_items_add (items, few_picture_get_path (few_trial_get_picture (trial)), tags, n);
}

/* What was answered; what could not be read, or is not seen yet, is left alone. Tags are of a whole
 * file: a part of one says nothing of it. */
static GPtrArray *
collect_items (GListModel *trials)
{
  GPtrArray *items = few_tag_items_new ();
  for (guint i = 0; i < g_list_model_get_n_items (trials); i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (trials, i);
      if (few_trial_get_snapshot (trial, NULL)
          && few_crop_is_whole (few_picture_get_crop (few_trial_get_picture (trial))))
        add_item (items, trial);
    }
  return items;
}

static void
write_tags (FewTagActions *self, const char *root, gboolean inside)
{
  FewSession *session = few_actions_get_session (FEW_ACTIONS (self));
  const FewModelInfo *model = few_desk_get_model (few_session_get_desk (session));
  if (!self->page || few_try_page_get_job (self->page))
    return; /* it was asked for twice */
  Tagging *tagging = g_new0 (Tagging, 1);
  tagging->items = collect_items (few_try_page_get_model (self->page));
  tagging->root = g_strdup (root);
  tagging->model = g_strdup (model ? model->name : "");
  tagging->inside = inside;
  few_actions_enable (FEW_ACTIONS (self), "try-untag", FALSE);
  few_try_job_begin (FEW_ACTIONS (self), self->page, tagging->items->len, tag_in_thread, tagging,
                     tagging_free, tagged_cb);
}

static void
answered_cb (gpointer object, const char *root, gboolean inside)
{
  write_tags (object, root, inside);
}

static void
tag_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer user)
{
  FewTagActions *self = user;
  g_autoptr (GError) error = NULL;
  if (!self->page)
    return;
  if (!few_tags_available (&error))
    {
      few_actions_say (user, error->message);
      return;
    }
  gtk_window_present (few_tag_dialog_new (few_actions_get_window (user),
                                          few_actions_get_session (user),
                                          few_try_page_get_model (self->page), answered_cb, self));
}

/* The root, and whether into the pictures */
static void
tag_to_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer user)
{
  const char *root;
  gboolean inside;
  g_variant_get (parameter, "(&sb)", &root, &inside);
  write_tags (user, root, inside);
}

/* ---- and back */

typedef struct
{
  FewTagUndone undone;
  char *first; /* what went wrong */
} Undoing;

static void
undoing_free (gpointer data)
{
  Undoing *undoing = data;
  g_free (undoing->first);
  g_free (undoing);
}

static void
note_sentence (gpointer user, const char *sentence)
{
  Undoing *undoing = user;
  if (!undoing->first)
    undoing->first = g_strdup (sentence);
}

static void
undo_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer journal,
                GCancellable *cancellable)
{
  GError *error = NULL;
  Undoing *undoing = g_new0 (Undoing, 1);
  if (few_tags_undo (journal, note_sentence, undoing, &undoing->undone, cancellable, &error))
    {
      g_task_return_pointer (task, undoing, undoing_free);
      return;
    }
  undoing_free (undoing);
  g_task_return_error (task, error);
}

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  FewTagActions *self = FEW_TAG_ACTIONS (source);
  g_autoptr (GError) error = NULL;
  Undoing *undoing = g_task_propagate_pointer (G_TASK (result), &error);
  if (undoing && undoing->undone.failed == 0)
    g_clear_pointer (&self->journal, g_free); /* the file has gone, too */
  set_job (self, NULL);
  if (!undoing)
    {
      few_actions_say (FEW_ACTIONS (self), g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                                               ? _ ("Stopped. Do it again to go on where it was.")
                                               : error->message);
      return;
    }
  guint n = undoing->undone.restored;
  g_autoptr (GString) text = g_string_new (NULL);
  few_append_part (text, " · ", 1,
                   g_strdup_printf (ngettext ("Tags taken back: %u file is as it was",
                                              "Tags taken back: %u files are as they were", n),
                                    n));
  if (undoing->first)
    few_append_part (text, " · ", 1, g_strdup (undoing->first));
  few_actions_say (FEW_ACTIONS (self), text->str);
  undoing_free (undoing);
}

static void
untag_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer user)
{
  FewTagActions *self = user;
  if (!self->journal || !self->page || few_try_page_get_job (self->page))
    return;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (self, cancellable, undone_cb, NULL);
  set_job (self, cancellable);
  g_task_set_task_data (task, g_strdup (self->journal), g_free);
  g_task_run_in_thread (task, undo_in_thread);
}

/* ---- life */

static void
few_tag_actions_dispose (GObject *object)
{
  FewTagActions *self = FEW_TAG_ACTIONS (object);
  g_clear_weak_pointer (&self->page);
  g_clear_pointer (&self->journal, g_free);
  G_OBJECT_CLASS (few_tag_actions_parent_class)->dispose (object);
}

static void
few_tag_actions_class_init (FewTagActionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_tag_actions_dispose;
}

static void
few_tag_actions_init (FewTagActions *self G_GNUC_UNUSED)
{
}

void
few_tag_actions_install (GActionMap *window, FewSession *session, FewTryPage *page)
{
  static const GActionEntry entries[] = {
    { "try-tag", tag_cb },
    { "try-tag-to", tag_to_cb, "(sb)" },
    { "try-untag", untag_cb },
  };
  FewTagActions *self = few_actions_new (FEW_TYPE_TAG_ACTIONS, window, session);
  g_set_weak_pointer (&self->page, page);
  few_actions_add (FEW_ACTIONS (self), entries, G_N_ELEMENTS (entries));
  few_actions_enable (FEW_ACTIONS (self), "try-untag", FALSE);
}
