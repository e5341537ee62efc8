#include <array>
#include <utility>

#include <fmt/format.h>

#include <vonglau/sim/topology.hpp>

namespace vl::sim {
namespace {

constexpr std::size_t a_switch = 4;  // cameras in one street cabinet
constexpr std::size_t a_line = 2;    // cabinets on one line
constexpr std::size_t a_feed = 3;    // cabinets on one feed: feeds do not follow lines

void name_once(std::string& table, std::map<std::string, bool>& named, std::string_view kind,
               const std::string& code, const std::string& name, const std::string& hangs_on,
               std::string_view level = "") {
  if (!std::exchange(named[code], true))
    table += fmt::format("{},{},{},{},{}\n", kind, code, name, hangs_on, level);
}

}  // namespace

CameraNetwork demonstration_network(const std::vector<std::string>& codes) {
  CameraNetwork out;
  out.table = "kind,code,name,hangs_on,service_level\n";
  std::map<std::string, bool> named;
  std::string cameras;
  const std::size_t declared = codes.size() - codes.size() / 6;
  for (std::size_t i = 0; i < declared; ++i) {
    const std::size_t cabinet = i / a_switch, way = cabinet / a_line, feed = cabinet / a_feed;
    const auto provider = fmt::format("NM-{}", way % 2 + 1);
    const auto line = fmt::format("TUYEN-{:02}", way + 1);
    const auto power = fmt::format("DIEN-{:02}", feed + 1);
    const auto box = fmt::format("TU-{:02}", cabinet + 1);
    const auto contractor = fmt::format("NT-{}", i % 3 == 2 ? 2 : 1);
    name_once(out.table, named, "provider", provider, fmt::format("Nhà mạng {}", way % 2 + 1), "");
    name_once(out.table, named, "line", line, fmt::format("Tuyến cáp quang {:02}", way + 1),
              provider, "99.5");
    name_once(out.table, named, "power_feed", power, fmt::format("Lộ điện {:02}", feed + 1), "");
    name_once(out.table, named, "network_switch", box, fmt::format("Tủ camera {:02}", cabinet + 1),
              line + ";" + power);
    name_once(out.table, named, "contractor", contractor,
              contractor == "NT-1" ? "Nhà thầu bảo trì Một" : "Nhà thầu bảo trì Hai", "", "99");
    cameras += fmt::format("camera,{},,{};{},\n", codes[i], box, contractor);
    for (const auto& above : std::array{provider, line, power, box})
      out.cameras_of[above].push_back(codes[i]);
  }
  out.table += cameras;
  return out;
}

}  // namespace vl::sim
