/* SPDX-License-Identifier: MIT */
/* The map of pictures: it follows α and the kind that is chosen, is walked by keys and drawn
 * around, and what is drawn around is acted on together; parts of pictures that match. */
#include "pages/inspect/few-inspect-page.h"
#include "pages/inspect/few-map-frame.h"
#include "pages/inspect/few-map-pane.h"
#include "pages/inspect/few-map-places.h"
#include "pages/inspect/few-match-pane.h"
#include "pages/inspect/few-nearest.h"
#include "widgets/few-large-picture.h"
#include "widgets/few-viewer.h"
#include "world.h"
#include <math.h>
#include <string.h>

static FewFeatureMap *
show_map (World *w, FewMapKind kind)
{
  world_act (w, "page", "s", "inspect");
  world_act (w, "view", "i", 3);
  world_act (w, "map-kind", "i", kind);
  FewFeatureMap *map =
      FEW_FEATURE_MAP (world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_FEATURE_MAP));
  FewMapping *mapping = few_feature_map_get_mapping (map);
  guint done, total;
  WAIT (few_mapping_get_map (mapping) && !few_mapping_is_asking (mapping, &done, &total));
  WAIT (gtk_widget_get_width (GTK_WIDGET (map)) > 50
        && gtk_widget_get_height (GTK_WIDGET (map)) > 50);
  g_assert_cmpint (few_map_info (few_mapping_get_map (mapping))->kind, ==, kind);
  return map;
}

/* It comes from the worker, moves with α, and choosing a point chooses its picture. */
static void
test_plane (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 30);
  FewFeatureMap *map = show_map (w, FEW_MAP_PLANE);
  g_assert_cmpuint (few_map_info (few_mapping_get_map (few_feature_map_get_mapping (map)))->n, ==,
                    30);
  g_autoptr (FewPicture) picture =
      g_list_model_get_item (few_examples_get_pictures (w->examples), 3);
  double before[2], after[2];
  few_view_set_alpha (w->view, 0);
  g_assert_true (few_feature_map_get_point (map, picture, &before[0], &before[1]));
  few_view_set_alpha (w->view, 1);
  g_assert_true (few_feature_map_get_point (map, picture, &after[0], &after[1]));
  g_assert_true (fabs (before[0] - after[0]) + fabs (before[1] - after[1]) > 1);
  g_signal_emit_by_name (map, "chosen", picture);
  GtkWidget *nearest = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_NEAREST);
  WAIT (gtk_widget_get_visible (nearest));
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (map), GTK_ACCESSIBLE_ROLE_IMG);
  /* what is nearest is a training picture, not the picture itself, and for these two plain
   * classes of the same class */
  const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (w->view));
  for (guint i = 0; i < 5; i++)
    {
      FewPicture *near = few_nearest_get_picture (FEW_NEAREST (nearest), i);
      g_assert_nonnull (near);
      g_assert_true (near != picture);
      g_assert_cmpint (info->roles[few_view_get_row (w->view, near)], ==, FEW_ROLE_TRAIN);
    }
  g_assert_true (few_picture_get_class (few_nearest_get_picture (FEW_NEAREST (nearest), 0))
                 == few_picture_get_class (picture));
  world_free (w);
}

/* What is under the pointer stays there, nothing beyond the map comes into view, and all of it
 * comes back; near, pictures are there. */
static void
test_zoom (void)
{
  FewMapZoom zoom = { 0 };
  few_map_zoom_reset (&zoom);
  few_map_zoom_by (&zoom, 4, .9, .2);
  double x = .9;
  double y = .2;
  few_map_zoom_place (&zoom, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, .9, 1e-9);
  g_assert_cmpfloat_with_epsilon (y, .2, 1e-9);
  few_map_zoom_find (&zoom, &x, &y);
  few_map_zoom_place (&zoom, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, .9, 1e-9);
  few_map_zoom_pan (&zoom, 100, -100);
  g_assert_cmpfloat_with_epsilon (zoom.x, .125, 1e-9);
  g_assert_cmpfloat_with_epsilon (zoom.y, .875, 1e-9);
  few_map_zoom_show (&zoom, 1, .5);
  x = 1;
  y = .5;
  few_map_zoom_place (&zoom, &x, &y);
  g_assert_true (x > .5 && x <= 1 && y >= 0 && y <= 1);
  few_map_zoom_by (&zoom, 1e-3, .5, .5);
  g_assert_true (zoom.scale == 1 && zoom.x == .5 && zoom.y == .5);

  World *w = world_new ();
  world_import (w);
  FewFeatureMap *map = show_map (w, FEW_MAP_PLANE);
  g_autoptr (FewPicture) picture =
      g_list_model_get_item (few_examples_get_pictures (w->examples), 3);
  double before[2], after[2];
  g_assert_true (few_feature_map_get_point (map, picture, &before[0], &before[1]));
  few_map_zoom_by (few_feature_map_get_zoom (map), 8, .5, .5);
  g_assert_true (few_feature_map_get_point (map, picture, &after[0], &after[1]));
  double middle = gtk_widget_get_width (GTK_WIDGET (map)) / 2.;
  g_assert_cmpfloat_with_epsilon (after[0] - middle, 8 * (before[0] - middle), 1e-3);
  world_free (w);
}

/* Four at the corners of a square, one in its middle, one that is not drawn. */
static void
test_places (void)
{
  float at[] = { 0, 0, 1, 0, 0, 1, 1, 1, .5f, .5f, .6f, .5f };
  guint32 ids[] = { 10, 11, 12, 13, 14, 15 };
  gint32 labels[] = { 0, 0, 1, 1, 0, -1 };
  const double corners[] = { .4, .4, 1.1, .4, 1.1, 1.1, .4, 1.1 };
  const FewMapPlaces places = { .n = 6, .ids = ids, .at = at, .labels = labels };
  g_assert_cmpint (few_map_places_find (&places, 13), ==, 3);
  g_assert_cmpint (few_map_places_find (&places, 9), ==, -1);
  g_assert_cmpint (few_map_places_nearest (&places, .61, .5, 100, 100, 100), ==, 4);
  g_assert_cmpint (few_map_places_nearest (&places, .9, .1, 10, 100, 100), ==, -1);
  g_assert_cmpint (few_map_places_next (&places, 0, 1, 0, 100, 100), ==, 1);
  g_assert_cmpint (few_map_places_next (&places, 0, 0, 1, 100, 100), ==, 2);
  g_assert_cmpint (few_map_places_next (&places, 0, -1, 0, 100, 100), ==, -1);
  g_assert_cmpint (few_map_places_next (&places, 3, -1, 0, 100, 100), ==, 2);
  g_autoptr (GArray) inside = few_map_places_inside (&places, corners, 4);
  g_assert_cmpuint (inside->len, ==, 2);
  g_assert_cmpuint (g_array_index (inside, guint, 0), ==, 3);
  g_assert_cmpuint (g_array_index (inside, guint, 1), ==, 4);
}

/* The grounds of names, from the top on, in the order in which they are drawn. */
static void
find_grounds (GskRenderNode *node, GArray *grounds)
{
  graphene_rect_t place;
  gsk_render_node_get_bounds (node, &place);
  if (gsk_render_node_get_node_type (node) == GSK_COLOR_NODE)
    g_array_append_val (grounds, place);
  if (gsk_render_node_get_node_type (node) != GSK_CONTAINER_NODE)
    return;
  for (guint i = 0; i < gsk_container_node_get_n_children (node); i++)
    find_grounds (gsk_container_node_get_child (node, i), grounds);
}

/* Two classes whose pictures have the same middle: their names do not lie over each other. */
static void
test_names (void)
{
  World *w = world_new ();
  float at[] = { .5f, .5f, .5f, .5f };
  guint32 ids[] = { 10, 11 };
  gint32 labels[] = { 0, 1 };
  world_import (w);
  FewMapFrame frame = { .widget = GTK_WIDGET (w->window),
                        .places = { .n = 2, .ids = ids, .at = at, .labels = labels } };
  g_autoptr (GArray) grounds = g_array_new (FALSE, FALSE, sizeof (graphene_rect_t));
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  few_map_zoom_reset (&frame.zoom);
  few_map_frame_draw_names (&frame, snapshot, w->view, FALSE);
  GskRenderNode *node = gtk_snapshot_free_to_node (snapshot);
  find_grounds (node, grounds);
  g_assert_cmpuint (grounds->len, ==, 2);
  const graphene_rect_t *places = &g_array_index (grounds, graphene_rect_t, 0);
  g_assert_false (graphene_rect_intersection (&places[0], &places[1], NULL));
  gsk_render_node_unref (node);
  world_free (w);
}

/* Neighbours: each picture is nearest to one of its class, for these plain ones; and back. */
static void
test_neighbours (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 30);
  FewFeatureMap *map = show_map (w, FEW_MAP_NEIGHBOURS);
  GListModel *pictures = few_examples_get_pictures (w->examples);
  guint right = 0;
  guint n = g_list_model_get_n_items (pictures);
  for (guint i = 0; i < n; i++)
    {
      double nearest = INFINITY;
      g_autoptr (FewPicture) one = g_list_model_get_item (pictures, i);
      g_autoptr (FewPicture) best = NULL;
      double x, y;
      if (!few_feature_map_get_point (map, one, &x, &y))
        continue;
      for (guint j = 0; j < n; j++)
        {
          g_autoptr (FewPicture) other = g_list_model_get_item (pictures, j);
          double ox, oy;
          if (i == j || !few_feature_map_get_point (map, other, &ox, &oy)
              || hypot (ox - x, oy - y) >= nearest)
            continue;
          nearest = hypot (ox - x, oy - y);
          g_set_object (&best, other);
        }
      right += few_picture_get_class (best) == few_picture_get_class (one);
    }
  g_test_message ("%u of %u are nearest to one of their class", right, n);
  g_assert_cmpuint (right, >=, 28);
  show_map (w, FEW_MAP_PLANE);
  world_free (w);
}

/* Stopped before anything came of it, it is the plane again. */
static void
test_stop (void)
{
  World *w = world_new ();
  world_import (w);
  FewFeatureMap *map = show_map (w, FEW_MAP_PLANE);
  FewMapping *mapping = few_feature_map_get_mapping (map);
  guint done, total;
  world_act (w, "map-kind", "i", FEW_MAP_NEIGHBOURS);
  g_assert_true (few_mapping_is_asking (mapping, &done, &total));
  few_mapping_stop (mapping);
  g_assert_false (few_mapping_is_asking (mapping, &done, &total));
  g_assert_cmpint (few_mapping_get_kind (mapping), ==, FEW_MAP_PLANE);
  g_assert_cmpint (few_map_info (few_mapping_get_map (mapping))->kind, ==, FEW_MAP_PLANE);
  world_free (w);
}

/* While the page is out of sight a run changes what there is to be seen: the map before is not
 * taken for that of the run, whatever is chosen meanwhile, and stopping does not keep it. */
static void
test_old (void)
{
  World *w = world_new ();
  world_import (w);
  FewFeatureMap *map = show_map (w, FEW_MAP_PLANE);
  FewMapping *mapping = few_feature_map_get_mapping (map);
  const FewMap *before = few_mapping_get_map (mapping);
  world_act (w, "page", "s", "train");
  world_train (w, 30);
  guint done, total;
  few_mapping_set_kind (mapping, FEW_MAP_NEIGHBOURS);
  few_mapping_set_kind (mapping, FEW_MAP_PLANE);
  g_assert_true (few_mapping_get_map (mapping) == before);
  world_act (w, "page", "s", "inspect");
  WAIT (few_mapping_is_asking (mapping, &done, &total));
  WAIT (!few_mapping_is_asking (mapping, &done, &total));
  g_assert_true (few_mapping_get_map (mapping) != before);
  show_map (w, FEW_MAP_NEIGHBOURS);
  world_act (w, "page", "s", "train");
  world_train (w, 10);
  world_act (w, "page", "s", "inspect");
  WAIT (few_mapping_is_asking (mapping, &done, &total));
  few_mapping_stop (mapping);
  g_assert_cmpint (few_mapping_get_kind (mapping), ==, FEW_MAP_PLANE);
  WAIT (few_map_info (few_mapping_get_map (mapping))->kind == FEW_MAP_PLANE);
  world_free (w);
}

/* Arrows choose one point after the other, which is told as file, class and answer; Enter opens the
 * viewer. */
static void
test_walk (void)
{
  World *w = world_new ();
  world_import (w);
  FewFeatureMap *map = show_map (w, FEW_MAP_PLANE);
  FewPage *page = few_window_find_page (w->window, "inspect");
  double before[2], after[2];
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (map), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "Arrow keys go from one picture to the next");
  few_feature_map_walk (map, 1, 0); /* the one in the middle */
  g_autoptr (GPtrArray) first = few_page_get_chosen (page);
  g_assert_cmpuint (first->len, ==, 1);
  g_assert_true (few_feature_map_get_point (map, first->pdata[0], &before[0], &before[1]));
  few_feature_map_walk (map, 1, 0);
  g_autoptr (GPtrArray) second = few_page_get_chosen (page);
  g_assert_true (few_feature_map_get_point (map, second->pdata[0], &after[0], &after[1]));
  g_assert_true (first->pdata[0] != second->pdata[0] && after[0] > before[0]);
  const char *own = few_class_get_name (few_picture_get_class (second->pdata[0]));
  guint row = (guint) few_view_get_row (w->view, second->pdata[0]);
  guint said = few_view_get_predicted (w->view)[row];
  const char *taken = few_class_get_name (few_view_get_class (w->view, said));
  g_autofree char *words = g_strdup_printf (g_str_equal (own, taken) ? "%s, %s, recognised as %s"
                                                                     : "%s, %s, mistaken for %s",
                                            few_picture_get_name (second->pdata[0]), own, taken);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (map), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       words);
  g_signal_emit_by_name (map, "activated", second->pdata[0]);
  GtkWidget *viewer = NULL;
  WAIT ((viewer = world_find_window (FEW_TYPE_VIEWER)));
  gtk_window_destroy (GTK_WINDOW (viewer));
  world_free (w);
}

/* A line around all of one class chooses them: excluded together, and undone together. */
static void
test_lasso (void)
{
  World *w = world_new ();
  world_import (w);
  FewFeatureMap *map = show_map (w, FEW_MAP_PLANE);
  FewInspectPage *page = FEW_INSPECT_PAGE (few_window_find_page (w->window, "inspect"));
  double width = gtk_widget_get_width (GTK_WIDGET (map));
  double height = gtk_widget_get_height (GTK_WIDGET (map));
  GListModel *pictures = few_examples_get_pictures (w->examples);
  const double left[] = { 0, 0, width / 2, 0, width / 2, height, 0, height };
  guint expected = 0;
  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
      double x, y;
      expected += few_feature_map_get_point (map, picture, &x, &y) && x < width / 2;
    }
  g_assert_true (expected > 1 && expected < 30);
  few_feature_map_circle (map, left, 4);
  g_autoptr (GPtrArray) chosen = few_page_get_chosen (FEW_PAGE (page));
  g_assert_cmpuint (chosen->len, ==, expected);
  g_assert_cmpuint (g_list_model_get_n_items (few_inspect_page_get_model (page)), ==, expected);
  world_act (w, "exclude", NULL);
  for (guint i = 0; i < chosen->len; i++)
    g_assert_true (few_picture_is_excluded (chosen->pdata[i]));
  few_session_undo (w->session);
  for (guint i = 0; i < chosen->len; i++)
    g_assert_false (few_picture_is_excluded (chosen->pdata[i]));
  world_act (w, "remove", NULL); /* what is gone is not chosen any more */
  g_autoptr (GPtrArray) gone = few_page_get_chosen (FEW_PAGE (page));
  g_assert_cmpuint (gone->len, ==, 0);
  few_session_undo (w->session);
  few_feature_map_circle (map, NULL, 0); /* around nothing: all are listed again */
  g_autoptr (GPtrArray) none = few_page_get_chosen (FEW_PAGE (page));
  g_assert_cmpuint (none->len, ==, 0);
  world_free (w);
}

/* Parts that match are numbered on both pictures, of a model that tells them; the next alike one
 * has others. */
static void
test_match (void)
{
  World *w = world_new ();
  world_import (w);
  FewFeatureMap *map = show_map (w, FEW_MAP_PLANE);
  g_autoptr (FewPicture) picture =
      g_list_model_get_item (few_examples_get_pictures (w->examples), 3);
  FewInspectPage *page = FEW_INSPECT_PAGE (few_window_find_page (w->window, "inspect"));
  FewMatchPane *pane = FEW_MATCH_PANE (world_find_widget (GTK_WIDGET (page), FEW_TYPE_MATCH_PANE));
  g_signal_emit_by_name (map, "chosen", picture);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (pane)));
  world_act (w, "match", "b", TRUE);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (pane)));
  FewLargePicture *image =
      FEW_LARGE_PICTURE (world_find_widget (GTK_WIDGET (pane), FEW_TYPE_LARGE_PICTURE));
  FewHeatInfo info[2];
  GArray *matches = NULL;
  WAIT ((matches = few_matching_get (few_match_pane_get_matching (pane), &info[0], &info[1])));
  g_assert_cmpuint (few_large_picture_count_marks (image), ==, matches->len);
  g_assert_cmpuint (matches->len, >, 0);
  g_assert_nonnull (strstr (few_match_pane_get_text (pane), "of patches"));
  FewPicture *first = few_match_pane_get_other (pane);
  few_match_pane_step (pane, 1);
  g_assert_true (few_match_pane_get_other (pane) != first);
  WAIT ((matches = few_matching_get (few_match_pane_get_matching (pane), &info[0], &info[1])));
  few_match_pane_step (pane, -1);
  g_assert_true (few_match_pane_get_other (pane) == first);
  g_autoptr (FewPicture) last = g_list_model_get_item (few_examples_get_pictures (w->examples), 20);
  few_view_set_live (w->view, TRUE); /* while one learns nothing is asked, but afterwards */
  g_signal_emit_by_name (map, "chosen", last);
  g_assert_null (few_match_pane_get_other (pane));
  few_view_set_live (w->view, FALSE);
  few_view_set_alpha (w->view, .2);
  WAIT (few_match_pane_get_other (pane));
  few_inspect_page_set_look (page, TRUE); /* one of the two */
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (pane)));
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/map/places", test_places);
  g_test_add_func ("/map/names", test_names);
  g_test_add_func ("/map/plane", test_plane);
  g_test_add_func ("/map/zoom", test_zoom);
  g_test_add_func ("/map/neighbours", test_neighbours);
  g_test_add_func ("/map/stop", test_stop);
  g_test_add_func ("/map/old", test_old);
  g_test_add_func ("/map/walk", test_walk);
  g_test_add_func ("/map/lasso", test_lasso);
  g_test_add_func ("/map/match", test_match);
  return g_test_run ();
}
