/* SPDX-License-Identifier: MIT */
/* What the files of FewGallery share: its lists (few-gallery.c), and they as a project
 * (few-gallery-project.c). */
#pragma once
#include "session/few-gallery.h"

struct FewGallery
{
  GListStore *classes;
  FewClass *none; /* of pictures that are none of these */
  gboolean several; /* a picture may have any number of labels */
  guint n_tests;  /* pictures that are always tested on */
  guint n_labelled; /* that are of a class */
  GListStore *pictures;
  GPtrArray *order; /* FewPicture, borrowed: the same ones, for who goes through all */
  GHashTable *by_id; /* id → FewPicture, borrowed: those in the list */
  /* id → FewPicture, FewClass: all that ever were, so that undo brings the same ones back */
  GHashTable *all_pictures;
  GHashTable *all_classes;
  guint next_id; /* the greatest so far */
  guint next_class_id;
  /* of the project, NULL: to be made anew */
  GPtrArray *class_records;
  GArray *picture_records;
  /* those that are being made, some a turn, and the ids of pictures that were read since; NULL */
  GArray *coming;
  GHashTable *late;
};

/* Among all that ever were. */
void few_gallery_remember (FewGallery *gallery, FewPicture *picture);
/* The list, by one splice; takes over the array. */
void few_gallery_become (FewGallery *gallery, GPtrArray *pictures);
