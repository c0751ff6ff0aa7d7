/* SPDX-License-Identifier: MIT */
/* Classes and pictures, some a step; then what follows from all of them, each a step. */
#include "session/few-opening.h"
#include <glib/gi18n.h>

enum { STEP_FILL, STEP_READ, STEP_TELL, STEP_LEARNED };

struct FewOpening
{
  FewProject *project;
  FewExamples *examples; /* borrowed, as the next three */
  FewView *view;
  FewRuns *runs;
  FewComparison *comparison;
  GPtrArray *filled; /* FewPicture */
  guint step;
};

/* Of what is restored; the arrays are never changed. */
static FewProject *
share_project (const FewProject *project)
{
  FewProject *own = few_project_new ();
  g_ptr_array_unref (own->classes);
  g_array_unref (own->pictures);
  g_ptr_array_unref (own->runs);
  g_free (own->template_text);
  own->classes = g_ptr_array_ref (project->classes);
  own->pictures = g_array_ref (project->pictures);
  own->runs = g_ptr_array_ref (project->runs);
  own->template_text = g_strdup (project->template_text);
  own->model = g_strdup (project->model);
  own->model_sha256 = g_strdup (project->model_sha256);
  own->model_fingerprint = g_strdup (project->model_fingerprint);
  own->any = project->any;
  own->alpha = project->alpha;
  own->job = project->job;
  if (project->comparison)
    own->comparison = few_project_comparison_ref (project->comparison);
  return own;
}

FewOpening *
few_opening_new (const FewProject *project, FewExamples *examples, FewView *view, FewRuns *runs,
                 FewComparison *comparison)
{
  g_return_val_if_fail (project != NULL && FEW_IS_EXAMPLES (examples), NULL);
  g_return_val_if_fail (FEW_IS_VIEW (view) && FEW_IS_RUNS (runs), NULL);
  g_return_val_if_fail (FEW_IS_COMPARISON (comparison), NULL);
  FewOpening *opening = g_new0 (FewOpening, 1);
  opening->project = share_project (project);
  opening->examples = examples;
  opening->view = view;
  opening->runs = runs;
  opening->comparison = comparison;
  opening->filled = g_ptr_array_new_with_free_func (g_object_unref);
  return opening;
}

void
few_opening_free (FewOpening *opening)
{
  g_return_if_fail (opening != NULL);
  few_project_free (opening->project);
  g_ptr_array_unref (opening->filled);
  g_free (opening);
}

gboolean
few_opening_is_long (const FewOpening *opening)
{
  g_return_val_if_fail (opening != NULL, FALSE);
  return opening->project->classes->len > FEW_GALLERY_CLASSES
         || opening->project->pictures->len > FEW_GALLERY_PICTURES;
}

gboolean
few_opening_go_on (FewOpening *opening)
{
  g_return_val_if_fail (opening != NULL, FALSE);
  const FewProject *project = opening->project;
  switch (opening->step)
    {
    case STEP_FILL:
      opening->step += !few_gallery_fill (few_examples_get_gallery (opening->examples), project,
                                          opening->filled);
      return TRUE;
    case STEP_READ:
      few_examples_encode (opening->examples, opening->filled);
      break;
    case STEP_TELL:
      few_examples_filled (opening->examples, project->template_text);
      break;
    default:
      few_view_restore_alpha (opening->view, project->alpha);
      few_runs_restore (opening->runs, project);
      few_comparison_restore (opening->comparison, project);
      break;
    }
  return opening->step++ < STEP_LEARNED;
}

/* ---- its model */

static gboolean
has_model_of (FewDesk *desk, const FewProject *project)
{
  const FewModelInfo *model = few_desk_get_model (desk);
  if (model && !few_desk_is_opening (desk))
    {
      FewModelMatch match =
          few_model_match (model, project->model_sha256, project->model_fingerprint);
      return few_model_match_fits (match);
    }
  return g_strcmp0 (project->model, few_desk_get_asked (desk)) == 0;
}

void
few_opening_open_model (FewOpening *opening, FewDesk *desk, const char *device)
{
  g_return_if_fail (opening != NULL && FEW_IS_DESK (desk));
  const FewProject *project = opening->project;
  if (!project->model || has_model_of (desk, project))
    return;
  if (g_file_test (project->model, G_FILE_TEST_EXISTS))
    {
      few_desk_open_model (desk, project->model, device);
      return;
    }
  g_autofree char *text = g_strdup_printf (_ ("The model of this project is not at %s any "
                                              "more. Open it (Ctrl+M) to see its runs."),
                                           project->model);
  few_desk_say (desk, text);
}

/* Runs of version 0.2 can be shown, and what they were trained with is only half known. */
void
few_opening_tell_unverified (FewOpening *opening, FewDesk *desk)
{
  g_return_if_fail (opening != NULL && FEW_IS_DESK (desk));
  const GPtrArray *runs = opening->project->runs;
  for (guint i = 0; i < runs->len; i++)
    {
      const FewProjectRun *run = runs->pdata[i];
      if (!run->backbone_sha256 || run->backbone_fingerprint)
        continue;
      few_desk_say (desk, _ ("Runs of this project were kept by version 0.2, which recorded the "
                             "model's weights alone: whether its config and preprocessing are "
                             "still the same cannot be checked."));
      return;
    }
}
