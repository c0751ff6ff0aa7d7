/* SPDX-License-Identifier: MIT */
/* Asks where there is something to ask. */
#include "widgets/few-videos.h"
#include "widgets/few-video-dialog.h"
#include <fewshot.h>

typedef struct
{
  GStrv others; /* what is no video */
  FewPathsFunc taken;
  gpointer user;
  GDestroyNotify free_user;
} Asked;

static void
asked_free (gpointer data)
{
  Asked *asked = data;
  if (asked->free_user)
    asked->free_user (asked->user);
  g_strfreev (asked->others);
  g_free (asked);
}

static void
frames_cb (gpointer user, const char *const *frames)
{
  const Asked *asked = user;
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  for (guint i = 0; asked->others[i]; i++)
    g_ptr_array_add (all, asked->others[i]);
  for (guint i = 0; frames[i]; i++)
    g_ptr_array_add (all, (gpointer) frames[i]);
  if (all->len == 0)
    return;
  g_ptr_array_add (all, NULL);
  asked->taken (asked->user, (const char *const *) all->pdata);
}

static GStrv
list_those (const char *const *paths, gboolean videos)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (; *paths; paths++)
    if (few_is_video_name (*paths) == videos)
      g_strv_builder_add (builder, *paths);
  return g_strv_builder_end (builder);
}

void
few_videos_resolve (GtkWidget *widget, const char *const *paths, FewPathsFunc taken, gpointer user,
                    GDestroyNotify free_user)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));
  g_return_if_fail (paths && taken);
  g_auto (GStrv) videos = list_those (paths, TRUE);
  GtkRoot *root = gtk_widget_get_root (widget);
  if (!videos[0] || !GTK_IS_WINDOW (root))
    {
      taken (user, paths);
      if (free_user)
        free_user (user);
      return;
    }
  Asked *asked = g_new (Asked, 1);
  *asked = (Asked) { list_those (paths, FALSE), taken, user, free_user };
  gtk_window_present (GTK_WINDOW (few_video_dialog_new (
      GTK_WINDOW (root), (const char *const *) videos, frames_cb, asked, asked_free)));
}
