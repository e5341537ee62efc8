// An HLS player that we did not write (GStreamer's demultiplexers, parsers and decoders), as a
// process of its own.
//
//   gst_player hlsdemux|hlsdemux2 URL [CA_FILE]
//
// Decodes as fast as it gets it and writes a line for each decoded picture ("picture SECONDS", the
// moment at which it is shown), for each block of sound ("sound"), for what it complains of
// ("complaint ..."), and "end" where the list ends. With CA_FILE it trusts only what that signed.
// Ends when its standard input does.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include <gio/gio.h>
#include <gst/gst.h>
#include <unistd.h>

namespace {

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

void never_choose(const char* element) {
  if (GstPluginFeature* feature = gst_registry_lookup_feature(gst_registry_get(), element)) {
    gst_plugin_feature_set_rank(feature, GST_RANK_NONE);
    gst_object_unref(feature);
  }
}

void on_picture(GstElement*, GstBuffer* buffer, GstPad* pad, gpointer) {
  const GstEvent* event = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0);
  const GstSegment* segment = nullptr;
  gst_event_parse_segment(const_cast<GstEvent*>(event), &segment);
  const auto at = gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  say("picture " + std::to_string(static_cast<double>(at) / GST_SECOND));
  gst_event_unref(const_cast<GstEvent*>(event));
}
void on_sound(GstElement*, GstBuffer*, GstPad*, gpointer) {
  say("sound");
}

void on_pad(GstElement*, GstPad* pad, gpointer pipeline) {
  GstCaps* caps = gst_pad_get_current_caps(pad);
  if (caps == nullptr) caps = gst_pad_query_caps(pad, nullptr);
  const std::string_view kind = gst_structure_get_name(gst_caps_get_structure(caps, 0));
  const bool is_picture = kind.starts_with("video/");
  gst_caps_unref(caps);
  GstElement* sink = gst_element_factory_make("fakesink", nullptr);
  g_object_set(sink, "sync", FALSE, "async", FALSE, "signal-handoffs", TRUE, nullptr);
  g_signal_connect(sink, "handoff", is_picture ? G_CALLBACK(on_picture) : G_CALLBACK(on_sound),
                   nullptr);
  gst_bin_add(GST_BIN(pipeline), sink);
  gst_element_sync_state_with_parent(sink);
  GstPad* into = gst_element_get_static_pad(sink, "sink");
  gst_pad_link(pad, into);
  gst_object_unref(into);
}

void complain(GstMessage* message) {
  GError* error = nullptr;
  gchar* more = nullptr;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
    gst_message_parse_error(message, &error, &more);
  else
    gst_message_parse_warning(message, &error, &more);
  std::string text = std::string("complaint ") + error->message + " " + (more ? more : "");
  for (auto& c : text)
    if (c == '\n') c = ' ';
  say(text);
  g_error_free(error);
  g_free(more);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const bool is_second = std::string_view(argv[1]) == "hlsdemux2";
  gst_init(nullptr, nullptr);
  // Whoever fetches here, lists, keys or segments, asks this for whom it may trust.
  if (argc > 3) {
    GTlsDatabase* trusted = g_tls_file_database_new(argv[3], nullptr);
    if (trusted == nullptr) return 3;
    g_tls_backend_set_default_database(g_tls_backend_get_default(), trusted);
  }
  never_choose(is_second ? "hlsdemux" : "hlsdemux2");
  GstElement* pipeline = gst_pipeline_new(nullptr);
  GstElement* source =
      gst_element_factory_make(is_second ? "uridecodebin3" : "uridecodebin", nullptr);
  if (source == nullptr || gst_element_factory_find(argv[1]) == nullptr) {
    say("complaint there is no such demultiplexer");
    return 4;
  }
  g_object_set(source, "uri", argv[2], nullptr);
  g_signal_connect(source, "pad-added", G_CALLBACK(on_pad), pipeline);
  gst_bin_add(GST_BIN(pipeline), source);
  std::thread([] {
    char byte = 0;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {
    }
    std::_Exit(0);
  }).detach();
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(pipeline);
  for (;;) {
    GstMessage* message = gst_bus_timed_pop_filtered(
        bus, GST_CLOCK_TIME_NONE,
        static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING));
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) break;
    complain(message);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) return 1;
    gst_message_unref(message);
  }
  say("end");
  return 0;
}
