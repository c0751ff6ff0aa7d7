/* SPDX-License-Identifier: MIT */
/* How right answers are, said the same way by train, eval and bench. */
#pragma once
#include "cli/cli.h"

/* balanced_accuracy, log_loss, calibration_error, swallowing_class; classes [K] */
void cli_scores_json (JsonBuilder *builder, const FewScores *scores, const char *const *classes);
/* cross_validated_accuracy with its interval and pictures; nothing where it is not known */
void cli_scores_json_cross_validated (JsonBuilder *builder, const FewScores *scores);
/* per_class: an object a class that has pictures, of labels [n] and predicted [n] */
void cli_scores_json_classes (JsonBuilder *builder, const guint32 *labels, const guint32 *predicted,
                              guint n, const char *const *classes, guint n_classes);
/* Says on standard error when one class swallows the others. */
void cli_scores_warn (const FewScores *scores, const char *const *classes);
