/* SPDX-License-Identifier: MIT */
/* Where a project is kept, in process: drafts beside files that somebody else has written, names
 * that are completed, locks, and what a person did while a project was loading. */
#include "document/few-project-lock.h"
#include "document/few-recent.h"
#include "document/few-unwritten.h"
#include "world.h"
#include <adwaita.h>
#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static gboolean
is_on_disk (World *w)
{
  return !few_document_is_dirty (few_window_get_document (w->window));
}

/* A window with one class, kept in a file. */
static char *
save_small (World *w, const char *name)
{
  char *path = g_build_filename (w->folder, name, NULL);
  few_examples_add_class (w->examples, "one");
  world_act (w, "save-to", "s", path);
  WAIT (is_on_disk (w) && g_file_test (path, G_FILE_TEST_EXISTS));
  return path;
}

/* What is nowhere counts from its first change; what is in a draft already does not. */
static void
test_unwritten (void)
{
  FewUnwritten unwritten = { 0 };
  g_assert_true (few_unwritten_note (&unwritten));
  unwritten.since -= 1500 * 1000;
  g_assert_false (few_unwritten_note (&unwritten));
  g_assert_cmpuint (few_unwritten_get_delay (&unwritten, 2000), <=, 500);
  few_unwritten_begin (&unwritten);
  few_unwritten_fail (&unwritten); /* the file; then the draft beside it: */
  g_assert_true (unwritten.dirty && unwritten.newer);
  few_unwritten_begin (&unwritten);
  few_unwritten_succeed (&unwritten, FALSE);
  g_assert_true (unwritten.dirty && !unwritten.newer);
  g_assert_true (few_unwritten_note (&unwritten));
  g_assert_cmpuint (few_unwritten_get_delay (&unwritten, 2000), >, 1500);
  few_unwritten_begin (&unwritten);
  few_unwritten_note (&unwritten); /* meanwhile */
  few_unwritten_succeed (&unwritten, TRUE);
  g_assert_true (unwritten.dirty && unwritten.newer);
}

/* The α of the only draft, or NAN. */
static double
draft_alpha (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "fewshot", "drafts", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    if (g_str_has_suffix (name, ".fewshot"))
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);
        g_autoptr (FewProject) project = few_project_load (path, NULL);
        return project ? project->alpha : NAN;
      }
  return NAN;
}

static gboolean
edit_cb (gpointer user)
{
  few_view_set_alpha (((World *) user)->view, .25);
  return G_SOURCE_REMOVE;
}

/* While the draft of the first edit is being written. */
static void
edit_again_cb (World *w)
{
  g_idle_add_full (G_PRIORITY_HIGH, edit_cb, w, NULL);
}

static void
limit_files (rlim_t most)
{
  struct rlimit limit;
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = MIN (most, limit.rlim_max);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

static void
spin (guint ms)
{
  for (gint64 until = g_get_monotonic_time () + ms * 1000; g_get_monotonic_time () < until;)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
}

static AdwMessageDialog *
find_question (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();
  for (GList *l = windows; l; l = l->next)
    if (ADW_IS_MESSAGE_DIALOG (l->data))
      return l->data;
  return NULL;
}

static void
gone (gpointer user, const char *problem, gboolean kept)
{
  g_assert_null (problem);
  *(gboolean *) user = TRUE;
}

/* What was changed while a file was being written is in it before the window goes. */
static void
test_close_while_saving (void)
{
  World *w = world_new ();
  g_autofree char *path = save_small (w, "q.fewshot");
  gboolean closed = FALSE;
  few_document_keep_mine (few_window_get_document (w->window)); /* it is being written */
  few_view_set_alpha (w->view, .375);
  few_document_close (few_window_get_document (w->window), gone, &closed);
  g_assert_false (closed);
  WAIT (closed);
  g_autoptr (FewProject) project = few_project_load (path, NULL);
  g_assert_cmpfloat (project->alpha, ==, .375);
  world_free (w);
}

/* Two versions of one project: whatever is changed reaches the draft, also what was changed while
 * it was written; and a draft that cannot be written anew stays as it was. */
static void
test_conflict_draft (void)
{
  World *w = world_new ();
  FewDocument *document = few_window_get_document (w->window);
  g_autofree char *path = save_small (w, "p.fewshot");
  g_assert_true (g_file_set_contents (path, "theirs", -1, NULL));
  g_signal_connect_swapped (document, "conflict", G_CALLBACK (edit_again_cb), w);
  few_view_set_alpha (w->view, .125);
  WAIT (draft_alpha () == .25);
  limit_files (16);
  few_view_set_alpha (w->view, .5);
  spin (3000); /* it is tried after two */
  g_assert_cmpfloat (draft_alpha (), ==, .25);
  limit_files (RLIM_INFINITY);
  few_document_let_go (document);
  g_assert_true (isnan (draft_alpha ()));
  gtk_window_destroy (GTK_WINDOW (find_question ()));
  world_free (w);
}

/* A draft that is being written when its project is let go of is not there afterwards. */
static void
test_let_go_while_saving (void)
{
  World *w = world_new ();
  FewDocument *document = few_window_get_document (w->window);
  g_autofree char *path = save_small (w, "l.fewshot");
  g_assert_true (g_file_set_contents (path, "theirs", -1, NULL));
  few_view_set_alpha (w->view, .125);
  WAIT (find_question ()); /* its draft is being written */
  few_document_let_go (document);
  spin (500);
  WAIT (isnan (draft_alpha ()));
  g_assert_false (few_document_is_dirty (document));
  gtk_window_destroy (GTK_WINDOW (find_question ()));
  world_free (w);
}

/* As its button does. */
static void
answer_question (const char *answer)
{
  AdwMessageDialog *dialog = find_question ();
  adw_message_dialog_response (dialog, answer);
  gtk_window_destroy (GTK_WINDOW (dialog));
}

/* The file that a name becomes is not written over without a question. */
static void
test_completed_name (void)
{
  World *w = world_new ();
  g_autofree char *there = g_build_filename (w->folder, "there.fewshot", NULL);
  g_autofree char *name = g_build_filename (w->folder, "there", NULL);
  g_autofree char *data = NULL;
  few_examples_add_class (w->examples, "one");
  g_assert_true (g_file_set_contents (there, "mine", -1, NULL));
  for (guint i = 0; i < 2; i++)
    {
      world_act (w, "save-to", "s", name);
      WAIT (find_question ());
      g_assert_true (g_file_get_contents (there, &data, NULL, NULL));
      g_assert_cmpstr (data, ==, "mine");
      g_clear_pointer (&data, g_free);
      answer_question (i ? "replace" : "cancel");
    }
  WAIT (few_document_get_path (few_window_get_document (w->window)));
  g_autoptr (FewProject) project = few_project_load (there, NULL);
  g_assert_nonnull (project);
  world_act (w, "save-to", "s", name); /* its own file */
  g_assert_null (find_question ());
  WAIT (is_on_disk (w));
  world_free (w);
}

static guint
count_locks (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "fewshot", "locks", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;
  while (dir && g_dir_read_name (dir))
    n++;
  return n;
}

/* One lock for all names of a file, whether it is there yet or not. */
static void
test_lock (void)
{
  g_autofree char *folder = g_dir_make_tmp ("fewshot-lock-XXXXXX", NULL);
  g_autofree char *real = g_build_filename (folder, "real", NULL);
  g_autofree char *link = g_build_filename (folder, "link", NULL);
  g_autofree char *file = g_build_filename (real, "p.fewshot", NULL);
  g_autofree char *linked = g_build_filename (link, "p.fewshot", NULL);
  g_autofree char *alias = g_build_filename (folder, "alias.fewshot", NULL);
  guint before = count_locks ();
  g_assert_cmpint (g_mkdir (real, 0700), ==, 0);
  g_assert_cmpint (symlink ("real", link), ==, 0);
  g_assert_cmpint (symlink ("link/p.fewshot", alias), ==, 0);
  int fd = few_project_lock (linked);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (few_project_lock (file), ==, -1);
  g_assert_cmpint (few_project_lock (alias), ==, -1);
  g_assert_true (g_file_set_contents (file, "x", -1, NULL));
  g_assert_cmpint (few_project_lock (alias), ==, -1);
  few_project_unlock (linked, fd);
  g_assert_cmpuint (count_locks (), ==, before);
  /* who lets go by a name that leads elsewhere by now leaves another's lock alone */
  fd = few_project_lock (alias);
  int other = few_project_lock (folder);
  g_assert_cmpint (g_unlink (alias), ==, 0);
  g_assert_cmpint (symlink (folder, alias), ==, 0);
  few_project_unlock (alias, fd);
  g_assert_cmpint (few_project_lock (folder), ==, -1);
  few_project_unlock (folder, other);
}

/* What was asked for while a project was loading is forgotten with its window. */
static void
test_held (void)
{
  World *w = world_new ();
  g_autoptr (FewExamples) examples = g_object_ref (w->examples);
  g_autoptr (FewSession) session = g_object_ref (w->session);
  few_session_set_waiting (w->session, TRUE);
  world_act (w, "add-class", NULL);
  g_assert_cmpuint (g_list_model_get_n_items (few_examples_get_classes (examples)), ==, 0);
  GAction *held = g_action_map_lookup_action (G_ACTION_MAP (w->window), "add-class");
  g_object_ref (held); /* and with it its group */
  world_free (w);
  few_session_set_waiting (session, FALSE);
  g_assert_cmpuint (g_list_model_get_n_items (few_examples_get_classes (examples)), ==, 0);
  g_object_unref (held);
}

/* Drafts are listed however many files there are. */
static void
test_recent (void)
{
  World *w = world_new ();
  g_autoptr (GMenu) menu = g_menu_new ();
  GtkWidget *box = g_object_ref_sink (gtk_list_box_new ());
  few_recent_fill (menu, GTK_LIST_BOX (box));
  int before = g_menu_model_get_n_items (G_MENU_MODEL (menu));
  for (guint i = 0; i < 9; i++)
    {
      g_autofree char *name = g_strdup_printf ("my_%u.fewshot", i);
      g_autofree char *path = g_build_filename (w->folder, name, NULL);
      g_assert_true (g_file_set_contents (path, "x", -1, NULL));
      few_recent_remember (path);
    }
  g_autofree char *draft = few_draft_new_path ();
  g_assert_true (g_file_set_contents (draft, "x", -1, NULL));
  few_recent_fill (menu, GTK_LIST_BOX (box));
  g_assert_cmpint (g_menu_model_get_n_items (G_MENU_MODEL (menu)), ==, 9);
  g_assert_cmpint (before, <, 8);
  g_autofree char *label = NULL;
  g_menu_model_get_item_attribute (G_MENU_MODEL (menu), 0, "label", "s", &label);
  g_assert_true (g_str_has_prefix (label, "my__")); /* a single _ marks a key */
  g_autofree char *last = NULL;
  g_menu_model_get_item_attribute (G_MENU_MODEL (menu), 8, "target", "s", &last);
  g_assert_cmpstr (last, ==, draft);
  g_assert_cmpint (g_unlink (draft), ==, 0);
  g_object_unref (box);
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  signal (SIGXFSZ, SIG_IGN);
  g_test_add_func ("/document/unwritten", test_unwritten);
  g_test_add_func ("/document/conflict-draft", test_conflict_draft);
  g_test_add_func ("/document/let-go-while-saving", test_let_go_while_saving);
  g_test_add_func ("/document/close-while-saving", test_close_while_saving);
  g_test_add_func ("/document/completed-name", test_completed_name);
  g_test_add_func ("/document/lock", test_lock);
  g_test_add_func ("/document/held", test_held);
  g_test_add_func ("/document/recent", test_recent);
  return g_test_run ();
}
