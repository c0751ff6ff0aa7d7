/* SPDX-License-Identifier: MIT */
/* What can go wrong: the domain and codes of every GError of the library. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

#define FEW_ERROR (few_error_quark ())
FEW_API GQuark few_error_quark (void);

typedef enum {
  FEW_ERROR_FORMAT,      /* a file does not follow its format */
  FEW_ERROR_UNSUPPORTED, /* it does, and asks for something that is not there */
  FEW_ERROR_INPUT,       /* the data given cannot be used */
  FEW_ERROR_LIMIT,       /* larger than a stated limit */
  FEW_ERROR_DEVICE,      /* a processor that is not there, or failed */
  FEW_ERROR_MEMORY,      /* too little of it, on the device that is used */
} FewError;

G_END_DECLS
