/* SPDX-License-Identifier: MIT */
/* Cholesky's factors of 1 + s G, as they are asked for. */
#include "adapt/curvature.h"
#include "base/memory.h"
#include "base/words.h"
#include <math.h>
#include <string.h>

enum { LEAST = -20, MOST = 40, POWERS = MOST - LEAST + 1 }; /* of four */
static const char WHAT[] = N_ ("learning from so many pictures and classes");

struct FewCurvatureFactor
{
  guint d;
  double *l, *inverses; /* as few_dense_factor leaves them */
};

struct FewCurvature
{
  guint d;
  double *g;  /* [D, D] */
  GMutex lock; /* of the factors and their room */
  FewCurvatureFactor factors[POWERS]; /* l NULL: not made */
  FewRoom room;
};

FewCurvature *
few_curvature_new (FewPool *pool, FewDense *const *dense, const double *x, guint n, guint width,
                   GError **error)
{
  g_autoptr (FewCurvature) curvature = g_new0 (FewCurvature, 1);
  guint d = width - 1;
  g_mutex_init (&curvature->lock);
  curvature->d = d;
  curvature->g = few_room_new (&curvature->room, double, d, d);
  if (few_room_is_short (&curvature->room, WHAT, error))
    return NULL;
  few_dense_product_shared (pool, dense,
                            &(FewDenseProduct) { .m = d,
                                                 .n = d,
                                                 .k = n,
                                                 .scale = 1.0 / MAX (n, 1),
                                                 .a = x,
                                                 .lda = width,
                                                 .transpose_a = TRUE,
                                                 .b = x,
                                                 .ldb = width,
                                                 .c = curvature->g,
                                                 .ldc = d,
                                                 .lower = TRUE });
  return g_steal_pointer (&curvature);
}

void
few_curvature_free (FewCurvature *curvature)
{
  few_room_clear (&curvature->room);
  g_mutex_clear (&curvature->lock);
  g_free (curvature);
}

/* Of a lower triangle; what stands above it does not count. */
static gboolean
make_factor (FewCurvature *curvature, FewDense *dense, double s, FewCurvatureFactor *factor,
             GError **error)
{
  gsize d = curvature->d;
  double *l = few_room_new (&curvature->room, double, d, d);
  double *inverses = few_room_new (&curvature->room, double, few_dense_inverses (curvature->d), 1);
  if (few_room_is_short (&curvature->room, WHAT, error))
    return FALSE;
  for (gsize i = 0; i < d; i++)
    {
      for (gsize j = 0; j <= i; j++)
        l[i * d + j] = s * curvature->g[i * d + j];
      l[i * d + i] += 1;
    }
  if (!few_dense_factor (dense, l, curvature->d, inverses)) /* of numbers that are none: as it is */
    {
      memset (l, 0, d * d * sizeof *l);
      for (gsize i = 0; i < d; i++)
        l[i * d + i] = 1;
      few_dense_factor (dense, l, curvature->d, inverses);
    }
  *factor = (FewCurvatureFactor) { curvature->d, l, inverses };
  return TRUE;
}

const FewCurvatureFactor *
few_curvature_find (FewCurvature *curvature, FewDense *dense, double s, GError **error)
{
  double power = round (log2 (MAX (s, 1e-12)) / 2);
  int at = (int) CLAMP (power, LEAST, MOST);
  FewCurvatureFactor *factor = &curvature->factors[at - LEAST];
  g_mutex_lock (&curvature->lock);
  gboolean ok = factor->l || make_factor (curvature, dense, ldexp (1, 2 * at), factor, error);
  g_mutex_unlock (&curvature->lock);
  return ok ? factor : NULL;
}

void
few_curvature_solve (const FewCurvatureFactor *factor, FewDense *dense, double *rows, guint m)
{
  few_dense_solve (dense, factor->l, factor->inverses, factor->d, rows, m);
}
