/* SPDX-License-Identifier: MIT */
/* The curves, of pixels that a place takes from one picture into the other. */
#include "heat-curves.h"
#include "heat/heat.h"
#include <fewshot/classify.h>
#include <string.h>

void
heat_order (const float *map, guint n, guint *order)
{
  for (guint i = 0; i < n; i++)
    {
      guint at = i;
      for (; at > 0 && map[order[at - 1]] < map[i]; at--)
        order[at] = order[at - 1];
      order[at] = i;
    }
}

/* One place of `to` as it is in `from`, both [3, R, R]. */
static void
take_place (const float *from, float *to, guint r, guint side, guint place)
{
  guint left = place % side * r / side;
  guint right = (place % side + 1) * r / side;
  guint top = place / side * r / side;
  guint bottom = (place / side + 1) * r / side;
  for (guint c = 0; c < 3; c++)
    for (guint y = top; y < bottom; y++)
      {
        gsize at = ((gsize) c * r + y) * r + left;
        memcpy (to + at, from + at, (right - left) * sizeof *to);
      }
}

/* The mean probability while `to` becomes `from`, place by place. */
static double
walk (FewModel *model, const FewClassifier *classifier, const float *from, const float *to,
      guint side, const guint *order, guint class_index, double alpha)
{
  guint r = few_model_info (model)->preprocess.size;
  guint steps = side * side + 1;
  gsize one = (gsize) 3 * r * r;
  guint length = few_classifier_length (classifier);
  g_autofree float *pixels = g_new (float, steps *one);
  g_autofree float *features = g_new (float, (gsize) steps *length);
  g_autofree float *answer = g_new (float, few_classifier_info (classifier)->n_classes);
  g_autoptr (GError) error = NULL;
  double sum = 0;
  memcpy (pixels, to, one * sizeof *pixels);
  for (guint i = 1; i < steps; i++)
    {
      memcpy (pixels + i * one, pixels + (i - 1) * one, one * sizeof *pixels);
      take_place (from, pixels + i * one, r, side, order[i - 1]);
    }
  few_classifier_encode_pixels (classifier, model, pixels, steps, features, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < steps; i++)
    {
      few_classifier_predict (classifier, features + (gsize) i * length, alpha, NULL, answer);
      sum += answer[class_index];
    }
  return sum / steps;
}

HeatCurves
heat_curves (FewModel *model, const FewClassifier *classifier, const float *pixels, guint side,
             const guint *order, guint class_index, double alpha)
{
  guint r = few_model_info (model)->preprocess.size;
  g_autofree float *blurred = g_new (float, (gsize) 3 * r * r);
  g_assert_true (few_heat_blur (pixels, r, blurred, NULL));
  return (HeatCurves) {
    walk (model, classifier, blurred, pixels, side, order, class_index, alpha),
    walk (model, classifier, pixels, blurred, side, order, class_index, alpha),
  };
}
