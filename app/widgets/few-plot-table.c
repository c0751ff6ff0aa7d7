/* SPDX-License-Identifier: MIT */
/* A window with the values of a plot, for those who do not see it, and for other programs. */
#include "widgets/few-plot-table.h"
#include "widgets/few-chooser.h"
#include "widgets/few-columns.h"
#include "widgets/few-dialog.h"
#include "widgets/few-show-file.h"
#include "widgets/few-table-text.h"
#include <fewshot.h>
#include <glib/gi18n.h>
#include <string.h>

/* What the buttons take along, while the window is there. */
#define FEW_TYPE_TAKEN_TABLE (few_taken_table_get_type ())
G_DECLARE_FINAL_TYPE (FewTakenTable, few_taken_table, FEW, TAKEN_TABLE, GObject)

struct _FewTakenTable
{
  GObject parent;
  char *title, **titles;
  GListModel *rows;
  GtkLabel *said; /* weak: what came of the last button */
  GtkWidget *show; /* weak: in view once there is a file */
  char *saved; /* its path */
};

G_DEFINE_FINAL_TYPE (FewTakenTable, few_taken_table, G_TYPE_OBJECT)

static void
few_taken_table_finalize (GObject *object)
{
  FewTakenTable *self = FEW_TAKEN_TABLE (object);
  g_clear_weak_pointer (&self->said);
  g_clear_weak_pointer (&self->show);
  g_free (self->saved);
  g_strfreev (self->titles);
  g_free (self->title);
  g_object_unref (self->rows);
  G_OBJECT_CLASS (few_taken_table_parent_class)->finalize (object);
}

static void
few_taken_table_class_init (FewTakenTableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_taken_table_finalize;
}

static void
few_taken_table_init (FewTakenTable *self)
{
}

static char *
make_text (FewTakenTable *self, FewTableForm form)
{
  return few_table_text ((const char *const *) self->titles, self->rows, form);
}

static void
say (FewTakenTable *self, const char *text)
{
  if (self->said)
    gtk_label_set_text (self->said, text);
}

static void
copy (FewTakenTable *self, GtkWidget *button, FewTableForm form)
{
  g_autofree char *text = make_text (self, form);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (button), text);
  say (self, _ ("Copied."));
}

static void
copy_cb (GtkWidget *button, FewTakenTable *self)
{
  copy (self, button, FEW_TABLE_TABS);
}

static void
copy_markdown_cb (GtkWidget *button, FewTakenTable *self)
{
  copy (self, button, FEW_TABLE_MARKDOWN);
}

/* ---- as a file */

static void
write_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  char *const *job = data; /* path, text */
  GError *error = NULL;
  if (few_file_write (job[0], job[1], strlen (job[1]), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
written_cb (GObject *object, GAsyncResult *result, gpointer user)
{
  FewTakenTable *self = FEW_TAKEN_TABLE (object);
  char *const *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean ok = g_task_propagate_boolean (G_TASK (result), &error);
  say (self, ok ? _ ("Saved.") : error->message);
  if (!ok || !self->show)
    return;
  g_free (self->saved);
  self->saved = g_strdup (job[0]);
  gtk_widget_set_visible (self->show, TRUE);
}

static void
target_chosen_cb (gpointer object, const char *const *paths)
{
  FewTakenTable *self = object;
  g_autofree char *text = make_text (self, FEW_TABLE_CSV);
  const char *const job[] = { paths[0], text, NULL };
  g_autoptr (GTask) task = g_task_new (self, NULL, written_cb, NULL);
  g_task_set_task_data (task, g_strdupv ((char **) job), (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, write_in_thread);
}

static void
save_cb (GtkWidget *button, FewTakenTable *self)
{
  g_autofree char *name = g_strconcat (self->title, ".csv", NULL);
  few_choose (GTK_WINDOW (gtk_widget_get_root (button)),
              &(FewChooser) { .title = _ ("Save the Table"),
                              .action = GTK_FILE_CHOOSER_ACTION_SAVE,
                              .name = name },
              target_chosen_cb, self);
}

static void
show_cb (GtkWidget *button, FewTakenTable *self)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (button));
  few_show_file_in_folder (window, self->saved);
}

/* ---- the window */

static GtkWidget *
add_button (GtkWidget *bar, const char *label, const char *tooltip, GCallback clicked,
            FewTakenTable *table)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);
  gtk_widget_set_tooltip_text (button, tooltip);
  g_signal_connect_data (button, "clicked", clicked, g_object_ref (table),
                         (GClosureNotify) (void (*) (void)) g_object_unref, 0);
  gtk_box_append (GTK_BOX (bar), button);
  return button;
}

static GtkWidget *
make_bar (const char *title, const char *const *titles, GListModel *rows)
{
  g_autoptr (FewTakenTable) table = g_object_new (FEW_TYPE_TAKEN_TABLE, NULL);
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *said = gtk_label_new (NULL);
  table->title = g_strdup (title);
  table->titles = g_strdupv ((char **) titles);
  table->rows = g_object_ref (rows);
  g_set_weak_pointer (&table->said, GTK_LABEL (said));
  gtk_widget_add_css_class (bar, "toolbar");
  gtk_widget_add_css_class (said, "caption");
  gtk_label_set_wrap (GTK_LABEL (said), TRUE);
  add_button (bar, _ ("_Copy"), _ ("Copy as a spreadsheet takes it"), G_CALLBACK (copy_cb), table);
  add_button (bar, _ ("_Markdown"), _ ("Copy as Markdown"), G_CALLBACK (copy_markdown_cb), table);
  add_button (bar, _ ("CS_V…"), _ ("Save as CSV"), G_CALLBACK (save_cb), table);
  g_set_weak_pointer (&table->show,
                      add_button (bar, _ ("_Show in Files"), NULL, G_CALLBACK (show_cb), table));
  gtk_widget_set_visible (table->show, FALSE);
  gtk_box_append (GTK_BOX (bar), said);
  return bar;
}

static char *
cell_text (gpointer item, guint column)
{
  g_auto (GStrv) cells = g_strsplit (gtk_string_object_get_string (item), "\t", -1);
  return g_strdup (column < g_strv_length (cells) ? cells[column] : "");
}

/* "−3.5 s" is −3.5, "33 k" 33,000; FALSE of words, also of those that strtod would take. */
static gboolean
read_number (const char *text, double *number)
{
  char *end;
  if (!g_ascii_isdigit (text[text[0] == '-' || text[0] == '+']))
    return FALSE;
  *number = g_ascii_strtod (text, &end);
  if (g_str_equal (end, " k"))
    *number *= 1e3;
  else if (g_str_equal (end, " M"))
    *number *= 1e6;
  return TRUE;
}

/* Numbers by their size, before words. */
static int
compare_cells (gpointer first, gpointer second, guint column)
{
  g_autofree char *a = cell_text (first, column);
  g_autofree char *b = cell_text (second, column);
  double x, y;
  gboolean is_number = read_number (a, &x);
  gboolean other_is_number = read_number (b, &y);
  if (!is_number && !other_is_number)
    return g_utf8_collate (a, b);
  if (!is_number || !other_is_number)
    return is_number ? -1 : 1;
  return (x > y) - (x < y);
}

GtkWindow *
few_plot_table_new (GtkWindow *parent, const char *title, const char *const *titles,
                    GtkStringList *rows)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *view = gtk_column_view_new (NULL);
  GListModel *sorted = G_LIST_MODEL (gtk_sort_list_model_new (
      G_LIST_MODEL (rows), g_object_ref (gtk_column_view_get_sorter (GTK_COLUMN_VIEW (view)))));
  GtkWidget *bar = make_bar (title, titles, sorted);
  g_autoptr (GtkSelectionModel) model = GTK_SELECTION_MODEL (gtk_no_selection_new (sorted));
  for (guint i = 0; titles[i]; i++)
    few_columns_add (GTK_COLUMN_VIEW (view), i,
                     &(FewColumn) { titles[i], TRUE, TRUE,
                                    /* two that begin alike are told apart by their ends */
                                    i == 0 ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_END, cell_text,
                                    compare_cells, NULL });
  gtk_column_view_set_model (GTK_COLUMN_VIEW (view), model);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_box_append (GTK_BOX (box), bar);
  GtkWindow *window = few_dialog_new (parent, title, box);
  gtk_window_set_default_size (window, 420, 480);
  return window;
}
