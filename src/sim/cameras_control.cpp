#include "cameras_control.hpp"

#include <charconv>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <vonglau/sim/cameras.hpp>

namespace vl::sim {
namespace {

using boost::asio::ip::tcp;

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = line.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    const auto end = std::min(line.find_first_of(" \t\r\n"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::optional<double> number_of(std::string_view word) {
  double value = 0;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failed != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

Result<Fault> fault_of(const std::vector<std::string_view>& words) {
  Fault fault;
  const auto kind = fault_named(words[2]);
  if (!kind)
    return fail(CamerasError::bad_command, fmt::format("{} is no kind of fault", words[2]), "kind");
  fault.kind = *kind;
  for (std::size_t i = 3; i < words.size(); ++i) {
    const auto number = number_of(words[i]);
    if (!number || !(std::abs(*number) < 1e9))
      return fail(CamerasError::bad_command, fmt::format("{} is no number", words[i]));
    (i == 3 ? fault.amount : fault.duration_s) = *number;
  }
  return fault;
}

std::string list_of(const CameraSimulator& simulator) {
  std::string out;
  for (const CameraStatus& camera : simulator.status())
    out += fmt::format("{} {} connections {} playing {} sent {} dropped {} skipped {}\n",
                       camera.code, name_of(camera.fault), camera.connections, camera.playing,
                       camera.pictures_sent, camera.pictures_dropped, camera.packets_skipped);
  return out;
}

class ControlLine : public std::enable_shared_from_this<ControlLine> {
 public:
  ControlLine(tcp::socket socket, CameraSimulator& simulator)
      : socket_(std::move(socket)), simulator_(simulator) {}

  void read() {
    boost::asio::async_read_until(
        socket_, boost::asio::dynamic_buffer(input_, 256), '\n',
        [self = shared_from_this()](boost::system::error_code failed, std::size_t n) {
          if (failed) return;
          self->answer_ =
              run_control_line(self->simulator_, std::string_view(self->input_).substr(0, n));
          self->input_.erase(0, n);
          boost::asio::async_write(self->socket_, boost::asio::buffer(self->answer_),
                                   [self](boost::system::error_code lost, std::size_t) {
                                     if (!lost) self->read();
                                   });
        });
  }

 private:
  tcp::socket socket_;
  CameraSimulator& simulator_;
  std::string input_, answer_;
};

}  // namespace

std::string run_control_line(CameraSimulator& simulator, std::string_view line) {
  const auto words = words_of(line);
  const auto answer = [](const Result<void>& result) {
    return result ? std::string("ok\n") : "error: " + result.error().message + "\n";
  };
  if (words.size() == 1 && words[0] == "list") return list_of(simulator) + "ok\n";
  if (words.size() == 2 && words[0] == "clear") return answer(simulator.clear_fault(words[1]));
  if (words.size() >= 3 && words.size() <= 5 && words[0] == "fault") {
    const auto fault = fault_of(words);
    if (!fault) return "error: " + fault.error().message + "\n";
    return answer(simulator.set_fault(words[1], *fault));
  }
  if (words.size() >= 3 && words.size() <= 4 && words[0] == "line" &&
      (words[2] == "down" || (words[2] == "up" && words.size() == 3))) {
    const auto seconds = words.size() == 4 ? number_of(words[3]) : 0;
    if (!seconds || !(*seconds >= 0 && *seconds < 1e9))
      return fmt::format("error: {} is no number\n", words[3]);
    return answer(simulator.set_line(words[1], words[2] == "up", *seconds));
  }
  return "error: say list, fault CODE|all KIND [AMOUNT [SECONDS]], clear CODE|all,"
         " line NAME down [SECONDS] or line NAME up\n";
}

void accept_control(tcp::acceptor& door, CameraSimulator& simulator) {
  door.async_accept([&](boost::system::error_code failed, tcp::socket socket) {
    if (failed == boost::asio::error::operation_aborted) return;
    if (!failed) std::make_shared<ControlLine>(std::move(socket), simulator)->read();
    accept_control(door, simulator);
  });
}

}  // namespace vl::sim
