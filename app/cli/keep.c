/* SPDX-License-Identifier: MIT */
/* predict --format: answers for other programs. */
#include "cli/keep.h"
#include <string.h>

GOptionEntry
cli_keep_format_entry (CliKeep *keep)
{
  return (GOptionEntry) { .long_name = "format",
                          .arg = G_OPTION_ARG_STRING,
                          .arg_data = &keep->format,
                          .description = "Also for other programs, as --output: timelapse "
                                         "(MegaDetector's JSON), camtrap-dp (a package of camera "
                                         "trap data), coco (categories of whole pictures)",
                          .arg_description = "FORMAT" };
}

GOptionEntry
cli_keep_output_entry (CliKeep *keep)
{
  return (GOptionEntry) { .long_name = "output",
                          .short_name = 'o',
                          .arg = G_OPTION_ARG_FILENAME,
                          .arg_data = &keep->output,
                          .description = "… that file; of camtrap-dp the folder that holds the "
                                         "pictures",
                          .arg_description = "FILE" };
}

GOptionEntry
cli_keep_deployment_entry (CliKeep *keep)
{
  return (GOptionEntry) { .long_name = "deployment",
                          .arg = G_OPTION_ARG_STRING_ARRAY,
                          .arg_data = &keep->told,
                          .description =
                              "What camtrap-dp has to know: latitude, longitude and zone "
                              "(of the camera's clock, +02:00); it may be told id, "
                              "location, start, end, project, contact. With folder=NAME of the "
                              "pictures in that folder; may be given several times",
                          .arg_description = "KEY=VALUE,…" };
}

GOptionEntry
cli_keep_deployments_entry (CliKeep *keep)
{
  return (GOptionEntry) { .long_name = "deployments",
                          .arg = G_OPTION_ARG_STRING,
                          .arg_data = &keep->by,
                          .description = "folders: each folder in that of camtrap-dp is a "
                                         "deployment of its own",
                          .arg_description = "folders" };
}

void
cli_keep_clear (CliKeep *keep)
{
  g_free (keep->format);
  g_free (keep->output);
  g_free (keep->by);
  g_strfreev (keep->told);
  g_clear_pointer (&keep->deployments, g_ptr_array_unref);
  g_clear_pointer (&keep->pairs, g_ptr_array_unref);
}

/* One KEY=VALUE; the value stays where it is. */
static gboolean
take_pair (char *pair, FewDeployment *d)
{
  const struct
  {
    const char *key;
    const char **text;
    double *number;
  } known[] = {
    { "folder", &d->folder, NULL },     { "id", &d->id, NULL },
    { "location", &d->location, NULL }, { "zone", &d->zone, NULL },
    { "start", &d->start, NULL },       { "end", &d->end, NULL },
    { "project", &d->project, NULL },   { "contact", &d->contact, NULL },
    { "latitude", NULL, &d->latitude }, { "longitude", NULL, &d->longitude },
  };
  char *value = strchr (pair, '=');
  char *end = NULL;
  if (!value)
    return FALSE;
  *value++ = 0;
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (g_strstrip (pair), known[i].key))
      {
        if (known[i].text)
          *known[i].text = value;
        else
          *known[i].number = g_ascii_strtod (value, &end);
        return known[i].text || (end != value && !*end);
      }
  return FALSE;
}

/* One option's value. `told` begins as what is inherited; FALSE: it is none. */
static gboolean
take_told (CliKeep *keep, const char *text, FewDeployment *told)
{
  char **pairs = g_strsplit (text, ",", -1);
  g_ptr_array_add (keep->pairs, pairs);
  for (char **pair = pairs; *pair; pair++)
    if (!take_pair (*pair, told))
      return FALSE;
  return TRUE;
}

/* As a path below the package's folder. */
static gboolean
is_folder (const char *folder)
{
  return *folder && !g_path_is_absolute (folder) && !strstr (folder, "..")
         && !g_str_has_suffix (folder, "/") && !g_str_has_prefix (folder, "./");
}

static const char *
name_of (const FewDeployment *one)
{
  return one->id && *one->id ? one->id : one->folder;
}

/* Takes it, or says what is wrong with it. */
static const char *
add_told (CliKeep *keep, const FewDeployment *told)
{
  const char *wrong = few_deployment_check (told);
  if (wrong)
    return wrong;
  if (!is_folder (told->folder))
    return "--deployment: folder= is a folder below that of the package, as site/camera.";
  for (guint i = 0; i < keep->deployments->len; i++)
    {
      const FewDeployment *other = keep->deployments->pdata[i];
      if (g_str_equal (other->folder, told->folder))
        return "--deployment: two have the same folder.";
      if (g_str_equal (name_of (other), name_of (told)))
        return "--deployment: two have the same id.";
    }
  g_ptr_array_add (keep->deployments, g_memdup2 (told, sizeof *told));
  return NULL;
}

/* What is told of all first, which those of folders inherit. */
static const char *
read_told (CliKeep *keep)
{
  const char *wrong = NULL;
  guint others = 0;
  keep->pairs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  for (guint pass = 0; pass < 2; pass++)
    for (char **text = keep->told; text && *text && !wrong; text++)
      {
        FewDeployment told = keep->deployment;
        told.id = told.location = NULL;
        if (!take_told (keep, *text, &told))
          return "--deployment is latitude=, longitude=, zone=, and may have folder=, id=, "
                 "location=, start=, end=, project= and contact=, with commas between them.";
        if (pass == 0 && !told.folder && others++ > 0)
          return "--deployment: one alone has no folder=.";
        if (pass == 0 && !told.folder)
          keep->deployment = told;
        if (pass == 1 && told.folder)
          wrong = add_told (keep, &told);
      }
  return wrong;
}

const char *
cli_keep_check (CliKeep *keep)
{
  keep->deployment =
      (FewDeployment) { .latitude = FEW_PLACE_UNKNOWN, .longitude = FEW_PLACE_UNKNOWN };
  if (!keep->format)
    return keep->output || keep->told || keep->by
               ? "--output, --deployment and --deployments go with --format."
               : NULL;
  keep->kind = few_keep_format_find (keep->format);
  if (keep->kind == FEW_KEEP_FORMATS)
    return "--format knows timelapse, camtrap-dp and coco.";
  if (!keep->output)
    return "--format goes with --output.";
  if (keep->kind != FEW_KEEP_CAMTRAP)
    return keep->told || keep->by ? "--deployment and --deployments go with --format camtrap-dp."
                                  : NULL;
  if (keep->by && !g_str_equal (keep->by, "folders"))
    return "--deployments knows folders.";
  keep->deployments = g_ptr_array_new_with_free_func (g_free);
  const char *wrong = read_told (keep);
  if (wrong || keep->deployments->len == 0)
    return wrong ? wrong : few_deployment_check (&keep->deployment);
  return NULL;
}

/* Where nothing is told of all, each picture is to lie in a folder that has its own. */
static const FewDeployment *
find_common (const CliKeep *keep)
{
  return few_deployment_check (&keep->deployment) ? NULL : &keep->deployment;
}

FewKeeper *
cli_keep_open (const CliKeep *keep, const CliGiven *given, const FewBoxes *boxes, char **title,
               GError **error)
{
  const FewClassifierInfo *info = few_classifier_info (given->classifier);
  if (!keep->format)
    return NULL;
  *title = g_strdup_printf ("%s on %s", few_method_title (info->method), info->backbone);
  const FewKeepOptions options = { .format = keep->kind,
                                   .output = keep->output,
                                   .classes = info->classes,
                                   .classifier = *title,
                                   .deployment = find_common (keep),
                                   .deployments = keep->deployments,
                                   .by_folders = keep->by != NULL,
                                   .boxes = boxes };
  return few_keeper_new (&options, error);
}

gboolean
cli_keep_add (FewKeeper *keeper, const CliAnswer *answer, guint n, GError **error)
{
  double probabilities[CLI_KEPT_CLASSES];
  FewKeptAnswer kept = { .path = answer->path,
                         .refused = answer->refused,
                         .box = answer->box,
                         .found = answer->found,
                         .unasked = !answer->error && n == 0 };
  if (!keeper)
    return TRUE;
  if (answer->error)
    kept.error = answer->error->message;
  kept.n = answer->error ? 0 : MIN (n, CLI_KEPT_CLASSES);
  kept.order = answer->order;
  kept.probabilities = probabilities;
  for (guint i = 0; i < kept.n; i++)
    probabilities[i] = answer->probabilities[answer->order[i]];
  return few_keeper_add (keeper, &kept, error);
}

gboolean
cli_keep_add_labels (FewKeeper *keeper, const CliAnswer *answer, GError **error)
{
  if (!keeper || answer->n_set == 0)
    return cli_keep_add (keeper, answer, 0, error);
  for (guint i = 0; i < answer->n_set; i++)
    {
      double probability = (double) answer->probabilities[answer->set[i]];
      const FewKeptAnswer kept = { .path = answer->path,
                                   .box = answer->box,
                                   .found = answer->found,
                                   .n = 1,
                                   .order = answer->set + i,
                                   .probabilities = &probability };
      if (!few_keeper_add (keeper, &kept, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
cli_keep_finish (FewKeeper *keeper, GError **error)
{
  guint64 left_out = 0;
  if (!keeper)
    return TRUE;
  if (!few_keeper_finish (keeper, &left_out, error))
    return FALSE;
  if (left_out > 0)
    {
      g_autofree char *told = g_strdup_printf (
          "%" G_GUINT64_FORMAT
          " pictures are not in it: they could not be read, or do not tell what "
          "the format has to know (their size; of a Camtrap DP when they were taken).",
          left_out);
      cli_complain ("left out:", told);
    }
  return TRUE;
}
