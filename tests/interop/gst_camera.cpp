// An RTSP server that we did not write (gst-rtsp-server), as a camera: a process of its own, so
// that it can be killed, and so that its library's memory is not looked at by our sanitizers.
//
//   gst_camera MODE PORT [CLIP]     MODE: open, digest, basic (viewer / geheim); PORT 0: any
//
// Writes "port N" when it listens, and ends when its standard input does.
// Every client gets a pipeline of its own: /h264, /h265, /sound (AAC), /clip (the file, as it
// is) send `pictures` pictures and end; /endless, /endless_h265 and /reordered (with
// B pictures) do not end.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include <fmt/format.h>
#include <gst/gst.h>
#include <gst/rtsp-server/rtsp-server.h>
#include <unistd.h>

namespace {

constexpr int pictures = 50;

std::string test_picture(int buffers) {
  return fmt::format(
      "videotestsrc is-live=true num-buffers={} ! video/x-raw,width=320,height=240,framerate=25/1,"
      "format=I420 ! ",
      buffers);
}

const std::string h264 =
    "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 bitrate=500 ! "
    "rtph264pay name=pay0 pt=96 ";
const std::string reordered =  // B pictures: sent in another order than shown
    "x264enc bframes=2 b-adapt=false rc-lookahead=0 speed-preset=veryfast key-int-max=25 "
    "bitrate=500 ! video/x-h264,profile=main ! rtph264pay name=pay0 pt=96 ";
const std::string h265 =
    "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=25 bitrate=500 ! "
    "rtph265pay name=pay0 pt=96 ";
const std::string aac =
    "audiotestsrc is-live=true samplesperbuffer=1024 num-buffers=200 ! "
    "audio/x-raw,rate=16000,channels=1 ! avenc_aac bitrate=32000 ! rtpmp4gpay name=pay1 pt=97 ";

void mount(GstRTSPMountPoints* mounts, const char* path, const std::string& pipeline) {
  GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();
  gst_rtsp_media_factory_set_launch(factory, ("( " + pipeline + ")").c_str());
  gst_rtsp_media_factory_set_eos_shutdown(factory, TRUE);
  gst_rtsp_media_factory_add_role(factory, "viewer", GST_RTSP_PERM_MEDIA_FACTORY_ACCESS,
                                  G_TYPE_BOOLEAN, TRUE, GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT,
                                  G_TYPE_BOOLEAN, TRUE, nullptr);
  gst_rtsp_mount_points_add_factory(mounts, path, factory);
}

void guard(GstRTSPServer* server, GstRTSPAuthMethod method_of_rtsp) {
  GstRTSPAuth* auth = gst_rtsp_auth_new();
  gst_rtsp_auth_set_supported_methods(auth, method_of_rtsp);
  GstRTSPToken* token =
      gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, "viewer", nullptr);
  gst_rtsp_auth_add_digest(auth, "viewer", "geheim", token);
  gchar* basic = gst_rtsp_auth_make_basic("viewer", "geheim");
  gst_rtsp_auth_add_basic(auth, basic, token);
  g_free(basic);
  gst_rtsp_server_set_auth(server, auth);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string_view mode = argv[1];
  gst_init(nullptr, nullptr);
  GstRTSPServer* server = gst_rtsp_server_new();
  gst_rtsp_server_set_address(server, "127.0.0.1");
  gst_rtsp_server_set_service(server, argv[2]);
  GstRTSPMountPoints* mounts = gst_rtsp_server_get_mount_points(server);
  mount(mounts, "/h264", test_picture(pictures) + h264);
  mount(mounts, "/h265", test_picture(pictures) + h265);
  mount(mounts, "/sound", test_picture(pictures) + h264 + aac);
  mount(mounts, "/reordered", test_picture(-1) + reordered);
  mount(mounts, "/endless_h265", test_picture(-1) + h265);
  mount(mounts, "/endless", test_picture(-1) + h264);
  if (argc > 3)
    mount(mounts, "/clip",
          fmt::format("filesrc location=\"{}\" ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 ",
                      argv[3]));
  if (mode == "digest") guard(server, GST_RTSP_AUTH_DIGEST);
  if (mode == "basic") guard(server, GST_RTSP_AUTH_BASIC);
  if (gst_rtsp_server_attach(server, nullptr) == 0) return 1;
  std::printf("port %d\n", gst_rtsp_server_get_bound_port(server));
  std::fflush(stdout);
  std::thread([] {
    char byte = 0;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {
    }
    std::_Exit(0);
  }).detach();
  g_main_loop_run(g_main_loop_new(nullptr, FALSE));
}
