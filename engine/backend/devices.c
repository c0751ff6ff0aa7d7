/* SPDX-License-Identifier: MIT */
/* Devices by the names that people give them, listed and compared. */
#include "backend/devices.h"
#include "base/error.h"
#include "backend/cuda/loader.h"
#include "backend/op-check.h"
#include <fewshot/device.h>
#include <string.h>

/* A GPU that can be opened and counts as the CPU does; NULL otherwise. That there is none is
 * nothing to speak of. */
static FewBackend *
open_best_gpu (const char *precision, guint threads, char **notice)
{
  g_autoptr (GError) none = NULL;
  g_autoptr (GError) failed = NULL;
  g_autoptr (GPtrArray) found = few_cuda_devices (&none);
  FewBackend *backend =
      found->len > 0 ? few_backend_cuda_new (0, precision, FALSE, threads, &failed) : NULL;
  for (guint i = 0; i < found->len; i++)
    few_device_free (found->pdata[i]);
  if (failed)
    *notice = g_strdup (failed->message);
  return backend;
}

/* The CPU's ways other than f32. */
static gboolean
is_fast (const char *level)
{
  return g_str_equal (level, "bf16") || g_str_equal (level, "int8") || g_str_equal (level, "fast");
}

FewBackend *
few_backend_open (const char *device, char **notice, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (device ? device : "auto", ",", 2);
  g_auto (GStrv) words = g_strsplit (parts[0] ? parts[0] : "", ":", 3);
  guint64 threads = 0;
  guint64 ordinal = 0;
  guint n = g_strv_length (words);
  gboolean known =
      n > 0
      && (!parts[1]
          || (g_str_has_prefix (parts[1], "threads=")
              && g_ascii_string_to_unsigned (parts[1] + 8, 10, 1, 1024, &threads, NULL)));
  /* what a GPU multiplies in, and which of the CPU's fast ways is another name */
  gboolean of_gpu = n > 1 && few_cuda_is_precision (words[n - 1]);
  gboolean of_cpu = n == 2 && is_fast (words[1]);
  if (known && g_str_equal (words[0], "auto") && (n == 1 || (n == 2 && (of_gpu || of_cpu))))
    {
      FewBackend *gpu = open_best_gpu (of_gpu ? words[1] : NULL, (guint) threads, notice);
      const char *level = of_cpu ? words[1] : NULL;
      return gpu ? gpu : few_backend_cpu_new ((guint) threads, level, error);
    }
  /* a level to force, for tests and bug reports, too */
  if (known && n <= 2 && g_str_equal (words[0], "cpu"))
    return few_backend_cpu_new ((guint) threads, words[1], error);
  if (known && n >= 2 && g_str_equal (words[0], "cuda")
      && g_ascii_string_to_unsigned (words[1], 10, 0, 255, &ordinal, NULL) && (n == 2 || of_gpu))
    return few_backend_cuda_new ((guint) ordinal, words[2], FALSE, (guint) threads, error);
  few_fail (error, DEVICE,
            "There is no device “%s”. Devices are “auto”, “cpu”, “cpu:bf16”, “cpu:int8” and, for "
            "GPUs, “cuda:0”, “cuda:0:f32”, “cuda:0:tf32” and “cuda:0:bf16”.",
            device);
  return NULL;
}

char *
few_device_on_cpu (const char *device)
{
  const char *threads = device ? strchr (device, ',') : NULL;
  g_auto (GStrv) words = g_strsplit_set (device ? device : "auto", ":,", 3);
  gboolean fast = words[1] && g_str_equal (words[0], "auto") && is_fast (words[1])
                  && !few_cuda_is_precision (words[1]);
  return g_strconcat ("cpu", fast ? ":" : "", fast ? words[1] : "", threads, NULL);
}

FewDevice **
few_devices (char **problem)
{
  g_return_val_if_fail (problem != NULL, NULL);
  g_autoptr (GError) none = NULL;
  g_autoptr (FewBackend) cpu = few_backend_cpu_new (0, NULL, NULL);
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  g_autoptr (GPtrArray) gpus = few_cuda_devices (&none);
  FewDevice *device = g_new0 (FewDevice, 1);
  device->id = g_strdup ("cpu");
  device->name = g_strdup (cpu->description);
  g_ptr_array_add (list, device);
  g_ptr_array_extend (list, gpus, NULL, NULL);
  g_ptr_array_add (list, NULL);
  *problem = none ? g_strdup (none->message) : NULL;
  return (FewDevice **) g_ptr_array_free (g_steal_pointer (&list), FALSE);
}

void
few_device_free (FewDevice *device)
{
  g_free (device->id);
  g_free (device->name);
  g_free (device->uuid);
  g_free (device->compute);
  g_free (device);
}

void
few_devices_free (FewDevice **devices)
{
  for (guint i = 0; devices && devices[i]; i++)
    few_device_free (devices[i]);
  g_free (devices);
}

gboolean
few_selftest (const char *device, FewSelftestFunc func, gpointer user, GError **error)
{
  g_return_val_if_fail (device != NULL, FALSE);
  guint64 ordinal = 0;
  g_auto (GStrv) words = g_strsplit (device, ":", 3);
  gboolean gpu = words[0] && g_str_equal (words[0], "cuda") && words[1]
                 && g_ascii_string_to_unsigned (words[1], 10, 0, 255, &ordinal, NULL)
                 && (!words[2] || few_cuda_is_precision (words[2]));
  g_autofree char *notice = NULL;
  /* not by the way that compares first: here the comparison is the result */
  g_autoptr (FewBackend) backend =
      gpu ? few_backend_cuda_new ((guint) ordinal, words[2], TRUE, 0, error)
          : few_backend_open (device, &notice, error);
  g_autoptr (FewBackend) cpu = backend ? few_backend_cpu_new (1, NULL, error) : NULL;
  return cpu && few_op_check (backend, cpu, func, user, error);
}
