/* SPDX-License-Identifier: MIT */
/* What a person can do with examples: add pictures and classes, move, leave out and remove them. */
#include "common/samples.h"
#include "pages/examples/few-added-words.h"
#include "pages/examples/few-examples-page.h"
#include "pages/examples/few-import-preview.h"
#include "widgets/few-actions.h"
#include "widgets/few-chooser.h"
#include "widgets/few-class-picker.h"
#include "widgets/few-dialog.h"
#include "widgets/few-toasts.h"
#include <glib/gi18n.h>

#define FEW_TYPE_EXAMPLES_ACTIONS (few_examples_actions_get_type ())
G_DECLARE_FINAL_TYPE (FewExamplesActions, few_examples_actions, FEW, EXAMPLES_ACTIONS, FewActions)

struct _FewExamplesActions
{
  FewActions parent;
  FewExamplesPage *page; /* weak */
  /* Imports of which all is not read yet, and of the last of them: what was said of it; the refused
   * files and the step of the history then. */
  guint imports;
  FewAdded said;
  guint refused;
  guint64 step;
};

G_DEFINE_FINAL_TYPE (FewExamplesActions, few_examples_actions, FEW_TYPE_ACTIONS)

static FewSession *
get_session (gpointer self)
{
  return few_actions_get_session (self);
}

/* ---- adding */

static void
import_chosen_cb (gpointer user, const char *const *paths)
{
  FewExamplesActions *self = user;
  few_import_propose (few_session_get_import (get_session (user)), paths, NULL,
                      few_examples_page_get_class (self->page) != NULL);
}

/* Pictures join the class in view. */
static void
pictures_chosen_cb (gpointer user, const char *const *paths)
{
  FewExamplesActions *self = user;
  FewClass *klass = few_examples_page_get_class (self->page);
  few_import_propose (few_session_get_import (get_session (self)), paths, klass, klass == NULL);
}

static void
import_asks_cb (FewExamplesActions *self, guint number)
{
  GtkWindow *window = few_actions_get_window (FEW_ACTIONS (self));
  gtk_window_present (few_import_preview_new (window, get_session (self), number,
                                              few_examples_page_get_class (self->page)));
}

static void
add_folder_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_choose (few_actions_get_window (user),
              &(FewChooser) { _ ("Add Folders of Pictures"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                              .several = TRUE },
              import_chosen_cb, user);
}

static void
add_pictures_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_choose (
      few_actions_get_window (user),
      &(FewChooser) { _ ("Add Pictures"), GTK_FILE_CHOOSER_ACTION_OPEN, FEW_CHOOSE_PICTURES, TRUE },
      pictures_chosen_cb, user);
}

static void
add_path_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  const char *paths[] = { g_variant_get_string (parameter, NULL), NULL };
  few_import_begin (few_session_get_import (get_session (user)), paths, NULL);
}

static void
write_samples (GTask *task, gpointer source, gpointer folder, GCancellable *cancellable)
{
  GError *error = NULL;
  if (few_samples_write (folder, 24, 11, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
samples_written_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (GError) error = NULL;
  const char *paths[] = { g_task_get_task_data (G_TASK (result)), NULL };
  if (g_task_propagate_boolean (G_TASK (result), &error))
    few_import_begin (few_session_get_import (get_session (source)), paths, NULL);
  else
    few_actions_say (FEW_ACTIONS (source), error->message);
}

static void
add_samples_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  g_autoptr (GTask) task = g_task_new (user, NULL, samples_written_cb, NULL);
  g_task_set_task_data (task, g_build_filename (g_get_user_data_dir (), "fewshot", "samples", NULL),
                        g_free);
  g_task_run_in_thread (task, write_samples);
}

static void
add_class_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewExamplesActions *self = user;
  GListModel *classes = few_examples_get_classes (few_session_get_examples (get_session (user)));
  guint before = g_list_model_get_n_items (classes);
  for (guint i = before + 1; g_list_model_get_n_items (classes) == before; i++)
    {
      g_autofree char *free_name = g_strdup_printf (_ ("class %u"), i);
      few_examples_add_class (few_session_get_examples (get_session (user)), free_name);
    }
  few_actions_activate (user, "page", g_variant_new_string ("examples"));
  few_actions_activate (user, "select-class", g_variant_new_int32 ((int) before));
  few_examples_page_edit_name (self->page);
}

static void
cancel_import_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_import_cancel (few_session_get_import (get_session (user)));
  few_examples_cancel_encoding (few_session_get_examples (get_session (user)));
}

/* Not all of them need be pictures: files are read once they are in the list. */
static void
imported_cb (FewExamplesActions *self, guint classes, guint pictures, guint labelled)
{
  FewSession *session = get_session (self);
  self->imports += pictures > 0; /* of labels alone nothing is read */
  self->said = (FewAdded) { .classes = classes, .pictures = pictures, .labelled = labelled };
  self->refused = few_examples_get_refused (few_session_get_examples (session))->len;
  self->step = few_session_get_step (session);
  g_autofree char *text = few_added_words (&self->said);
  few_actions_say (FEW_ACTIONS (self), text);
}

/* What was said of them is mended, unless a person has gone on by then, or two are told of here, or
 * something else that can be taken back was said meanwhile. */
static void
encoded_cb (FewExamplesActions *self)
{
  FewSession *session = get_session (self);
  guint refused = few_examples_get_refused (few_session_get_examples (session))->len;
  FewAdded added = self->said;
  guint imports = self->imports;
  self->imports = 0;
  if (imports != 1 || added.pictures == 0 || refused <= self->refused
      || few_session_get_step (session) != self->step
      || few_toasts_can_take_back (few_actions_get_window (FEW_ACTIONS (self))))
    return;
  added.left_out = MIN (refused - self->refused, added.pictures);
  added.pictures -= added.left_out;
  g_autofree char *text = few_added_words (&added);
  few_actions_say (FEW_ACTIONS (self), text);
}

/* ---- the class in view */

static void
remove_class_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewExamplesActions *self = user;
  FewClass *klass = few_examples_page_get_class (self->page);
  if (!klass)
    return;
  /* Translators: %s is the name of a class */
  g_autofree char *text = g_strdup_printf (_ ("“%s” removed"), few_class_get_name (klass));
  few_examples_remove_class (few_session_get_examples (get_session (self)), klass);
  few_actions_say_undoable (user, text);
}

/* The class in view joins another. */
static void
merge_into (FewExamplesActions *self, FewClass *into)
{
  FewExamples *examples = few_session_get_examples (get_session (self));
  FewClass *klass = few_examples_page_get_class (self->page);
  guint position;
  if (!klass || klass == into)
    return;
  /* Translators: two names of classes */
  g_autofree char *text = g_strdup_printf (_ ("“%s” is part of “%s” now"),
                                           few_class_get_name (klass), few_class_get_name (into));
  few_examples_merge_class (examples, klass, into);
  if (g_list_store_find (G_LIST_STORE (few_examples_get_classes (examples)), into, &position))
    few_examples_page_select_class (self->page, (int) position);
  few_actions_say_undoable (FEW_ACTIONS (self), text);
}

static void
class_picked_cb (FewClass *into, gpointer user)
{
  merge_into (user, into);
}

static void
merge_class_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  GListModel *classes = few_examples_get_classes (few_session_get_examples (get_session (user)));
  g_autoptr (FewClass) into =
      g_list_model_get_item (classes, (guint) g_variant_get_int32 (parameter));
  if (into)
    merge_into (user, into);
}

static void
merge_class_into_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_class_picker_ask (few_actions_get_window (user), _ ("Merge Into a Class"),
                        few_examples_get_classes (few_session_get_examples (get_session (user))),
                        class_picked_cb, user);
}

static void
edit_prompt_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_examples_page_edit_prompt (((FewExamplesActions *) user)->page);
}

static void
check_labels_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  if (few_examples_is_several (few_session_get_examples (get_session (user))))
    few_actions_say (user,
                     _ ("Wrong labels are looked for where each picture is of one class. Here, "
                        "Inspect lists the labels that are missed or wrongly given."));
  else
    gtk_window_present (few_examples_page_check (((FewExamplesActions *) user)->page));
}

static void
rename_class_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_examples_page_edit_name (((FewExamplesActions *) user)->page);
}

static void
select_class_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewExamplesActions *self = user;
  few_examples_page_select_class (self->page, g_variant_get_int32 (parameter));
}

/* ---- files left out */

static void
dismiss_refused_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_examples_clear_refused (few_session_get_examples (get_session (user)));
}

static GtkWidget *
create_refused_list (GPtrArray *refused)
{
  g_autoptr (GtkStringList) sentences = gtk_string_list_new (NULL);
  for (guint i = 0; i < refused->len; i++)
    gtk_string_list_append (sentences, refused->pdata[i]);
  GtkListItemFactory *factory = gtk_builder_list_item_factory_new_from_resource (
      NULL, "/io/github/fewshot/Fewshot/pages/examples/few-refused-row.ui");
  GtkWidget *list = gtk_list_view_new (
      GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_object_ref (sentences)))),
      factory);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Files left out"), -1);
  return list;
}

static void
show_refused_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *list = create_refused_list (
      few_examples_get_refused (few_session_get_examples (get_session (user))));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), list);
  GtkWindow *dialog =
      few_dialog_new (few_actions_get_window (user), _ ("Files Left Out"), scroller);
  gtk_window_set_default_size (dialog, 560, 400);
  gtk_window_set_modal (dialog, TRUE);
  gtk_window_present (dialog);
}

/* ---- life */

static void
shown_class_cb (FewExamplesActions *self)
{
  FewClass *klass = self->page ? few_examples_page_get_class (self->page) : NULL;
  gboolean has_class = klass && !few_class_is_none (klass);
  static const char *const names[] = { "rename-class", "remove-class", "edit-prompt",
                                       "merge-class-into", "merge-class" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    few_actions_enable (FEW_ACTIONS (self), names[i], has_class);
}

static void
few_examples_actions_dispose (GObject *object)
{
  g_clear_weak_pointer (&FEW_EXAMPLES_ACTIONS (object)->page);
  G_OBJECT_CLASS (few_examples_actions_parent_class)->dispose (object);
}

static void
few_examples_actions_class_init (FewExamplesActionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_examples_actions_dispose;
}

static void
few_examples_actions_init (FewExamplesActions *self)
{
}

static const GActionEntry entries[] = {
  { "add-folder", add_folder_cb },
  { "add-pictures", add_pictures_cb },
  { "add-path", add_path_cb, "s" },
  { "samples", add_samples_cb },
  { "add-class", add_class_cb },
  { "cancel-import", cancel_import_cb },
  { "remove-class", remove_class_cb },
  { "rename-class", rename_class_cb },
  { "check-labels", check_labels_cb },
  { "select-class", select_class_cb, "i" },
  { "merge-class", merge_class_cb, "i" },
  { "merge-class-into", merge_class_into_cb },
  { "edit-prompt", edit_prompt_cb },
  { "show-refused", show_refused_cb },
  { "dismiss-refused", dismiss_refused_cb },
};

static const FewKeys accels[] = {
  { "win.add-folder", { "<Control>i" } },
  { "win.add-pictures", { "<Control><Shift>i" } },
  { "win.samples", { "<Control>d" } },
  { "win.add-class", { "<Control><Shift>n" } },
  { "win.remove-class", { "<Control>Delete" } },
  { "win.rename-class", { "F2" } },
  { "win.select-class(-1)", { "<Alt>0" } },
  { "win.cancel-import", { "<Control><Shift>period" } },
  { "win.show-refused", { "<Control>r" } },
  { "win.dismiss-refused", { "<Control><Shift>r" } },
};

void
few_examples_actions_install (GActionMap *window, FewSession *session, FewPage *page)
{
  g_return_if_fail (FEW_IS_EXAMPLES_PAGE (page));
  FewExamplesActions *self = few_actions_new (FEW_TYPE_EXAMPLES_ACTIONS, window, session);
  FewActions *actions = FEW_ACTIONS (self);
  g_set_weak_pointer (&self->page, FEW_EXAMPLES_PAGE (page));
  few_actions_set_accels (accels, G_N_ELEMENTS (accels));
  few_actions_add (actions, entries, G_N_ELEMENTS (entries));
  g_signal_connect_object (page, "notify::shown-class", G_CALLBACK (shown_class_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (few_session_get_import (session), "asks", G_CALLBACK (import_asks_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (few_session_get_import (session), "imported", G_CALLBACK (imported_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (few_session_get_examples (session), "encoded", G_CALLBACK (encoded_cb),
                           self, G_CONNECT_SWAPPED);
  shown_class_cb (self);
  few_labels_actions_install (window, session);
  few_several_actions_install (window, session);
  few_archive_actions_install (window, session);
  few_take_actions_install (window, session, FEW_EXAMPLES_PAGE (page));
}
