/* SPDX-License-Identifier: MIT */
/* Message dialogs; their answers are actions of the window, or of its document. */
#include "shell/few-unsaved.h"
#include "shell/few-watch-actions.h"
#include <adwaita.h>
#include <glib/gi18n.h>

static AdwMessageDialog *
create_question (GtkWindow *window, const char *heading, const char *body)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (window, heading, NULL));
  adw_message_dialog_format_body (dialog, "%s", body);
  return dialog;
}

/* The answer may let the window go: the dialog is still held by whoever pressed the button then,
 * and GTK 4.8 does not tell it that the window is gone. */
static void
part_from_window (AdwMessageDialog *dialog)
{
  gtk_window_set_transient_for (GTK_WINDOW (dialog), NULL);
}

/* ---- closing */

static void
closing_answered_cb (AdwMessageDialog *dialog, const char *answer, GtkWindow *window)
{
  part_from_window (dialog);
  if (!g_str_equal (answer, "again") && !g_str_equal (answer, "discard"))
    few_watch_actions_stay (window);
  if (g_str_equal (answer, "elsewhere"))
    gtk_widget_activate_action (GTK_WIDGET (window), "win.save-as", NULL);
  else if (g_str_equal (answer, "again"))
    gtk_window_close (window);
  else if (g_str_equal (answer, "discard"))
    gtk_window_destroy (window);
}

void
few_unsaved_ask_closing (GtkWindow *window, const char *problem, gboolean kept)
{
  g_return_if_fail (GTK_IS_WINDOW (window));
  g_return_if_fail (problem);
  g_autofree char *body = g_strdup_printf (
      "%s\n\n%s", problem,
      kept ? _ ("What was changed is kept as a draft, which comes back when Fewshot is started.")
           : _ ("What was changed is nowhere but in this window."));
  AdwMessageDialog *dialog = create_question (window, _ ("The Project Is Not Saved"), body);
  adw_message_dialog_add_responses (dialog, "stay", _ ("_Keep Open"), "again", _ ("_Try Again"),
                                    "elsewhere", _ ("_Save Elsewhere…"), "discard",
                                    kept ? _ ("_Close") : _ ("Close _Without Saving"), NULL);
  if (!kept)
    adw_message_dialog_set_response_appearance (dialog, "discard", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "elsewhere");
  adw_message_dialog_set_close_response (dialog, "stay");
  g_signal_connect_object (dialog, "response", G_CALLBACK (closing_answered_cb), window, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- two writers */

/* What the answer to a conflict is about. */
typedef struct
{
  GtkWindow *window; /* the dialog is transient for it */
  FewDocument *document;
  char *path;
} Conflict;

static void
conflict_free (gpointer data, GClosure *closure)
{
  Conflict *conflict = data;
  g_object_unref (conflict->document);
  g_free (conflict->path);
  g_free (conflict);
}

/* Theirs opens in a window of its own, since this one has held something already. */
static void
take_theirs (const Conflict *conflict)
{
  few_document_let_go (conflict->document);
  gtk_widget_activate_action (GTK_WIDGET (conflict->window), "app.open-path", "s", conflict->path);
  gtk_window_close (conflict->window);
}

static void
conflict_answered_cb (AdwMessageDialog *dialog, const char *answer, gpointer user)
{
  const Conflict *conflict = user;
  if (!gtk_window_get_transient_for (GTK_WINDOW (dialog)))
    return;
  part_from_window (dialog);
  if (g_str_equal (answer, "mine"))
    few_document_keep_mine (conflict->document);
  else if (g_str_equal (answer, "theirs"))
    take_theirs (conflict);
  else if (g_str_equal (answer, "copy"))
    gtk_widget_activate_action (GTK_WIDGET (conflict->window), "win.save-as", NULL);
}

static void
conflict_cb (FewDocument *document, const char *path, GtkWindow *window)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *body =
      /* Translators: a file */
      g_strdup_printf (_ ("%s was changed by another program. What you change is kept as a draft "
                          "until you decide."),
                       shown);
  AdwMessageDialog *dialog = create_question (window, _ ("Two Versions of One Project"), body);
  adw_message_dialog_add_responses (dialog, "later", _ ("_Later"), "mine", _ ("Keep _Mine"),
                                    "theirs", _ ("Take _Theirs"), "copy", _ ("_Save a Copy…"),
                                    NULL);
  adw_message_dialog_set_response_appearance (dialog, "mine", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (dialog, "theirs", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "copy");
  adw_message_dialog_set_close_response (dialog, "later");
  Conflict *conflict = g_new (Conflict, 1);
  *conflict = (Conflict) { window, g_object_ref (document), g_strdup (path) };
  g_signal_connect_data (dialog, "response", G_CALLBACK (conflict_answered_cb), conflict,
                         conflict_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- what is seen meanwhile */

static void
problem_cb (FewDocument *document, GParamSpec *pspec, GtkRevealer *revealer)
{
  gtk_revealer_set_reveal_child (revealer, few_document_get_problem (document) != NULL);
}

void
few_unsaved_watch (GtkWindow *window, FewDocument *document, GtkRevealer *revealer, GtkLabel *label)
{
  g_return_if_fail (GTK_IS_WINDOW (window));
  g_return_if_fail (FEW_IS_DOCUMENT (document));
  g_object_bind_property (document, "problem", label, "label", G_BINDING_DEFAULT);
  g_signal_connect_object (document, "notify::problem", G_CALLBACK (problem_cb), revealer, 0);
  g_signal_connect_object (document, "conflict", G_CALLBACK (conflict_cb), window, 0);
}
