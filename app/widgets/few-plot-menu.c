/* SPDX-License-Identifier: MIT */
/* What is drawn of a plot, for other programs. */
#include "widgets/few-plot-menu.h"
#include "widgets/few-chooser.h"
#include "widgets/few-popup.h"
#include "widgets/few-toasts.h"
#include <cairo-svg.h>
#include <fewshot.h>
#include <glib/gi18n.h>

enum { PNG_SCALE = 2 };

/* ---- the picture */

static GskRenderNode *
draw (GtkWidget *plot, int width, int height, int scale)
{
  GdkRGBA colour = { 1, 1, 1, 1 };
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  gtk_style_context_lookup_color (gtk_widget_get_style_context (plot), "window_bg_color", &colour);
  gtk_snapshot_scale (snapshot, (float) scale, (float) scale);
  gtk_snapshot_append_color (snapshot, &colour,
                             &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  GTK_WIDGET_GET_CLASS (plot)->snapshot (plot, snapshot);
  return gtk_snapshot_free_to_node (snapshot);
}

static cairo_status_t
append_cb (void *bytes, const unsigned char *data, unsigned length)
{
  g_byte_array_append (bytes, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static GBytes *
make_svg (GtkWidget *plot)
{
  int width = gtk_widget_get_width (plot);
  int height = gtk_widget_get_height (plot);
  GskRenderNode *node = draw (plot, width, height, 1);
  GByteArray *bytes = g_byte_array_new ();
  cairo_surface_t *surface = cairo_svg_surface_create_for_stream (append_cb, bytes, width, height);
  cairo_t *cr = cairo_create (surface);
  gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  cairo_surface_finish (surface);
  cairo_surface_destroy (surface);
  gsk_render_node_unref (node);
  return g_byte_array_free_to_bytes (bytes);
}

/* In memory, for a thread to encode: the renderer's own may lie on a GPU. */
static GdkTexture *
make_texture (GtkWidget *plot)
{
  int width = PNG_SCALE * gtk_widget_get_width (plot);
  int height = PNG_SCALE * gtk_widget_get_height (plot);
  gsize stride = 4 * (gsize) width;
  GskRenderNode *node =
      draw (plot, gtk_widget_get_width (plot), gtk_widget_get_height (plot), PNG_SCALE);
  g_autoptr (GdkTexture) drawn =
      gsk_renderer_render_texture (gtk_native_get_renderer (gtk_widget_get_native (plot)), node,
                                   &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  gsk_render_node_unref (node);
  guchar *pixels = g_malloc (stride * (gsize) height);
  gdk_texture_download (drawn, pixels, stride);
  g_autoptr (GBytes) bytes = g_bytes_new_take (pixels, stride * (gsize) height);
  return gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, stride);
}

/* ---- as a file */

typedef struct
{
  char *path;
  GBytes *svg;         /* or NULL */
  GdkTexture *texture; /* or NULL */
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;
  g_free (job->path);
  g_clear_pointer (&job->svg, g_bytes_unref);
  g_clear_object (&job->texture);
  g_free (job);
}

static void
write_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Job *job = data;
  GError *error = NULL;
  gsize size;
  g_autoptr (GBytes) bytes =
      job->svg ? g_bytes_ref (job->svg) : gdk_texture_save_to_png_bytes (job->texture);
  gconstpointer content = g_bytes_get_data (bytes, &size);
  if (few_file_write (job->path, content, size, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
written_cb (GObject *plot, GAsyncResult *result, gpointer user)
{
  const Job *job = g_task_get_task_data (G_TASK (result));
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (plot));
  g_autoptr (GError) error = NULL;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    few_toasts_say (GTK_WINDOW (root), error->message);
  else
    few_toasts_say_of_file (GTK_WINDOW (root), _ ("Saved."), job->path);
}

void
few_plot_save (GtkWidget *plot, const char *path)
{
  g_return_if_fail (GTK_IS_WIDGET (plot) && path != NULL);
  if (!gtk_widget_get_mapped (plot))
    return;
  Job *job = g_new0 (Job, 1);
  job->path = g_strdup (path);
  if (g_str_has_suffix (path, ".svg"))
    job->svg = make_svg (plot);
  else
    job->texture = make_texture (plot);
  g_autoptr (GTask) task = g_task_new (plot, NULL, written_cb, NULL);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, write_in_thread);
}

/* ---- the menu */

static void
target_chosen_cb (gpointer plot, const char *const *paths)
{
  few_plot_save (plot, paths[0]);
}

static void
copy_cb (GSimpleAction *action, GVariant *parameter, gpointer plot)
{
  g_autoptr (GdkTexture) texture = make_texture (plot);
  gdk_clipboard_set_texture (gtk_widget_get_clipboard (plot), texture);
  few_toasts_say (GTK_WINDOW (gtk_widget_get_root (plot)), _ ("Copied."));
}

static void
save_cb (GSimpleAction *action, GVariant *name, gpointer plot)
{
  few_choose (GTK_WINDOW (gtk_widget_get_root (plot)),
              &(FewChooser) { .title = _ ("Save the Plot"),
                              .action = GTK_FILE_CHOOSER_ACTION_SAVE,
                              .name = g_variant_get_string (name, NULL) },
              target_chosen_cb, plot);
}

static void
append_file (GMenu *menu, const char *label, const char *name, const char *ending)
{
  g_autofree char *file = g_strconcat (name, ending, NULL);
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);
  g_menu_item_set_action_and_target (item, "plot.save", "s", file);
  g_menu_append_item (menu, item);
}

static gboolean
asked_cb (GtkWidget *plot, double x, double y, gpointer name)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("_Copy Plot"), "plot.copy");
  append_file (menu, _ ("Save as _PNG…"), name, ".png");
  append_file (menu, _ ("Save as _SVG…"), name, ".svg");
  few_popup (plot, G_MENU_MODEL (menu), MAX (x, 0), MAX (y, 0));
  return TRUE;
}

void
few_plot_menu_install (GtkWidget *plot, const char *name)
{
  static const GActionEntry entries[] = {
    { .name = "copy", .activate = copy_cb },
    { .name = "save", .activate = save_cb, .parameter_type = "s" },
  };
  g_return_if_fail (GTK_IS_WIDGET (plot) && name != NULL);
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), plot);
  gtk_widget_insert_action_group (plot, "plot", G_ACTION_GROUP (group));
  few_popup_install (plot, asked_cb, (gpointer) g_intern_string (name));
}
