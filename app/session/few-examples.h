/* SPDX-License-Identifier: MIT */
/* What is learned from: classes, their pictures and features, and the prompts. The UI thread only.
 *
 * Properties
 *   template-text   what stands for "{}" classes that have no prompt of their own
 *
 * Signals
 *   content ()               which classes and pictures there are, their names or prompts, or which
 *                            of them take part may be others; what follows from them comes before
 *                            "changed"
 *   changed ()               something of them is to be shown anew
 *   reading (pictures)       their files (GPtrArray of FewPicture) will be read
 *   progress (done, total)   pictures are being read; total 0: no longer
 *   replaced ()              a file held something else than it did
 *   encoded ()               all that was asked for is read
 *   did (title, FewEdit)     something that can be undone was done */
#pragma once
#include "session/few-desk.h"
#include "session/few-edit.h"
#include "session/few-gallery.h"
#include "session/few-roll.h"

G_BEGIN_DECLS
#define FEW_TYPE_EXAMPLES (few_examples_get_type ())
G_DECLARE_FINAL_TYPE (FewExamples, few_examples, FEW, EXAMPLES, GObject)

FewExamples *few_examples_new (FewDesk *desk);
/* Of FewClass, of FewPicture. */
GListModel *few_examples_get_classes (FewExamples *self);
GListModel *few_examples_get_pictures (FewExamples *self);
/* NULL when it was removed. */
FewPicture *few_examples_get_picture (FewExamples *self, guint id);
/* TRUE while there never was a class or picture. */
gboolean few_examples_is_fresh (FewExamples *self);
/* Those that take part; clear with few_roll_clear. */
void few_examples_call (FewExamples *self, FewRoll *roll);
/* The classes and prompts alone, for who asks about pictures that are none of these. */
void few_examples_call_classes (FewExamples *self, FewRoll *roll);

/* ---- classes */
/* The one of that name when there is one: no step then. */
FewClass *few_examples_add_class (FewExamples *self, const char *name);
/* The class of that name, made when there is none; the list keeps it. No step of its own. */
FewClass *few_examples_ensure_class (FewExamples *self, const char *name);
/* FALSE when another class has that name or it is empty. */
gboolean few_examples_rename_class (FewExamples *self, FewClass *klass, const char *name);
/* Its pictures go with it, but for those of another class as well. */
void few_examples_remove_class (FewExamples *self, FewClass *klass);
/* All pictures of a class join another, and it goes. */
void few_examples_merge_class (FewExamples *self, FewClass *klass, FewClass *into);
/* NULL or "": the template's. */
void few_examples_set_prompt (FewExamples *self, FewClass *klass, const char *prompt);
const char *few_examples_get_template (FewExamples *self);
void few_examples_set_template (FewExamples *self, const char *template_text);

/* ---- pictures, each array of FewPicture */
void few_examples_move (FewExamples *self, GPtrArray *pictures, FewClass *klass);
void few_examples_remove_pictures (FewExamples *self, GPtrArray *pictures);
/* Excluded pictures stay and take no part. */
void few_examples_set_excluded (FewExamples *self, GPtrArray *pictures, gboolean excluded);
/* What they are for. Those of none of these have no class to go back to: few_examples_move gives
 * them one. Where pictures have any number of labels, none is one of these numbers: what such a
 * picture is for stays as it is, and can be changed. */
void few_examples_set_use (FewExamples *self, GPtrArray *pictures, FewUse use);
/* What pictures of no class are of; its count is theirs. */
FewClass *few_examples_get_none (FewExamples *self);
/* Pictures that are always tested on: of a class, but where they have any number of labels. */
guint few_examples_count_tests (FewExamples *self);
/* Pictures of a class. */
guint few_examples_count_labelled (FewExamples *self);
/* Their class is right, a person says: few_picture_is_confirmed. */
void few_examples_confirm (FewExamples *self, GPtrArray *pictures);
/* Those that pass, in their order; free with g_ptr_array_unref. */
GPtrArray *few_examples_where (FewExamples *self, FewPictureTest passes, gconstpointer data);

/* ---- any number of labels a picture (few-labels.c) */
/* FALSE: one class each. */
gboolean few_examples_is_several (FewExamples *self);
/* A picture of several keeps the first where each may have one. */
void few_examples_set_several (FewExamples *self, gboolean several);
/* Labels that it would lose so. */
guint few_examples_count_extra (FewExamples *self);
/* Each gets the label, or loses it: one without any is none of these. Where a picture has one
 * class, it moves, or stays. */
void few_examples_label (FewExamples *self, GPtrArray *pictures, FewClass *klass, gboolean has);

/* ---- reading them */
/* Asks for features; few_examples_encode_all of every picture, since the model is another. */
void few_examples_encode (FewExamples *self, GPtrArray *pictures);
void few_examples_encode_all (FewExamples *self);
/* Pictures that were never read are taken out again. */
void few_examples_cancel_encoding (FewExamples *self);
/* Why files were refused since the last call of clear: char *, sentences; not of files that came
 * with pictures which are in the project no more. */
GPtrArray *few_examples_get_refused (FewExamples *self);
void few_examples_clear_refused (FewExamples *self);
/* “changed”, for those who show them: where pictures come along, that says it. */
void few_examples_tell_refused (FewExamples *self);

/* ---- for those who take pictures in or find them again: several calls make one step, which
 * few_examples_changed, or few_examples_grew, and few_examples_did end */
/* A picture that is known by its number and not yet in the list. The caller owns it. */
FewPicture *few_examples_make_picture (FewExamples *self, const char *path, FewClass *klass);
/* What is touched there is told by the two. */
FewGallery *few_examples_get_gallery (FewExamples *self);
void few_examples_append (FewExamples *self, GPtrArray *pictures);
/* first, last: numbers of the pictures that the file came with; 0: none. */
void few_examples_refuse (FewExamples *self, const char *sentence, guint first, guint last);
void few_examples_report_progress (FewExamples *self, guint done, guint total);
/* Counts, settles which pictures are duplicates and tells everyone. */
void few_examples_changed (FewExamples *self);
/* The same where no picture went, and of those that were there the files stay what they are: which
 * of equal ones takes part is as it was. */
void few_examples_grew (FewExamples *self);
/* title: as "Remove 3 Pictures". */
void few_examples_did (FewExamples *self, const char *title);

/* ---- the project */
/* Adds classes and the template; pictures are the gallery's. Arrays are shared while nothing of
 * them changes. */
void few_examples_record (FewExamples *self, FewProject *project);
/* Becomes what the project and these pieces, in the place of its pictures, say. The same ids give
 * the same objects. */
void few_examples_restore (FewExamples *self, const FewProject *project, const GArray *pieces);
/* few_gallery_fill was done: that is told. */
void few_examples_filled (FewExamples *self, const char *template_text);
G_END_DECLS
