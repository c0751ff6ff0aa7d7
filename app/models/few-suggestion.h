/* SPDX-License-Identifier: MIT */
/* Which models of a catalogue suit a computer and the person before it. */
#pragma once
#include <fewshot.h>
#include <gio/gio.h>

G_BEGIN_DECLS
typedef struct
{
  double memory; /* bytes; 0: not known */
  guint processors;
  gboolean english; /* what the person reads */
} FewComputer;

/* This one. */
void few_computer_look (FewComputer *computer);
typedef enum { FEW_FIT_WELL, FEW_FIT_SLOWLY, FEW_FIT_NOT } FewFit;

FewFit few_computer_fit (const FewComputer *computer, const FewCatalogueEntry *entry);
/* Pictures a second, from what was measured on two cores; 0: not known */
double few_computer_rate (const FewComputer *computer, const FewCatalogueEntry *entry);
/* Of two that read names: whether `entry` is the better choice than `other` (NULL: any is, that
 * runs well here and reads what the person writes). */
gboolean few_computer_prefers (const FewComputer *computer, const FewCatalogueEntry *entry,
                               const FewCatalogueEntry *other);
G_END_DECLS
