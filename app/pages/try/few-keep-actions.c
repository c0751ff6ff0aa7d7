/* SPDX-License-Identifier: MIT */
/* Answers as other programs read them: where to, of a Camtrap DP what it has to know, written in a
 * thread. */
#include "common/keep.h"
#include "pages/try/few-deployment-dialog.h"
#include "pages/try/few-try-job.h"
#include "pages/try/few-try-labels.h"
#include "pages/try/few-try-page.h"
#include "widgets/few-actions.h"
#include "widgets/few-chooser.h"
#include <glib/gi18n.h>
#include <string.h>

#define FEW_TYPE_KEEP_ACTIONS (few_keep_actions_get_type ())
G_DECLARE_FINAL_TYPE (FewKeepActions, few_keep_actions, FEW, KEEP_ACTIONS, FewActions)

struct _FewKeepActions
{
  FewActions parent;
  FewTryPage *page;   /* weak */
  FewPlaceTold *told; /* of the Camtrap DP, while it is asked where to */
};

G_DEFINE_FINAL_TYPE (FewKeepActions, few_keep_actions, FEW_TYPE_ACTIONS)

/* ---- in a thread */

/* A picture and its answer: a row of a snapshot, or why there is none. */
typedef struct
{
  char *path, *reason;
  FewSnapshot *snapshot;
  guint row;
  gboolean refused;
  FewCrop crop;
} Item;

static void
item_free (gpointer data)
{
  Item *item = data;
  g_free (item->path);
  g_free (item->reason);
  g_clear_pointer (&item->snapshot, few_snapshot_unref);
  g_free (item);
}

typedef struct
{
  GPtrArray *items;
  FewKeepFormat format;
  char *output, *classifier;
  char **classes;
  double alpha;
  FewPlaceTold *told;
  guint64 left_out;
} Keeping;

static void
keeping_free (gpointer data)
{
  Keeping *keeping = data;
  g_ptr_array_unref (keeping->items);
  g_free (keeping->output);
  g_free (keeping->classifier);
  g_strfreev (keeping->classes);
  g_clear_pointer (&keeping->told, few_place_told_free);
  g_free (keeping);
}

enum { MOST_CLASSES = 5 }; /* of each picture */

static gboolean
keep_item (FewKeeper *keeper, const Keeping *keeping, const Item *item, float *probabilities,
           GError **error)
{
  FewKeptAnswer answer = { .path = item->path, .error = item->reason, .refused = item->refused };
  guint order[MOST_CLASSES];
  double best[MOST_CLASSES];
  guint k = g_strv_length (keeping->classes);
  if (item->snapshot)
    few_lens_probabilities (item->snapshot, item->row, keeping->alpha, probabilities);
  for (guint i = 0; item->snapshot && i < MIN (k, MOST_CLASSES); i++)
    {
      guint largest = 0;
      for (guint c = 1; c < k; c++)
        if (probabilities[c] > probabilities[largest])
          largest = c;
      order[i] = largest;
      best[i] = (double) probabilities[largest];
      probabilities[largest] = -1;
      answer.n++;
    }
  double box[4];
  few_crop_box (&item->crop, box);
  answer.box = box;
  answer.order = order;
  answer.probabilities = best;
  return few_keeper_add (keeper, &answer, error);
}

static gboolean
keep_all (Keeping *keeping, gpointer job, GCancellable *cancellable, GError **error)
{
  FewDeployment deployment = { .latitude = FEW_PLACE_UNKNOWN, .longitude = FEW_PLACE_UNKNOWN };
  if (keeping->told)
    few_place_told_fill (keeping->told, &deployment);
  const FewKeepOptions options = { .format = keeping->format,
                                   .output = keeping->output,
                                   .classes = (const char *const *) keeping->classes,
                                   .classifier = keeping->classifier,
                                   .deployment = &deployment };
  g_autoptr (FewKeeper) keeper = few_keeper_new (&options, error);
  g_autofree float *probabilities = g_new (float, g_strv_length (keeping->classes) + 1);
  for (guint i = 0; keeper && i < keeping->items->len; i++)
    {
      few_try_job_count (job, i, keeping->items->len);
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !keep_item (keeper, keeping, keeping->items->pdata[i], probabilities, error))
        return FALSE;
    }
  return keeper && few_keeper_finish (keeper, &keeping->left_out, error);
}

static void
keep_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data,
                GCancellable *cancellable)
{
  GError *error = NULL;
  if (keep_all (few_try_job_get (data), data, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
kept_cb (GObject *source, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  FewKeepActions *self = FEW_KEEP_ACTIONS (source);
  const Keeping *keeping = few_try_job_get (g_task_get_task_data (G_TASK (result)));
  g_autoptr (GError) error = NULL;
  gboolean kept = g_task_propagate_boolean (G_TASK (result), &error);
  if (self->page)
    few_try_actions_set_job (FEW_ACTIONS (self), self->page, NULL);
  if (!kept)
    {
      few_actions_say (FEW_ACTIONS (self), g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                                               ? _ ("Stopped: nothing was written.")
                                               : error->message);
      return;
    }
  g_autofree char *shown = g_filename_display_name (keeping->output);
  guint left_out = (guint) keeping->left_out;
  g_autofree char *text =
      left_out == 0
          /* Translators: a file or folder */
          ? g_strdup_printf (_ ("Answers saved as %s"), shown)
          /* Translators: a file or folder, then how many pictures */
          : g_strdup_printf (ngettext ("Answers saved as %s, without %u picture that does not tell "
                                       "what the format needs",
                                       "Answers saved as %s, without %u pictures that do not tell "
                                       "what the format needs",
                                       left_out),
                             shown, left_out);
  few_actions_say_of_file (FEW_ACTIONS (self), text, keeping->output);
}

/* ---- what is written */

static gboolean
has_same_classes (const GPtrArray *a, const GPtrArray *b)
{
  gboolean same = a->len == b->len;
  for (guint k = 0; a != b && same && k < a->len; k++)
    same = a->pdata[k] == b->pdata[k]
           || g_str_equal (few_class_get_name (a->pdata[k]), few_class_get_name (b->pdata[k]));
  return same;
}

static GPtrArray *
collect_items (GListModel *trials, char ***classes)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (item_free);
  GPtrArray *first = NULL; /* classes of the answers; others wait to be seen anew */
  GPtrArray *last = NULL; /* the same ones: answers of one batch share them */
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  for (guint i = 0; i < g_list_model_get_n_items (trials); i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (trials, i);
      guint row = 0;
      FewSnapshot *snapshot = few_trial_get_snapshot (trial, &row);
      const char *reason = few_trial_get_reason (trial);
      GPtrArray *own = snapshot ? few_trial_get_classes (trial) : NULL;
      first = first ? first : own;
      if (!reason && (!own || (own != last && !has_same_classes (own, first))))
        continue;
      last = own ? own : last;
      Item *item = g_new0 (Item, 1);
      *item = (Item) { .path = g_strdup (few_picture_get_path (few_trial_get_picture (trial))),
                       .reason = g_strdup (reason),
                       .row = row,
                       .refused = !few_trial_get_class (trial),
                       .crop = *few_picture_get_crop (few_trial_get_picture (trial)) };
      item->snapshot = snapshot && !reason ? few_snapshot_ref (snapshot) : NULL;
      g_ptr_array_add (items, item);
    }
  for (guint k = 0; first && k < first->len; k++)
    g_strv_builder_add (names, few_class_get_name (first->pdata[k]));
  *classes = g_strv_builder_end (names);
  return items;
}

static char *
name_classifier (FewSession *session, const GPtrArray *items)
{
  const FewModelInfo *model = few_desk_get_model (few_session_get_desk (session));
  const char *title = "CLIP";
  for (guint i = 0; i < items->len; i++)
    {
      const Item *item = items->pdata[i];
      FewClassifier *classifier =
          item->snapshot ? few_snapshot_info (item->snapshot)->classifier : NULL;
      const FewMethodInfo *method =
          classifier ? few_method_info_find (few_classifier_info (classifier)->method) : NULL;
      title = method ? method->title : title;
    }
  return g_strdup_printf ("%s on %s", title, model ? model->name : "?");
}

static void
keep (FewKeepActions *self, FewKeepFormat format, const char *output)
{
  FewSession *session = few_actions_get_session (FEW_ACTIONS (self));
  if (!self->page || few_try_page_get_job (self->page))
    return; /* it was asked for twice */
  if (few_try_labels_are_told (few_try_page_get_model (self->page)))
    {
      few_actions_say (FEW_ACTIONS (self),
                       _ ("These formats are written with one class a picture. Of any number of "
                          "labels there are the table as CSV, copies in a folder for each, and "
                          "tags."));
      return;
    }
  Keeping *keeping = g_new0 (Keeping, 1);
  keeping->items = collect_items (few_try_page_get_model (self->page), &keeping->classes);
  keeping->format = format;
  keeping->output = g_strdup (output);
  keeping->classifier = name_classifier (session, keeping->items);
  keeping->alpha = few_view_get_alpha (few_session_get_view (session));
  if (format == FEW_KEEP_CAMTRAP)
    keeping->told = g_steal_pointer (&self->told);
  few_try_job_begin (FEW_ACTIONS (self), self->page, keeping->items->len, keep_in_thread, keeping,
                     keeping_free, kept_cb);
}

/* ---- where to */

static void
timelapse_chosen_cb (gpointer user, const char *const *paths)
{
  keep (user, FEW_KEEP_TIMELAPSE, paths[0]);
}

static void
coco_chosen_cb (gpointer user, const char *const *paths)
{
  keep (user, FEW_KEEP_COCO, paths[0]);
}

static void
camtrap_chosen_cb (gpointer user, const char *const *paths)
{
  keep (user, FEW_KEEP_CAMTRAP, paths[0]);
}

static void
keep_timelapse_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
                   gpointer user)
{
  few_choose (few_actions_get_window (user),
              &(FewChooser) { _ ("For Timelapse: Save in the Folder of the Pictures"),
                              GTK_FILE_CHOOSER_ACTION_SAVE, .name = "timelapse.json" },
              timelapse_chosen_cb, user);
}

static void
keep_coco_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer user)
{
  few_choose (few_actions_get_window (user),
              &(FewChooser) { _ ("COCO: for Programs That Learn from Pictures"),
                              GTK_FILE_CHOOSER_ACTION_SAVE, .name = "coco.json" },
              coco_chosen_cb, user);
}

static void
place_told_cb (gpointer user, FewPlaceTold *told)
{
  FewKeepActions *self = user;
  g_clear_pointer (&self->told, few_place_told_free);
  self->told = told;
  few_choose (few_actions_get_window (user),
              &(FewChooser) { _ ("The Folder That Holds the Pictures of the Camera Trap"),
                              GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER },
              camtrap_chosen_cb, user);
}

static void
keep_camtrap_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
                 gpointer user)
{
  gtk_window_present (
      few_deployment_dialog_new (few_actions_get_window (user), place_told_cb, user));
}

/* A format of common/keep.h and a path; of a Camtrap DP what was told last. */
static void
keep_to_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer user)
{
  const char *name, *path;
  g_variant_get (parameter, "(&s&s)", &name, &path);
  FewKeepFormat format = few_keep_format_find (name);
  if (format < FEW_KEEP_FORMATS)
    keep (user, format, path);
}

/* ---- life */

static void
few_keep_actions_dispose (GObject *object)
{
  FewKeepActions *self = FEW_KEEP_ACTIONS (object);
  g_clear_weak_pointer (&self->page);
  g_clear_pointer (&self->told, few_place_told_free);
  G_OBJECT_CLASS (few_keep_actions_parent_class)->dispose (object);
}

static void
few_keep_actions_class_init (FewKeepActionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_keep_actions_dispose;
}

static void
few_keep_actions_init (FewKeepActions *self G_GNUC_UNUSED)
{
}

void
few_keep_actions_install (GActionMap *window, FewSession *session, FewTryPage *page)
{
  static const GActionEntry entries[] = {
    { "try-keep-timelapse", keep_timelapse_cb },
    { "try-keep-coco", keep_coco_cb },
    { "try-keep-camtrap", keep_camtrap_cb },
    { "try-keep-to", keep_to_cb, "(ss)" },
  };
  FewKeepActions *self = few_actions_new (FEW_TYPE_KEEP_ACTIONS, window, session);
  g_set_weak_pointer (&self->page, page);
  few_actions_add (FEW_ACTIONS (self), entries, G_N_ELEMENTS (entries));
}
