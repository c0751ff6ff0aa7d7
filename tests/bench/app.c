/* SPDX-License-Identifier: MIT */
/* What the benchmarks of the window share: the program, its memory, many pictures. */
#include "app.h"
#include "shell/few-application.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

long
bench_resident_megabytes (void)
{
  g_autofree char *text = NULL;
  g_file_get_contents ("/proc/self/status", &text, NULL, NULL);
  const char *line = text ? strstr (text, "VmRSS:") : NULL;
  return line ? (long) g_ascii_strtoll (line + 6, NULL, 10) / 1000 : 0;
}

GtkWidget *
bench_find (GtkWidget *root, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type))
    return root;
  GtkWidget *found = NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = bench_find (child, type);
  return found;
}

void
bench_set_epochs (FewSession *session, guint epochs)
{
  FewTrainJob job = *few_runs_get_job (few_session_get_runs (session));
  job.method = NULL; /* the visual adapter, live */
  job.options.epochs = epochs;
  few_runs_set_job (few_session_get_runs (session), &job);
}

static char *
write_pictures (guint n_classes, guint per_class)
{
  char *folder = g_dir_make_tmp ("fewshot-bench-XXXXXX", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 320, 240);
  for (guint i = 0; i < n_classes * per_class; i++)
    {
      g_autofree char *class_name = g_strdup_printf ("class %03u", i / per_class);
      g_autofree char *name = g_strdup_printf ("%05u.jpg", i);
      g_autofree char *class_folder = g_build_filename (folder, class_name, NULL);
      g_autofree char *path = g_build_filename (class_folder, name, NULL);
      g_mkdir (class_folder, 0700);
      gdk_pixbuf_fill (pixbuf, (i * 2654435761u) | 0xff);
      gdk_pixbuf_save (pixbuf, path, "jpeg", NULL, NULL);
    }
  return folder;
}

FewWindow *
bench_window (guint n_classes, guint per_class)
{
  adw_init ();
  FewApplication *application = few_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  if (!g_application_register (G_APPLICATION (application), NULL, NULL))
    exit (1);
  g_autofree char *folder = write_pictures (n_classes, per_class);
  FewWindow *window = few_application_new_window (application);
  FewSession *session = few_window_get_session (window);
  gtk_window_present (GTK_WINDOW (window));
  while (!few_desk_get_model (few_session_get_desk (session)))
    g_main_context_iteration (NULL, TRUE);
  gint64 start = g_get_monotonic_time ();
  gint64 worst = 0;
  few_import_begin (few_session_get_import (session), (const char *[]) { folder, NULL }, NULL);
  while (!few_view_get_snapshot (few_session_get_view (session))
         || few_snapshot_info (few_view_get_snapshot (few_session_get_view (session)))->n
                < n_classes * per_class)
    {
      gint64 before = g_get_monotonic_time ();
      if (g_main_context_iteration (NULL, FALSE))
        worst = MAX (worst, g_get_monotonic_time () - before);
      else
        g_usleep (200);
    }
  printf ("imported %u pictures of %u classes in %.1f s; the longest turn of the main loop took "
          "%.1f ms\n",
          n_classes * per_class, n_classes,
          (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC, (double) worst / 1000);
  return window;
}
