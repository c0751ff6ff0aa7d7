/* SPDX-License-Identifier: MIT */
/* Sentences name what is missing and the package that brings it, as Debian and Ubuntu call it. */
#include "common/frames.h"
#include "common/paths.h"
#include <fewshot.h>
#include <glib/gi18n.h>
#include <string.h>

GSubprocess *
few_frames_spawn (const char *const *arguments, int fd, GError **error)
{
  g_autofree char *program = few_frames_program ();
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                 | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  if (fd >= 0)
    g_subprocess_launcher_take_fd (launcher, fd, FEW_FRAMES_FD);
  if (!program)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _ ("Cameras and videos are read by a part of Fewshot that is not here: install "
                      "the package %s, or build it where %s is installed."),
                   "fewshot-frames", "libgstreamer-plugins-base1.0-dev");
      return NULL;
    }
  g_ptr_array_add (all, program);
  for (; *arguments; arguments++)
    g_ptr_array_add (all, (gpointer) *arguments);
  g_ptr_array_add (all, NULL);
  return g_subprocess_launcher_spawnv (launcher, (const char *const *) all->pdata, error);
}

gboolean
few_frames_lacks_libraries (GSubprocess *ended, GError **error)
{
  enum { NOT_STARTED = 127 }; /* the dynamic linker's, or a shell's */
  if (!g_subprocess_get_if_exited (ended) || g_subprocess_get_exit_status (ended) != NOT_STARTED)
    return FALSE;
  /* Translators: packages */
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
      _ ("Cameras and videos are read by GStreamer, which is not on this computer: install "
         "it with its plugins “base” and “good” (the packages %s and %s)."),
      "gstreamer1.0-plugins-base", "gstreamer1.0-plugins-good");
  return TRUE;
}

gboolean
few_frames_check (const FewFramesHead *head)
{
  if (head->magic != FEW_FRAMES_MAGIC || head->time < -1 || head->time > FEW_FRAMES_MOST_TIME)
    return FALSE;
  if (head->kind == FEW_FRAMES_PROBLEM)
    return head->length <= FEW_FRAMES_MOST_TEXT;
  if (head->kind != FEW_FRAMES_FRAME)
    return head->length == 0 && head->kind >= FEW_FRAMES_ABOUT && head->kind <= FEW_FRAMES_END;
  return head->time >= 0 && head->width > 0 && head->height > 0
         && head->width <= FEW_FRAMES_MOST_SIDE && head->height <= FEW_FRAMES_MOST_SIDE
         && head->length == 3 * head->width * head->height;
}

/* Of a part of GStreamer. */
static const char *
find_package (const char *part)
{
  static const struct
  {
    const char *part, *package;
  } known[] = { { "filesrc", "libgstreamer1.0-0" },
                { "capsfilter", "libgstreamer1.0-0" },
                { "decodebin", "gstreamer1.0-plugins-base" },
                { "videoscale", "gstreamer1.0-plugins-base" },
                { "videoconvert", "gstreamer1.0-plugins-base" },
                { "appsink", "gstreamer1.0-plugins-base" },
                { "pipewiresrc", "gstreamer1.0-pipewire" } };
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (part, known[i].part))
      return known[i].package;
  return "gstreamer1.0-plugins-good";
}

static char *
describe_camera (const FewFramesHead *head, const char *text)
{
  if (head->code == FEW_FRAMES_NO_CAMERA)
    return g_strdup (_ ("No camera was found. Connect one, and try again."));
  if (head->code == FEW_FRAMES_NO_DECODER)
    /* Translators: a kind of pictures, a package */
    return g_strdup_printf (_ ("The camera’s pictures need “%s”, which is not here: install the "
                               "package %s."),
                            text, "gstreamer1.0-plugins-good");
  /* Translators: what GStreamer says */
  return g_strdup_printf (
      _ ("The camera could not be opened (%s). Another program may be using it."), text);
}

static char *
describe_file (const FewFramesHead *head, const char *text, const char *what)
{
  switch (head->code)
    {
    case FEW_FRAMES_NO_DECODER:
      /* Translators: a file, a kind of video, a package */
      return g_strdup_printf (_ ("%s needs “%s”, which is not here: install the package %s."), what,
                              text, "gstreamer1.0-libav");
    case FEW_FRAMES_NO_PICTURE:
      /* Translators: a file */
      return g_strdup_printf (_ ("%s has no video in it that can be read."), what);
    case FEW_FRAMES_TOO_LARGE:
      /* Translators: a file, a number of megapixels */
      return g_strdup_printf (
          _ ("%s states pictures of more than %u megapixels and is not opened."), what, 200);
    default:
      /* Translators: a file */
      return g_strdup_printf (_ ("%s is no video that can be read: it is of another kind, cut off "
                                 "or damaged."),
                              what);
    }
}

void
few_frames_fail (const FewFramesHead *head, const char *text, const char *what, GError **error)
{
  g_autofree char *shown = few_text_shown (text);
  g_autofree char *sentence = NULL;
  if (head->code == FEW_FRAMES_NO_ELEMENT)
    /* Translators: a part of GStreamer, a package */
    sentence =
        g_strdup_printf (_ ("The part “%s” of GStreamer is not here: install the package %s."),
                         shown, find_package (text));
  else if (what)
    sentence = describe_file (head, shown, what);
  else
    sentence = describe_camera (head, shown);
  g_set_error_literal (error, FEW_ERROR, FEW_ERROR_INPUT, sentence);
}
