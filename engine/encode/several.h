/* SPDX-License-Identifier: MIT */
/* Many files on several devices. */
#pragma once
#include "encode/pictures.h"

typedef struct
{
  FewModel *model;
  gboolean lost; /* its device failed: it is asked no more */
} FewShare;

/* Encodes the files 0 … n − 1 on all devices at once, a thread each, which take pieces as they come
 * to them. One that fails is done without, `lost` hears why, and the others do its pictures; where
 * all have failed, the first goes on on the CPU. FALSE when cancelled, or where memory is short. */
gboolean few_encode_on_several (FewShare *shares, guint n_shares, const FewPictureFiles *files,
                                guint n, void (*lost) (gpointer user, const char *sentence),
                                GError **error);
