/* SPDX-License-Identifier: MIT */
/* --heat: a picture with the places over it that speak for a class. */
#include "cli/heat.h"
#include "common/heat-picture.h"

void
cli_heat_options_clear (CliHeatOptions *o)
{
  g_free (o->folder);
  g_free (o->class_name);
  g_free (o->view);
  g_free (o->by);
}

/* The place of `name` in the list; *index stays where it is NULL. FALSE: it is none of them. */
static gboolean
find_word (const char *name, const char *const *words, int *index)
{
  for (int i = 0; name && words[i]; i++)
    if (g_str_equal (name, words[i]))
      {
        *index = i;
        return TRUE;
      }
  return name == NULL;
}

gboolean
cli_heat_read (const CliHeatOptions *o, const FewClassifierInfo *info, CliHeat *heat)
{
  static const char *const views[] = { "adapted", "clip", "difference", NULL };
  static const char *const methods[] = { "best", "parts", "occlusion", NULL };
  int view = CLI_HEAT_ADAPTED;
  int method = FEW_HEAT_BEST;
  *heat = (CliHeat) { .folder = o->folder, .class_index = -1 };
  g_autofree char *shown = few_text_shown (o->class_name ? o->class_name : "");
  if (!o->folder && (o->class_name || o->view || o->by))
    g_printerr ("fewshot-cli predict: --heat-class, --heat-view and --heat-by go with --heat.\n");
  else if (!find_word (o->view, views, &view))
    g_printerr ("fewshot-cli predict: --heat-view is adapted, clip or difference.\n");
  else if (!find_word (o->by, methods, &method))
    g_printerr ("fewshot-cli predict: --heat-by is best, parts or occlusion.\n");
  else if (!find_word (o->class_name, info->classes, &heat->class_index))
    g_printerr ("fewshot-cli predict: --heat-class: the classifier has no class “%s”.\n", shown);
  else
    {
      heat->view = (CliHeatView) view;
      heat->method = (FewHeatMethod) method;
      return TRUE;
    }
  return FALSE;
}

gboolean
cli_heat_draw (const CliHeat *heat, Cli *cli, FewModel *model, const FewClassifier *classifier,
               double alpha, const char *path, guint best, GError **error)
{
  guint k = heat->class_index < 0 ? best : (guint) heat->class_index;
  g_autoptr (FewHeat) places =
      few_heat_new (model, classifier, path, heat->method, NULL, NULL, cli->cancellable, error);
  if (!places)
    return FALSE;
  const FewHeatInfo *info = few_heat_info (places);
  guint n = info->rows * info->columns;
  g_autofree float *map = cli_try_floats (2, n, error);
  if (!map
      || !few_heat_map (places, classifier, k, heat->view == CLI_HEAT_CLIP ? 0 : alpha, map, error)
      || !few_heat_map (places, classifier, k, 0, map + n, error))
    return FALSE;
  for (guint i = 0; heat->view == CLI_HEAT_DIFFERENCE && i < n; i++)
    map[i] -= map[n + i];
  g_autoptr (GBytes) png = few_heat_png (path, info, map, heat->view == CLI_HEAT_DIFFERENCE, error);
  g_autofree char *written =
      png ? few_heat_save (heat->folder, path, few_classifier_info (classifier)->classes[k], png,
                           error)
          : NULL;
  return written != NULL;
}
