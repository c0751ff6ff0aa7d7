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

static void
put_media (FewKeeper *keeper, const char *id, const char *time, const char *path,
           const FewPictureFacts *facts)
{
  GString *out = keeper->text[MEDIA];
  g_autofree char *name = g_path_get_basename (path);
  few_csv_plain (out, id, ",");
  few_csv_plain (out, keeper->place->id, ",,"); /* captureMethod */
  few_csv_plain (out, time, ",");
  few_csv_plain (out, path, ",false,");
  few_csv_plain (out, name, ",");
  few_csv_plain (out, facts->media_type, ",,,\r\n");
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
put_observation (FewKeeper *keeper, const char *id, const char *time, const FewKeptAnswer *answer)
{
  GString *out = keeper->text[OBSERVATIONS];
  const char *name = answer->unasked ? "blank" : keeper->options.classes[answer->order[0]];
  const char *type = answer->refused ? "unknown" : find_type (name);
  gboolean animal = !answer->unasked && g_str_equal (type, "animal");
  g_autofree char *by = g_strdup_printf ("Fewshot %s, %s", FEW_VERSION, keeper->options.classifier);
  g_autofree char *now = few_keep_now ();
  g_string_append_printf (out, "%s-%u,", id, ++keeper->parts);
  few_csv_plain (out, keeper->place->id, ",");
  g_string_append_printf (out, "%s,,%s,%s,media,%s,,", id, time, time, type);
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

/* Names the picture; NULL: it is left out, or with an error. */
static char *
begin_picture (FewKeeper *keeper, const FewKeptAnswer *answer, GError **error)
{
  gboolean below;
  FewPictureFacts *facts = &keeper->facts;
  if (answer->error || !few_image_facts (answer->path, facts, NULL) || !*facts->taken)
    {
      keeper->left_out++;
      return NULL;
    }
  g_autofree char *path = few_keep_path (keeper, answer->path, &below);
  if (!below || strstr (path, "..") || strchr ("./~", path[0]))
    {
      g_set_error (
          error, FEW_ERROR, FEW_ERROR_INPUT,
          /* Translators: a picture's file */
          _ ("A Camtrap DP names pictures as its folder sees them, and cannot name %s. Write "
             "it into the folder that holds the pictures."),
          path);
      return NULL;
    }
  keeper->place = few_keep_find_place (keeper, path, error);
  return keeper->place ? g_steal_pointer (&path) : NULL;
}

/* What a picture is known by. */
static char *
make_id (const char *path)
{
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, path, -1);
  return g_strndup (sum, 20);
}

/* A picture of which nothing was said shows nothing. */
static void
end_picture (FewKeeper *keeper)
{
  const FewKeptAnswer blank = { .unasked = TRUE };
  if (!keeper->picture || keeper->parts > 0)
    return;
  g_autofree char *path = few_keep_path (keeper, keeper->picture, NULL);
  g_autofree char *id = make_id (path);
  g_autofree char *time = g_strconcat (keeper->facts.taken, keeper->place->told->zone, NULL);
  put_observation (keeper, id, time, &blank);
}

static gboolean
add (FewKeeper *keeper, const FewKeptAnswer *answer, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean other = g_strcmp0 (keeper->picture, answer->path) != 0;
  if (other)
    end_picture (keeper);
  g_autofree char *path =
      other ? begin_picture (keeper, answer, &local) : few_keep_path (keeper, answer->path, NULL);
  if (other && !path)
    g_clear_pointer (&keeper->picture, g_free);
  gboolean refused = local != NULL;
  if (refused)
    g_propagate_error (error, g_steal_pointer (&local));
  if (!path)
    return !refused;
  g_autofree char *id = make_id (path);
  g_autofree char *time = g_strconcat (keeper->facts.taken, keeper->place->told->zone, NULL);
  if (few_keep_turn (keeper, answer->path))
    {
      few_keep_note_time (keeper->place, keeper->facts.taken);
      put_media (keeper, id, time, path, &keeper->facts);
      keeper->n++;
    }
  if (!answer->error && !answer->unasked)
    put_observation (keeper, id, time, answer);
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
  end_picture (keeper);
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
