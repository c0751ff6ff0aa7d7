/* SPDX-License-Identifier: MIT */
/* An ONNX model in onnxruntime, beside the classifier: a Python process that is given pixels or
 * features through a pipe and gives answers back through another, one at a time. */
#include "adapt/classifier.h"
#include "adapt/method.h"
#include "base/error.h"
#include "base/json.h"
#include "clip/model.h"
#include "image/picture.h"
#include <fewshot/classify.h>
#include <fewshot/portable.h>
#include <math.h>
#include <signal.h>
#include <string.h>

/* Numbers are little-endian: two u32 (height and width of a picture, or 0 and the features' width),
 * then bytes or floats; back come an i64 and K floats. Nothing that was not there before is
 * imported from the current folder. */
static const char SCRIPT[] =
    "import sys, json\n"
    "sys.path = [folder for folder in sys.path if folder]\n"
    "out, source = sys.stdout.buffer, sys.stdin.buffer\n"
    "def say(**what):\n"
    "    out.write(json.dumps(what).encode() + b'\\n')\n"
    "    out.flush()\n"
    "try:\n"
    "    import numpy, onnxruntime\n"
    "except Exception as error:\n"
    "    say(error=str(error)[:500], missing=True)\n"
    "    sys.exit()\n"
    "try:\n"
    "    session = onnxruntime.InferenceSession(sys.argv[1], providers=['CPUExecutionProvider'])\n"
    "except Exception as error:\n"
    "    say(error=str(error)[:500])\n"
    "    sys.exit()\n"
    "meta = session.get_modelmeta().custom_metadata_map\n"
    "name = session.get_inputs()[0].name\n"
    "say(version=onnxruntime.__version__, input=name, **{key: meta.get(key, '') for key in\n"
    "    ('backbone_sha256', 'alpha', 'precision', 'reject_share', 'classes')})\n"
    "while True:\n"
    "    head = source.read(8)\n"
    "    if len(head) < 8:\n"
    "        break\n"
    "    height, width = numpy.frombuffer(head, '<u4').tolist()\n"
    "    if height:\n"
    "        pixels = numpy.frombuffer(source.read(3 * height * width), numpy.uint8)\n"
    "        answers = session.run(['class', 'probabilities'],\n"
    "                              {name: pixels.reshape(height, width, 3)})\n"
    "        index, shares = int(answers[0]), answers[1]\n"
    "    else:\n"
    "        row = numpy.frombuffer(source.read(4 * width), '<f4').reshape(1, width)\n"
    "        logits = session.run(None, {name: row})[0][0]\n"
    "        shares = numpy.exp(logits - logits.max())\n"
    "        index, shares = int(logits.argmax()), shares / shares.sum()\n"
    "    out.write(numpy.array(index, '<i8').tobytes() + shares.astype('<f4').tobytes())\n"
    "    out.flush()\n";

typedef struct
{
  GSubprocess *process;
  GOutputStream *to;
  GDataInputStream *from;
  FewModel *model;
  const FewClassifier *classifier;
  const FewClassifierInfo *info;
  gboolean whole; /* takes pictures */
  guint length; /* of a feature */
  double alpha;
  gboolean refuses;
  FewRefusal refusal;
  float *feature, *cosines, *probabilities, *theirs;
  GCancellable *cancellable;
} Verifier;

static void
clear_verifier (Verifier *v)
{
  if (v->process)
    g_subprocess_force_exit (v->process);
  g_clear_object (&v->from);
  g_clear_object (&v->process);
  g_free (v->feature);
  g_free (v->cosines);
  g_free (v->probabilities);
  g_free (v->theirs);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Verifier, clear_verifier)

/* ---- the process */

static gboolean
start_python (Verifier *v, const char *onnx, GError **error)
{
  const char *named = g_getenv ("FEWSHOT_PYTHON");
  g_autoptr (GError) local = NULL;
  const char *python = named && *named ? named : "python3";
  v->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                     | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                                 &local, python, "-c", SCRIPT, onnx, NULL);
  if (!v->process)
    {
      few_fail (error, UNSUPPORTED,
                "The model could not be run on this computer: there is no Python (%s). Install "
                "Python with onnxruntime and numpy, or name one with FEWSHOT_PYTHON.",
                local->message);
      return FALSE;
    }
  v->to = g_subprocess_get_stdin_pipe (v->process);
  v->from = g_data_input_stream_new (g_subprocess_get_stdout_pipe (v->process));
  return TRUE;
}

static const char *
say_member (JsonObject *object, const char *name)
{
  const char *bad = NULL;
  return few_json_string (object, name, "", &bad);
}

/* As many answers are read as the classifier has classes: a model of others would be waited for, or
 * read out of step. */
static gboolean
has_same_classes (const Verifier *v, JsonObject *said)
{
  g_autofree char *classes = few_classifier_classes_json (v->info);
  return g_str_equal (say_member (said, "classes"), classes);
}

/* The first line: what the runtime is and what the model says of itself. */
static gboolean
read_greeting (Verifier *v, const char *onnx, FewVerification *out, GError **error)
{
  gsize length = 0;
  g_autofree char *line = g_data_input_stream_read_line (v->from, &length, v->cancellable, error);
  if (!line && error && *error)
    return FALSE;
  g_autoptr (JsonNode) root = line ? few_json_parse (line, length, "onnxruntime", NULL) : NULL;
  if (!root)
    {
      few_fail (error, UNSUPPORTED,
                "The model could not be run on this computer: Python ended before it began.");
      return FALSE;
    }
  JsonObject *said = json_node_get_object (root);
  const char *wrong = say_member (said, "error");
  if (json_object_has_member (said, "missing"))
    few_fail (error, UNSUPPORTED,
              "The model could not be run on this computer: Python says “%s”. Install onnxruntime "
              "and numpy for it (pip install onnxruntime), or name another with FEWSHOT_PYTHON.",
              wrong);
  else if (*wrong)
    few_fail (error, FORMAT, "onnxruntime cannot open %s: %s", onnx, wrong);
  else if (!g_str_equal (say_member (said, "backbone_sha256"), v->info->backbone_sha256))
    few_fail (error, INPUT, "%s was made of another model than the classifier.", onnx);
  else if (!has_same_classes (v, said))
    few_fail (error, INPUT,
              "%s was made of another classifier, whose classes are not those of this one. Choose "
              "the classifier that was exported, or export this one again.",
              onnx);
  else
    {
      double share = g_ascii_strtod (say_member (said, "reject_share"), NULL);
      v->whole = !g_str_equal (say_member (said, "input"), "features");
      v->alpha = CLAMP (g_ascii_strtod (say_member (said, "alpha"), NULL), 0, 1);
      v->refuses = share > 0 && share <= 1;
      g_snprintf (out->runtime, sizeof out->runtime, "onnxruntime %s",
                  say_member (said, "version"));
      out->half = g_str_equal (say_member (said, "precision"), "f16");
      out->bound = out->half ? 2e-2 : 1e-3;
      return !v->refuses || few_refusal_find (v->classifier, v->alpha, share, &v->refusal, error);
    }
  return FALSE;
}

static gboolean
send (Verifier *v, guint32 height, guint32 width, gconstpointer bytes, gsize size, GError **error)
{
  const guint32 head[] = { GUINT32_TO_LE (height), GUINT32_TO_LE (width) };
  return g_output_stream_write_all (v->to, head, sizeof head, NULL, v->cancellable, error)
         && g_output_stream_write_all (v->to, bytes, size, NULL, v->cancellable, error)
         && g_output_stream_flush (v->to, v->cancellable, error);
}

static gboolean
receive (Verifier *v, gint64 *index, GError **error)
{
  gsize size = v->info->n_classes * sizeof *v->theirs;
  gsize got = 0;
  gsize more = 0;
  GInputStream *from = G_INPUT_STREAM (v->from);
  if (!g_input_stream_read_all (from, index, sizeof *index, &got, v->cancellable, error)
      || !g_input_stream_read_all (from, v->theirs, size, &more, v->cancellable, error))
    return FALSE;
  if (got < sizeof *index || more < size)
    {
      few_fail (error, INPUT, "onnxruntime ended while it ran the model.");
      return FALSE;
    }
  *index = GINT64_FROM_LE (*index);
  for (guint i = 0; i < v->info->n_classes; i++)
    {
      guint32 bits;
      memcpy (&bits, &v->theirs[i], sizeof bits);
      bits = GUINT32_FROM_LE (bits);
      memcpy (&v->theirs[i], &bits, sizeof bits);
    }
  return TRUE;
}

/* ---- pictures */

/* RGB without gaps, over white. */
static guint8 *
flatten (GdkPixbuf *picture, gsize *size)
{
  gsize w = (gsize) gdk_pixbuf_get_width (picture);
  gsize h = (gsize) gdk_pixbuf_get_height (picture);
  gsize step = (gsize) gdk_pixbuf_get_n_channels (picture);
  *size = 3 * w * h;
  guint8 *flat = g_try_malloc (*size);
  guint8 *to = flat;
  for (gsize y = 0; flat && y < h; y++)
    {
      const guint8 *p =
          gdk_pixbuf_read_pixels (picture) + y * (gsize) gdk_pixbuf_get_rowstride (picture);
      for (gsize x = 0; x < w; x++, p += step)
        for (guint c = 0; c < 3; c++)
          *to++ = step == 4 ? (guint8) ((p[c] * p[3] + 255 * (255 - p[3]) + 127) / 255) : p[c];
    }
  return flat;
}

/* Decodes, encodes and sends one picture. *readable: whether it could be decoded. */
static gboolean
ask (Verifier *v, const char *path, gboolean *readable, GError **error)
{
  g_autofree char *name = few_address_shown (path);
  const FewPictureLimits limits = few_image_limits (few_model_picture_limits (v->model), path);
  const FewPreprocess *preprocess = &few_model_info (v->model)->preprocess;
  gsize side = preprocess->size;
  g_autoptr (GBytes) bytes = few_image_read (path, NULL, NULL);
  g_autoptr (GdkPixbuf) picture = bytes ? few_image_decode (bytes, name, &limits, 0, NULL) : NULL;
  g_autofree guint8 *resized = g_malloc (3 * side * side);
  *readable = picture && few_image_resize (picture, preprocess, resized);
  if (!*readable)
    return TRUE;
  g_autofree float *pixels = g_new (float, 3 * side * side);
  few_image_normalise (resized, preprocess, pixels);
  if (!few_classifier_encode_pixels (v->classifier, v->model, pixels, 1, v->feature, v->cancellable,
                                     error))
    return FALSE;
  if (!v->whole)
    return send (v, 0, v->length, v->feature, v->length * sizeof *v->feature, error);
  gsize size;
  g_autofree guint8 *flat = flatten (picture, &size);
  if (!flat)
    {
      few_fail (error, MEMORY, "%s does not fit into memory.", name);
      return FALSE;
    }
  return send (v, (guint32) gdk_pixbuf_get_height (picture),
               (guint32) gdk_pixbuf_get_width (picture), flat, size, error);
}

static void
compare (Verifier *v, gint64 theirs, FewVerification *out)
{
  few_classifier_predict (v->classifier, v->feature, v->alpha, v->cosines, v->probabilities);
  guint best = few_run_argmax (v->cosines, v->info->n_classes);
  gboolean refused = v->refuses
                     && few_refusal_holds (&v->refusal, v->classifier, v->feature, best, v->cosines,
                                           v->probabilities);
  if (v->info->thresholds)
    {
      refused = TRUE; /* unless it has a label */
      for (guint i = 0; i < v->info->n_classes && refused; i++)
        refused = v->probabilities[i] < v->info->thresholds[i];
    }
  out->n++;
  out->alike += theirs == (refused ? -1 : (gint64) best);
  for (guint i = 0; i < v->info->n_classes; i++)
    {
      double apart = fabs ((double) v->theirs[i] - v->probabilities[i]);
      out->worst = apart > out->worst || isnan (apart) ? apart : out->worst;
    }
}

/* A pipe whose reader has gone is an error and no signal, in this thread. */
typedef struct
{
  sigset_t before, pipe;
} Quiet;

static Quiet
begin_quiet (void)
{
  Quiet quiet;
  sigemptyset (&quiet.pipe);
  sigaddset (&quiet.pipe, SIGPIPE);
  pthread_sigmask (SIG_BLOCK, &quiet.pipe, &quiet.before);
  return quiet;
}

static void
end_quiet (const Quiet *quiet)
{
  const struct timespec now = { 0, 0 };
  if (!sigismember (&quiet->before, SIGPIPE))
    while (sigtimedwait (&quiet->pipe, NULL, &now) > 0)
      continue;
  pthread_sigmask (SIG_SETMASK, &quiet->before, NULL);
}

static gboolean
verify_all (Verifier *v, const char *const *paths, guint n, FewVerification *out,
            FewPortableProgress progress, gpointer user, GError **error)
{
  for (guint i = 0; i < n; i++)
    {
      gboolean readable;
      gint64 index;
      if (g_cancellable_set_error_if_cancelled (v->cancellable, error)
          || !ask (v, paths[i], &readable, error) || (readable && !receive (v, &index, error)))
        return FALSE;
      if (readable)
        compare (v, index, out);
      out->unread += !readable;
      if (progress)
        progress (user, i + 1, n);
    }
  return TRUE;
}

gboolean
few_portable_verify (FewModel *model, const FewClassifier *classifier, const char *onnx,
                     const char *const *paths, guint n, FewVerification *verification,
                     FewPortableProgress progress, gpointer user, GCancellable *cancellable,
                     GError **error)
{
  g_return_val_if_fail (model != NULL && classifier != NULL && onnx != NULL, FALSE);
  g_return_val_if_fail (verification != NULL && (n == 0 || paths != NULL), FALSE);
  const FewClassifierInfo *info = few_classifier_info (classifier);
  g_auto (Verifier) v = { .model = model, .classifier = classifier, .info = info };
  g_autofree char *absolute = g_canonicalize_filename (onnx, NULL);
  v.cancellable = cancellable;
  v.length = few_classifier_length (classifier);
  v.feature = g_new (float, v.length);
  v.cosines = g_new (float, info->n_classes);
  v.probabilities = g_new (float, info->n_classes);
  v.theirs = g_new (float, info->n_classes);
  *verification = (FewVerification) { 0 };
  Quiet quiet = begin_quiet ();
  gboolean ok = start_python (&v, absolute, error) && read_greeting (&v, onnx, verification, error)
                && verify_all (&v, paths, n, verification, progress, user, error);
  end_quiet (&quiet);
  return ok;
}
