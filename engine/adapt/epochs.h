/* SPDX-License-Identifier: MIT */
/* What each epoch of a run came to. Its sums stay on the device until somebody asks, so that no
 * step waits for the one before it. */
#pragma once
#include "backend/backend.h"
#include <fewshot/snapshot.h>

typedef struct
{
  const FewBackendOps *ops;
  FewStream *stream;
  guint n, n_validation;
  /* device: of the epoch under way */
  float *loss, *correct; /* [room]: the n training pictures as they come */
  float *right;          /* [n_validation]: 1 for a picture that is classified well */
  float *ones;
  /* device [epochs, 3]: sums of the three, an epoch a row */
  float *sums;
  guint closed, epochs;
  GArray *history; /* FewEpoch: what was read of them */
} FewEpochs;

/* Σ of m values on the device; waits for it. */
double few_device_sum (const FewBackendOps *ops, FewStream *stream, const float *device, guint m);
/* The device memory that it takes; room ≥ n: elements of loss and correct. */
gsize few_epochs_floats (guint room, guint n_validation, guint epochs);
/* memory: device, so many floats, which stay the caller's. */
void few_epochs_init (FewEpochs *epochs, const FewBackend *backend, float *memory, guint room,
                      guint n, guint n_validation, guint n_epochs);
void few_epochs_clear (FewEpochs *epochs);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FewEpochs, few_epochs_clear)
/* Ends an epoch: loss, correct and right are summed and may be written again. Does not wait. */
void few_epochs_close (FewEpochs *epochs);
/* All epochs that were ended, until the next call; waits for the device. */
const FewEpoch *few_epochs_read (FewEpochs *epochs, guint *n);
