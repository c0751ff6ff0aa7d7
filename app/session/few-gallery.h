/* SPDX-License-Identifier: MIT */
/* The lists that FewExamples keeps: classes and pictures, all that ever were among them, and their
 * records. It tells nobody; who changes it does. */
#pragma once
#include "session/few-picture.h"
#include <fewshot.h>
#include <gio/gio.h>

G_BEGIN_DECLS
typedef struct FewGallery FewGallery;
/* How many of them one turn of the main loop takes: classes and pictures that are made of records,
 * and records that are made of pictures. */
enum { FEW_GALLERY_CLASSES = 50, FEW_GALLERY_PICTURES = 1000, FEW_GALLERY_RECORDS = 5000 };

FewGallery *few_gallery_new (void);
void few_gallery_free (FewGallery *gallery);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewGallery, few_gallery_free)

/* Of FewClass, of FewPicture. */
GListModel *few_gallery_get_classes (FewGallery *gallery);
GListModel *few_gallery_get_pictures (FewGallery *gallery);
/* The same, FewPicture *, until they change: a walk through the list costs ten times as much. */
const GPtrArray *few_gallery_get_order (FewGallery *gallery);
/* NULL when it was taken out. */
FewPicture *few_gallery_get_picture (FewGallery *gallery, guint id);
/* One that is or was there, or NULL: another project was opened meanwhile. */
FewPicture *few_gallery_recall_picture (FewGallery *gallery, guint id);
/* Neither a class nor a picture of none. */
gboolean few_gallery_is_empty (FewGallery *gallery);
/* TRUE while there never was a class or picture. */
gboolean few_gallery_is_fresh (FewGallery *gallery);
/* Pictures that pass, in their order; free with g_ptr_array_unref. */
typedef gboolean (*FewPictureTest) (FewPicture *picture, gconstpointer data);
GPtrArray *few_gallery_where (FewGallery *gallery, FewPictureTest passes, gconstpointer data);

/* The class of pictures that are none of these, in no list; borrowed. */
FewClass *few_gallery_get_none (FewGallery *gallery);
/* Borrowed from the list, or NULL. */
FewClass *few_gallery_find_class (FewGallery *gallery, const char *name);
/* The class of that name, made when there is none; borrowed from the list. */
FewClass *few_gallery_ensure_class (FewGallery *gallery, const char *name);
/* FALSE when it is not there. Its pictures stay. */
gboolean few_gallery_remove_class (FewGallery *gallery, FewClass *klass);
/* A picture with a number of its own, not yet in the list. The caller owns it. */
FewPicture *few_gallery_make_picture (FewGallery *gallery, const char *address, FewClass *klass);
void few_gallery_append (FewGallery *gallery, GPtrArray *pictures);
/* behind: FewPicture → GPtrArray of those that come behind it, or in its place. */
void few_gallery_insert (FewGallery *gallery, GHashTable *behind, gboolean instead);
/* Right behind the picture, where that is in the list. position: where it is likely to be; becomes
 * where the next is. */
void few_gallery_insert_behind (FewGallery *gallery, FewPicture *picture, GPtrArray *more,
                                guint *position);
void few_gallery_take_out (FewGallery *gallery, GPtrArray *pictures);
/* Those of them that are in the list, borrowed; free with g_ptr_array_unref. */
GPtrArray *few_gallery_list_there (FewGallery *gallery, const GPtrArray *pictures);
/* Pictures that are always tested on; of a class, where each has one. */
guint few_gallery_count_tests (FewGallery *gallery);
/* Pictures of any class. */
guint few_gallery_count_labelled (FewGallery *gallery);
/* Whether a picture may be of any number of classes; otherwise it is of one each, or of none. */
gboolean few_gallery_is_several (FewGallery *gallery);
void few_gallery_set_several (FewGallery *gallery, gboolean several);
/* Whoever shows a class learns how many pictures it has now. */
void few_gallery_tell_counts (FewGallery *gallery);

/* Pictures or classes are no longer as their records say: any of them, or these alone. */
void few_gallery_touch_pictures (FewGallery *gallery);
void few_gallery_touch_some (FewGallery *gallery, GPtrArray *pictures);
void few_gallery_touch_classes (FewGallery *gallery);
/* Of this picture the content, and nothing else, is another. */
void few_gallery_touch_hash (FewGallery *gallery, FewPicture *picture);
/* Gets the records ready that few_gallery_record shares: FEW_GALLERY_RECORDS a call, until it
 * returns FALSE. What is touched meanwhile, but for hashes, makes it begin again. */
gboolean few_gallery_prepare (FewGallery *gallery);
/* Classes and pictures of the project become these, the arrays shared while nothing changes. */
void few_gallery_record (FewGallery *gallery, FewProject *project);
/* So of the classes alone; and of the pictures as pieces (few-pieces.h), which states share while
 * none of theirs changes; free with g_array_unref. */
void few_gallery_record_classes (FewGallery *gallery, FewProject *project);
GArray *few_gallery_keep (FewGallery *gallery);
/* Whether it is what they say: another state shares all of its records. */
gboolean few_gallery_says (FewGallery *gallery, const FewProject *project, const GArray *pieces);
/* Becomes what the project and these pieces, in the place of its pictures, say: the same ids give
 * the same objects. Adds the pictures (FewPicture, borrowed) that were not there before. TRUE: of
 * the others all but `gone` stay; FALSE: any may have gone. */
gboolean few_gallery_restore (FewGallery *gallery, const FewProject *project, const GArray *pieces,
                              GPtrArray *came, GPtrArray *gone);
/* The same of a gallery that is fresh, some records a call, until it returns FALSE; adds the
 * pictures (FewPicture) to `filled`. Nothing else changes it meanwhile. */
gboolean few_gallery_fill (FewGallery *gallery, const FewProject *project, GPtrArray *filled);
G_END_DECLS
