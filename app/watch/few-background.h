/* SPDX-License-Identifier: MIT */
/* Leave to go on without a window, from the desktop's portal
 * (org.freedesktop.portal.Background). UI thread. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS
#define FEW_TYPE_BACKGROUND (few_background_get_type ())
G_DECLARE_FINAL_TYPE (FewBackground, few_background, FEW, BACKGROUND, GObject)

/* UNKNOWN: not asked yet. NONE: there is no such portal. */
typedef enum {
  FEW_BACKGROUND_UNKNOWN,
  FEW_BACKGROUND_ASKING,
  FEW_BACKGROUND_NONE,
  FEW_BACKGROUND_ALLOWED,
  FEW_BACKGROUND_DENIED
} FewBackgroundState;

/* Signal "changed" (): the answer. */
FewBackground *few_background_new (void);
/* login: also to be started by the next login. While an answer is waited for, nothing is asked. */
void few_background_ask (FewBackground *self, GDBusConnection *bus, gboolean login);
FewBackgroundState few_background_get_state (FewBackground *self);
G_END_DECLS
