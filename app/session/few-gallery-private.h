/* SPDX-License-Identifier: MIT */
/* What the files of FewGallery share: its lists (few-gallery.c), what edits touch of them
 * (few-gallery-pieces.c), and they as a project (few-gallery-project.c). */
#pragma once
#include "session/few-gallery.h"
#include "session/few-pieces.h"

struct FewGallery
{
  GListStore *classes;
  FewClass *none; /* of pictures that are none of these */
  gboolean several; /* a picture may have any number of labels */
  FewCensus census;
  GListStore *pictures;
  GPtrArray *order; /* FewPicture, borrowed: the same ones, for who goes through all */
  GHashTable *by_id; /* id → FewPicture, borrowed: those in the list, which the census counts */
  /* id → FewPicture, FewClass: all that ever were, so that undo brings the same ones back */
  GHashTable *all_pictures;
  GHashTable *all_classes;
  guint next_id; /* the greatest so far */
  guint next_class_id;
  /* of the project, NULL: to be made anew */
  GPtrArray *class_records;
  GArray *picture_records;
  GArray *pieces; /* FewPiece, of the order: what the next state shares with the last */
  /* those that are being made, some a turn, and the ids of pictures that were read since; NULL */
  GArray *coming;
  GHashTable *late;
};

/* Among all that ever were. */
void few_gallery_remember (FewGallery *gallery, FewPicture *picture);
/* One that comes into the list, or back, or leaves it: found by its number and counted, or not. */
void few_gallery_enter (FewGallery *gallery, FewPicture *picture);
void few_gallery_leave (FewGallery *gallery, FewPicture *picture);
/* The list, by one splice; takes over the array, whose pictures are borrowed. */
void few_gallery_become (FewGallery *gallery, GPtrArray *pictures);
/* All records in one array; borrowed. */
GArray *few_gallery_get_records (FewGallery *gallery);
/* They are no longer what the pictures are; the pieces say by themselves which are. */
void few_gallery_forget_records (FewGallery *gallery);
/* Becomes what these pieces say, of those alone that are others: the pictures of their records are
 * asked for, in the list by their numbers. Adds those that came and went, borrowed. */
typedef FewPicture *(*FewGalleryMaker) (FewGallery *gallery, const FewProjectPicture *record,
                                        gpointer user);
void few_gallery_return (FewGallery *gallery, const GArray *pieces, FewGalleryMaker make,
                         gpointer user, GPtrArray *came, GPtrArray *gone);
