/* SPDX-License-Identifier: MIT */
/* Export: where to, what came of it, and the lines of Python that read it. */
#include "export/few-export-actions.h"
#include "base/few-settings.h"
#include "common/snippet.h"
#include "export/few-folder-actions.h"
#include "export/few-others-actions.h"
#include "export/few-report-sight.h"
#include "export/few-report.h"
#include "export/few-second-run.h"
#include "widgets/few-actions.h"
#include "widgets/few-chooser.h"
#include "widgets/few-show-file.h"
#include <adwaita.h>
#include <glib/gi18n.h>

#define FEW_TYPE_EXPORT_ACTIONS (few_export_actions_get_type ())
G_DECLARE_FINAL_TYPE (FewExportActions, few_export_actions, FEW, EXPORT_ACTIONS, FewActions)

struct _FewExportActions
{
  FewActions parent;
  FewExportTitle title;
  GObject *titled;
  FewProjectRun *second; /* chosen to stand beside that in view; NULL: none was */
};

G_DEFINE_FINAL_TYPE (FewExportActions, few_export_actions, FEW_TYPE_ACTIONS)

/* What can be asked for, the name that is offered for it, and what it is for. */
typedef struct
{
  const char *action, *name, *title;
  gboolean several; /* of any number of labels, too */
} Offer;

static const Offer offers[] = {
  { "export", "classifier.safetensors",
    N_ ("Export the Classifier: for fewshot-cli and Python, which bring the model"), TRUE },
  { "export-onnx", "classifier.onnx",
    N_ ("Export as ONNX: for programs that compute CLIP's features themselves"), TRUE },
  { "export-report", "report.html", N_ ("Export a Report: to be read in a browser"), FALSE },
  { "export-table", "predictions.csv", N_ ("Export Predictions: for a spreadsheet"), TRUE },
};

static gboolean
is_several (FewActions *self)
{
  return few_view_is_several (few_session_get_view (few_actions_get_session (self)));
}

static void
export_why_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
               gpointer user)
{
  few_actions_say (user,
                   _ ("Reports, and labelled pictures for other programs, tell of one class a "
                      "picture. Of any number of labels there are the classifier, ONNX, the "
                      "folder with the whole model, the table and the card."));
}

/* ---- the report, written by a thread */

typedef struct
{
  FewReport *report;
  char *path;
} Writing;

static void
writing_free (gpointer data)
{
  Writing *writing = data;
  few_report_free (writing->report);
  g_free (writing->path);
  g_free (writing);
}

static void
write_report (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Writing *writing = data;
  GError *error = NULL;
  if (few_report_save (writing->report, writing->path, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
report_written_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  const Writing *writing = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      few_actions_say (FEW_ACTIONS (source), error->message);
      return;
    }
  g_autofree char *shown = g_filename_display_name (writing->path);
  /* Translators: a file */
  g_autofree char *text = g_str_has_suffix (writing->path, ".csv")
                              ? g_strdup_printf (_ ("Table saved as %s"), shown)
                              : g_strdup_printf (_ ("Report saved as %s"), shown);
  few_actions_say_of_file (FEW_ACTIONS (source), text, writing->path);
}

static void
begin_writing (FewReport *report G_GNUC_UNUSED, gpointer user)
{
  g_autoptr (GTask) task = user;
  g_task_run_in_thread (task, write_report);
}

/* What is in view; NULL: that there is none is said. */
static FewReport *
collect_report (FewExportActions *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *title = self->title (self->titled);
  FewReport *report = few_report_new (few_actions_get_session (FEW_ACTIONS (self)), title, &error);
  if (!report)
    few_actions_say (FEW_ACTIONS (self), error->message);
  return report;
}

/* Takes over the report. */
static void
write_soon (FewExportActions *self, FewReport *report, const char *path)
{
  Writing *writing = g_new (Writing, 1);
  *writing = (Writing) { report, g_strdup (path) };
  GTask *task = g_task_new (self, NULL, report_written_cb, NULL);
  g_task_set_task_data (task, writing, writing_free);
  if (g_str_has_suffix (path, ".csv")) /* has no pictures to look at */
    begin_writing (report, task);
  else
    few_report_look (report, few_actions_get_session (FEW_ACTIONS (self)), begin_writing, task);
}

static void
save_report (FewExportActions *self, const char *path)
{
  FewReport *report = collect_report (self);
  if (report)
    write_soon (self, report, path);
}

/* ---- of two runs */

/* A report that waits for its second run. */
typedef struct
{
  FewExportActions *self;
  FewReport *report;
  char *path;
} Beside;

static void
second_ready_cb (FewProjectRun *run, FewSnapshot *snapshot, const GError *error, gpointer user)
{
  Beside *beside = user;
  if (snapshot)
    {
      few_report_set_second (beside->report, run, snapshot);
      write_soon (beside->self, g_steal_pointer (&beside->report), beside->path);
    }
  else
    few_actions_say (FEW_ACTIONS (beside->self), error ? error->message : _ ("Train first."));
  g_clear_pointer (&beside->report, few_report_free);
  g_object_unref (beside->self);
  g_free (beside->path);
  g_free (beside);
}

/* That in view, as it is now: another one may be when the second has come. */
static void
save_two (FewExportActions *self, FewProjectRun *second, const char *path)
{
  FewReport *report = collect_report (self);
  if (!report)
    return;
  Beside *beside = g_new (Beside, 1);
  *beside = (Beside) { g_object_ref (self), report, g_strdup (path) };
  few_second_run_fetch (few_actions_get_session (FEW_ACTIONS (self)), second, second_ready_cb,
                        beside);
}

static void
two_path_chosen_cb (gpointer user, const char *const *paths)
{
  save_two (user, FEW_EXPORT_ACTIONS (user)->second, paths[0]);
}

static void
second_chosen_cb (gpointer object, FewProjectRun *run)
{
  FewExportActions *self = object;
  few_project_run_ref (run);
  g_clear_pointer (&self->second, few_project_run_unref);
  self->second = run;
  few_choose (few_actions_get_window (FEW_ACTIONS (self)),
              &(FewChooser) { .title = _ ("Export a Report of Two Runs: to be read in a browser"),
                              .action = GTK_FILE_CHOOSER_ACTION_SAVE,
                              .name = "two-runs.html" },
              two_path_chosen_cb, self);
}

static void
export_two_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_second_run_ask (few_actions_get_window (user), few_actions_get_session (user),
                      second_chosen_cb, user);
}

/* The number of a run of the list, but for the one in view. */
static void
export_two_to_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  guint second;
  const char *path;
  FewRuns *runs = few_session_get_runs (few_actions_get_session (user));
  const GPtrArray *all = few_runs_get_list (runs);
  g_variant_get (parameter, "(u&s)", &second, &path);
  if (second < all->len && (int) second != few_runs_get_shown (runs))
    save_two (user, ((const FewRun *) all->pdata[second])->record, path);
}

/* ---- where to; the name's end says what */

static void
export_to (FewExportActions *self, const char *path)
{
  gboolean report = g_str_has_suffix (path, ".html");
  if (report && is_several (FEW_ACTIONS (self)))
    few_actions_activate (FEW_ACTIONS (self), "export-why", NULL);
  else if (report || g_str_has_suffix (path, ".csv"))
    save_report (self, path);
  else
    few_session_export (few_actions_get_session (FEW_ACTIONS (self)), path);
}

static void
export_to_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  export_to (user, g_variant_get_string (parameter, NULL));
}

static void
path_chosen_cb (gpointer user, const char *const *paths)
{
  export_to (user, paths[0]);
}

static const Offer *
find_offer (const char *action)
{
  guint i = 0;
  while (i + 1 < G_N_ELEMENTS (offers) && !g_str_equal (offers[i].action, action))
    i++;
  return &offers[i];
}

static void
export_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  const Offer *offer = find_offer (g_action_get_name (G_ACTION (action)));
  few_choose (few_actions_get_window (user),
              &(FewChooser) { _ (offer->title), GTK_FILE_CHOOSER_ACTION_SAVE, .name = offer->name },
              path_chosen_cb, user);
}

/* ---- what came of it */

/* What the dialog's answers are about. */
typedef struct
{
  FewActions *actions;
  char *path;
} Exported;

static void
exported_free (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  Exported *exported = data;
  g_object_unref (exported->actions);
  g_free (exported->path);
  g_free (exported);
}

static void
response_cb (AdwMessageDialog *dialog, const char *id, gpointer user)
{
  const Exported *exported = user;
  GtkWindow *window = few_actions_get_window (exported->actions);
  if (g_str_equal (id, "show") && window)
    few_show_file_in_folder (window, exported->path);
  if (!g_str_equal (id, "copy"))
    return;
  g_autofree char *code = few_python_snippet (exported->path);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (dialog)), code);
  few_actions_say (exported->actions, _ ("Python code copied"));
}

/* Where the classifier in view comes from, where it was not trained here. */
static char *
describe_ancestry (FewSession *session)
{
  FewSnapshot *snapshot = few_view_get_snapshot (few_session_get_view (session));
  FewClassifier *classifier = snapshot ? few_snapshot_info (snapshot)->classifier : NULL;
  const FewOrigin *origin = classifier ? &few_classifier_info (classifier)->origin : NULL;
  if (!origin || !origin->parents || !origin->parents[0])
    return g_strdup ("");
  /* Translators: the first digits of a file's SHA-256 */
  return g_strdup_printf (_ ("\n\nIt comes from the classifier with the SHA-256 %.12s…, which the "
                             "file records."),
                          origin->parents[0]);
}

/* What the file is, and how it was checked. */
static char *
describe_exported (const char *path, guint agree, guint total)
{
  g_autofree char *shown = g_filename_display_name (path);
  if (g_str_has_suffix (path, ".onnx")) /* nothing here runs it */
    /* Translators: path of the file */
    return g_strdup_printf (_ ("%s\n\nTakes CLIP’s image features, gives a logit for each class."),
                            shown);
  if (total == 0)
    /* Translators: path of the file */
    return g_strdup_printf (_ ("%s\n\nThere is no picture in the project to check it with."),
                            shown);
  /* Translators: path of the file; then how many predictions the file gives like the window */
  return g_strdup_printf (_ ("%s\n\nRead back and checked: %u/%u predictions match."), shown, agree,
                          total);
}

static GtkWidget *
create_dialog (GtkWindow *window, FewSession *session, const char *path, guint agree, guint total)
{
  g_autofree char *exported = describe_exported (path, agree, total);
  g_autofree char *ancestry = describe_ancestry (session);
  g_autofree char *body = g_strconcat (exported, ancestry, NULL);
  const char *heading =
      agree == total ? _ ("Classifier Exported") : _ ("Exported, but Not the Same");
  GtkWidget *dialog = adw_message_dialog_new (window, heading, body);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "copy", _ ("_Copy Python Code"),
                                    "show", _ ("_Show in Files"), "close", _ ("_Close"), NULL);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "close");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  return dialog;
}

static void
exported_cb (FewActions *self, const char *path, guint agree, guint total)
{
  g_autofree char *whole = g_canonicalize_filename (path, NULL);
  if (!g_str_has_suffix (path, ".onnx")) /* watched folders take it; there nothing is to take */
    g_settings_set_value (few_settings (), "last-classifier", g_variant_new_bytestring (whole));
  GtkWidget *dialog = create_dialog (few_actions_get_window (self), few_actions_get_session (self),
                                     path, agree, total);
  Exported *exported = g_new (Exported, 1);
  *exported = (Exported) { g_object_ref (self), g_strdup (path) };
  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb), exported, exported_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- life */

static void
update_enabled (FewActions *self)
{
  gboolean can = few_session_can_export (few_actions_get_session (self));
  gboolean one = can && !is_several (self);
  for (guint i = 0; i < G_N_ELEMENTS (offers); i++)
    few_actions_enable (self, offers[i].action, offers[i].several ? can : one);
  few_actions_enable (self, "export-to", can);
  FewRuns *runs = few_session_get_runs (few_actions_get_session (self));
  few_actions_enable (self, "export-two", one && few_runs_get_list (runs)->len > 1);
  few_actions_enable (self, "export-why", can && !one);
}

static void
few_export_actions_dispose (GObject *object)
{
  g_clear_object (&FEW_EXPORT_ACTIONS (object)->titled);
  g_clear_pointer (&FEW_EXPORT_ACTIONS (object)->second, few_project_run_unref);
  G_OBJECT_CLASS (few_export_actions_parent_class)->dispose (object);
}

static void
few_export_actions_class_init (FewExportActionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_export_actions_dispose;
}

static void
few_export_actions_init (FewExportActions *self)
{
}

void
few_export_actions_install (GActionMap *window, FewSession *session, FewExportTitle title,
                            GObject *titled)
{
  static const GActionEntry entries[] = {
    { "export", export_cb },
    { "export-onnx", export_cb },
    { "export-report", export_cb },
    { "export-table", export_cb },
    { "export-to", export_to_cb, "s" },
    { "export-two", export_two_cb },
    { "export-why", export_why_cb },
    { "export-two-to", export_two_to_cb, "(us)" },
  };
  static const FewKeys accels[] = { { "win.export", { "<Control>e" } } };
  g_return_if_fail (title != NULL && G_IS_OBJECT (titled));
  FewExportActions *self = few_actions_new (FEW_TYPE_EXPORT_ACTIONS, window, session);
  self->title = title;
  self->titled = g_object_ref (titled);
  few_actions_set_accels (accels, G_N_ELEMENTS (accels));
  few_actions_add (FEW_ACTIONS (self), entries, G_N_ELEMENTS (entries));
  g_signal_connect_object (session, "exported", G_CALLBACK (exported_cb), self, G_CONNECT_SWAPPED);
  few_actions_watch (FEW_ACTIONS (self), update_enabled);
  few_folder_actions_install (window, session);
  few_others_actions_install (window, session);
}
