/* SPDX-License-Identifier: MIT */
/* Where the feature cache should be is a file: everything works, and a person hears of it once. */
#include "world.h"
#include <glib/gstdio.h>
#include <string.h>

static guint
count_messages (World *w, const char *words)
{
  guint n = 0;
  for (guint i = 0; i < w->messages->len; i++)
    n += strstr (w->messages->pdata[i], words) != NULL;
  return n;
}

static void
test_unkept (void)
{
  World *w = world_new ();
  world_import (w);
  WAIT (count_messages (w, "cannot be kept, and is worked out anew each time: ") == 1);
  guint read = world_count_state (w, FEW_PICTURE_READY);
  g_assert_cmpuint (read, >, 0);
  few_examples_encode_all (w->examples);
  WAIT (world_count_state (w, FEW_PICTURE_READY) == read);
  g_assert_cmpuint (count_messages (w, "cannot be kept"), ==, 1);
  world_free (w);
}

int
main (int argc, char **argv)
{
  g_autofree char *file = NULL;
  int descriptor = g_file_open_tmp ("fewshot-unkept-XXXXXX", &file, NULL);
  g_assert_cmpint (descriptor, >=, 0);
  g_close (descriptor, NULL);
  g_setenv ("XDG_CACHE_HOME", file, TRUE);
  world_begin (&argc, &argv);
  g_test_add_func ("/unkept/said-once", test_unkept);
  int status = g_test_run ();
  g_unlink (file);
  return status;
}
