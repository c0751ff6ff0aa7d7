/* SPDX-License-Identifier: MIT */
/* The methods as Train's list shows them. */
#pragma once
#include "session/few-desk.h"
#include <adwaita.h>

G_BEGIN_DECLS
/* Rows of few_method_choice's titles; those that need texts, which the desk's model may not read,
 * say so and cannot be chosen. To be called again when the desk has another model. */
void few_method_list_show (AdwComboRow *methods, FewDesk *desk);
G_END_DECLS
