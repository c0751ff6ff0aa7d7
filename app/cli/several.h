/* SPDX-License-Identifier: MIT */
/* Pictures with any number of labels: what is learned of them, and how right it is, said the same
 * way by train, eval and bench. */
#pragma once
#include "cli/data.h"

/* Members map, micro_f1 … of an object that is begun, each with `prefix` before its name. */
void cli_several_json (JsonBuilder *builder, const char *prefix, const FewSeveralScores *scores);
/* per_label: an object a label, with its name and threshold where there are classes and thresholds
 * (or NULL). */
void cli_several_json_labels (JsonBuilder *builder, const FewSeveralScores *scores,
                              const char *const *classes, const float *thresholds);
/* A line a label under a heading. */
void cli_several_print_labels (const FewSeveralScores *scores, const char *const *classes,
                               const float *thresholds);
/* “mean average precision 81.3 %, F1 72.0 % (micro) …” without a line's end; free with g_free. */
char *cli_several_describe (const FewSeveralScores *scores);
/* On standard error, which labels have a threshold of ½ for want of pictures. */
void cli_several_warn (const FewClassifierInfo *info);
/* eval of a classifier that tells each label by itself. */
int cli_several_eval (Cli *cli, const FewClassifier *classifier, FewModel *model,
                      const char *folder);
/* The end of train. */
gboolean cli_several_report (const Cli *cli, const CliData *data, const CliTrainJob *job,
                             const FewSnapshot *snapshot, const FewModelInfo *model, double seconds,
                             GError **error);
