/* SPDX-License-Identifier: MIT */
/* Kinds of changes that can be undone, as the signals "did" carry them. */
#pragma once

/* Changes of one kind that follow each other quickly are one; FEW_EDIT_ONE always stands alone. */
typedef enum { FEW_EDIT_ONE, FEW_EDIT_ALPHA, FEW_EDIT_SETTINGS } FewEdit;
