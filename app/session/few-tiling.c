/* SPDX-License-Identifier: MIT */
/* From pictures to their tiles, in slices. What was undone or removed meanwhile is left alone. */
#include "session/few-tiling.h"
#include "session/few-arrival.h"
#include "session/few-boxes.h"
#include <glib/gi18n.h>

static const gint64 SLICE = 3000; /* µs */
enum { BATCH = 32 }; /* a grid may make a widget for each at once */

struct FewTiling
{
  FewExamples *examples;
  GPtrArray *pictures;   /* FewPicture, that are split */
  guint n, at, step;
  guint position;        /* where in the list the next one is likely to be */
  GHashTable *known;     /* addresses */
  GPtrArray *tiles;      /* FewPicture, those that came */
  gboolean undone;       /* of these some have gone */
  FewTiled done;
  gpointer user;
  guint source;
};

/* What is left to do once all are there, a step a turn, for each looks at every picture. */
enum { STEP_TELL, STEP_KEEP, STEP_READ, STEP_END };

void
few_tiling_free (FewTiling *tiling)
{
  g_return_if_fail (tiling != NULL);
  g_clear_handle_id (&tiling->source, g_source_remove);
  g_ptr_array_unref (tiling->pictures);
  g_ptr_array_unref (tiling->tiles);
  g_clear_pointer (&tiling->known, g_hash_table_unref);
  g_object_unref (tiling->examples);
  g_free (tiling);
}

/* A tile of what a picture is, which may be a part itself. */
static FewCrop
find_tile (const FewCrop *of, guint index, guint n)
{
  FewCrop tile;
  double whole[4];
  double box[4];
  few_crop_tile (index % n, index / n, n, n, &tile);
  few_crop_box (of, whole);
  few_crop_box (&tile, box);
  few_crop_clip (&tile, whole[0] + box[0] * whole[2], whole[1] + box[1] * whole[3],
                 box[2] * whole[2], box[3] * whole[3]);
  return tile;
}

/* Of one picture, those whose address is not known. */
static GPtrArray *
make_tiles (FewTiling *tiling, FewPicture *picture)
{
  GPtrArray *tiles = g_ptr_array_new ();
  for (guint i = 0; i < tiling->n * tiling->n; i++)
    {
      const FewCrop crop = find_tile (few_picture_get_crop (picture), i, tiling->n);
      g_autofree char *address = few_address_new (few_picture_get_path (picture), &crop);
      if (!g_hash_table_add (tiling->known, g_ref_string_new (address)))
        continue;
      FewPicture *tile = few_boxes_make_part (tiling->examples, picture, &crop);
      g_ptr_array_add (tiles, tile);
      g_ptr_array_add (tiling->tiles, tile);
    }
  return tiles;
}

static gboolean
is_there (const FewTiling *tiling, FewPicture *picture)
{
  return few_examples_get_picture (tiling->examples, few_picture_get_id (picture)) == picture;
}

/* How many tiles came. */
static guint
split_next (FewTiling *tiling)
{
  FewPicture *picture = tiling->pictures->pdata[tiling->at++];
  if (!is_there (tiling, picture))
    return 0;
  g_autoptr (GPtrArray) tiles = make_tiles (tiling, picture);
  if (tiles->len > 0)
    few_gallery_insert_behind (few_examples_get_gallery (tiling->examples), picture, tiles,
                               &tiling->position);
  return tiles->len;
}

static void
split_some (FewTiling *tiling)
{
  gint64 until = g_get_monotonic_time () + SLICE;
  guint came = 0;
  guint n = tiling->tiles->len;
  if (!tiling->known)
    tiling->known = few_arrival_list_addresses (tiling->examples);
  if (n > 0 && !is_there (tiling, tiling->tiles->pdata[n - 1])) /* undone: it is not wanted */
    tiling->at = tiling->pictures->len;
  while (tiling->at < tiling->pictures->len && came < BATCH && g_get_monotonic_time () < until)
    came += split_next (tiling);
}

/* Without those that have gone meanwhile. */
static void
keep_present (FewTiling *tiling)
{
  for (guint i = tiling->tiles->len; i > 0; i--)
    if (!is_there (tiling, tiling->tiles->pdata[i - 1]))
      {
        g_ptr_array_remove_index (tiling->tiles, i - 1);
        tiling->undone = TRUE;
      }
}

static gboolean
take_turn_cb (gpointer data)
{
  FewTiling *tiling = data;
  if (tiling->at < tiling->pictures->len)
    {
      split_some (tiling);
      return G_SOURCE_CONTINUE;
    }
  keep_present (tiling);
  guint step = tiling->tiles->len > 0 ? tiling->step++ : STEP_END;
  if (step == STEP_TELL)
    few_examples_changed (tiling->examples);
  else if (step == STEP_KEEP)
    few_examples_did (tiling->examples, _ ("Split into Tiles"));
  else if (step == STEP_READ)
    few_examples_encode (tiling->examples, tiling->tiles);
  if (step < STEP_END)
    return G_SOURCE_CONTINUE;
  tiling->source = 0;
  tiling->done (tiling->tiles->len, tiling->user);
  return G_SOURCE_REMOVE;
}

gboolean
few_tiling_was_undone (const FewTiling *tiling)
{
  g_return_val_if_fail (tiling != NULL, FALSE);
  return tiling->undone;
}

FewTiling *
few_tiling_new (FewExamples *examples, GPtrArray *pictures, guint n, FewTiled done, gpointer user)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (examples) && pictures != NULL, NULL);
  g_return_val_if_fail (n > 1 && done != NULL, NULL);
  FewTiling *tiling = g_new0 (FewTiling, 1);
  tiling->examples = g_object_ref (examples);
  tiling->pictures = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < pictures->len; i++)
    g_ptr_array_add (tiling->pictures, g_object_ref (pictures->pdata[i]));
  tiling->n = n;
  tiling->tiles = g_ptr_array_new_with_free_func (g_object_unref);
  tiling->done = done;
  tiling->user = user;
  tiling->source = g_idle_add (take_turn_cb, tiling);
  return tiling;
}
