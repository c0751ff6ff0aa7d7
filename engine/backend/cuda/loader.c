/* SPDX-License-Identifier: MIT */
/* The way to libfewshot-cuda.so: driver, module, devices; each that is missing has its sentence.
 * Nothing is loaded before somebody asks for a GPU: the driver opens in a millisecond where
 * there is none, cuBLAS takes up to a second and 150 MB where there is. */
#define _GNU_SOURCE
#include "backend/cuda/loader.h"
#include "base/error.h"
#include "base/file.h"
#include "backend/cuda/module.h"
#include "backend/op-check.h"
#include "backend/lanes.h"
#include <fewshot/device.h>
#include <fewshot/error.h>
#include <config.h>
#include <dlfcn.h>
#include <string.h>
#include <sys/stat.h>

enum { LANE_PICTURES = 32, LEAST_LANES = 2, MOST_LANES = 16, IN_FLIGHT = 2 };
/* Pictures: rows that lie apart are brought together by one, which few do not pay for. */
enum { WORTH_A_LAUNCH = 8 };
static const char MODULE[] = "libfewshot-cuda.so";

/* The driver's own number, "535.54.03"; NULL when the kernel does not say. */
static char *
format_driver (void)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents ("/proc/driver/nvidia/version", &text, NULL, NULL))
    return NULL;
  g_auto (GStrv) words = g_strsplit_set (text, " \t\n", 64);
  for (guint i = 0; words[i]; i++)
    if (g_ascii_isdigit (words[i][0]) && strchr (words[i], '.'))
      return g_strdup (words[i]);
  return NULL;
}

/* The CUDA version that the driver can do, 13000 for 13.0; 0 and an error when there is no
 * driver. */
static int
read_driver_version (GError **error)
{
  void *driver = dlopen ("libcuda.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  int version = 0;
  int (*ask) (int *) = NULL;
  if (driver)
    *(void **) &ask = dlsym (driver, "cuDriverGetVersion");
  if (!driver)
    few_fail (error, DEVICE, "There is no NVIDIA driver here (libcuda.so.1).");
  else if (!ask || ask (&version) != 0 || version == 0)
    {
      version = 0;
      few_fail (error, DEVICE, "The NVIDIA driver does not answer.");
    }
  return version;
}

/* Wherever the loader looks (a Flatpak extension's folder, say), or beside this library.
 * FEWSHOT_CUDA_MODULE names one for tests. */
static void *
load_module (GError **error)
{
  Dl_info here;
  const char *named = g_getenv ("FEWSHOT_CUDA_MODULE");
  void *module = dlopen (named ? named : MODULE, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!module && !named && dladdr ((void *) load_module, &here) && here.dli_fname)
    {
      g_autofree char *folder = g_path_get_dirname (here.dli_fname);
      g_autofree char *path = g_build_filename (folder, MODULE, NULL);
      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        {
          few_fail (error, DEVICE,
                    "This installation has no CUDA module (%s): build with -Dcuda=enabled, or "
                    "install the extension.",
                    MODULE);
          return NULL;
        }
      module = dlopen (path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    }
  if (!module)
    few_fail (error, DEVICE, "The CUDA module cannot be loaded: %s. Is cuBLAS installed?",
              dlerror ());
  return module;
}

static const FewCudaModule *
open_module (GError **error)
{
  int version = read_driver_version (error);
  void *handle = version > 0 ? load_module (error) : NULL;
  FewCudaModuleFunc func = NULL;
  if (!handle)
    return NULL;
  *(void **) &func = dlsym (handle, "few_cuda_module");
  const FewCudaModule *module = func ? func () : NULL;
  if (!module || module->abi != FEW_CUDA_ABI)
    {
      few_fail (error, DEVICE,
                "The CUDA module is of another version of Fewshot. Install both from one build.");
      return NULL;
    }
  if (version / 1000 < module->toolkit / 1000) /* within a major version any driver will do */
    {
      g_autofree char *number = format_driver ();
      few_fail (error, DEVICE,
                "The NVIDIA driver%s%s does CUDA %d.%d and is older than this build's CUDA %d "
                "needs. Update the driver.",
                number ? " " : "", number ? number : "", version / 1000, version / 10 % 100,
                module->toolkit / 1000);
      return NULL;
    }
  return module;
}

static int
count_devices (const FewCudaModule *module, GError **error)
{
  char message[FEW_CUDA_MESSAGE];
  int n = 0;
  if (!module->count (&n, message))
    few_fail (error, DEVICE, "%s", message);
  else if (n == 0)
    few_fail (error, DEVICE, "The NVIDIA driver shows no GPU.");
  return n;
}

GPtrArray *
few_cuda_devices (GError **error)
{
  const FewCudaModule *module = open_module (error);
  int n = module ? count_devices (module, error) : 0;
  GPtrArray *found = g_ptr_array_new ();
  for (int i = 0; i < n; i++)
    {
      FewCudaInfo info;
      char message[FEW_CUDA_MESSAGE];
      if (!module->describe (i, &info, message))
        {
          g_clear_error (error);
          few_fail (error, DEVICE, "%s", message);
          continue;
        }
      FewDevice *device = g_new (FewDevice, 1);
      *device = (FewDevice) { g_strdup_printf ("cuda:%d", i),
                              g_strdup (info.name),
                              g_strdup (info.uuid),
                              g_strdup_printf ("%u.%u", info.major, info.minor),
                              info.memory,
                              info.memory_free };
      g_ptr_array_add (found, device);
    }
  return found;
}

/* ---- the backend */

typedef struct
{
  FewBackend base;
  const FewCudaModule *module;
  FewPool *pool;
} CudaBackend;

static void
cuda_run_lanes (FewBackend *base, guint n,
                void (*func) (gpointer user, guint i, guint lane, FewStream *stream), gpointer user)
{
  few_run_lanes (((CudaBackend *) base)->pool, base, n, func, user);
}

static void
cuda_destroy (FewBackend *base)
{
  CudaBackend *backend = (CudaBackend *) base;
  if (base->device)
    backend->module->close (base->device);
  few_pool_free (backend->pool);
  g_free (base->lane_streams);
  g_free (base->description);
  g_free (backend);
}

static void
report_failure (GError **error, gboolean memory, const char *message)
{
  g_set_error_literal (error, FEW_ERROR, memory ? FEW_ERROR_MEMORY : FEW_ERROR_DEVICE, message);
}

static void
report_detail (const char *message)
{
  g_debug ("cuda: %s", message);
}

/* ---- whether this GPU has been compared: remembered by GPU, driver, program and module */

static char *
check_name (const FewBackend *backend, const FewCudaInfo *info)
{
  Dl_info module;
  struct stat stamp = { 0 };
  g_autofree char *number = format_driver ();
  if (dladdr (backend->ops, &module) && module.dli_fname)
    stat (module.dli_fname, &stamp);
  g_autofree char *facts =
      g_strdup_printf ("%s %s %s %s %" G_GINT64_FORMAT, info->uuid, number ? number : "?",
                       FEW_VERSION, backend->precision, (gint64) stamp.st_mtim.tv_sec);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, facts, -1);
}

static gboolean
check_once (FewBackend *backend, const FewCudaInfo *info, GError **error)
{
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "fewshot", NULL);
  g_autofree char *notes = g_build_filename (folder, "devices.ini", NULL);
  g_autofree char *group = check_name (backend, info);
  g_autoptr (GKeyFile) known = g_key_file_new ();
  g_autoptr (GError) wrong = NULL;
  few_file_load_keys (known, notes, NULL);
  if (!g_key_file_has_key (known, group, "result", NULL))
    {
      g_autoptr (FewBackend) cpu = few_backend_cpu_new (1, NULL, error);
      if (!cpu)
        return FALSE;
      few_op_check (backend, cpu, NULL, NULL, &wrong);
      /* it failed, which it may not do again */
      if (wrong && !g_error_matches (wrong, FEW_ERROR, FEW_ERROR_UNSUPPORTED))
        {
          g_propagate_error (error, g_steal_pointer (&wrong));
          return FALSE;
        }
      g_key_file_set_string (known, group, "result", wrong ? wrong->message : "passed");
      g_key_file_set_string (known, group, "gpu", info->name);
      g_mkdir_with_parents (folder, 0700);
      g_autoptr (GError) ignored = NULL; /* it is compared again the next time */
      if (!few_file_save_keys (known, notes, &ignored))
        g_debug ("%s: %s", notes, ignored->message);
    }
  g_autofree char *result = g_key_file_get_string (known, group, "result", NULL);
  if (g_strcmp0 (result, "passed") == 0)
    return TRUE;
  few_fail (error, UNSUPPORTED, "%s", result);
  return FALSE;
}

/* By FewCudaPrecision */
static const char *const PRECISIONS[] = { "f32", "tf32", "f16", "bf16", NULL };
static const char *const ROUNDINGS[] = { "", "-tf32", "-f16", "-gpu-bf16" };

gboolean
few_cuda_is_precision (const char *name)
{
  return g_strv_contains (PRECISIONS, name);
}

/* What tensor cores of that age multiply; FEW_CUDA_N_PRECISIONS with an error for what they do
 * not. */
static FewCudaPrecision
choose_precision (const char *name, const FewCudaInfo *info, GError **error)
{
  enum { AMPERE = 8 };
  FewCudaPrecision precision = FEW_CUDA_F16;
  for (guint i = 0; name && PRECISIONS[i]; i++)
    if (g_str_equal (PRECISIONS[i], name))
      precision = (FewCudaPrecision) i;
  if (info->major >= AMPERE || precision == FEW_CUDA_F32 || precision == FEW_CUDA_F16)
    return precision;
  few_fail (error, DEVICE,
            "%s multiplies in f32 or f16: its compute capability is %u.%u, and %s needs 8.0.",
            info->name, info->major, info->minor, name);
  return FEW_CUDA_N_PRECISIONS;
}

FewBackend *
few_backend_cuda_new (guint ordinal, const char *precision, gboolean unchecked, guint threads,
                      GError **error)
{
  char message[FEW_CUDA_MESSAGE];
  FewCudaInfo info;
  const FewCudaModule *module = open_module (error);
  int n = module ? count_devices (module, error) : 0;
  if (n == 0)
    return NULL;
  if (ordinal >= (guint) n)
    {
      few_fail (error, DEVICE, "There is no GPU cuda:%u; the last one is cuda:%d.", ordinal, n - 1);
      return NULL;
    }
  if (!module->describe ((int) ordinal, &info, message))
    {
      few_fail (error, DEVICE, "%s", message);
      return NULL;
    }
  FewCudaPrecision chosen = choose_precision (precision, &info, error);
  if (chosen == FEW_CUDA_N_PRECISIONS)
    return NULL;
  CudaBackend *backend = g_new0 (CudaBackend, 1);
  FewBackend *base = &backend->base;
  backend->module = module;
  base->lanes = threads ? threads : CLAMP (g_get_num_processors (), LEAST_LANES, MOST_LANES);
  backend->pool = few_pool_new (base->lanes);
  base->batch = LANE_PICTURES;
  base->in_flight =
      MIN (IN_FLIGHT, base->lanes); /* while one is computed, the next one is copied */
  base->gathers_from = WORTH_A_LAUNCH;
  base->ops = module->ops;
  base->name = "cuda";
  base->precision = PRECISIONS[chosen];
  base->rounding = ROUNDINGS[chosen];
  base->run_lanes = cuda_run_lanes;
  base->destroy = cuda_destroy;
  base->lane_streams = g_new0 (FewStream *, base->lanes);
  g_autoptr (FewBackend) result = base;
  base->device =
      module->open ((int) ordinal, chosen, base->lanes + 1, report_failure, report_detail, message);
  if (!base->device)
    {
      few_fail (error, DEVICE, "%s", message);
      return NULL;
    }
  base->description =
      g_strdup_printf ("GPU %u, %s%s%s", ordinal, info.name, chosen == FEW_CUDA_F32 ? "" : ", ",
                       chosen == FEW_CUDA_F32 ? "" : base->precision);
  base->stream = module->stream (base->device, 0);
  for (guint i = 0; i < base->lanes; i++)
    base->lane_streams[i] = module->stream (base->device, i + 1);
  if (!unchecked && !check_once (base, &info, error))
    return NULL;
  return g_steal_pointer (&result);
}
