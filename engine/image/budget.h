/* SPDX-License-Identifier: MIT */
/* How much memory decoding may take: each lane decodes a picture of its own, and two hundred
 * megapixels a lane would fill the machine. */
#pragma once
#include <fewshot/picture.h>

/* Waits until there is room for `bytes`, or nobody else decodes. One piece a thread at a time. */
void few_decode_budget_take (FewDecodeBudget *budget, guint64 bytes);
void few_decode_budget_give (FewDecodeBudget *budget, guint64 bytes);
/* The most that was taken at once. */
guint64 few_decode_budget_peak (FewDecodeBudget *budget);
