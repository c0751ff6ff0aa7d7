/* SPDX-License-Identifier: MIT */
/* The page switcher below the window: with the pages' names where all of them fit, else with their
 * icons alone, which then say their names as tooltips. UI thread. */
#pragma once
#include <adwaita.h>

/* By the width that its window has now. */
void few_switcher_fit (AdwViewSwitcherBar *bar);
