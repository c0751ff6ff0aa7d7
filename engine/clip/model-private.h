/* SPDX-License-Identifier: MIT */
/* What a FewModel is, for the files of this room. */
#pragma once
#include "formats/feature-cache.h"
#include "image/picture.h"
#include "text/tokenizer.h"
#include "clip/loaded.h"
#include <fewshot/model.h>

struct FewModel
{
  gatomicrefcount refs;
  FewModelInfo info;
  FewClipConfig config;
  FewLoaded loaded;
  FewModel *left;   /* what was on a GPU that failed: trainers may still point to its backend */
  char *images; /* few_fingerprint_images */
  char *cpu;        /* the device for when a GPU fails */
  char *notice;     /* why a GPU is not used, until it is taken */
  FewTokenizer *tokenizer;
  FewPictureLimits limits;
  FewFeatureCache *cache; /* the last one used; NULL before */
  char *cache_name;       /* its folder and key */
  char *unkept; /* why the last features could not be kept; NULL: they could */
  FewTapFunc tap;
  gpointer tap_user;
  const FewInserted *inserted; /* into the image tower, for the time being; NULL: nothing is */
};
