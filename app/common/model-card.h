/* SPDX-License-Identifier: MIT */
/* A model card in Markdown, of what a classifier's file tells of itself: what it is, how it was
 * made, what it was measured on and how well it did, and what is not known. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
/* file: its name, as it stands beside the card. Free with g_free. */
char *few_model_card (const FewClassifierInfo *info, const char *file);
G_END_DECLS
