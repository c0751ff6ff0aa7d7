/* SPDX-License-Identifier: MIT */
/* What may be believed of the answers of the run in view. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_TRUST_PANE (few_trust_pane_get_type ())
G_DECLARE_FINAL_TYPE (FewTrustPane, few_trust_pane, FEW, TRUST_PANE, GtkWidget)

void few_trust_pane_set_session (FewTrustPane *self, FewSession *session);
/* What it says in words. */
const char *few_trust_pane_get_text (FewTrustPane *self);
G_END_DECLS
