/* SPDX-License-Identifier: MIT */
/* A picture of the project. Its texture comes and goes with FewThumbnails. */
#pragma once
#include "session/few-census.h"
#include <fewshot.h>
#include <gdk/gdk.h>

G_BEGIN_DECLS
#define FEW_TYPE_PICTURE (few_picture_get_type ())
G_DECLARE_FINAL_TYPE (FewPicture, few_picture, FEW, PICTURE, GObject)

typedef enum {
  FEW_PICTURE_WAITING,
  FEW_PICTURE_READY,
  FEW_PICTURE_DUPLICATE,
  FEW_PICTURE_REFUSED
} FewPictureState;

/* klass: NULL for one that is not in the project. */
FewPicture *few_picture_new (guint id, const char *address, FewClass *klass);
/* The path is shared. crop: the part of it, for good. */
FewPicture *few_picture_new_at (guint id, GRefString *path, const FewCrop *crop, FewClass *klass);
guint few_picture_get_id (FewPicture *self);
const char *few_picture_get_path (FewPicture *self);
/* The same, to share. */
GRefString *few_picture_get_path_string (FewPicture *self);
/* The part of the file that it is. */
const FewCrop *few_picture_get_crop (FewPicture *self);
/* The path, with the part behind it: what the library takes for the picture. */
const char *few_picture_get_address (FewPicture *self);
GRefString *few_picture_get_address_string (FewPicture *self);
/* The file was found elsewhere. */
void few_picture_set_path (FewPicture *self, const char *path);
/* The file's name, with the part behind it, for display. */
const char *few_picture_get_name (FewPicture *self);
/* The first of its classes, by their numbers: where a project is of one class each, its class. */
FewClass *few_picture_get_class (FewPicture *self);
/* It is of this one alone. */
void few_picture_set_class (FewPicture *self, FewClass *klass);
/* FewClass, the others, borrowed; NULL: it has no more than one. */
const GPtrArray *few_picture_get_further (FewPicture *self);
gboolean few_picture_has_class (FewPicture *self, FewClass *klass);
/* FewClass, all of them, none where it is of none; free with g_ptr_array_unref. */
GPtrArray *few_picture_list_classes (FewPicture *self);
/* The numbers of these, by a table of FewClass → number; free with g_free. */
guint32 *few_picture_number_classes (FewPicture *self, GHashTable *numbers, guint *n);
/* FewClass, at least one, in any order. */
void few_picture_set_classes (FewPicture *self, GPtrArray *classes);
/* "cat, dog"; free with g_free. */
char *few_picture_name_classes (FewPicture *self);
/* Counted there, as what it is at each time, until that is another one or NULL; borrowed. */
void few_picture_set_census (FewPicture *self, FewCensus *census);
FewPictureState few_picture_get_state (FewPicture *self);
/* Its file is not where it was. */
gboolean few_picture_is_missing (FewPicture *self);
void few_picture_set_missing (FewPicture *self, gboolean missing);
/* Stays in the project and takes no part. */
gboolean few_picture_is_excluded (FewPicture *self);
void few_picture_set_excluded (FewPicture *self, gboolean excluded);
/* Of a class, and what for; or of none of them, as its class says: a test picture may be that, too,
 * where pictures have any number of labels. */
FewUse few_picture_get_use (FewPicture *self);
/* Whether it is always tested on and never learned from, while it is of a class, or where a picture
 * without one is as good. */
gboolean few_picture_is_test (FewPicture *self);
void few_picture_set_test (FewPicture *self, gboolean test);
/* A person has said that its class is right. */
gboolean few_picture_is_confirmed (FewPicture *self);
void few_picture_set_confirmed (FewPicture *self, gboolean confirmed);
const char *few_picture_get_unknown (FewPicture *self);
void few_picture_set_unknown (FewPicture *self, const char *unknown);
/* Why it does not take part: a sentence, or NULL. */
const char *few_picture_get_reason (FewPicture *self);
void few_picture_set_state (FewPicture *self, FewPictureState state, const char *reason);
/* SHA-256 of the file as 64 hex digits, or NULL before it was read. */
const char *few_picture_get_hash (FewPicture *self);
/* What two pictures share that show the same; NULL before it was read. */
const char *few_picture_get_content (FewPicture *self);
/* TRUE when it had another: it is replaced from then on. */
gboolean few_picture_set_hash (FewPicture *self, const char *sha256);
/* Its file holds another picture than it did, and nobody has given that a class since. */
gboolean few_picture_is_replaced (FewPicture *self);
void few_picture_set_replaced (FewPicture *self, gboolean replaced);
GdkTexture *few_picture_get_texture (FewPicture *self);
void few_picture_set_texture (FewPicture *self, GdkTexture *texture);
G_END_DECLS
