#include "../fewshot.h"

void
few_split (const guint32 *labels, guint n, guint n_classes, guint shots, guint64 seed, guint8 *roles)
{
  g_autofree guint32 *members = g_new (guint32, n);
  guint32 seeds[2] = { (guint32) seed, (guint32) (seed >> 32) };
  g_autoptr (GRand) rand = g_rand_new_with_seed_array (seeds, 2);
  for (guint c = 0; c < n_classes; c++)
    {
      guint count = 0;
      for (guint i = 0; i < n; i++)
        if (labels[i] == c)
          members[count++] = i;
      for (guint i = count; i > 1; i--)
        {
          guint j = (guint) g_rand_int_range (rand, 0, (gint32) i);
          guint32 swap = members[i - 1];
          members[i - 1] = members[j], members[j] = swap;
        }
      guint train, validation;
      if (shots > 0)
        {
          train = MIN (shots, count);
          validation = MIN (MIN (shots, 4), count - train);
        }
      else
        {
          validation = count >= 4 ? MAX (1, count / 5) : 0;
          train = count - validation - (count >= 8 ? MAX (1, count / 5) : 0);
        }
      for (guint i = 0; i < count; i++)
        roles[members[i]] = i < train ? FEW_ROLE_TRAIN : i < train + validation ? FEW_ROLE_VALIDATION : FEW_ROLE_TEST;
    }
}
