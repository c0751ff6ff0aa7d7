/* SPDX-License-Identifier: MIT */
/* The kernels of a folder of PTX, by name. Each is read when it is first looked for: a program
 * launches few of them. */
#include "fake.h"
#include <string.h>

static GHashTable *kernels; /* name → Kernel */

static void
read_file (const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  if (!g_file_get_contents (path, &text, NULL, &error))
    g_error ("%s", error->message);
  for (char *at = text; (at = strstr (at, "//"));)
    for (; *at && *at != '\n'; at++)
      *at = ' ';
  const char *target = strstr (text, ".target sm_");
  g_auto (GStrv) bodies = g_strsplit (text, ".entry", -1);
  for (guint i = 1; bodies[i]; i++)
    {
      char *end = strrchr (bodies[i], '}'); /* what follows belongs to the next one */
      end[1] = '\0';
      Kernel *kernel = g_new0 (Kernel, 1);
      kernel->name = g_strstrip (g_strndup (bodies[i], strcspn (bodies[i], "(")));
      kernel->target = target ? (guint) g_ascii_strtoull (target + 11, NULL, 10) : 0;
      kernel->body = g_strdup (bodies[i]);
      g_hash_table_insert (kernels, kernel->name, kernel);
    }
}

static void
read_folder (void)
{
  const char *folder = g_getenv ("FAKECUDA_PTX") ? g_getenv ("FAKECUDA_PTX") : FAKECUDA_PTX;
  const char *name;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  if (!dir)
    g_error ("%s", error->message);
  kernels = g_hash_table_new (g_str_hash, g_str_equal);
  while ((name = g_dir_read_name (dir)))
    if (g_str_has_suffix (name, ".ptx"))
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);
        read_file (path);
      }
}

const Kernel *
kernel_find (const char *name)
{
  if (!kernels)
    read_folder ();
  Kernel *kernel = g_hash_table_lookup (kernels, name);
  if (kernel && kernel->body)
    kernel_read (kernel);
  return kernel;
}
