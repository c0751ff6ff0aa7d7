/* SPDX-License-Identifier: MIT */
/* Devices by name. */
#pragma once
#include <fewshot/device.h>
#include "backend/backend.h"

/* "auto" (or NULL), "auto:f32", "auto:bf16", "auto:int8", "auto:fast", "cpu", "cpu:bf16",
 * "cpu:int8", "cpu:fast", "cuda:0", "cuda:0:f32", with ",threads=N". *notice: why "auto" did not
 * take a GPU that is there. */
FewBackend *few_backend_open (const char *device, char **notice, GError **error);
void few_device_free (FewDevice *device);
