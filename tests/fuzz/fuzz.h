/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share: bytes as a file that the engine's readers can open. */
#pragma once
#define _GNU_SOURCE
#include <glib.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* The path of a file in memory that holds `data`, or NULL; the descriptor, to be closed, in *fd. */
static inline char *
fuzz_file (const uint8_t *data, size_t size, int *fd)
{
  *fd = memfd_create ("fuzz", MFD_CLOEXEC);
  if (*fd >= 0 && write (*fd, data, size) == (ssize_t) size)
    return g_strdup_printf ("/proc/self/fd/%d", *fd);
  return NULL;
}
