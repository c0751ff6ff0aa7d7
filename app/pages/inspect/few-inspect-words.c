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

/* A model that reads no texts says nothing before it has learned. */
static gboolean
reads_texts (FewSession *session)
{
  const FewModelInfo *model = few_desk_get_model (few_session_get_desk (session));
  return !model || model->reads_texts;
}

char *
few_inspect_words (FewSession *session)
{
  FewView *view = few_session_get_view (session);
  FewSnapshot *snapshot = few_view_get_snapshot (view);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  guint n = few_view_count_measured (view);
  Right right;
  count_right (view, &right);
  g_autofree char *before = few_percent ((double) right.before / n, 1);
  g_autofree char *after = few_percent ((double) right.after / n, 1);
  if (!info->trained)
    {
      g_autofree char *share = few_percent (few_lens_accuracy (snapshot, -1, 0), 1);
      return g_strdup_printf (_ ("CLIP recognises %s of %u pictures. Train to improve on it."),
                              share, info->n);
    }
  if (!reads_texts (session))
    return g_strdup_printf (_ ("%s of %u pictures right"), after, n);
  return g_strdup_printf (
      few_view_get_measured_role (view) >= 0
          ? _ ("CLIP %s → adapted %s of %u test pictures · %u fixed, %u broken")
          : _ ("CLIP %s → adapted %s of %u pictures (all seen in training) · %u fixed, "
               "%u broken"),
      before, after, n, right.fixed, right.broken);
}

char *
few_inspect_name_picture (FewSession *session, FewPicture *picture)
{
  FewView *view = few_session_get_view (session);
  guint row = (guint) few_view_get_row (view, picture);
  g_autofree char *may_be =
      few_answer_words (few_view_get_snapshot (view), row, few_view_get_alpha (view),
                        few_view_get_promise (view), few_view_get_classes (view));
  const char *words = few_picture_words (picture);
  return g_strjoin (" · ", few_picture_get_name (picture),
                    few_class_get_name (few_picture_get_class (picture)), words ? words : may_be,
                    words ? may_be : NULL, NULL);
}
