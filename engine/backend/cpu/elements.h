/* SPDX-License-Identifier: MIT */
/* Ops over flat memory, as backend.h says. */
#pragma once
#include "backend/cpu/stream.h"

void few_cpu_activate (FewStream *stream, gsize n, FewActivation activation, const float *x,
                       float *y);
void few_cpu_activation_backward (FewStream *stream, gsize n, FewActivation activation,
                                  const float *x, float *gradient);
void few_cpu_scatter_add_rows (FewStream *stream, guint m, guint w, const guint32 *rows_host,
                               const float *x, float *y, gsize ldy);
void few_cpu_affinity (FewStream *stream, gsize n, float sharpness, float *x);
void few_cpu_multiply (FewStream *stream, gsize n, float scale, const float *x, float *y);
void few_cpu_add_scaled_rows (FewStream *stream, guint m, guint d, const float *strength,
                              const float *x, const float *target, float *y);
void few_cpu_adam (FewStream *stream, gsize n, const FewUpdate *update, const float *gradient,
                   float *m, float *v, float *weights);
void few_cpu_sgd (FewStream *stream, gsize n, const FewUpdate *update, const float *gradient,
                  float *velocity, float *weights);
