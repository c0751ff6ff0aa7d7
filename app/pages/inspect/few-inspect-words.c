/* SPDX-License-Identifier: MIT */
/* How many pictures are right, by CLIP itself and at α. */
#include "pages/inspect/few-inspect-words.h"
#include "session/few-answer.h"
#include "widgets/few-picture-words.h"
#include "base/few-percent.h"
#include <glib/gi18n.h>

typedef struct
{
  guint before, after, fixed, broken;
} Right;

/* Of the pictures that are measured on, which are right by CLIP itself and at α, which α mended and
 * which it broke: from the predictions, where the lens would look at all scores again. */
static void
count_right (FewView *view, Right *tally)
{
  const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (view));
  const guint32 *zero_shot = few_view_get_predicted_zero_shot (view);
  const guint32 *predicted = few_view_get_predicted (view);
  int role = few_view_get_measured_role (view);
  *tally = (Right) { 0 };
  for (guint i = 0; i < info->n; i++)
    {
      if (role >= 0 && info->roles[i] != role)
        continue;
      gboolean before = zero_shot[i] == info->labels[i];
      gboolean after = predicted[i] == info->labels[i];
      tally->before += before;
      tally->after += after;
      tally->fixed += after && !before;
      tally->broken += before && !after;
    }
}

gboolean
few_inspect_says_before (FewSession *session)
{
  g_return_val_if_fail (FEW_IS_SESSION (session), FALSE);
  const FewModelInfo *model = few_desk_get_model (few_session_get_desk (session));
  return !model || model->reads_texts;
}

static char *
name_measured (FewMeasuredOn on, guint n)
{
  switch (on)
    {
    case FEW_MEASURED_TEST:
      return g_strdup_printf (ngettext ("%u test picture", "%u test pictures", n), n);
    case FEW_MEASURED_UNSEEN:
      return g_strdup_printf (ngettext ("%u picture unseen when it was measured",
                                        "%u pictures unseen when they were measured", n),
                              n);
    case FEW_MEASURED_ALL:
    default:
      return g_strdup_printf (
          ngettext ("%u picture, seen in training", "%u pictures, all seen in training", n), n);
    }
}

/* Of any number of labels. */
static char *
describe_labels (FewSession *session)
{
  FewView *view = few_session_get_view (session);
  const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (view));
  const FewMeasuring *measuring = few_view_get_measuring (view);
  const FewSeveralScores *now = few_measuring_get (measuring);
  const FewSeveralScores *before = few_measuring_get_before (measuring);
  if (!now)
    return g_strdup ("");
  g_autofree char *map = few_percent (now->map, 1);
  g_autofree char *clip = few_percent (before ? before->map : 0, 1);
  g_autofree char *f1 = few_percent (now->micro_f1, 1);
  g_autofree char *on = name_measured (few_measuring_get_on (measuring), now->n);
  if (!info->trained) /* Translators: a percentage, a number */
    return g_strdup_printf (_ ("CLIP has a mean average precision of %s on %u pictures. Train to "
                               "improve on it."),
                            map, now->n);
  if (before && few_inspect_says_before (session))
    /* Translators: two percentages, "12 test pictures", a percentage */
    return g_strdup_printf (_ ("Mean average precision: CLIP %s → learned %s, of %s · F1 %s"), clip,
                            map, on, f1);
  /* Translators: a percentage, "12 test pictures", a percentage */
  return g_strdup_printf (_ ("Mean average precision %s, of %s · F1 %s"), map, on, f1);
}

char *
few_inspect_words (FewSession *session)
{
  FewView *view = few_session_get_view (session);
  FewSnapshot *snapshot = few_view_get_snapshot (view);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  guint n = few_view_count_measured (view);
  Right right;
  if (info->sets)
    return describe_labels (session);
  count_right (view, &right);
  g_autofree char *before = few_percent ((double) right.before / n, 1);
  g_autofree char *after = few_percent ((double) right.after / n, 1);
  if (!info->trained)
    {
      g_autofree char *share = few_percent (few_lens_accuracy (snapshot, -1, 0), 1);
      return g_strdup_printf (_ ("CLIP recognises %s of %u pictures. Train to improve on it."),
                              share, info->n);
    }
  if (!few_inspect_says_before (session))
    return g_strdup_printf (_ ("%s of %u pictures right"), after, n);
  return g_strdup_printf (
      few_view_get_measured_role (view) >= 0
          ? _ ("CLIP %s → adapted %s of %u test pictures · %u fixed, %u broken")
          : _ ("CLIP %s → adapted %s of %u pictures (all seen in training) · %u fixed, "
               "%u broken"),
      before, after, n, right.fixed, right.broken);
}

void
few_inspect_write_title (GtkLabel *title, FewSession *session, FewPicture *picture)
{
  FewView *view = few_session_get_view (session);
  int row = picture ? few_view_get_row (view, picture) : -1;
  if (row < 0)
    return;
  g_autofree char *may_be =
      few_answer_words (few_view_get_snapshot (view), (guint) row, few_view_get_alpha (view),
                        few_view_get_promise (view), few_view_get_classes (view));
  g_autofree char *classes = few_picture_name_classes (picture);
  const char *words = few_picture_words (picture);
  g_autofree char *text = g_strjoin (" · ", few_picture_get_name (picture), classes,
                                     words ? words : may_be, words ? may_be : NULL, NULL);
  gtk_label_set_text (title, text);
}
