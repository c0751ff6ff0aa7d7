/* SPDX-License-Identifier: MIT */
/* Dense matrices in double precision on the host, for what is solved in closed form: products,
 * Cholesky's factor, the softmax. Row-major; "ld" is the distance between rows. A FewDense is one
 * thread's; results do not depend on how work is shared among threads. */
#pragma once
#include "backend/pool.h"
#include <gio/gio.h>

typedef struct FewDense FewDense;
/* NULL: there is no memory. */
FewDense *few_dense_new (GError **error);
/* With the kernels of an instruction-set level, "v2", "v3" or "v4"; NULL when this processor lacks
 * it, too. */
FewDense *few_dense_new_for (const char *level);
void few_dense_free (FewDense *dense);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewDense, few_dense_free)
/* One for each of the pool's threads, and NULL behind the last; NULL: there is no memory. */
FewDense **few_dense_new_each (FewPool *pool, GError **error);
/* NULL: nothing. */
void few_dense_free_each (FewDense **dense);

/* c [m, n] = beta c + scale op(a) [m, k] op(b) [k, n]; op is the transpose where the flag is set.
 * c is neither a nor b. */
typedef struct
{
  guint m, n, k;
  double scale, beta;
  const double *a;
  gsize lda;
  gboolean transpose_a;
  const double *b;
  gsize ldb;
  gboolean transpose_b;
  double *c;
  gsize ldc;
  /* c [m, m] is symmetric: nothing above the diagonal's tiles is computed, and what stands there
   * is undefined */
  gboolean lower;
} FewDenseProduct;

void few_dense_product (FewDense *dense, const FewDenseProduct *product);
/* The same by bands of rows on the pool's threads, dense [threads]. */
void few_dense_product_shared (FewPool *pool, FewDense *const *dense,
                               const FewDenseProduct *product);
/* a [d, d]: what stands below the diagonal, copied above it */
void few_dense_mirror (double *a, guint d);

enum { FEW_DENSE_BLOCK = 32 };
/* How many doubles `inverses` of few_dense_factor has. */
gsize few_dense_inverses (guint d);
/* L [d, d] of a = L Lᵀ in place of the lower triangle of a positive definite matrix, and the
 * inverses of L's diagonal blocks, which few_dense_solve multiplies by. FALSE when the matrix is
 * not positive definite. */
gboolean few_dense_factor (FewDense *dense, double *a, guint d, double *inverses);
/* Rows x [m, d] of x (L Lᵀ) = b, in the place of b. */
void few_dense_solve (FewDense *dense, const double *l, const double *inverses, guint d, double *x,
                      guint m);
/* The same on the pool's threads, dense [threads], for matrices of thousands. FALSE when it was
 * cancelled (NULL: it cannot be), too: then a is undefined. */
enum { FEW_DENSE_WIDE = 8 * FEW_DENSE_BLOCK };
gboolean few_dense_factor_shared (FewPool *pool, FewDense *const *dense, double *a, guint d,
                                  double *inverses, GCancellable *cancellable);
void few_dense_solve_shared (FewPool *pool, FewDense *const *dense, const double *l,
                             const double *inverses, guint d, double *x, guint m);
/* The largest eigenvalue of a symmetric a [d, d], of which all is read (Lanczos's method with full
 * reorthogonalisation). FALSE: there is no memory. */
gboolean few_dense_largest_eigenvalue (const double *a, guint d, double *largest, GError **error);
/* row [n] → its softmax; log Σ exp of the row */
double few_dense_softmax (const FewDense *dense, guint n, double *row);
