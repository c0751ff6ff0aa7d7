/* SPDX-License-Identifier: MIT */
/* A share in the metadata of a classifier's file: from 0 to 1, NAN where it does not tell. */
#include "adapt/origin.h"
#include <math.h>

void
few_origin_put_share (FewSafetensorsWriter *writer, const char *key, double share)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  if (!isnan (share))
    few_safetensors_writer_metadata (writer, key,
                                     g_ascii_formatd (text, sizeof text, "%.6g", share));
}

double
few_origin_read_share (const FewSafetensors *file, const char *key)
{
  const char *text = few_safetensors_metadata (file, key);
  double share = text ? g_ascii_strtod (text, NULL) : NAN;
  return share >= 0 && share <= 1 ? share : NAN;
}
