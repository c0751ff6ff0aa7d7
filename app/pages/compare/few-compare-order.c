/* SPDX-License-Identifier: MIT */
/* By a number, or the place that a method has. */
#include "pages/compare/few-compare-order.h"
#include <math.h>

typedef struct
{
  FewComparison *comparison;
  guint column;
  FewSorting sorting;
} Order;

/* NAN: nothing yet. */
static double
get_value (const Order *order, guint method)
{
  guint n;
  const guint *shots = few_comparison_get_shots (order->comparison, &n);
  FewComparisonCell cell;
  if (order->column == 0 || n == 0)
    return -(double) method;
  few_comparison_get_cell (order->comparison, method, shots[MIN (order->column, n) - 1], &cell);
  if (cell.reason || cell.runs == 0)
    return NAN;
  if (order->column <= n)
    return cell.mean;
  return order->column == n + 1 ? cell.seconds : (double) cell.parameters;
}

static int
compare_methods (gconstpointer a, gconstpointer b, gpointer user)
{
  const Order *order = user;
  guint first = *(const guint *) a;
  guint second = *(const guint *) b;
  int by_place = (first > second) - (first < second);
  double x = get_value (order, first);
  double y = get_value (order, second);
  if (order->sorting == FEW_UNSORTED || (isnan (x) && isnan (y)) || x == y)
    return by_place;
  if (isnan (x) || isnan (y))
    return isnan (x) ? 1 : -1;
  int ascending = (x > y) - (x < y);
  return order->sorting == FEW_ASCENDING ? ascending : -ascending;
}

GArray *
few_compare_order (FewComparison *comparison, guint column, FewSorting sorting)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (comparison), NULL);
  Order order = { comparison, column, sorting };
  GArray *methods = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint m = 0; m < few_comparison_get_n_methods (comparison); m++)
    g_array_append_val (methods, m);
  g_array_sort_with_data (methods, compare_methods, &order);
  return methods;
}
