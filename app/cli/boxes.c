/* SPDX-License-Identifier: MIT */
/* --boxes, --box-confidence and --box-categories. */
#include "cli/boxes.h"
#include <math.h>

GOptionEntry
cli_boxes_entry (CliBoxes *boxes)
{
  return (GOptionEntry) { .long_name = "boxes",
                          .arg = G_OPTION_ARG_FILENAME,
                          .arg_data = &boxes->boxes,
                          .description = "Each box is a picture: annotations (of DATA, COCO's "
                                         "JSON), detections (of DATA, MegaDetector's), or a file "
                                         "of either with boxes for the pictures of DATA",
                          .arg_description = "WHICH" };
}

GOptionEntry
cli_boxes_least_entry (CliBoxes *boxes)
{
  return (GOptionEntry) { .long_name = "box-confidence",
                          .arg = G_OPTION_ARG_STRING,
                          .arg_data = &boxes->least,
                          .description = "… that is at least so sure (0.2 of detections)",
                          .arg_description = "P" };
}

GOptionEntry
cli_boxes_category_entry (CliBoxes *boxes)
{
  return (GOptionEntry) { .long_name = "box-categories",
                          .arg = G_OPTION_ARG_STRING,
                          .arg_data = &boxes->categories,
                          .description = "… and of one of these: animal,person,vehicle",
                          .arg_description = "NAME,NAME" };
}

void
cli_boxes_clear (CliBoxes *boxes)
{
  g_free (boxes->boxes);
  g_free (boxes->least);
  g_free (boxes->categories);
  g_strfreev (boxes->names);
}

const char *
cli_boxes_check (CliBoxes *boxes)
{
  char *end = NULL;
  boxes->job = (FewBoxJob) { .wish = { NAN, NULL } };
  if (!boxes->boxes)
    return boxes->least || boxes->categories
               ? "--box-confidence and --box-categories go with --boxes."
               : NULL;
  gboolean own =
      g_str_equal (boxes->boxes, "annotations") || g_str_equal (boxes->boxes, "detections");
  boxes->job.source = own ? FEW_BOXES_OWN : FEW_BOXES_FILE;
  boxes->job.file = boxes->boxes;
  if (boxes->least)
    boxes->job.wish.least = g_ascii_strtod (boxes->least, &end);
  if (boxes->least
      && (end == boxes->least || *end
          || !(boxes->job.wish.least >= 0 && boxes->job.wish.least <= 1)))
    return "--box-confidence is a number from 0 to 1.";
  if (!boxes->categories)
    return NULL;
  boxes->names = g_strsplit (boxes->categories, ",", -1);
  for (char **name = boxes->names; *name; name++)
    if (!*g_strstrip (*name))
      return "--box-categories is names with commas between them.";
  boxes->job.wish.categories = (const char *const *) boxes->names;
  return NULL;
}

gboolean
cli_box_parse (const char *text, FewCrop *crop)
{
  double box[4] = { 0 };
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  for (guint i = 0; i < g_strv_length (parts); i++)
    {
      char *end;
      double value = g_ascii_strtod (parts[i], &end);
      if (end == parts[i] || *end || i >= G_N_ELEMENTS (box))
        return FALSE;
      box[i] = value;
    }
  return few_crop_init (crop, box[0], box[1], box[2], box[3]);
}
