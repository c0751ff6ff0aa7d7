/* SPDX-License-Identifier: MIT */
/* Compares every op of a backend with another's. */
#pragma once
#include <fewshot/device.h>
#include "backend/backend.h"

/* func may be NULL. FALSE with FEW_ERROR_UNSUPPORTED when an op differs by more than rounding,
 * with the device's own error when it fails. */
gboolean few_op_check (FewBackend *backend, FewBackend *reference, FewSelftestFunc func,
                       gpointer user, GError **error);
