/* SPDX-License-Identifier: MIT */
/* Inside FewBoxes: what its two readers fill. */
#pragma once
#include "base/json.h"
#include <fewshot/boxes.h>

struct FewBoxes
{
  char *name; /* of the file, for sentences */
  gboolean annotations;
  char *detector;
  GPtrArray *categories; /* FewBoxCategory * */
  GPtrArray *files;      /* char *, in the order of the file; keys of by_file */
  GHashTable *by_file;   /* → GPtrArray of FewBoxFound * */
  GHashTable *words;     /* class names, kept once */
  GPtrArray *roots;      /* char * */
  guint bad;
};

/* Adds the boxes; each is wanted as far as the reader knows. */
gboolean few_boxes_read_detections (FewBoxes *boxes, JsonObject *root, GError **error);
gboolean few_boxes_read_annotations (FewBoxes *boxes, JsonObject *root, GError **error);
/* Takes id and name; the number that the category has. */
guint few_boxes_add_category (FewBoxes *boxes, char *id, char *name);
/* The list of a picture, made where there is none. */
GPtrArray *few_boxes_ensure (FewBoxes *boxes, const char *file);
/* Four numbers; FALSE: it is something else. */
gboolean few_boxes_read_box (JsonObject *object, double box[4]);
/* Where the box is none, it is counted. */
void few_boxes_add (FewBoxes *boxes, GPtrArray *list, const FewBoxFound *found);
