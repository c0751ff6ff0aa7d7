/* SPDX-License-Identifier: MIT */
/* The image tower of a model in tests/data/families or tests/data/golden, without its tokenizer. */
#pragma once
#include "clip/loaded.h"

typedef struct
{
  FewClipConfig config;
  FewLoaded loaded;
} Family;

/* path below tests/data */
Family *family_open (const char *path, const char *precision);
void family_free (Family *family);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Family, family_free)
/* features [b, D] of b pictures that `seed` draws */
void family_encode (Family *family, guint seed, guint b, float *features);
