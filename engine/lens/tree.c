/* SPDX-License-Identifier: MIT */
/* Levels of halves: node k of level l has the points n·k/2^l … n·(k + 1)/2^l of the order, so that
 * no shape of the points, not even all in one place, makes the tree deeper. */
#include "lens/tree.h"
#include "base/memory.h"
#include "base/words.h"
#include <math.h>
#include <string.h>

enum { BUCKET = 32, LANES = 4, GROUPS = BUCKET / LANES, MOST_STACK = 128 };

typedef float Four __attribute__ ((vector_size (16)));

typedef struct
{
  float low[2], high[2], mean[2], n;
} Node;

typedef struct
{
  float x, y;
  guint32 id;
} Point;

struct FewTree
{
  FewPool *pool;
  guint n, levels;
  Point *points; /* [n] in order */
  Node *nodes; /* [2^(levels + 1)]: the root is 1, the halves of i are 2i and 2i + 1 */
  double *sums; /* [2^levels] a bucket */
  float *lists; /* a thread: x, y and weight of what pushes, [n + 2^(levels + 1)] of each */
  gsize room; /* of a list */
  float square_theta;
  float *push;
  FewRoom memory;
};

FewTree *
few_tree_new (FewPool *pool, guint n, GError **error)
{
  g_autoptr (FewTree) tree = g_new0 (FewTree, 1);
  tree->pool = pool;
  tree->n = n;
  while (((guint64) BUCKET << tree->levels) < n)
    tree->levels++;
  gsize leaves = (gsize) 1 << tree->levels;
  tree->room = n + 2 * leaves;
  tree->points = few_room_new (&tree->memory, Point, n, 1);
  tree->nodes = few_room_new (&tree->memory, Node, 2, leaves);
  tree->sums = few_room_new (&tree->memory, double, leaves, 1);
  tree->lists = few_room_new (&tree->memory, float, few_pool_threads (pool), 3 * tree->room);
  if (few_room_is_short (&tree->memory, N_ ("the map"), error))
    return NULL;
  for (guint i = 0; i < n; i++)
    tree->points[i].id = i;
  return g_steal_pointer (&tree);
}

void
few_tree_free (FewTree *tree)
{
  few_room_clear (&tree->memory);
  g_free (tree);
}

/* The first point of node k of a level. */
static guint
first_of (const FewTree *tree, guint level, guint k)
{
  return (guint) (((guint64) tree->n * k) >> level);
}

static void
fetch_points (FewTree *tree, const float *points)
{
  for (guint i = 0; i < tree->n; i++)
    {
      Point *point = &tree->points[i];
      point->x = points[2 * point->id];
      point->y = points[2 * point->id + 1];
    }
}

/* ---- order */

static float
part_of (const Point *point, gboolean across)
{
  return across ? point->x : point->y;
}

/* Hoare's: no point before `middle` is beyond one behind it. */
static void
halve (Point *points, gssize n, gssize middle, gboolean across)
{
  gssize low = 0;
  gssize high = n - 1;
  while (low < high)
    {
      float pivot = part_of (&points[low + (high - low) / 2], across);
      gssize i = low;
      gssize j = high;
      while (i <= j)
        {
          while (part_of (&points[i], across) < pivot)
            i++;
          while (part_of (&points[j], across) > pivot)
            j--;
          if (i > j)
            break;
          Point swap = points[i];
          points[i++] = points[j];
          points[j--] = swap;
        }
      if (middle <= j)
        high = j;
      else if (middle >= i)
        low = i;
      else
        return;
    }
}

static gboolean
is_wide (const Point *points, guint n)
{
  float low[2] = { INFINITY, INFINITY };
  float high[2] = { -INFINITY, -INFINITY };
  for (guint i = 0; i < n; i++)
    {
      low[0] = MIN (low[0], points[i].x);
      low[1] = MIN (low[1], points[i].y);
      high[0] = MAX (high[0], points[i].x);
      high[1] = MAX (high[1], points[i].y);
    }
  return high[0] - low[0] > high[1] - low[1];
}

void
few_tree_sort (FewTree *tree, const float *points)
{
  fetch_points (tree, points);
  for (guint level = 0; level < tree->levels; level++)
    for (guint k = 0; k < 1u << level; k++)
      {
        guint from = first_of (tree, level, k);
        guint n = first_of (tree, level, k + 1) - from;
        guint middle = first_of (tree, level + 1, 2 * k + 1) - from;
        halve (tree->points + from, n, middle, is_wide (tree->points + from, n));
      }
}

/* ---- sums */

static void
measure_leaf (const FewTree *tree, guint leaf, Node *node)
{
  guint from = first_of (tree, tree->levels, leaf);
  guint to = first_of (tree, tree->levels, leaf + 1);
  *node = (Node) { { INFINITY, INFINITY }, { -INFINITY, -INFINITY }, { 0 }, (float) (to - from) };
  for (guint i = from; i < to; i++)
    {
      const float at[2] = { tree->points[i].x, tree->points[i].y };
      for (guint axis = 0; axis < 2; axis++)
        {
          node->low[axis] = MIN (node->low[axis], at[axis]);
          node->high[axis] = MAX (node->high[axis], at[axis]);
          node->mean[axis] += at[axis] / node->n;
        }
    }
}

static void
measure_nodes (FewTree *tree)
{
  guint leaves = 1u << tree->levels;
  for (guint leaf = 0; leaf < leaves; leaf++)
    measure_leaf (tree, leaf, &tree->nodes[leaves + leaf]);
  for (guint i = leaves - 1; i > 0; i--)
    {
      const Node *a = &tree->nodes[2 * i];
      const Node *b = a + 1;
      Node *node = &tree->nodes[i];
      node->n = a->n + b->n;
      for (guint axis = 0; axis < 2; axis++)
        {
          node->low[axis] = MIN (a->low[axis], b->low[axis]);
          node->high[axis] = MAX (a->high[axis], b->high[axis]);
          node->mean[axis] = (a->mean[axis] * a->n + b->mean[axis] * b->n) / MAX (node->n, 1);
        }
    }
}

/* ---- pushes */

/* Whether the node's width is small beside the way from the bucket to where it is in the mean. */
static inline gboolean
is_far (const Node *bucket, const Node *node, float square_theta)
{
  float dx = MAX (MAX (bucket->low[0] - node->mean[0], node->mean[0] - bucket->high[0]), 0);
  float dy = MAX (MAX (bucket->low[1] - node->mean[1], node->mean[1] - bucket->high[1]), 0);
  float width = MAX (node->high[0] - node->low[0], node->high[1] - node->low[1]);
  return width * width < square_theta * (dx * dx + dy * dy);
}

/* What pushes the points of a bucket, as x, y and weight of each; how many. */
static guint
list_pushers (const FewTree *tree, guint leaf, float *list)
{
  guint leaves = 1u << tree->levels;
  const Node bucket = tree->nodes[leaves + leaf];
  guint stack[MOST_STACK] = { 1 };
  guint waiting = 1;
  guint n = 0;
  float *x = list;
  float *y = list + tree->room;
  float *weight = y + tree->room;
  while (waiting > 0)
    {
      guint i = stack[--waiting];
      const Node *node = &tree->nodes[i];
      if (is_far (&bucket, node, tree->square_theta))
        {
          x[n] = node->mean[0];
          y[n] = node->mean[1];
          weight[n++] = node->n;
        }
      else if (i < leaves)
        {
          stack[waiting++] = 2 * i + 1;
          stack[waiting++] = 2 * i;
        }
      else
        for (guint p = first_of (tree, tree->levels, i - leaves);
             p < first_of (tree, tree->levels, i - leaves + 1); p++)
          {
            x[n] = tree->points[p].x;
            y[n] = tree->points[p].y;
            weight[n++] = 1;
          }
    }
  return n;
}

/* Up to four points against the list. */
static double
push_four (const FewTree *tree, const float *list, guint n, const Point *points, guint count)
{
  Four x = { 0 };
  Four y = { 0 };
  Four push_x = { 0 };
  Four push_y = { 0 };
  Four total = { 0 };
  double sum = 0;
  for (guint i = 0; i < count; i++)
    {
      x[i] = points[i].x;
      y[i] = points[i].y;
    }
  for (guint j = 0; j < n; j++)
    {
      Four dx = x - list[j];
      Four dy = y - list[tree->room + j];
      Four q = 1 / (1 + dx * dx + dy * dy);
      Four weighed = q * list[2 * tree->room + j];
      total += weighed;
      weighed *= q;
      push_x += weighed * dx;
      push_y += weighed * dy;
    }
  for (guint i = 0; i < count; i++)
    {
      tree->push[2 * points[i].id] = push_x[i];
      tree->push[2 * points[i].id + 1] = push_y[i];
      sum += (double) total[i] - 1; /* itself */
    }
  return sum;
}

static void
push_bucket_cb (gpointer user, guint leaf, guint thread)
{
  FewTree *tree = user;
  float *list = tree->lists + thread * 3 * tree->room;
  guint n = list_pushers (tree, leaf, list);
  guint to = first_of (tree, tree->levels, leaf + 1);
  tree->sums[leaf] = 0;
  for (guint i = first_of (tree, tree->levels, leaf); i < to; i += LANES)
    tree->sums[leaf] += push_four (tree, list, n, tree->points + i, MIN (LANES, to - i));
}

double
few_tree_repel (FewTree *tree, const float *points, double theta, float *push)
{
  guint leaves = 1u << tree->levels;
  double sum = 0;
  fetch_points (tree, points);
  measure_nodes (tree);
  tree->square_theta = (float) (theta * theta);
  tree->push = push;
  few_pool_run (tree->pool, leaves, push_bucket_cb, tree);
  for (guint leaf = 0; leaf < leaves; leaf++)
    sum += tree->sums[leaf];
  return sum;
}
