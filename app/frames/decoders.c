/* SPDX-License-Identifier: MIT */
/* A list of what is allowed, by the name of a plugin or the beginning of a part's name. */
#include "frames/decoders.h"
#include <gst/gst.h>

static gboolean
is_listed (const char *name, const char *const *list)
{
  for (; *list; list++)
    if (g_strcmp0 (name, *list) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_allowed (const char *plugin, const char *name)
{
  /* containers, then codecs, in software */
  static const char *const plugins[] = {
    "isomp4",      "matroska",        "ogg",    "avi",      "flv",  "asf",   "mpegtsdemux",
    "mpegpsdemux", "videoparsersbad", "theora", "vpx",      "jpeg", "dav1d", "rsdav1d",
    "aom",         "openh264",        "de265",  "mpeg2dec", NULL
  };
  /* libav's, which has hundreds */
  static const char *const libav[] = { "avdec_h264",       "avdec_h265",      "avdec_mpeg4",
                                       "avdec_mpeg2video", "avdec_mpegvideo", "avdec_h263",
                                       "avdec_mjpeg",      "avdec_vp8",       "avdec_vp9",
                                       "avdec_av1",        "avdec_wmv2",      "avdec_wmv3",
                                       "avdec_vc1",        "avdec_msmpeg4",   "avdec_flv",
                                       "avdec_prores",     "avdec_dvvideo",   NULL };
  return is_listed (plugin, plugins)
         || (is_listed (name, libav) && g_strcmp0 (plugin, "libav") == 0);
}

void
frames_allow_decoders (void)
{
  GList *all = gst_element_factory_list_get_elements (
      GST_ELEMENT_FACTORY_TYPE_DECODABLE | GST_ELEMENT_FACTORY_TYPE_MEDIA_ANY, GST_RANK_MARGINAL);
  for (GList *l = all; l; l = l->next)
    {
      GstPluginFeature *feature = l->data;
      if (!is_allowed (gst_plugin_feature_get_plugin_name (feature),
                       gst_plugin_feature_get_name (feature)))
        gst_plugin_feature_set_rank (feature, GST_RANK_NONE);
    }
  gst_plugin_feature_list_free (all);
}
