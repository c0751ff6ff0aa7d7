/* SPDX-License-Identifier: MIT */
/* A list of runs in a dialog; a question to the worker where a run is not in memory. */
#include "export/few-second-run.h"
#include <adwaita.h>
#include <glib/gi18n.h>

/* ---- which */

typedef struct
{
  GtkListBox *list; /* the dialog's */
  GPtrArray *runs;  /* FewProjectRun: which each row is */
  FewSecondRunChosen chosen;
  gpointer object; /* weak */
} Question;

static void
question_free (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  Question *question = data;
  g_clear_weak_pointer (&question->object);
  g_ptr_array_unref (question->runs);
  g_free (question);
}

static void
answered_cb (AdwMessageDialog *dialog G_GNUC_UNUSED, const char *answer, gpointer user)
{
  const Question *question = user;
  GtkListBoxRow *row = gtk_list_box_get_selected_row (question->list);
  if (!question->object || !row || !g_str_equal (answer, "choose"))
    return;
  question->chosen (question->object, question->runs->pdata[gtk_list_box_row_get_index (row)]);
}

static GtkListBox *
create_list (FewRuns *runs, GPtrArray *listed)
{
  GtkListBox *list = GTK_LIST_BOX (gtk_list_box_new ());
  GPtrArray *all = few_runs_get_list (runs);
  for (guint i = all->len; i-- > 0;) /* the newest first */
    {
      const FewRun *run = all->pdata[i];
      if ((int) i == few_runs_get_shown (runs))
        continue;
      GtkWidget *row = adw_action_row_new ();
      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), run->record->title);
      g_ptr_array_add (listed, few_project_run_ref (run->record));
      gtk_list_box_append (list, row);
    }
  gtk_widget_add_css_class (GTK_WIDGET (list), "boxed-list");
  gtk_list_box_select_row (list, gtk_list_box_get_row_at_index (list, 0));
  return list;
}

void
few_second_run_ask (GtkWindow *window, FewSession *session, FewSecondRunChosen chosen,
                    gpointer object)
{
  enum { HEIGHT = 260 };
  g_return_if_fail (FEW_IS_SESSION (session) && chosen != NULL && G_IS_OBJECT (object));
  Question *question = g_new0 (Question, 1);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  question->runs = g_ptr_array_new_with_free_func ((GDestroyNotify) few_project_run_unref);
  question->list = create_list (few_session_get_runs (session), question->runs);
  question->chosen = chosen;
  g_set_weak_pointer (&question->object, object);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (
      window, _ ("Two Runs Beside Each Other"), _ ("Which run stands beside the one in view?")));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (question->list));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), HEIGHT);
  adw_message_dialog_set_extra_child (dialog, scroller);
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "choose", _ ("Choose _File…"),
                                    NULL);
  adw_message_dialog_set_response_appearance (dialog, "choose", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, "choose");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (answered_cb), question, question_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- its snapshot */

typedef struct
{
  FewDesk *desk;
  guint ticket;
  FewProjectRun *run;
  FewSecondRunReady ready;
  gpointer user;
  gulong handler;
} Fetching;

static void
event_cb (Fetching *f, const FewEvent *event)
{
  if (event->kind != FEW_EVENT_RESTORED || event->id != f->ticket)
    return;
  g_signal_handler_disconnect (f->desk, f->handler);
  f->ready (f->run, event->snapshot, event->error, f->user);
  few_project_run_unref (f->run);
  g_object_unref (f->desk);
  g_free (f);
}

/* NULL: it is not in memory. */
static FewSnapshot *
find_snapshot (FewRuns *runs, const FewProjectRun *record)
{
  GPtrArray *all = few_runs_get_list (runs);
  for (guint i = 0; i < all->len; i++)
    {
      const FewRun *run = all->pdata[i];
      if (run->record == record)
        return run->snapshot;
    }
  return NULL;
}

void
few_second_run_fetch (FewSession *session, FewProjectRun *run, FewSecondRunReady ready,
                      gpointer user)
{
  g_return_if_fail (FEW_IS_SESSION (session) && run != NULL && ready != NULL);
  FewSnapshot *snapshot = find_snapshot (few_session_get_runs (session), run);
  if (snapshot)
    {
      ready (run, snapshot, NULL, user);
      return;
    }
  Fetching *f = g_new0 (Fetching, 1);
  f->desk = g_object_ref (few_session_get_desk (session));
  f->ticket = few_desk_take_ticket (f->desk);
  f->run = few_project_run_ref (run);
  f->ready = ready;
  f->user = user;
  f->handler = g_signal_connect_swapped (f->desk, "event", G_CALLBACK (event_cb), f);
  few_worker_restore (few_desk_get_worker (f->desk), f->ticket, f->run);
}
