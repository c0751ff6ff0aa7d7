/* SPDX-License-Identifier: MIT */
/* Many files on one device, which may fail. */
#pragma once
#include <fewshot/encode.h>

typedef struct
{
  const char *const *paths;
  const char *cache_folder; /* NULL: none */
  FewEncodeFunc func;
  gpointer user;
  GCancellable *cancellable;
  gboolean without_hash; /* func wants none: it is given NULL where no cache asks for one */
} FewPictureFiles;

/* As few_model_encode_files. */
gboolean few_encode_files (FewModel *model, const FewPictureFiles *files, guint n, GError **error);

/* Encodes the files order [*n], as few_model_encode_files reports them. FALSE when the device has
 * failed, without leaving it: *n in front of `order` are those that are not encoded. */
gboolean few_encode_files_here (FewModel *model, const FewPictureFiles *files, guint *order,
                                guint *n, GError **error);
