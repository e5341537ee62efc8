#include <boost/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <vonglau/base/clock.hpp>
#include <vonglau/base/log.hpp>

namespace vl::log {
namespace {

std::string& process_name() {
  static std::string name = "vonglau";
  return name;
}

void write(spdlog::level::level_enum level, std::string_view event, Fields fields) {
  if (!spdlog::should_log(level)) return;
  boost::json::object line;
  line["at"] = format_utc(SystemClock().wall());
  line["level"] = std::string(spdlog::level::to_string_view(level).data());
  line["process"] = process_name();
  line["event"] = event;
  for (const auto& [key, value] : fields) line[key] = value;
  spdlog::log(level, "{}", boost::json::serialize(line));
}

}  // namespace

void start(std::string_view process, bool verbose) {
  process_name() = std::string(process);
  auto logger = spdlog::stderr_logger_mt("vonglau-" + std::string(process));
  logger->set_pattern("%v");
  logger->set_level(verbose ? spdlog::level::debug : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void debug(std::string_view event, Fields fields) {
  write(spdlog::level::debug, event, fields);
}
void info(std::string_view event, Fields fields) {
  write(spdlog::level::info, event, fields);
}
void warn(std::string_view event, Fields fields) {
  write(spdlog::level::warn, event, fields);
}
void error(std::string_view event, Fields fields) {
  write(spdlog::level::err, event, fields);
}

}  // namespace vl::log
