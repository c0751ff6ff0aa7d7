/* SPDX-License-Identifier: MIT */
/* GPUs, as far as libfewshot-cuda.so and the driver show them. */
#pragma once
#include <glib.h>

/* GPUs as FewDevice, to free with few_device_free; none, with an error, when there are none. */
GPtrArray *few_cuda_devices (GError **error);
