/* SPDX-License-Identifier: MIT */
/* A backend beside another: each op runs on both, and the results are compared. */
#include "backend/op-check.h"
#include "backend/op-runs.h"
#include "base/error.h"
#include <fewshot/device.h>
#include <math.h>
#include <string.h>

static gboolean
run_on (FewBackend *backend, const FewOpCheck *check, GArray *left, GError **error)
{
  FewOpRun r = { backend,
                 backend->ops,
                 backend->stream,
                 g_rand_new_with_seed (17),
                 g_ptr_array_new (),
                 g_ptr_array_new (),
                 left,
                 NULL };
  check->run (&r);
  if (!r.error)
    backend->ops->check (backend->stream, &r.error);
  for (guint i = 0; i < r.memory->len; i++)
    backend->ops->free (backend, r.memory->pdata[i]);
  for (guint i = 0; i < r.matrices->len; i++)
    backend->ops->matrix_free (backend, r.matrices->pdata[i]);
  g_ptr_array_unref (r.memory);
  g_ptr_array_unref (r.matrices);
  g_rand_free (r.random);
  if (!r.error)
    return TRUE;
  g_propagate_error (error, r.error);
  return FALSE;
}

/* Of an input, half a unit in the last place: f16 has 11 bits, bf16 8; of tf32's 11 a whole one, as
 * tensor cores may cut off the rest. */
static double
rounding_of (const FewBackend *backend)
{
  if (g_str_equal (backend->precision, "f16"))
    return 1.0 / 2048;
  if (g_str_equal (backend->precision, "tf32"))
    return 1.0 / 1024;
  return g_str_equal (backend->precision, "bf16") ? 1.0 / 256 : 0;
}

/* The largest difference, relative to 1 + the size of the result. */
static double
compare_results (const GArray *ours, const GArray *theirs)
{
  double worst = 0;
  for (guint j = 0; j < ours->len; j++)
    {
      double x = g_array_index (ours, float, j);
      double y = g_array_index (theirs, float, j);
      double difference = fabs (x - y) / (1 + fabs (y));
      if (!(difference <= worst)) /* not a number is worse */
        worst = isnan (difference) ? INFINITY : difference;
    }
  return worst;
}

static void
fail_differing (const FewBackend *backend, const char *name, double worst, double allowed,
                GError **error)
{
  char found[G_ASCII_DTOSTR_BUF_SIZE];
  char most[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (found, sizeof found, "%.2g", worst);
  g_ascii_formatd (most, sizeof most, "%.2g", allowed);
  few_fail (error, UNSUPPORTED,
            "%s computes “%s” otherwise than the CPU (a difference of %s where %s is rounding). "
            "Please report it.",
            backend->description, name, found, most);
}

gboolean
few_op_check (FewBackend *backend, FewBackend *reference, FewSelftestFunc func, gpointer user,
              GError **error)
{
  gboolean ok = TRUE;
  double rounding = rounding_of (backend);
  for (guint i = 0; i < few_n_op_checks; i++)
    {
      g_autoptr (GArray) ours = g_array_new (FALSE, TRUE, sizeof (float));
      g_autoptr (GArray) theirs = g_array_new (FALSE, TRUE, sizeof (float));
      if (!run_on (backend, &few_op_checks[i], ours, error)
          || !run_on (reference, &few_op_checks[i], theirs, error))
        return FALSE;
      /* Two rounded factors of size at most 1, errors of either sign: √n of them, and three
       * times that is rare */
      double allowed =
          3e-5 + (few_op_checks[i].summed ? 3 * rounding * sqrt (few_op_checks[i].summed) : 0);
      double worst = compare_results (ours, theirs);
      if (func)
        func (user, few_op_checks[i].name, worst, allowed);
      if (worst > allowed && ok)
        {
          ok = FALSE;
          fail_differing (backend, few_op_checks[i].name, worst, allowed, error);
        }
    }
  return ok;
}
