/* SPDX-License-Identifier: MIT */
/* Devices by name. */
#pragma once
#include <fewshot/device.h>
#include "backend/backend.h"

/* "auto" (or NULL), "cpu", "cuda:0", with ":" and a precision, as <fewshot/model.h> says them, and
 * ",threads=N". *notice: why "auto" did not take a GPU that is there. */
FewBackend *few_backend_open (const char *device, char **notice, GError **error);
/* Where the work of that device goes on when it is a GPU that fails: the CPU, in the way of the CPU
 * that was asked for, if any was, and as many threads. Free with g_free. */
char *few_device_on_cpu (const char *device);
void few_device_free (FewDevice *device);
