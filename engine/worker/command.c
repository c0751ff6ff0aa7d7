/* SPDX-License-Identifier: MIT */
/* Commands: how they come to own what they are given, and give it back. */
#include "worker/command.h"
#include <string.h>

FewCommand *
few_command_new (FewCommandKind kind, guint ticket)
{
  FewCommand *command = g_new0 (FewCommand, 1);
  command->kind = kind;
  command->ticket = ticket;
  return command;
}

/* ---- copies */

char **
few_strings_copy (const char *const *strings, guint n)
{
  if (!strings)
    return NULL;
  char **copy = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    copy[i] = g_strdup (strings[i] ? strings[i] : "");
  return copy;
}

FewPrompts
few_prompts_copy (const FewPrompts *p)
{
  guint k = p->n_classes;
  char **prompts = p->prompts ? g_new0 (char *, k + 1) : NULL;
  for (guint i = 0; prompts && i < k; i++)
    prompts[i] = g_strdup (p->prompts[i]);
  return (FewPrompts) { .n_classes = k,
                        .names = (const char *const *) few_strings_copy (p->names, k),
                        .prompts = (const char *const *) prompts,
                        .template_text = g_strdup (p->template_text) };
}

static void
clear_prompts (FewPrompts *p)
{
  char **prompts = (char **) p->prompts;
  for (guint i = 0; prompts && i < p->n_classes; i++) /* entries may be NULL: no g_strfreev */
    g_free (prompts[i]);
  g_free (prompts);
  g_strfreev ((char **) p->names);
  g_free ((char *) p->template_text);
}

/* In one block, which g_free frees: the caller waits, and there may be 100,000. */
static char **
copy_in_one (const char *const *strings, guint n)
{
  gsize room = ((gsize) n + 1) * sizeof (char *);
  g_autofree gsize *sizes = g_new (gsize, n + 1);
  for (guint i = 0; strings && i < n; i++)
    room += sizes[i] = strings[i] ? strlen (strings[i]) + 1 : 1;
  if (!strings)
    return NULL;
  char **copy = g_malloc (room);
  char *at = (char *) (copy + n + 1);
  for (guint i = 0; i < n; i++)
    {
      copy[i] = at;
      memcpy (at, strings[i] ? strings[i] : "", sizes[i]);
      at += sizes[i];
    }
  copy[n] = NULL;
  return copy;
}

FewLabelled
few_labelled_copy (const FewLabelled *l)
{
  return (FewLabelled) { .n = l->n,
                         .ids = g_memdup2 (l->ids, l->n * sizeof *l->ids),
                         .labels = g_memdup2 (l->labels, l->n * sizeof *l->labels),
                         .paths = (const char *const *) copy_in_one (l->paths, l->n),
                         .sets = l->sets ? few_label_sets_ref (l->sets) : NULL,
                         .pinned = g_memdup2 (l->pinned, l->n),
                         .negatives = g_memdup2 (l->negatives, l->n_negatives * sizeof (guint32)),
                         .n_negatives = l->n_negatives };
}

static void
clear_labelled (FewLabelled *l)
{
  g_free ((guint32 *) l->ids);
  g_free ((guint32 *) l->labels);
  g_clear_pointer (&l->sets, few_label_sets_unref);
  g_free ((char **) l->paths);
  g_free ((guint8 *) l->pinned);
  g_free ((guint32 *) l->negatives);
}

FewCompareJob
few_compare_job_copy (const FewCompareJob *job)
{
  return (FewCompareJob) { .methods = (const char *const *) g_strdupv ((char **) job->methods),
                           .shots = g_memdup2 (job->shots, job->n_shots * sizeof *job->shots),
                           .n_shots = job->n_shots,
                           .seeds = g_memdup2 (job->seeds, job->n_seeds * sizeof *job->seeds),
                           .n_seeds = job->n_seeds };
}

static void
clear_compare_job (FewCompareJob *job)
{
  g_strfreev ((char **) job->methods);
  g_free ((guint *) job->shots);
  g_free ((guint64 *) job->seeds);
}

/* ---- the end */

static void
clear_pictures_command (FewPrompts *prompts, FewLabelled *pictures)
{
  clear_prompts (prompts);
  clear_labelled (pictures);
}

static void
clear_files_command (FewCommand *c)
{
  switch (c->kind)
    {
    case FEW_COMMAND_OPEN:
      g_free (c->open.folder);
      g_free (c->open.device);
      break;
    case FEW_COMMAND_SCAN:
      g_strfreev (c->scan.paths);
      g_free (c->scan.class_name);
      break;
    case FEW_COMMAND_ENCODE:
      g_free (c->encode.ids);
      g_strfreev (c->encode.paths);
      g_strfreev (c->encode.hashes);
      break;
    case FEW_COMMAND_FORGET:
      g_free (c->forget.ids);
      break;
    case FEW_COMMAND_LOCATE:
      g_strfreev (c->locate.folders);
      g_strfreev (c->locate.hashes);
      break;
    default:
      break;
    }
}

static void
clear_looking_command (FewCommand *c)
{
  switch (c->kind)
    {
    case FEW_COMMAND_MAP:
      few_snapshot_unref (c->map.snapshot);
      break;
    case FEW_COMMAND_NEAREST:
      few_snapshot_unref (c->nearest.snapshot);
      break;
    case FEW_COMMAND_HEAT:
      g_clear_pointer (&c->heat.classifier, few_classifier_unref);
      clear_prompts (&c->heat.prompts);
      g_free (c->heat.path);
      break;
    case FEW_COMMAND_MATCH:
      g_free (c->match.one);
      g_free (c->match.other);
      break;
    default:
      clear_files_command (c);
      break;
    }
}

void
few_command_free (gpointer command)
{
  FewCommand *c = command;
  switch (c->kind)
    {
    case FEW_COMMAND_CLASSES:
      clear_pictures_command (&c->classes.prompts, &c->classes.pictures);
      break;
    case FEW_COMMAND_TRAIN:
      clear_pictures_command (&c->train.prompts, &c->train.pictures);
      break;
    case FEW_COMMAND_COMPARE:
      clear_pictures_command (&c->compare.prompts, &c->compare.pictures);
      clear_compare_job (&c->compare.job);
      break;
    case FEW_COMMAND_CHECK:
      clear_pictures_command (&c->check.prompts, &c->check.pictures);
      break;
    case FEW_COMMAND_LABEL:
      clear_pictures_command (&c->label.prompts, &c->label.pictures);
      g_strfreev (c->label.paths);
      break;
    case FEW_COMMAND_RESTORE:
      few_project_run_unref (c->restore.run);
      break;
    case FEW_COMMAND_TRY:
      g_clear_pointer (&c->try.classifier, few_classifier_unref);
      clear_prompts (&c->try.prompts);
      g_strfreev (c->try.paths);
      g_clear_pointer (&c->try.rgb, g_bytes_unref);
      break;
    case FEW_COMMAND_EXPORT:
      few_snapshot_unref (c->export.snapshot);
      g_free (c->export.path);
      break;
    case FEW_COMMAND_TAKE_AWAY:
      few_snapshot_unref (c->take_away.snapshot);
      g_free (c->take_away.path);
      g_free (c->take_away.licence);
      g_strfreev (c->take_away.paths);
      break;
    default:
      clear_looking_command (c);
      break;
    }
  g_clear_object (&c->cancellable);
  g_free (c);
}
