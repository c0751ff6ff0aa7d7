/* SPDX-License-Identifier: MIT */
/* The program in a test: its window, a folder of drawn pictures, and waits with a limit. */
#include "world.h"
#include "base/few-language.h"
#include <glib/gstdio.h>
#include <string.h>

static FewApplication *application;

void
world_begin (int *argc, char ***argv)
{
  g_test_init (argc, argv, NULL);
  g_autofree char *data = g_dir_make_tmp ("fewshot-data-XXXXXX", NULL);
  g_setenv ("XDG_DATA_HOME", data, TRUE); /* no drafts of a test that died */
  g_setenv ("XDG_STATE_HOME", data, TRUE);
  /* Criticals are ours; warnings may be a newer GTK's about its own dialogs under a display
   * without a window manager. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  few_language_begin ();
  adw_init ();
  application = few_application_new ();
  g_application_set_flags (G_APPLICATION (application),
                           G_APPLICATION_NON_UNIQUE | G_APPLICATION_HANDLES_OPEN);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
}

static void
note_message_cb (FewSession *session, const char *text, World *w)
{
  g_ptr_array_add (w->messages, g_strdup (text));
}

static void
note_export_cb (FewSession *session, const char *path, guint agree, guint total, World *w)
{
  w->exported++;
  w->agree = agree;
  w->total = total;
}

/* Dark plain pictures and light striped ones, a text file, an empty file, and one picture twice. */
void
world_write_pictures (const char *folder)
{
  for (guint c = 0; c < 2; c++)
    {
      g_autofree char *sub = g_build_filename (folder, c ? "light" : "dark", NULL);
      g_mkdir (sub, 0700);
      for (guint i = 0; i < 15; i++)
        {
          g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 60, 48);
          guint level = (c ? 200 : 30) + 2 * i;
          gdk_pixbuf_fill (pixbuf, level << 24 | (level + i) << 16 | level << 8 | 0xff);
          for (int stripe = 0; c && stripe < 5; stripe++)
            {
              g_autoptr (GdkPixbuf) part = gdk_pixbuf_new_subpixbuf (pixbuf, stripe * 12, 0, 5, 48);
              gdk_pixbuf_fill (part, 0x103050ff);
            }
          g_autofree char *name = g_strdup_printf ("%02u.png", i);
          g_autofree char *path = g_build_filename (sub, name, NULL);
          g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
        }
    }
  g_autofree char *note = g_build_filename (folder, "dark", "notes.txt", NULL);
  g_autofree char *empty = g_build_filename (folder, "light", "zero.png", NULL);
  g_autofree char *first = g_build_filename (folder, "dark", "00.png", NULL);
  g_autofree char *copy = g_build_filename (folder, "light", "99-copy.png", NULL);
  g_autofree char *data = NULL;
  gsize size;
  g_assert_true (g_file_set_contents (note, "no picture", -1, NULL)
                 && g_file_set_contents (empty, "", 0, NULL));
  g_assert_true (g_file_get_contents (first, &data, &size, NULL)
                 && g_file_set_contents (copy, data, (gssize) size, NULL));
}

static void
look_at (World *w, FewWindow *window)
{
  w->window = window;
  w->session = few_window_get_session (window);
  w->examples = few_session_get_examples (w->session);
  w->desk = few_session_get_desk (w->session);
  w->import = few_session_get_import (w->session);
  w->missing = few_session_get_missing (w->session);
  w->view = few_session_get_view (w->session);
  w->runs = few_session_get_runs (w->session);
  w->trials = few_session_get_trials (w->session);
}

World *
world_new (void)
{
  World *w = g_new0 (World, 1);
  w->messages = g_ptr_array_new_with_free_func (g_free);
  w->folder = g_dir_make_tmp ("fewshot-app-XXXXXX", NULL);
  look_at (w, few_application_new_window (application));
  g_signal_connect (w->session, "message", G_CALLBACK (note_message_cb), w);
  g_signal_connect (w->session, "exported", G_CALLBACK (note_export_cb), w);
  gtk_window_present (GTK_WINDOW (w->window));
  WAIT (few_desk_get_model (w->desk));
  WAIT (few_window_has_all_pages (w->window)); /* with their actions */
  return w;
}

void
world_open (World *w, const char *path)
{
  FewWindow *opened = NULL;
  g_action_group_activate_action (G_ACTION_GROUP (application), "open-path",
                                  g_variant_new_string (path));
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (application)); l; l = l->next)
    if (FEW_IS_WINDOW (l->data) && l->data != (gpointer) w->window)
      opened = l->data;
  g_assert_nonnull (opened);
  look_at (w, opened);
  WAIT (few_window_has_all_pages (w->window)); /* with their actions */
}

void
world_free (World *w)
{
  g_signal_handlers_disconnect_by_data (w->session, w);
  gtk_window_destroy (GTK_WINDOW (w->window));
  g_ptr_array_unref (w->messages);
  g_free (w->folder);
  g_free (w);
}

static GtkDropTarget *
drop_target (GtkWidget *widget, GType type)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
      if (GTK_IS_DROP_TARGET (controller)
          && gdk_content_formats_contain_gtype (
              gtk_drop_target_get_formats (GTK_DROP_TARGET (controller)), type))
        return GTK_DROP_TARGET (controller);
    }
  return NULL;
}

void
world_drop_boxed (GtkWidget *widget, GType type, gconstpointer boxed)
{
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean taken = FALSE;
  g_value_init (&value, type);
  g_value_set_boxed (&value, boxed);
  g_signal_emit_by_name (drop_target (widget, type), "drop", &value, 10.0, 10.0, &taken);
  g_assert_true (taken);
}

void
world_drop (GtkWidget *widget, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  world_drop_boxed (widget, GDK_TYPE_FILE_LIST, &(GSList) { file, NULL });
}

gboolean
world_press (GtkWidget *widget, guint key, GdkModifierType state)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
  gboolean handled = FALSE;
  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !handled; i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", key, 0, state, &handled);
    }
  return handled;
}

/* The first widget of a type, and of a style class unless NULL. */
GtkWidget *
world_find_styled (GtkWidget *root, GType type, const char *style)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type) && (!style || gtk_widget_has_css_class (root, style)))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = world_find_styled (child, type, style);
      if (found)
        return found;
    }
  return NULL;
}

GtkWidget *
world_find_window (GType type)
{
  GListModel *windows = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);
      if (g_type_is_a (G_OBJECT_TYPE (window), type) && gtk_widget_get_visible (window))
        return window;
    }
  return NULL;
}

GtkWidget *
world_find_widget (GtkWidget *root, GType type)
{
  return world_find_styled (root, type, NULL);
}

GtkWidget *
world_find_label (GtkWidget *root, const char *words)
{
  if (GTK_IS_LABEL (root) && strstr (gtk_label_get_text (GTK_LABEL (root)), words))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = world_find_label (child, words);
      if (found)
        return found;
    }
  return NULL;
}

GtkWidget *
world_find_toast (World *w)
{
  GType type = g_type_from_name ("AdwToastWidget"); /* 0 before the first */
  return type ? world_find_widget (GTK_WIDGET (w->window), type) : NULL;
}

gboolean
world_says (GtkWidget *root, const char *words)
{
  return root && world_find_label (root, words) != NULL;
}

void
world_wait_for_frames (GtkWidget *widget, guint n)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  gint64 last = gdk_frame_clock_get_frame_counter (clock) + n;
  WAIT ((gtk_widget_queue_draw (widget), gdk_frame_clock_get_frame_counter (clock) >= last));
}

char *
world_get_json (World *w)
{
  g_autoptr (FewProject) project = few_session_get_project (w->session);
  return few_project_to_json (project, NULL);
}

FewPicture *
world_get_picture (World *w, guint position)
{
  g_autoptr (FewPicture) picture =
      g_list_model_get_item (few_examples_get_pictures (w->examples), position);
  return picture; /* the list keeps it */
}

GtkSelectionModel *
world_find_tiles (World *w)
{
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "examples"));
  return gtk_grid_view_get_model (GTK_GRID_VIEW (world_find_widget (page, GTK_TYPE_GRID_VIEW)));
}

void
world_assert_counted (World *w)
{
  FewGallery *gallery = few_examples_get_gallery (w->examples);
  const GPtrArray *order = few_gallery_get_order (gallery);
  GListModel *classes = few_examples_get_classes (w->examples);
  FewClass *none = few_examples_get_none (w->examples);
  guint tests = 0;
  guint labelled = 0;
  guint n_none = 0;
  g_autofree guint *counts = g_new0 (guint, g_list_model_get_n_items (classes) + 1);
  for (guint i = 0; i < order->len; i++)
    {
      FewPicture *picture = order->pdata[i];
      gboolean of_none = few_picture_get_class (picture) == none;
      if (few_picture_get_state (picture) == FEW_PICTURE_REFUSED)
        continue;
      tests += few_picture_is_test (picture) && (few_gallery_is_several (gallery) || !of_none);
      labelled += !of_none;
      n_none += of_none;
      for (guint k = 0; k < g_list_model_get_n_items (classes); k++)
        {
          g_autoptr (FewClass) klass = g_list_model_get_item (classes, k);
          counts[k] += few_picture_has_class (picture, klass);
        }
    }
  for (guint k = 0; k < g_list_model_get_n_items (classes); k++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (classes, k);
      g_assert_cmpuint (few_class_get_count (klass), ==, counts[k]);
    }
  g_assert_cmpuint (few_class_get_count (none), ==, n_none);
  g_assert_cmpuint (few_examples_count_tests (w->examples), ==, tests);
  g_assert_cmpuint (few_examples_count_labelled (w->examples), ==, labelled);
}

guint
world_count_pictures (World *w)
{
  return g_list_model_get_n_items (few_examples_get_pictures (w->examples));
}

guint
world_count_state (World *w, FewPictureState state)
{
  GListModel *pictures = few_examples_get_pictures (w->examples);
  guint n = 0;
  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
      n += few_picture_get_state (picture) == state;
    }
  return n;
}

void
world_act (World *w, const char *name, const char *format, ...)
{
  g_autofree char *full = g_strconcat ("win.", name, NULL);
  GVariant *value = NULL;
  if (format)
    {
      va_list arguments;
      va_start (arguments, format);
      value = g_variant_new_va (format, NULL, &arguments);
      va_end (arguments);
    }
  WAIT (g_action_group_has_action (G_ACTION_GROUP (w->window), name)); /* a page is made late */
  g_assert_true (gtk_widget_activate_action_variant (GTK_WIDGET (w->window), full, value));
}

guint
world_count_class (World *w, const char *name)
{
  GListModel *classes = few_examples_get_classes (w->examples);
  for (guint k = 0; k < g_list_model_get_n_items (classes); k++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (classes, k);
      if (g_str_equal (few_class_get_name (klass), name))
        return few_class_get_count (klass);
    }
  return 0;
}

gboolean
world_enabled (World *w, const char *name)
{
  return g_action_group_get_action_enabled (G_ACTION_GROUP (w->window), name);
}

static void
encoded_cb (gboolean *flag)
{
  *flag = TRUE;
}

void
world_import (World *w)
{
  gboolean read = FALSE; /* all: those that are refused are counted out at the end */
  gulong handler =
      g_signal_connect_swapped (w->examples, "encoded", G_CALLBACK (encoded_cb), &read);
  world_write_pictures (w->folder);
  world_act (w, "add-path", "s", w->folder); /* which asks nothing */
  WAIT (read && world_count_state (w, FEW_PICTURE_READY) == 30);
  g_signal_handler_disconnect (w->examples, handler);
  /* of all of them: a first one may have come while they were still read */
  WAIT (few_view_get_snapshot (w->view)
        && few_snapshot_info (few_view_get_snapshot (w->view))->n == 30);
}

void
world_set_epochs (World *w, guint epochs)
{
  FewTrainJob job = *few_runs_get_job (w->runs);
  job.method = NULL; /* the visual adapter, live */
  job.options.epochs = epochs;
  job.options.steps = 0;
  job.options.folds = FALSE;
  few_runs_set_job (w->runs, &job);
}

void
world_train (World *w, guint epochs)
{
  FewTrainJob job = *few_runs_get_job (w->runs);
  job.method = NULL; /* the visual adapter, live */
  guint before = few_runs_get_list (w->runs)->len;
  job.options.epochs = epochs;
  job.options.steps = 0;
  job.options.folds = FALSE;
  job.options.learning_rate = .01;
  few_runs_set_job (w->runs, &job);
  world_act (w, "train", NULL);
  WAIT (few_runs_get_list (w->runs)->len == before + 1);
}

void
world_learn (World *w, const char *method)
{
  guint before = few_runs_get_list (w->runs)->len;
  few_runs_set_method (w->runs, method);
  world_act (w, "train", NULL);
  WAIT (few_runs_get_list (w->runs)->len == before + 1);
}

gboolean
world_has_tried (World *w, guint n)
{
  GListModel *trials = few_trials_get_list (w->trials);
  if (g_list_model_get_n_items (trials) != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (trials, i);
      if (!few_trial_get_snapshot (trial, NULL) && !few_trial_get_reason (trial))
        return FALSE;
    }
  return !few_trials_is_trying (w->trials);
}

FewTrial *
world_find_trial (World *w, const char *name)
{
  GListModel *trials = few_trials_get_list (w->trials);
  for (guint i = 0; i < g_list_model_get_n_items (trials); i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (trials, i);
      if (g_str_equal (few_picture_get_name (few_trial_get_picture (trial)), name))
        return trial; /* the list keeps it */
    }
  g_error ("no %s was tried", name);
}

FewImportPreview *
world_find_preview (void)
{
  return FEW_IMPORT_PREVIEW (world_find_window (FEW_TYPE_IMPORT_PREVIEW));
}

void
world_answer_preview (const char *response)
{
  FewImportPreview *preview = world_find_preview ();
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (preview), response);
  gtk_window_destroy (GTK_WINDOW (preview));
}

gboolean
world_preview_says (const char *words)
{
  const char *body = adw_message_dialog_get_body (ADW_MESSAGE_DIALOG (world_find_preview ()));
  return strstr (body, words) != NULL;
}

char *
world_write_labelled (const char *folder, guint n)
{
  g_autoptr (GString) csv = g_string_new ("path,labels\n");
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 24, 24);
  for (guint i = 0; i < n; i++)
    {
      gboolean red = i & 1;
      gboolean green = i >> 1 & 1;
      g_autofree char *name = g_strdup_printf ("%02u.png", i);
      g_autofree char *file = g_build_filename (folder, name, NULL);
      gdk_pixbuf_fill (pixbuf, (red ? 0xd0u : 0x18u) << 24 | (green ? 0xd0u : 0x18u) << 16
                                   | (0x20u + 3 * i) << 8 | 0xffu);
      g_assert_true (gdk_pixbuf_save (pixbuf, file, "png", NULL, NULL));
      g_string_append_printf (csv, "%s,%s%s%s\n", name, red ? "red" : "", red && green ? ";" : "",
                              green ? "green" : "");
    }
  char *path = g_build_filename (folder, "labels.csv", NULL);
  g_assert_true (g_file_set_contents (path, csv->str, -1, NULL));
  return path;
}

void
world_import_labelled (World *w, guint n)
{
  g_autofree char *file = world_write_labelled (w->folder, n);
  world_act (w, "import-labels-from", "s", file);
  WAIT (world_find_preview ());
  GObject *several = gtk_widget_get_template_child (GTK_WIDGET (world_find_preview ()),
                                                    FEW_TYPE_IMPORT_PREVIEW, "several");
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (several)));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (several), TRUE);
  g_assert_true (world_preview_says ("have several labels"));
  world_answer_preview ("add");
  WAIT (world_count_state (w, FEW_PICTURE_READY) == n && !few_import_is_adding (w->import));
}
