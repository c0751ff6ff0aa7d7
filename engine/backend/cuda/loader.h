/* SPDX-License-Identifier: MIT */
/* GPUs, as far as libfewshot-cuda.so and the driver show them. */
#pragma once
#include <glib.h>

/* "f32", "tf32", "f16", "bf16" */
gboolean few_cuda_is_precision (const char *name);
/* GPUs as FewDevice, to free with few_device_free; none, with an error, when there are none. */
GPtrArray *few_cuda_devices (GError **error);
