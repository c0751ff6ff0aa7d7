/* SPDX-License-Identifier: MIT */
/* The records of pictures in pieces, which the states of a project share: an edit makes those anew
 * that it touches, and undo brings back those that are others. */
#pragma once
#include <fewshot.h>
#include <gio/gio.h>

G_BEGIN_DECLS
enum { FEW_PIECE = 256 }; /* pictures, when it is made */

typedef struct
{
  GArray *records; /* FewProjectPicture, never changed; NULL: to be made */
  guint first;     /* of its pictures among these */
  guint n;
} FewPiece;

/* Of FewPiece, none yet; free with g_array_unref. */
GArray *few_pieces_new (void);
/* More behind the last: all of these records, or n pictures whose records are to be made. */
void few_pieces_add_records (GArray *pieces, GArray *records);
void few_pieces_add_unknown (GArray *pieces, guint n);
/* Others, of the same records. */
GArray *few_pieces_copy (const GArray *pieces);
guint few_pieces_count (const GArray *pieces);
/* Borrowed; NULL behind the last. */
const FewPiece *few_pieces_get (const GArray *pieces, guint i);
/* The pictures at these places (guint, growing) are others than their pieces say. */
void few_pieces_forget (GArray *pieces, const GArray *places);
/* So, and they are not there any more. */
void few_pieces_drop (GArray *pieces, const GArray *places);
/* Whether both are the same pieces of the same records. */
gboolean few_pieces_are_same (const GArray *a, const GArray *b);
/* Whether both are the same pictures with the same records; NULL is none. */
gboolean few_piece_is_same (const FewPiece *a, const FewPiece *b);
const FewProjectPicture *few_piece_get (const FewPiece *piece, guint i);
G_END_DECLS
