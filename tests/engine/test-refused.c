/* SPDX-License-Identifier: MIT */
/* Tasks and models that a method cannot work with: it says so in a sentence. */
#include "golden.h"
#include "methods-fixture.h"
#include <fewshot/merge.h>
#include <unistd.h>

static char *
read_golden (const char *name)
{
  char *text = NULL;
  g_autofree char *path = golden_path (name);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
put (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* The ViT with a tokenizer that puts nothing around a text. */
static FewModel *
open_bare (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = scratch_folder ("bare");
  g_autofree char *config = read_golden ("vit/open_clip_config.json");
  g_autofree char *tokens = read_golden ("hf/tokenizer.json");
  g_autofree char *weights = golden_path ("vit/open_clip_model.safetensors");
  g_autofree char *link = g_build_filename (folder, "open_clip_model.safetensors", NULL);
  g_auto (GStrv) halves = g_strsplit (config, "\"text_cfg\": {", 2);
  g_autofree char *named =
      g_strconcat (halves[0], "\"text_cfg\": {\"hf_tokenizer_name\": \"a/b\",", halves[1], NULL);
  g_assert_cmpint (symlink (weights, link), ==, 0);
  put (folder, "open_clip_config.json", named);
  put (folder, "tokenizer.json", tokens);
  put (folder, "tokenizer_config.json",
       "{\"tokenizer_class\": \"PreTrainedTokenizerFast\", \"pad_token\": \"!\"}");
  FewModel *model = few_model_open (folder, "cpu,threads=2", NULL, &error);
  g_assert_no_error (error);
  return model;
}

/* CoOp's prompts begin and end with a token of the tokenizer's. */
static void
test_bare_tokenizer (void)
{
  static const char *const names[] = { "", "two", "three", NULL };
  World w;
  g_autoptr (GError) error = NULL;
  world_open (&w);
  few_model_unref (w.model);
  w.model = open_bare ();
  w.task.class_names = names;
  g_assert_null (world_run (&w, "coop:epochs=1,context=2", &error));
  assert_says (&error, "CoOp", "tokenizer", "another method", NULL);
  world_close (&w);
}

/* A label beyond the classes, of whatever is learned from or tested on; where sets stand in the
 * place of labels nobody looks at these. */
static void
test_labels_beyond (void)
{
  World w;
  g_autoptr (GError) error = NULL;
  g_autoptr (FewLabelSets) sets = few_label_sets_new ();
  world_open (&w);
  for (guint i = 0; i < N; i++)
    g_assert_true (few_label_sets_add (sets, &w.labels[i], 1, NULL));
  for (FewRole role = FEW_ROLE_TRAIN; role <= FEW_ROLE_TEST; role++)
    {
      w.roles[7] = role;
      w.labels[7] = CLASSES;
      g_assert_null (world_run (&w, "gda", &error));
      assert_says (&error, "Picture 7", "class 3", NULL);
    }
  w.roles[7] = FEW_ROLE_UNUSED;
  g_autoptr (FewMethodResult) unused = world_run (&w, "gda", &error);
  g_assert_no_error (error);
  g_assert_nonnull (unused);
  for (guint i = 0; i < N; i++)
    w.labels[i] = G_MAXUINT32;
  w.task.sets = sets;
  g_autoptr (FewMethodResult) several = world_run (&w, "zero-shot", &error);
  g_assert_no_error (error);
  g_assert_nonnull (several);
  w.task.n_classes = 1;
  w.task.sets = NULL;
  g_assert_null (world_run (&w, "zero-shot", &error));
  assert_says (&error, "at least two", NULL);
  world_close (&w);
}

/* What learns from the names of classes says so where there are none. */
static void
test_nameless (void)
{
  const FewMethodInfo *info;
  World w;
  world_open (&w);
  w.task.class_names = NULL;
  for (guint i = 0; (info = few_method_info (i)); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (FewMethodResult) result = info->texts ? world_run (&w, info->name, &error) : NULL;
      g_assert_null (result);
      if (info->texts)
        assert_says (&error, info->title, "class names", NULL);
    }
  world_close (&w);
}

/* A merge that solves anew for all keys ends when it is stopped. */
static void
test_merge_stopped (void)
{
  World w;
  FewMergeOptions options;
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) stopped = g_cancellable_new ();
  few_merge_options_init (&options);
  options.join = TRUE;
  world_open (&w);
  g_autoptr (FewMethodResult) result = world_run (&w, "proker:sharpness=2,lambda=0.05", &error);
  g_assert_no_error (error);
  FewClassifier *const parts[] = { result->classifier, result->classifier };
  g_autoptr (FewClassifier) whole =
      few_classifier_merge (parts, 2, &options, NULL, stopped, &error);
  g_assert_no_error (error);
  g_assert_nonnull (whole);
  g_cancellable_cancel (stopped);
  g_assert_null (few_classifier_merge (parts, 2, &options, NULL, stopped, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  world_close (&w);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/refused/bare-tokenizer", test_bare_tokenizer);
  g_test_add_func ("/refused/labels-beyond", test_labels_beyond);
  g_test_add_func ("/refused/nameless", test_nameless);
  g_test_add_func ("/refused/merge-stopped", test_merge_stopped);
  return g_test_run ();
}
