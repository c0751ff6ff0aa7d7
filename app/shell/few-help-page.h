/* SPDX-License-Identifier: MIT */
/* A page of the help: Mallard, as far as this program's own pages use it, as paragraphs in Pango's
 * markup. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
typedef enum {
  FEW_HELP_HEADING,
  FEW_HELP_TEXT,
  FEW_HELP_STEP,
  FEW_HELP_ITEM,
  FEW_HELP_PICTURE
} FewHelpKind;

typedef struct
{
  FewHelpKind kind;
  guint number; /* of a step, from 1 */
  char *markup; /* of a picture: what it shows */
  char *source; /* of a picture: its file, from the folder of the pages; NULL */
} FewHelpBlock;

typedef struct
{
  char *title, *summary; /* markup; "" where the page has none */
  GPtrArray *blocks;     /* FewHelpBlock */
} FewHelpPage;

/* Error: what is wrong with the XML. */
FewHelpPage *few_help_page_parse (const char *text, gsize length, GError **error);
void few_help_page_free (FewHelpPage *page);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewHelpPage, few_help_page_free)
G_END_DECLS
