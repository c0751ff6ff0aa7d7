/* SPDX-License-Identifier: MIT */
/* Groups: pictures that show the same thing (copies, crops, a burst) share a number, and never
 * fall on both sides of a split. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

/* How near two pictures count as one: this share of the median squared distance of a picture to its
 * nearest other one. */
#define FEW_NEAR_DUPLICATE 0.1

/* groups [n]: pictures of features [n, D] RAW whose unit features are nearer than `factor` times
 * the median squared distance of a picture to its nearest other one, and whatever hangs together
 * by such pairs, share the place of the first. A fallback: where it is known that files are
 * copies or a burst, join that in. n² D products; threads: 0 for one per processor. FALSE when
 * cancelled. */
FEW_API gboolean few_near_duplicates (const float *features, guint n, guint dim, double factor,
                                      guint threads, GCancellable *cancellable, guint32 *groups,
                                      GError **error);
/* The same, but parts of one file (addresses, see crop.h) are none of one another, however they
 * overlap: paths [n], entries may be NULL. */
FEW_API gboolean few_near_duplicates_apart (const float *features, guint n, guint dim,
                                            double factor, const char *const *paths, guint threads,
                                            GCancellable *cancellable, guint32 *groups,
                                            GError **error);
/* As few_near_duplicates_apart, for splits: where most pictures have a copy the copies are found,
 * too, by what is usual between any two pictures. paths [n] (or NULL; entries may be): pairs that
 * are near, but not that near, are looked at, so that a picture that was saved again at another
 * quality is found. */
FEW_API gboolean few_twins (const float *features, guint n, guint dim, const char *const *paths,
                            guint threads, GCancellable *cancellable, guint32 *groups,
                            GError **error);
/* What files say: bursts, pictures of one class that one camera took at most so long after one
 * another (EXIF of any kind of file: DateTimeOriginal, Make, Model, BodySerialNumber); folders, of
 * classes whose pictures lie in several: those below the one that holds the class. */
enum { FEW_BURST_SECONDS = 2 };
typedef enum {
  FEW_TOGETHER_BURSTS = 1,
  FEW_TOGETHER_FOLDERS = 2,
} FewTogether;
/* together [n]: pictures that belong together by `by` share a number, that of one of them, and so
 * do parts of one file whatever `by` says. paths [n] (entries may be NULL), labels [n]. A file that
 * cannot be read belongs to no burst. FALSE when cancelled or where memory is short. */
FEW_API gboolean few_groups_of_files (const char *const *paths, const guint32 *labels, guint n,
                                      FewTogether by, GCancellable *cancellable, guint32 *together,
                                      GError **error);
/* groups [n] hang together by what they did before and by equal keys [n], too: those of
 * content or of files. Afterwards each group is numbered by its first picture.
 * FALSE, and nothing is changed, where memory is short. */
FEW_API gboolean few_groups_join (guint32 *groups, const guint32 *keys, guint n, GError **error);
/* As few_groups_join, for folds, which can tell of a picture that has another of its class, of
 * labels [n], outside of its group: classes of which they could then tell less than half stay as
 * they are. roles [n]: those of a test are in no fold and do not count; NULL: there are none. */
FEW_API gboolean few_groups_join_told (guint32 *groups, const guint32 *keys, const guint32 *labels,
                                       const guint8 *roles, guint n, GError **error);
/* Parts of one file take the role of the first of them, right after roles [n] were drawn for each
 * by itself: moved singly, as few_split_keep_together does, hardly any would be left to test on.
 * pinned [n] (NULL: none are) ones stay what they are and are no first. drop: what is to be learned
 * from or chosen by for that goes out of use, which keeps the number of shots. paths [n] may be
 * NULL. FALSE, and nothing is changed, where memory is short. */
FEW_API gboolean few_split_spread_parts (const char *const *paths, const guint8 *pinned, guint n,
                                         gboolean drop, guint8 *roles, GError **error);
/* Whatever is on a later side of a split than another of its group (train before validation before
 * test; unused pictures have no side) goes there: to that role, or out of use when `drop` is set,
 * which keeps the number of shots. moved: how many did; may be NULL. FALSE, and nothing is changed,
 * where memory is short. */
FEW_API gboolean few_split_keep_together (const guint32 *groups, guint n, gboolean drop,
                                          guint8 *roles, guint *moved, GError **error);
/* Whatever is learned from or chosen by goes out of use where a pinned picture [n] is of its group:
 * that stays a test picture. left_out: how many; may be NULL. FALSE, and nothing is changed, where
 * memory is short. */
FEW_API gboolean few_split_keep_pinned (const guint32 *groups, const guint8 *pinned, guint n,
                                        guint8 *roles, guint *left_out, GError **error);

G_END_DECLS
