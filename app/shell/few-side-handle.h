/* SPDX-License-Identifier: MIT */
/* Between what stands at the side and the pages: dragged, or moved by arrows, it makes the side
 * wider. The width is kept in the settings. UI thread. */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_SIDE_HANDLE (few_side_handle_get_type ())
G_DECLARE_FINAL_TYPE (FewSideHandle, few_side_handle, FEW, SIDE_HANDLE, GtkWidget)

/* What it takes of the width. */
enum { FEW_SIDE_HANDLE_ROOM = 6 };
/* Of that side, which is no narrower than it has to be. */
void few_side_handle_set_side (FewSideHandle *self, GtkWidget *side);
G_END_DECLS
