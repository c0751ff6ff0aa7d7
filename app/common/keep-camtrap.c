/* SPDX-License-Identifier: MIT */
/* A Camera Trap Data Package (Camtrap DP 1.0.2, https://camtrap-dp.tdwg.org): datapackage.json,
 * deployments.csv, media.csv and observations.csv in a folder that holds the pictures. What is not
 * known and may be missing is missing. */
#include "common/keep-private.h"
#include "common/csv.h"
#include <config.h>
#include <glib/gi18n.h>
#include <string.h>

#define SCHEMAS "https://raw.githubusercontent.com/tdwg/camtrap-dp/1.0.2/"

enum { MEDIA, OBSERVATIONS, DEPLOYMENTS };

/* Every column of the schemas in their order: readers compare the heads. */
static const char *const heads[] = {
  "mediaID,deploymentID,captureMethod,timestamp,filePath,filePublic,fileName,fileMediatype,"
  "exifData,favorite,mediaComments\r\n",
  "observationID,deploymentID,mediaID,eventID,eventStart,eventEnd,observationLevel,"
  "observationType,cameraSetupType,scientificName,count,lifeStage,sex,behavior,individualID,"
  "individualPositionRadius,individualPositionAngle,individualSpeed,bboxX,bboxY,bboxWidth,"
  "bboxHeight,classificationMethod,classifiedBy,classificationTimestamp,"
  "classificationProbability,observationTags,observationComments\r\n",
  "deploymentID,locationID,locationName,latitude,longitude,coordinateUncertainty,deploymentStart,"
  "deploymentEnd,setupBy,cameraID,cameraModel,cameraDelay,cameraHeight,cameraDepth,cameraTilt,"
  "cameraHeading,detectionDistance,timestampIssues,baitUse,featureType,habitat,deploymentGroups,"
  "deploymentTags,deploymentComments\r\n",
};

static char *
name_file (const FewKeeper *keeper, const char *name)
{
  return g_build_filename (keeper->folder, name, NULL);
}

/* Nothing is written over, of whatever package or program it is. */
static gboolean
check_free (const FewKeeper *keeper, const char *name, GError **error)
{
  g_autofree char *path = name_file (keeper, name);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  g_autofree char *shown = g_filename_display_name (path);
  g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
               /* Translators: a file */
               _ ("%s is there already: remove that package, or choose another folder."), shown);
  return FALSE;
}

static gboolean
begin (FewKeeper *keeper, GError **error)
{
  static const char *const names[] = { "media.csv", "observations.csv", "deployments.csv" };
  const char *wrong = NULL;
  if (keeper->options.deployment)
    wrong = few_deployment_check (keeper->options.deployment);
  else if (!keeper->options.deployments)
    wrong = _ ("a Camtrap DP tells where and when the camera stood.");
  if (wrong)
    g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT, _ ("It is not known: %s"), wrong);
  if (wrong || !check_free (keeper, "datapackage.json", error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = name_file (keeper, names[i]);
      keeper->files[i] =
          check_free (keeper, names[i], error) ? few_atomic_file_new (path, error) : NULL;
      if (!keeper->files[i])
        return FALSE;
      g_string_append (keeper->text[i], heads[i]);
    }
  return TRUE;
}

/* Which of the kinds of observations a class is. */
static const char *
find_type (const char *class_name)
{
  static const char *const types[][2] = {
    { "blank", "blank" },  { "empty", "blank" },     { "human", "human" }, { "person", "human" },
    { "people", "human" }, { "vehicle", "vehicle" }, { "car", "vehicle" },
  };
  g_autofree char *low = g_utf8_casefold (class_name, -1);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (types[i][0], low))
      return types[i][1];
  return "animal";
}

/* A picture as the tables know it. */
typedef struct
{
  char *path, *id, *time;
  FewKeepPlace *place;
  FewPictureFacts facts;
} Medium;

static void
clear_medium (Medium *medium)
{
  g_free (medium->path);
  g_free (medium->id);
  g_free (medium->time);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Medium, clear_medium)

static void
put_media (FewKeeper *keeper, const Medium *medium)
{
  GString *out = keeper->text[MEDIA];
  g_autofree char *name = g_path_get_basename (medium->path);
  few_csv_plain (out, medium->id, ",");
  few_csv_plain (out, medium->place->id, ",,"); /* captureMethod */
  few_csv_plain (out, medium->time, ",");
  few_csv_plain (out, medium->path, ",false,");
  few_csv_plain (out, name, ",");
  few_csv_plain (out, medium->facts.media_type, ",,,\r\n");
}

/* The box and the commas around it: count … bboxHeight. */
static void
put_box (GString *out, const double *box)
{
  g_string_append (out, ",,,,,,,,");
  for (guint i = 0; i < 4; i++)
    {
      g_string_append_c (out, ',');
      if (box)
        few_keep_number (out, box[i]);
    }
  g_string_append (out, ",machine,");
}

/* answer->unasked: nothing was seen in the picture. */
static void
put_observation (FewKeeper *keeper, const Medium *medium, const FewKeptAnswer *answer, guint number)
{
  GString *out = keeper->text[OBSERVATIONS];
  const char *name = answer->unasked ? "blank" : keeper->options.classes[answer->order[0]];
  const char *type = answer->refused ? "unknown" : find_type (name);
  gboolean animal = !answer->unasked && g_str_equal (type, "animal");
  g_autofree char *by = g_strdup_printf ("Fewshot %s, %s", FEW_VERSION, keeper->options.classifier);
  g_autofree char *now = few_keep_now ();
  g_string_append_printf (out, "%s-%u,", medium->id, number);
  few_csv_plain (out, medium->place->id, ",");
  g_string_append_printf (out, "%s,,%s,%s,media,%s,,", medium->id, medium->time, medium->time,
                          type);
  few_csv_plain (out, animal ? name : "", "");
  put_box (out, answer->unasked ? NULL : answer->box);
  few_csv_plain (out, by, ",");
  g_string_append_printf (out, "%s,", now);
  if (!answer->refused && !answer->unasked)
    few_keep_number (out, answer->probabilities[0]);
  g_string_append (out, ",,\r\n");
  if (animal)
    keeper->seen[answer->order[0]] = TRUE;
}

/* A picture of which nothing was said shows nothing. */
static void
put_observations (FewKeeper *keeper, const Medium *medium, const GPtrArray *answers)
{
  const FewKeptAnswer blank = { .unasked = TRUE };
  guint n = 0;
  for (guint i = 0; i < answers->len; i++)
    {
      const FewKeptAnswer *answer = answers->pdata[i];
      if (!answer->unasked)
        put_observation (keeper, medium, answer, ++n);
    }
  if (n == 0)
    put_observation (keeper, medium, &blank, 1);
}

/* What a picture is known by. */
static char *
make_id (const char *path)
{
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, path, -1);
  return g_strndup (sum, 20);
}

/* The name and the place of one that tells when it was taken. */
static gboolean
find_medium (FewKeeper *keeper, const char *picture, Medium *medium, GError **error)
{
  gboolean below;
  medium->path = few_keep_path (keeper, picture, &below);
  if (!below || strstr (medium->path, "..") || strchr ("./~", medium->path[0]))
    {
      g_set_error (
          error, FEW_ERROR, FEW_ERROR_INPUT,
          /* Translators: a picture's file */
          _ ("A Camtrap DP names pictures as its folder sees them, and cannot name %s. Write "
             "it into the folder that holds the pictures."),
          medium->path);
      return FALSE;
    }
  medium->place = few_keep_find_place (keeper, medium->path, error);
  if (!medium->place)
    return FALSE;
  medium->id = make_id (medium->path);
  medium->time = g_strconcat (medium->facts.taken, medium->place->told->zone, NULL);
  return TRUE;
}

static gboolean
add (FewKeeper *keeper, const GPtrArray *answers, GError **error)
{
  const FewKeptAnswer *first = answers->pdata[0];
  g_auto (Medium) medium = { 0 };
  if (first->error || !few_image_facts (first->path, &medium.facts, NULL) || !*medium.facts.taken)
    {
      keeper->left_out++;
      return TRUE;
    }
  if (!find_medium (keeper, first->path, &medium, error))
    return FALSE;
  few_keep_note_time (medium.place, medium.facts.taken);
  put_media (keeper, &medium);
  put_observations (keeper, &medium, answers);
  keeper->n++;
  return few_keep_flush (keeper, MEDIA, FALSE, error)
         && few_keep_flush (keeper, OBSERVATIONS, FALSE, error);
}

static void
put_deployment (FewKeeper *keeper, const FewKeepPlace *place)
{
  const FewDeployment *d = place->told;
  GString *out = keeper->text[DEPLOYMENTS];
  few_csv_plain (out, place->id, ",,"); /* locationID */
  few_csv_plain (out, d->location ? d->location : "", ",");
  few_keep_number (out, d->latitude);
  g_string_append_c (out, ',');
  few_keep_number (out, d->longitude);
  g_string_append_printf (out, ",,%s%s,%s%s,,,,,,,,,,,,,,,,\r\n", /* setupBy … */
                          d->start ? d->start : place->first, d->zone,
                          d->end ? d->end : place->last, d->zone);
}

static void
put_resources (GString *out)
{
  static const char *const names[] = { "deployments", "media", "observations" };
  g_string_append (out, "{\"resources\":[");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_string_append_printf (
        out,
        "%s\n{\"name\":\"%s\",\"path\":\"%s.csv\",\"profile\":"
        "\"tabular-data-resource\",\"format\":\"csv\",\"mediatype\":\"text/csv\","
        "\"encoding\":\"utf-8\",\"schema\":\"" SCHEMAS "%s-table-schema.json\"}",
        i ? "," : "", names[i], names[i], names[i]);
  g_string_append (out, "],\n\"profile\":\"" SCHEMAS "camtrap-dp-profile.json\",\n");
}

/* The name of a package has few letters. */
static char *
name_package (const FewKeeper *keeper)
{
  const FewKeepPlace *first = keeper->places->pdata[0];
  g_autofree char *low = g_ascii_strdown (first->id, -1);
  for (char *p = low; *p; p++)
    if (!g_ascii_isalnum (*p) && !strchr ("-._", *p))
      *p = '-';
  return g_strdup_printf ("fewshot-%s", low);
}

static void
put_taxa (const FewKeeper *keeper, GString *out)
{
  gboolean any = FALSE;
  g_string_append (out, "\"taxonomic\":[");
  for (guint k = 0; keeper->options.classes[k]; k++)
    {
      if (!keeper->seen[k])
        continue;
      g_string_append (out, any ? ",{\"scientificName\":" : "{\"scientificName\":");
      few_keep_quote (out, keeper->options.classes[k]);
      g_string_append_c (out, '}');
      any = TRUE;
    }
  g_string_append (out, "]}\n");
}

/* Where all cameras stood. */
static void
put_points (const FewKeeper *keeper, GString *out)
{
  gboolean several = keeper->places->len > 1;
  g_string_append_printf (out, "\"spatial\":{\"type\":\"%s\",\"coordinates\":%s",
                          several ? "MultiPoint" : "Point", several ? "[" : "");
  for (guint i = 0; i < keeper->places->len; i++)
    {
      const FewDeployment *d = ((const FewKeepPlace *) keeper->places->pdata[i])->told;
      g_string_append (out, i > 0 ? ",[" : "[");
      few_keep_number (out, d->longitude);
      g_string_append_c (out, ',');
      few_keep_number (out, d->latitude);
      g_string_append_c (out, ']');
    }
  g_string_append (out, several ? "]},\n" : "},\n");
}

/* From the first day to the last. */
static void
put_days (const FewKeeper *keeper, GString *out)
{
  const char *first = NULL;
  const char *last = NULL;
  for (guint i = 0; i < keeper->places->len; i++)
    {
      const FewKeepPlace *place = keeper->places->pdata[i];
      const char *start = place->told->start ? place->told->start : place->first;
      const char *end = place->told->end ? place->told->end : place->last;
      if (!first || strcmp (start, first) < 0)
        first = start;
      if (!last || strcmp (end, last) > 0)
        last = end;
    }
  g_string_append_printf (out, "\"temporal\":{\"start\":\"%.10s\",\"end\":\"%.10s\"},\n", first,
                          last);
}

static char *
describe_package (const FewKeeper *keeper)
{
  const FewDeployment *d = keeper->options.deployment;
  if (!d)
    d = keeper->options.deployments->pdata[0];
  GString *out = g_string_new (NULL);
  g_autofree char *name = name_package (keeper);
  g_autofree char *now = few_keep_now ();
  put_resources (out);
  g_string_append_printf (
      out, "\"name\":\"%s\",\n\"created\":\"%s\",\n\"contributors\":[{\"title\":", name, now);
  few_keep_quote (out, d->contact && *d->contact ? d->contact : "not told");
  g_string_append (out, ",\"role\":\"contact\"}],\n\"project\":{\"title\":");
  few_keep_quote (out, d->project && *d->project ? d->project : name);
  g_string_append (out, ",\"samplingDesign\":\"opportunistic\",\"captureMethod\":"
                        "[\"activityDetection\"],\"individualAnimals\":false,"
                        "\"observationLevel\":[\"media\"]},\n");
  put_points (keeper, out);
  put_days (keeper, out);
  put_taxa (keeper, out);
  return g_string_free (out, FALSE);
}

/* The package itself comes last: without it the tables are none. */
static gboolean
finish (FewKeeper *keeper, GError **error)
{
  g_autofree char *package = name_file (keeper, "datapackage.json");
  if (keeper->n == 0)
    {
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                   _ ("No picture tells when it was taken: a Camtrap DP cannot do without."));
      return FALSE;
    }
  for (guint i = 0; i < keeper->places->len; i++)
    put_deployment (keeper, keeper->places->pdata[i]);
  for (guint i = 0; i < FEW_KEEP_FILES; i++)
    if (!few_keep_flush (keeper, i, TRUE, error)
        || !few_atomic_file_commit (keeper->files[i], error))
      return FALSE;
  for (guint i = 0; i < FEW_KEEP_FILES; i++)
    g_clear_pointer (&keeper->files[i], few_atomic_file_free);
  g_autofree char *json = describe_package (keeper);
  return few_file_write (package, json, strlen (json), error);
}

const FewKeepKind few_keep_camtrap = { begin, add, finish };
