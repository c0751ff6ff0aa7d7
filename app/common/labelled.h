/* SPDX-License-Identifier: MIT */
/* Labelled pictures as folders that other programs learn from: YOLO's for classification
 * (train/, val/ and test/ of class folders; not of pictures with any number of labels), and a data
 * set of Hugging Face's (pictures beside metadata.csv, or with any number of labels beside
 * metadata.jsonl, a card). Pictures are copied, or linked to; nothing is overwritten, and what an
 * earlier run has copied is passed over. Of a part of a picture (an address, see <fewshot/crop.h>)
 * folders get the part alone, cut out as a PNG. COCO of them is one file, which names boxes. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
typedef enum {
  FEW_LABELLED_YOLO,
  FEW_LABELLED_HUGGING_FACE,
  FEW_LABELLED_COCO,
  FEW_LABELLED_FORMATS
} FewLabelledFormat;

/* "yolo", "huggingface", "coco". */
const char *few_labelled_format_name (FewLabelledFormat format);
/* FEW_LABELLED_FORMATS: none is called so. */
FewLabelledFormat few_labelled_format_find (const char *name);

typedef struct
{
  guint copied, there;
  guint left_out;        /* of COCO: pictures whose size cannot be read */
  guint elsewhere;       /* of COCO: those named by their whole path, as they are not below its
                          * folder */
  char card_kept[24];    /* of Hugging Face's: what the file of another card that was there is
                          * called now; "": there was none */
  gboolean split_drawn;  /* the set said nothing of what is for what: a fifth each to test and
                          * to validate on, where there are enough */
} FewLabelledDone;

/* progress (may be NULL): pictures so far, from this thread. */
gboolean few_labelled_write (const FewDataset *set, FewLabelledFormat format, const char *output,
                             gboolean link, void (*progress) (gpointer user, guint done),
                             gpointer user, GCancellable *cancellable, FewLabelledDone *done,
                             GError **error);
G_END_DECLS
