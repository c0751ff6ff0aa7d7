/* SPDX-License-Identifier: MIT */
/* Every method, or those that are named, on random features of many classes: seconds by the clock
 * and of all processors, and MB of memory beyond the features. The model gives D and logit_scale;
 * methods that need its towers or pictures are left out.
 *
 *     bench-methods MODEL [CLASSES SHOTS [METHOD…]]     1000 16, 4 more of each to validate on */
#include <fewshot.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { VALIDATION = 4 };

/* A line of /proc/self/status in MB. */
static long
read_status (const char *line)
{
  g_autofree char *status = NULL;
  g_file_get_contents ("/proc/self/status", &status, NULL, NULL);
  const char *at = status ? strstr (status, line) : NULL;
  return at ? atol (at + strlen (line)) / 1024 : 0;
}

static double
read_processor_time (void)
{
  struct timespec spent;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &spent);
  return (double) spent.tv_sec + (double) spent.tv_nsec / 1e9;
}

/* The most memory is counted from now on. */
static void
forget_peak (void)
{
  FILE *file = fopen ("/proc/self/clear_refs", "w");
  if (!file)
    return;
  fputs ("5", file);
  fclose (file);
}

typedef struct
{
  guint n, k, d;
  float *features, *text;
  guint32 *labels;
  guint8 *roles;
  const char **names;
} Data;

/* Pictures around their class's text, each class after the other. */
static Data
make_data (guint k, guint shots, guint d)
{
  guint each = shots + VALIDATION;
  Data data = { .n = k * each, .k = k, .d = d };
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  data.features = g_new (float, (gsize) data.n *d);
  data.text = g_new (float, (gsize) k *d);
  data.labels = g_new (guint32, data.n);
  data.roles = g_new (guint8, data.n);
  data.names = g_new0 (const char *, k + 1);
  for (gsize i = 0; i < (gsize) k * d; i++)
    data.text[i] = (float) (g_rand_double_range (random, -1, 1) * sqrt (3.0 / d));
  for (guint i = 0; i < data.n; i++)
    {
      guint label = data.labels[i] = i / each;
      data.roles[i] = i % each < shots ? FEW_ROLE_TRAIN : FEW_ROLE_VALIDATION;
      for (guint j = 0; j < d; j++)
        data.features[(gsize) i * d + j] =
            3 * data.text[(gsize) label * d + j] + (float) g_rand_double_range (random, -1, 1);
    }
  for (guint i = 0; i < k; i++)
    data.names[i] = g_strdup_printf ("class %u", i);
  return data;
}

static void
measure_method (FewModel *model, const FewTask *task, const char *name)
{
  FewMethodOptions options;
  g_autoptr (GError) error = NULL;
  if (!few_method_parse (name, &options, &error))
    g_error ("%s", error->message);
  forget_peak ();
  long before = read_status ("VmRSS:");
  gint64 start = g_get_monotonic_time ();
  double processors = read_processor_time ();
  g_autoptr (FewMethodResult) result =
      few_method_run (model, task, &options, NULL, NULL, NULL, &error);
  double seconds = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  processors = read_processor_time () - processors;
  if (result)
    g_print ("%-18s %8.2f s %8.2f s of CPU %6ld MB   validation %.1f %%   %s\n", name, seconds,
             processors, read_status ("VmHWM:") - before,
             100 * result->accuracy[FEW_ROLE_VALIDATION], result->chosen ? result->chosen : "");
  else
    g_print ("%-18s %s\n", name, error->message);
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FewModel) model = argc > 1 ? few_model_open (argv[1], "cpu", NULL, &error) : NULL;
  if (!model)
    {
      g_printerr ("%s\n",
                  error ? error->message : "usage: bench-methods MODEL [CLASSES SHOTS [METHOD…]]");
      return 1;
    }
  guint k = argc > 3 ? (guint) atoi (argv[2]) : 1000;
  Data data = make_data (k, argc > 3 ? (guint) atoi (argv[3]) : 16, few_model_dim (model));
  const FewTask task = { .n = data.n,
                         .n_classes = data.k,
                         .features = data.features,
                         .labels = data.labels,
                         .roles = data.roles,
                         .text_features = data.text,
                         .class_names = data.names,
                         .template_text = "{}" };
  const FewMethodInfo *info;
  for (guint i = 0; argc <= 4 && (info = few_method_info (i)); i++)
    if (!info->pixels && !info->several && !g_str_equal (info->name, "coop"))
      measure_method (model, &task, info->name);
  for (int i = 4; i < argc; i++)
    measure_method (model, &task, argv[i]);
  return 0; /* what was made ends with the process */
}
