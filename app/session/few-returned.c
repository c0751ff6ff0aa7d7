/* SPDX-License-Identifier: MIT */
/* Pieces that both states share hold the same records: only the others are looked at. */
#include "session/few-returned.h"
#include "session/few-pieces.h"

typedef struct
{
  const FewState *from, *to;
  GHashTable *before; /* number → FewProjectPicture, of pieces that the second has not */
  GArray *found;
} Search;

/* Pieces stand where they stood, unless pictures came between. */
static gboolean
is_shared (const Search *search, guint i)
{
  return few_piece_is_same (few_pieces_get (search->from->pieces, i),
                            few_pieces_get (search->to->pieces, i));
}

static guint
count_others (const Search *search, const GArray *pieces)
{
  guint n = 0;
  for (guint i = 0; i < pieces->len; i++)
    if (!is_shared (search, i))
      n += few_pieces_get (pieces, i)->n;
  return n;
}

static guint32
get_class (const FewState *state, guint32 label)
{
  const FewProjectClass *klass = state->project->classes->pdata[label];
  return klass->id;
}

/* A class that went before one of them changes its place, not what it is. */
static gboolean
has_same_labels (const Search *search, const FewProjectLabels *before, const FewProjectLabels *now)
{
  guint n = before ? before->n : 0;
  gboolean same = n == (now ? now->n : 0);
  for (guint i = 0; i < n && same; i++)
    same = get_class (search->from, before->labels[i]) == get_class (search->to, now->labels[i]);
  return same;
}

static gboolean
has_same_class (const Search *search, const FewProjectPicture *before, const FewProjectPicture *now)
{
  return now->use == FEW_USE_NONE /* as before */
         || get_class (search->from, before->label) == get_class (search->to, now->label);
}

static gboolean
is_same (const Search *search, const FewProjectPicture *before, const FewProjectPicture *now)
{
  if (before->use != now->use || before->excluded != now->excluded)
    return FALSE;
  return search->to->project->any ? has_same_labels (search, before->labels, now->labels)
                                  : has_same_class (search, before, now);
}

static void
remember (Search *search, const FewPiece *piece)
{
  for (guint i = 0; i < piece->n; i++)
    {
      const FewProjectPicture *record = few_piece_get (piece, i);
      g_hash_table_insert (search->before, GUINT_TO_POINTER (record->id), (gpointer) record);
    }
}

static void
look_through (Search *search, const FewPiece *piece)
{
  for (guint i = 0; i < piece->n; i++)
    {
      const FewProjectPicture *now = few_piece_get (piece, i);
      guint id = now->id;
      const FewProjectPicture *before = g_hash_table_lookup (search->before, GUINT_TO_POINTER (id));
      if (!before || !is_same (search, before, now))
        g_array_append_val (search->found, id);
    }
}

GArray *
few_returned_find (const FewState *from, const FewState *to)
{
  g_return_val_if_fail (from != NULL && to != NULL, NULL);
  g_autoptr (GHashTable) before = g_hash_table_new (NULL, NULL);
  Search search = { from, to, before, g_array_new (FALSE, FALSE, sizeof (guint)) };
  if (from->project->any != to->project->any
      || count_others (&search, from->pieces) > FEW_RETURNED_MOST
      || count_others (&search, to->pieces) > FEW_RETURNED_MOST)
    return search.found;
  for (guint i = 0; i < from->pieces->len; i++)
    if (!is_shared (&search, i))
      remember (&search, few_pieces_get (from->pieces, i));
  for (guint i = 0; i < to->pieces->len; i++)
    if (!is_shared (&search, i))
      look_through (&search, few_pieces_get (to->pieces, i));
  return search.found;
}

GPtrArray *
few_returned_get (const GArray *ids, FewExamples *examples)
{
  g_return_val_if_fail (ids != NULL && FEW_IS_EXAMPLES (examples), NULL);
  GPtrArray *pictures = g_ptr_array_new ();
  for (guint i = 0; i < ids->len; i++)
    {
      FewPicture *picture = few_examples_get_picture (examples, g_array_index (ids, guint, i));
      if (picture)
        g_ptr_array_add (pictures, picture);
    }
  return pictures;
}
