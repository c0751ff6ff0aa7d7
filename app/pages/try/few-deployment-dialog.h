/* SPDX-License-Identifier: MIT */
/* What no picture tells of a camera trap, asked before a Camtrap DP is written. */
#pragma once
#include "common/keep.h"
#include <adwaita.h>

G_BEGIN_DECLS
/* The answers, as they were typed. */
typedef struct FewPlaceTold FewPlaceTold;
void few_place_told_free (FewPlaceTold *told);
/* Strings stay `told`'s. */
void few_place_told_fill (const FewPlaceTold *told, FewDeployment *deployment);

#define FEW_TYPE_DEPLOYMENT_DIALOG (few_deployment_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FewDeploymentDialog, few_deployment_dialog, FEW, DEPLOYMENT_DIALOG,
                      AdwMessageDialog)

/* told is the callee's. */
typedef void (*FewPlaceToldFunc) (gpointer object, FewPlaceTold *told);
/* answered is called with `object`, a GObject, if that is still there, and not when it is
 * cancelled. */
GtkWindow *few_deployment_dialog_new (GtkWindow *parent, FewPlaceToldFunc answered,
                                      gpointer object);
G_END_DECLS
