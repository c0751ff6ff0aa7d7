/* SPDX-License-Identifier: MIT */
/* A list of keywords with marks; those of most pictures first. */
#include "pages/examples/few-keyword-dialog.h"
#include "widgets/few-dialog.h"
#include <glib/gi18n.h>

enum { WIDTH = 360, HEIGHT = 480, MOST_ROWS = 1000, SLICE = 4 /* rows a frame */ };

struct _FewKeywordDialog
{
  AdwWindow parent;
  FewImport *import;
  gboolean several; /* pictures of the project may have any number of labels */
  FewKeywordSurvey *survey; /* NULL while it is made */
  GCancellable *reading;
  guint timer;
  guint filling; /* the idle that makes rows */
  GPtrArray *marks; /* GtkCheckButton *, borrowed, of the first rows of the survey's list */
  GtkStack *stack;
  GtkListBox *list;
  AdwStatusPage *status;
  GtkWidget *add;
};

G_DEFINE_FINAL_TYPE (FewKeywordDialog, few_keyword_dialog, ADW_TYPE_WINDOW)

/* ---- what is chosen */

static GStrv
get_chosen (FewKeywordDialog *self)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  const GPtrArray *list = few_keyword_survey_list (self->survey);
  for (guint i = 0; i < self->marks->len; i++)
    if (gtk_check_button_get_active (self->marks->pdata[i]))
      g_strv_builder_add (words, ((const FewKeyword *) list->pdata[i])->word);
  return g_strv_builder_end (words);
}

static void
mark_toggled_cb (FewKeywordDialog *self)
{
  g_auto (GStrv) chosen = get_chosen (self);
  gtk_widget_set_sensitive (self->add, chosen[0] != NULL);
}

static void
show_sentence (FewKeywordDialog *self, const char *title, const char *sentence)
{
  adw_status_page_set_title (self->status, title);
  adw_status_page_set_description (self->status, sentence);
  gtk_stack_set_visible_child_name (self->stack, "status");
}

/* Pictures by their words: of one class each, and of any number. */
typedef struct
{
  GPtrArray *one, *any; /* FewFound *; NULL: there are none so */
} Chosen;

static void
chosen_free (gpointer data)
{
  Chosen *chosen = data;
  g_clear_pointer (&chosen->one, g_ptr_array_unref);
  g_clear_pointer (&chosen->any, g_ptr_array_unref);
  g_free (chosen);
}

/* The survey stays: the task keeps the dialog. */
static void
choose_in_thread (GTask *task, gpointer source, gpointer words,
                  GCancellable *cancellable G_GNUC_UNUSED)
{
  const FewKeywordDialog *self = source;
  g_autoptr (GError) error = NULL;
  g_autoptr (FewDataset) any = few_keyword_survey_choose_any (self->survey, words, &error);
  GError **first = error ? NULL : &error;
  g_autoptr (FewDataset) one =
      self->several ? NULL : few_keyword_survey_choose (self->survey, words, first);
  if (!one && !any)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  Chosen *chosen = g_new (Chosen, 1);
  *chosen =
      (Chosen) { one ? few_found_of_dataset (one) : NULL, any ? few_found_of_dataset (any) : NULL };
  g_task_return_pointer (task, chosen, chosen_free);
}

/* Where nothing else is of one class, there are none so. */
static void
propose (FewKeywordDialog *self, Chosen *chosen)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  if (self->several)
    few_import_propose_found (self->import, chosen->any, NULL);
  else
    few_import_propose_found (self->import, chosen->one ? chosen->one : none, chosen->any);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  FewKeywordDialog *self = FEW_KEYWORD_DIALOG (source);
  g_autoptr (GError) error = NULL;
  Chosen *chosen = g_task_propagate_pointer (G_TASK (result), &error);
  if (!self->import)
    {
      g_clear_pointer (&chosen, chosen_free);
      return; /* it was closed */
    }
  if (!chosen)
    {
      show_sentence (self, _ ("No Such Pictures"), error->message);
      return;
    }
  propose (self, chosen);
  chosen_free (chosen);
  gtk_window_close (GTK_WINDOW (self));
}

static void
add_clicked_cb (FewKeywordDialog *self)
{
  g_autoptr (GTask) task = g_task_new (self, self->reading, chosen_cb, NULL);
  gtk_widget_set_sensitive (self->add, FALSE); /* once */
  self->several = few_import_is_several (self->import);
  g_task_set_task_data (task, get_chosen (self), (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, choose_in_thread);
}

/* ---- reading */

static void
append_row (FewKeywordDialog *self, const FewKeyword *keyword)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *mark = gtk_check_button_new ();
  g_autofree char *count =
      g_strdup_printf (ngettext ("%u picture", "%u pictures", keyword->n), keyword->n);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), keyword->word);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), count);
  gtk_accessible_update_property (GTK_ACCESSIBLE (mark), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  keyword->word, -1);
  gtk_widget_set_valign (mark, GTK_ALIGN_CENTER);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), mark);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), mark);
  g_signal_connect_swapped (mark, "toggled", G_CALLBACK (mark_toggled_cb), self);
  g_ptr_array_add (self->marks, mark);
  gtk_list_box_append (self->list, row);
}

static void
note_done (gpointer user, guint done)
{
  g_atomic_int_set ((int *) user, (int) done);
}

/* What the thread works on. */
typedef struct
{
  char *folder;
  int done; /* atomic */
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;
  g_free (reading->folder);
  g_free (reading);
}

static void
read_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data,
                GCancellable *cancellable)
{
  Reading *reading = data;
  GError *error = NULL;
  FewKeywordSurvey *survey =
      few_keyword_survey_new (reading->folder, note_done, &reading->done, cancellable, &error);
  if (survey)
    g_task_return_pointer (task, survey, (GDestroyNotify) few_keyword_survey_free);
  else
    g_task_return_error (task, error);
}

static gboolean
fill_cb (gpointer user)
{
  FewKeywordDialog *self = user;
  const GPtrArray *list = few_keyword_survey_list (self->survey);
  guint most = MIN (list->len, MOST_ROWS);
  for (guint i = 0; i < SLICE && self->marks->len < most; i++)
    append_row (self, list->pdata[self->marks->len]);
  if (self->marks->len < most)
    return G_SOURCE_CONTINUE;
  self->filling = 0;
  return G_SOURCE_REMOVE;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  FewKeywordDialog *self = FEW_KEYWORD_DIALOG (source);
  g_autoptr (GError) error = NULL;
  FewKeywordSurvey *survey = g_task_propagate_pointer (G_TASK (result), &error);
  g_clear_handle_id (&self->timer, g_source_remove);
  if (!self->list)
    {
      g_clear_pointer (&survey, few_keyword_survey_free);
      return; /* it was closed */
    }
  if (!survey)
    {
      show_sentence (self, _ ("No Keywords"), error->message);
      return;
    }
  self->survey = survey;
  gtk_stack_set_visible_child_name (self->stack, "list");
  self->filling = g_idle_add (fill_cb, self);
}

static gboolean
progress_timeout_cb (gpointer user)
{
  GTask *task = user;
  FewKeywordDialog *self = g_task_get_source_object (task);
  Reading *reading = g_task_get_task_data (task);
  guint done = (guint) g_atomic_int_get (&reading->done);
  g_autofree char *text = g_strdup_printf (ngettext ("%u picture", "%u pictures", done), done);
  if (self->status)
    adw_status_page_set_description (self->status, text);
  return G_SOURCE_CONTINUE;
}

static void
begin_reading (FewKeywordDialog *self, const char *folder)
{
  g_autoptr (GTask) task = g_task_new (self, self->reading, read_cb, NULL);
  Reading *reading = g_new0 (Reading, 1);
  reading->folder = g_strdup (folder);
  g_task_set_task_data (task, reading, reading_free);
  g_task_run_in_thread (task, read_in_thread);
  self->timer = g_timeout_add_full (G_PRIORITY_DEFAULT, 200, progress_timeout_cb,
                                    g_object_ref (task), g_object_unref);
}

/* ---- life */

static void
few_keyword_dialog_dispose (GObject *object)
{
  FewKeywordDialog *self = FEW_KEYWORD_DIALOG (object);
  g_cancellable_cancel (self->reading);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->filling, g_source_remove);
  self->list = NULL;
  self->status = NULL;
  g_clear_object (&self->import);
  G_OBJECT_CLASS (few_keyword_dialog_parent_class)->dispose (object);
}

static void
few_keyword_dialog_finalize (GObject *object)
{
  FewKeywordDialog *self = FEW_KEYWORD_DIALOG (object);
  g_clear_pointer (&self->survey, few_keyword_survey_free);
  g_ptr_array_unref (self->marks);
  g_object_unref (self->reading);
  G_OBJECT_CLASS (few_keyword_dialog_parent_class)->finalize (object);
}

static gboolean
close_request_cb (FewKeywordDialog *self)
{
  g_cancellable_cancel (self->reading);
  g_clear_handle_id (&self->timer, g_source_remove);
  return FALSE;
}

static void
few_keyword_dialog_class_init (FewKeywordDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_keyword_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = few_keyword_dialog_finalize;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/examples/few-keyword-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, FewKeywordDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, FewKeywordDialog, list);
  gtk_widget_class_bind_template_child (widget_class, FewKeywordDialog, status);
  gtk_widget_class_bind_template_child (widget_class, FewKeywordDialog, add);
  gtk_widget_class_bind_template_callback (widget_class, add_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, close_request_cb);
}

static void
few_keyword_dialog_init (FewKeywordDialog *self)
{
  self->marks = g_ptr_array_new ();
  self->reading = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWindow *
few_keyword_dialog_new (GtkWindow *parent, FewSession *session, const char *folder)
{
  g_return_val_if_fail (FEW_IS_SESSION (session) && folder, NULL);
  FewKeywordDialog *self = g_object_new (FEW_TYPE_KEYWORD_DIALOG, NULL);
  self->import = g_object_ref (few_session_get_import (session));
  few_dialog_attach (GTK_WINDOW (self), parent);
  gtk_window_set_modal (GTK_WINDOW (self), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (self), WIDTH, HEIGHT);
  begin_reading (self, folder);
  return GTK_WINDOW (self);
}
