// All cameras of this recorder: which streams are open, and for whom. Main streams are recorded
// always, sub streams are taken while somebody watches them.
// assign(), watch() and unwatch(): any thread. keep(): one thread, which opens and closes.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <vonglau/recorder/recorder.hpp>

#include "backfill.hpp"
#include "camera_stream.hpp"

namespace vl::recorder {

class Stations {
 public:
  Stations(const RecorderOptions& options, recording::FragmentStore& store,
           recording::FragmentSink& sink, CoreReports& reports, const Clock& clock);
  ~Stations();
  Stations(const Stations&) = delete;
  Stations& operator=(const Stations&) = delete;

  void assign(const node::Assignment& assignment);
  void tell_all();
  void keep();

  /// A viewer's hold on a stream: as long as it lives, the stream is taken.
  struct Watch {
    std::shared_ptr<CameraStream> stream;
    std::shared_ptr<void> hold;
  };
  /// Nothing for a camera that is not ours. A camera without a sub stream, or whose sub stream
  /// gives no pictures, gives its main one.
  std::optional<Watch> watch(const recording::CameraId& camera, recording::StreamKind kind);
  std::vector<CameraNow> cameras() const;
  /// Those that have storage of their own.
  std::vector<StoringCamera> storing_cameras() const;

 private:
  struct Taken {
    std::shared_ptr<CameraStream> stream;
    std::optional<rtsp::Connections::Id> connection;
    std::weak_ptr<void> held;  // by viewers
    MonoTime last_wanted;
    MonoTime last_good;  // when it was opened, or gave pictures
    MonoTime given_up_until;
  };
  struct Station {
    node::CameraAssignment camera;
    Taken main;
    std::optional<Taken> sub;
  };
  void apply(const node::Assignment& assignment);
  void open_main(Station& station);
  static rtsp::Source source_of(const node::CameraAssignment& camera, const std::string& url);
  void open(Taken& taken, const node::CameraAssignment& camera, const std::string& url);
  void close(Taken& taken, std::optional<recording::GapCause> cause);
  void keep_sub(Station& station);
  void give_up_sub(Taken& sub);

  const RecorderOptions& options_;
  recording::FragmentStore& store_;
  recording::FragmentSink& sink_;
  CoreReports& reports_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::optional<node::Assignment> pending_;
  std::map<recording::CameraId, Station> stations_;
  rtsp::Connections connections_;  // last: its thread ends before what it calls
};

}  // namespace vl::recorder
