/* SPDX-License-Identifier: MIT */
/* What every public header begins with. FEW_API: part of the library's interface; all other
 * symbols are hidden. */
#pragma once
#include <gio/gio.h>

#define FEW_API __attribute__ ((visibility ("default"))) extern
