/* SPDX-License-Identifier: MIT */
/* Pictures to parts, and the answers for tiles to one. */
#include "cli/parts.h"
#include <glib/gstdio.h>
#include <string.h>

enum { MOST_GRID = 16, LEAST_SIDE = 32, MOST_TILES = 4096 };

GOptionEntry
cli_parts_tiles_entry (CliParts *parts)
{
  return (GOptionEntry) { .long_name = "tiles",
                          .arg = G_OPTION_ARG_STRING,
                          .arg_data = &parts->tiles,
                          .description =
                              "Cut each picture into N × N tiles (2 to 16), or into tiles of some "
                              "PIXELS (from 32); of each class the best tile counts",
                          .arg_description = "N|PIXELS" };
}

GOptionEntry
cli_parts_each_entry (CliParts *parts)
{
  return (GOptionEntry) { .long_name = "each-tile",
                          .arg = G_OPTION_ARG_NONE,
                          .arg_data = &parts->each_tile,
                          .description = "… answers for every tile by itself" };
}

void
cli_parts_clear (CliParts *parts)
{
  g_free (parts->tiles);
  cli_boxes_clear (&parts->boxes);
  g_clear_pointer (&parts->found, few_boxes_free);
  g_free (parts->stamp);
}

const char *
cli_parts_check (CliParts *parts)
{
  guint64 n = 0;
  const char *wrong = cli_boxes_check (&parts->boxes);
  if (wrong)
    return wrong;
  if (parts->boxes.boxes && parts->boxes.job.source == FEW_BOXES_OWN)
    return "--boxes is a file here, of MegaDetector's JSON or COCO's.";
  if (parts->each_tile && !parts->tiles)
    return "--each-tile goes with --tiles.";
  if (!parts->tiles)
    return NULL;
  if (parts->boxes.boxes)
    return "give --boxes or --tiles, not both.";
  if (!g_ascii_string_to_unsigned (parts->tiles, 10, 2, 1 << 20, &n, NULL)
      || (n > MOST_GRID && n < LEAST_SIDE))
    return "--tiles is how many lie side by side, 2 to 16, or their pixels, from 32.";
  *(n <= MOST_GRID ? &parts->grid : &parts->side) = (guint) n;
  return NULL;
}

/* Size, time and place: a file that is written anew has another. NULL: it is not there. */
static char *
read_stamp (const char *path)
{
  GStatBuf info;
  if (g_stat (path, &info) != 0)
    return NULL;
  return g_strdup_printf ("%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT ".%09ld:%" G_GUINT64_FORMAT,
                          (gint64) info.st_size, (gint64) info.st_mtim.tv_sec, info.st_mtim.tv_nsec,
                          (guint64) info.st_ino);
}

static FewBoxes *
open_boxes (const CliParts *parts, GError **error)
{
  FewBoxes *found = few_boxes_open (parts->boxes.boxes, &parts->boxes.job.wish, error);
  for (guint i = 0; found && parts->folders && parts->folders[i]; i++)
    if (g_file_test (parts->folders[i], G_FILE_TEST_IS_DIR))
      few_boxes_add_root (found, parts->folders[i]);
  guint bad = found ? few_boxes_count_bad (found) : 0;
  if (bad > 0)
    g_printerr ("%u boxes are no boxes inside their pictures and are passed over.\n", bad);
  return found;
}

gboolean
cli_parts_open (CliParts *parts, const char *const *arguments, GError **error)
{
  if (!parts->boxes.boxes)
    return TRUE;
  parts->folders = arguments;
  parts->stamp = read_stamp (parts->boxes.boxes);
  parts->found = open_boxes (parts, error);
  return parts->found != NULL;
}

gboolean
cli_parts_refresh (CliParts *parts)
{
  g_autofree char *now = read_stamp (parts->boxes.boxes);
  g_autoptr (GError) error = NULL;
  if (!now || g_strcmp0 (now, parts->stamp) == 0)
    return FALSE;
  g_free (parts->stamp);
  parts->stamp = g_steal_pointer (&now);
  FewBoxes *found = open_boxes (parts, &error);
  if (!found)
    {
      cli_complain ("fewshot-cli:", error->message);
      return FALSE;
    }
  few_boxes_free (parts->found);
  parts->found = found;
  return TRUE;
}

gboolean
cli_parts_are_cut (const CliParts *parts)
{
  return parts->boxes.boxes || parts->tiles;
}

gboolean
cli_parts_are_joined (const CliParts *parts)
{
  return parts->tiles && !parts->each_tile;
}

/* ---- of one picture */

void
cli_part_free (gpointer data)
{
  CliPart *part = data;
  g_free (part->path);
  g_free (part->address);
  g_free (part);
}

static CliPart *
add_part (GPtrArray *list, const char *path)
{
  CliPart *part = g_new0 (CliPart, 1);
  part->path = g_strdup (path);
  g_ptr_array_add (list, part);
  return part;
}

static void
add_box (GPtrArray *list, const char *path, const FewBoxFound *found)
{
  CliPart *part = add_part (list, path);
  memcpy (part->box, found->box, sizeof part->box);
  part->has_box = TRUE;
  part->detection = *found;
  part->detection.class_name = NULL; /* which is the file's */
  part->found = &part->detection;
  part->address = found->wanted ? few_address_new (path, &found->crop) : NULL;
}

/* How many tiles of a side lie beside one another: nearest to what is asked for. */
static guint
count_tiles (guint pixels, guint side)
{
  return CLAMP ((pixels + side / 2) / side, 1, 64);
}

static void
add_tiles (GPtrArray *list, const CliParts *parts, const char *path)
{
  FewPictureFacts facts;
  guint columns = parts->grid;
  guint rows = parts->grid;
  /* what has no size is refused when it is read */
  gboolean measured = parts->side == 0 || few_image_facts (path, &facts, NULL);
  if (parts->side > 0)
    {
      columns = measured ? count_tiles (facts.width, parts->side) : 1;
      rows = measured ? count_tiles (facts.height, parts->side) : 1;
    }
  for (guint i = 0; i < MIN (columns * rows, MOST_TILES); i++)
    {
      FewCrop crop;
      CliPart *part = add_part (list, path);
      few_crop_tile (i % columns, i / columns, columns, rows, &crop);
      few_crop_box (&crop, part->box);
      part->has_box = columns * rows > 1;
      part->address = few_address_new (path, &crop);
    }
}

GPtrArray *
cli_parts_list (const CliParts *parts, const char *path)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (cli_part_free);
  const GPtrArray *found = parts->found ? few_boxes_find (parts->found, path) : NULL;
  if (parts->found && !found)
    return NULL;
  for (guint i = 0; found && i < found->len; i++)
    add_box (list, path, found->pdata[i]);
  if (parts->tiles)
    add_tiles (list, parts, path);
  else if (!parts->found)
    add_part (list, path)->address = g_strdup (path);
  if (list->len == 0) /* nothing was detected in it */
    add_part (list, path);
  ((CliPart *) list->pdata[0])->first = TRUE;
  ((CliPart *) list->pdata[list->len - 1])->last = TRUE;
  return g_steal_pointer (&list);
}

/* ---- the best tile of each class */

void
cli_best_begin (CliBest *best, guint n_classes, guint top)
{
  *best = (CliBest) { .n_classes = n_classes, .top = top };
  best->cosines = g_new (float, n_classes);
  best->probabilities = g_new (float, n_classes);
  best->boxes = g_malloc0_n (n_classes, sizeof *best->boxes);
  best->order = g_new (guint, top);
}

void
cli_best_clear (CliBest *best)
{
  g_free (best->cosines);
  g_free (best->probabilities);
  g_free (best->boxes);
  g_free (best->order);
}

void
cli_best_take (CliBest *best, const CliAnswer *answer, const double box[4])
{
  best->refused = answer->refused && (best->n == 0 || best->refused);
  for (guint k = 0; k < best->n_classes; k++)
    {
      if (best->n > 0 && answer->probabilities[k] <= best->probabilities[k])
        continue;
      best->cosines[k] = answer->cosines[k];
      best->probabilities[k] = answer->probabilities[k];
      memcpy (best->boxes[k], box, sizeof best->boxes[k]);
    }
  best->n++;
}

/* Whether class k comes behind class `last`. */
static gboolean
is_behind (const float *values, guint k, guint last)
{
  return values[k] < values[last] || (values[k] == values[last] && k > last);
}

gboolean
cli_best_give (CliBest *best, CliAnswer *answer)
{
  const float *values = best->probabilities;
  if (best->n == 0)
    return FALSE;
  for (guint i = 0; i < best->top; i++)
    {
      guint next = best->n_classes;
      for (guint k = 0; k < best->n_classes; k++)
        if ((i == 0 || is_behind (values, k, best->order[i - 1]))
            && (next == best->n_classes || values[k] > values[next]))
          next = k;
      best->order[i] = MIN (next, best->n_classes - 1);
    }
  answer->cosines = best->cosines;
  answer->probabilities = values;
  answer->order = best->order;
  answer->refused = best->refused;
  answer->n_set = 0;
  answer->box = best->boxes[best->order[0]];
  best->n = 0;
  return TRUE;
}
