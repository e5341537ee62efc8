// The recorder node's work: takes the cameras it was assigned, stores their main streams, and
// serves live and recorded pictures to who shows a ticket of the core. Everything it needs is
// given in; apps/vonglau/record.cpp puts it together with a server and a link to the core.
//
// assign(), tell_all() and the routes: any thread. keep() belongs to the owner's main thread and
// does what the others asked for. Nothing here waits for the core.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/base/ids.hpp>
#include <vonglau/http/metrics.hpp>
#include <vonglau/http/router.hpp>
#include <vonglau/node/protocol.hpp>
#include <vonglau/node/spool.hpp>
#include <vonglau/picture/helper.hpp>
#include <vonglau/recording/disk_worker.hpp>
#include <vonglau/recording/fragment_store.hpp>
#include <vonglau/rtsp/connections.hpp>
#include <vonglau/rtsp/replay.hpp>

namespace vl::recorder {

/// In the folder of the footage: node::StorageCheck as JSON, written by the check, which runs while
/// the recorder does not.
inline constexpr const char* last_check_file = "last_check.json";

struct ExportOptions {
  std::string folder;  // "": this recorder makes none
  /// RFC 3161 authority, https:// (http:// on loopback); "": exports have no timestamp.
  std::string timestamp_url;
  std::string timestamp_ca_file;  // whom to believe that it is the authority's server
  std::string peers_ca_file;      // and that a server is another recorder of this centre
  /// First, then twice as long each time, up to an hour.
  std::int64_t stamp_again_us = 60'000'000;
  /// What did not go is tried again so much later.
  std::int64_t try_again_ms = 30'000;
  int part_tries = 20;  // of fetching another recorder's part
  /// Starts who paints over masked copies (picture::mask_apart); nothing: there are none.
  picture::Helper::Start painter;
};

/// How pictures are looked at (picture_watch.hpp).
struct PictureLooks {
  picture::Helper::Start helper;  // nothing: they are not
  std::int64_t least_us = 20'000'000;
  double looks_a_second = 10;
};

/// How gaps are filled from cameras' own storage (backfill.hpp).
struct BackfillOptions {
  std::size_t sessions = 4;  // cameras at once; 0: none is asked
  /// After a camera is back: it writes the end of what it has, and its clock is to be known.
  std::int64_t settle_us = 8'000'000;
  std::int64_t least_gap_us = 1'000'000;
  std::int64_t back_us = 24LL * 3'600'000'000;  // what is missing from longer ago is left
  std::int64_t stretch_us = 300'000'000;        // asked for at once
  /// After a stretch was asked for in vain: from first to longest, doubled each time.
  std::int64_t first_wait_us = 10'000'000;
  std::int64_t longest_wait_us = 900'000'000;
  int most_tries = 10;  // of a stretch; one that the camera has nothing of counts twice
  rtsp::ReplayLimits limits;
};

/// How cameras are asked for the motion that they detect (motion_watch.hpp).
struct MotionOptions {
  std::string folder;  // what they told is kept here; "": none is asked
  std::size_t threads = 4;
  std::int64_t every_us = 10'000'000;
  /// After one did not answer: doubled each time up to this.
  std::int64_t longest_wait_us = 600'000'000;
  std::int64_t none_wait_us = 12LL * 3'600'000'000;  // of one that tells no events
  std::int64_t forget_every_us = 3'600'000'000;
};

struct RecorderOptions {
  ProvinceId province;
  recording::StoreOptions store;
  recording::WorkerOptions worker;
  recording::CutRules cut;
  rtsp::ConnectionOptions connections;
  ExportOptions exports;
  /// The last assignment is kept here (mode 0600: it holds the cameras' passwords), so that a
  /// recorder that starts while the core is away goes on. "": not kept.
  std::string assignment_file;
  /// A sub stream is taken while somebody watches it, and this much longer.
  std::int64_t sub_linger_us = 15'000'000;
  /// A sub stream that gives no picture for so long is given up for a while: who watches it is sent
  /// away and gets key pictures of the main stream when they come back.
  std::int64_t sub_patience_us = 6'000'000;
  std::int64_t sub_retry_us = 60'000'000;
  PictureLooks pictures;
  std::uint16_t discovery_port = 3702;  // where cameras listen when they are looked for
  BackfillOptions backfill;
  MotionOptions motion;
};

struct CameraNow {
  Uuid id;
  bool online = false;
  std::size_t viewers = 0;
  rtsp::ConnectionState main;
};

class Recorder {
 public:
  /// `spooled` is called when something was put into the spool. All outlive the recorder.
  static Result<std::unique_ptr<Recorder>> open(RecorderOptions options, recording::Disk& disk,
                                                const Clock& clock, IdSource& ids,
                                                node::Spool& spool, std::function<void()> spooled);
  virtual ~Recorder() = default;

  /// Takes the place of what was assigned before, at the next keep().
  virtual void assign(const node::Assignment& assignment) = 0;
  /// Done on threads of its own, soon; the answer comes from one of them.
  virtual void take_task(node::Task task, std::function<void(node::TaskDone)> answer) = 0;
  /// The core hears of every camera's state again: after each connection.
  virtual void tell_all() = 0;
  /// Opens and closes streams as assigned and watched. Several times a second.
  virtual void keep() = 0;
  /// The public key of tickets; empty: every ticket is refused.
  virtual void set_ticket_key(Bytes key) = 0;

  /// GET /media/spans, /media/picture, /media/hls and /media/export, WSS /media/live and /media/play:
  /// opened by a ticket.
  virtual void add_routes(http::Router& router) = 0;
  virtual void measure(http::Metrics& metrics) = 0;
  virtual std::vector<CameraNow> cameras() const = 0;
  virtual recording::FragmentStore& store() = 0;
  /// What was given to the disk so far is durable when it returns.
  virtual void drain() = 0;
};

}  // namespace vl::recorder
