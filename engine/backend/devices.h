/* SPDX-License-Identifier: MIT */
/* Devices by name. */
#pragma once
#include <fewshot/device.h>
#include "backend/backend.h"

/* "auto" (or NULL), "cpu", "cuda:0", with ":" and a precision, as <fewshot/model.h> says them, and
 * ",threads=N". *notice: why "auto" did not take a GPU that is there. */
FewBackend *few_backend_open (const char *device, char **notice, GError **error);
void few_device_free (FewDevice *device);
