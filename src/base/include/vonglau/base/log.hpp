// Structured logs: one JSON line a record on standard error, through spdlog. Never personal
// data: ids, codes and counts only. Any thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace vl::log {

using Fields = std::initializer_list<std::pair<std::string_view, std::string>>;

/// `process` names the program in every line: "core", "recorder", "serve".
void start(std::string_view process, bool verbose = false);
void debug(std::string_view event, Fields fields = {});
void info(std::string_view event, Fields fields = {});
void warn(std::string_view event, Fields fields = {});
void error(std::string_view event, Fields fields = {});

}  // namespace vl::log
