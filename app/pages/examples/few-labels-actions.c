/* SPDX-License-Identifier: MIT */
/* Labels that are there already become classes: files of them, keywords in pictures. What they
 * would do is shown before anything happens (few-import-preview.c). */
#include "pages/examples/few-examples-page.h"
#include "pages/examples/few-keyword-dialog.h"
#include "widgets/few-actions.h"
#include "widgets/few-chooser.h"
#include <glib/gi18n.h>

static void
labels_chosen_cb (gpointer user, const char *const *paths)
{
  few_actions_activate (user, "page", g_variant_new_string ("examples"));
  few_import_propose (few_session_get_import (few_actions_get_session (user)), paths, NULL, TRUE);
}

static void
import_labels_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
                  gpointer user)
{
  few_choose (
      few_actions_get_window (user),
      &(FewChooser) { _ ("Import Labels"), GTK_FILE_CHOOSER_ACTION_OPEN, FEW_CHOOSE_LABELS },
      labels_chosen_cb, user);
}

static void
import_labels_from_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer user)
{
  const char *paths[] = { g_variant_get_string (parameter, NULL), NULL };
  labels_chosen_cb (user, paths);
}

static void
folder_chosen_cb (gpointer user, const char *const *paths)
{
  g_autoptr (GError) error = NULL;
  if (!few_tags_available (&error))
    {
      few_actions_say (user, error->message);
      return;
    }
  few_actions_activate (user, "page", g_variant_new_string ("examples"));
  gtk_window_present (few_keyword_dialog_new (few_actions_get_window (user),
                                              few_actions_get_session (user), paths[0]));
}

static void
import_keywords_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
                    gpointer user)
{
  few_choose (few_actions_get_window (user),
              &(FewChooser) { _ ("Pictures with Keywords"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER },
              folder_chosen_cb, user);
}

static void
import_keywords_from_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer user)
{
  const char *paths[] = { g_variant_get_string (parameter, NULL), NULL };
  folder_chosen_cb (user, paths);
}

void
few_labels_actions_install (GActionMap *window, FewSession *session)
{
  static const GActionEntry entries[] = {
    { "import-labels", import_labels_cb },
    { "import-labels-from", import_labels_from_cb, "s" },
    { "import-keywords", import_keywords_cb },
    { "import-keywords-from", import_keywords_from_cb, "s" },
  };
  FewActions *self = few_actions_new (FEW_TYPE_ACTIONS, window, session);
  few_actions_add (self, entries, G_N_ELEMENTS (entries));
}
