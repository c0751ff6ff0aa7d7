/* SPDX-License-Identifier: MIT */
/* What the lens needs of every picture: a·t and f·t for each class, |a|², |f|², a·f. */
#pragma once
#include <fewshot/lens.h>

typedef struct FewEnvelope FewEnvelope;

struct FewSnapshot
{
  gatomicrefcount refs;
  FewSnapshotInfo info;
  float *at, *ft;       /* [N, K] */
  float *aa, *ff, *af;  /* [N] */
  /* [N] a·t and f·t of a picture's own class, once it is sealed: in the tables each lies in a page
   * of its own */
  float *own_at, *own_ft;
  float *inserted; /* info.inserted */
  float *looks; /* [N, 2] FewLook, NAN where it was not looked; NULL: nothing is known */
  guint32 *zero_shot; /* [N] what α 0 predicts; NULL: not known yet */
  float *margins; /* [N] where every α says the same, for nothing was learned; NULL: not so */
  FewEnvelope *envelope; /* atomic: few_lens_prepare makes it at any time; NULL: it has not */
  double curve[FEW_CURVE_POINTS];
  double tested_at, tested; /* an α, NAN: none, and the accuracy on test pictures there */
  GDestroyNotify classifier_unref; /* of info.classifier, whose room lies above this one */
};

/* Room for n pictures; labels, roles and ids (NULL: 0…n−1) are copied. NULL with a sentence where
 * there is none. */
FewSnapshot *few_snapshot_new (guint n, guint n_classes, guint dim, const guint32 *labels,
                               const guint8 *roles, const guint32 *ids, GError **error);
/* So, of what learned nothing: a is f, and the largest table is there once. */
FewSnapshot *few_snapshot_new_zero_shot (guint n, guint n_classes, guint dim, const guint32 *labels,
                                         const guint8 *roles, const guint32 *ids, GError **error);
/* A reference of its own; nothing for NULL, of either. */
void few_snapshot_take_sets (FewSnapshot *snapshot, FewLabelSets *sets);
/* Takes it over; NULL: nothing is known. */
void few_snapshot_take_several (FewSnapshot *snapshot, FewSeveralScores *scores);
/* Takes over a reference that classifier_unref gives back. */
void few_snapshot_take_classifier (FewSnapshot *snapshot, FewClassifier *classifier,
                                   GDestroyNotify classifier_unref);
