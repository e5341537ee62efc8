#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include <boost/describe/enum_from_string.hpp>
#include <fmt/format.h>

#include <vonglau/fleet/import.hpp>

namespace vl::fleet {
namespace {

std::unexpected<Error> at_line(std::int64_t line, std::string_view what) {
  return fail(FleetError::bad_import, fmt::format("line {}: {}", line, what),
              fmt::format("line {}", line));
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// One row of cells at a time (RFC 4180): quoted cells may hold anything, quotes doubled.
class Cells {
 public:
  Cells(std::string_view text, char between) : text_(text), between_(between) {}
  std::int64_t line() const { return line_; }
  bool at_end() const { return at_ >= text_.size(); }

  Result<std::vector<std::string>> next() {
    std::vector<std::string> row;
    line_ = next_line_;
    for (;;) {
      std::string cell;
      if (at_ < text_.size() && text_[at_] == '"') {
        VL_CHECK(quoted(cell));
      } else {
        const auto end = std::min(text_.find_first_of(ends(), at_), text_.size());
        cell = trim(text_.substr(at_, end - at_));
        at_ = end;
      }
      row.push_back(std::move(cell));
      if (row.size() > 20) return at_line(line_, "more than 20 columns");
      if (at_ >= text_.size()) return row;
      const char c = text_[at_++];
      if (c == '\n') {
        ++next_line_;
        return row;
      }
    }
  }

 private:
  std::string ends() const { return {between_, '\n'}; }
  Result<void> quoted(std::string& cell) {
    for (++at_;; ++at_) {
      if (at_ >= text_.size()) return at_line(line_, "a quote is not closed");
      if (text_[at_] == '\n') ++next_line_;
      if (text_[at_] != '"') {
        cell += text_[at_];
        continue;
      }
      if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        cell += '"';
        ++at_;
        continue;
      }
      ++at_;
      break;
    }
    const auto end = std::min(text_.find_first_of(ends(), at_), text_.size());
    if (!trim(text_.substr(at_, end - at_)).empty())
      return at_line(line_, "something stands after a closed quote");
    at_ = end;
    return {};
  }

  std::string_view text_;
  char between_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
  std::int64_t next_line_ = 1;
};

constexpr std::array kColumns{"kind", "code", "name", "hangs_on", "service_level"};

/// Where each of kColumns stands; SIZE_MAX: not in this file.
using Places = std::array<std::size_t, kColumns.size()>;
Result<Places> places_of(const std::vector<std::string>& head) {
  Places out;
  out.fill(SIZE_MAX);
  for (std::size_t i = 0; i < head.size(); ++i) {
    const auto found = std::ranges::find(kColumns, std::string_view(head[i]));
    if (found == kColumns.end())
      return at_line(1, "the columns are kind, code, name, hangs_on and service_level, not '" +
                            head[i].substr(0, 40) + "'");
    auto& place = out[static_cast<std::size_t>(found - kColumns.begin())];
    if (place != SIZE_MAX) return at_line(1, "a column stands twice");
    place = i;
  }
  if (out[0] == SIZE_MAX || out[1] == SIZE_MAX)
    return at_line(1, "the head line must name at least kind and code");
  return out;
}

std::vector<std::string> codes_in(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_of("; |", at), text.size());
    if (end > at) out.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// "99.5", "99,50 %" -> 9950. A decimal comma is Vietnamese.
std::optional<std::int64_t> percent_of(std::string_view text) {
  if (text.ends_with('%')) text = trim(text.substr(0, text.size() - 1));
  std::int64_t value = 0;
  int decimals = -1;
  for (const char c : text) {
    if ((c == '.' || c == ',') && decimals < 0) {
      decimals = 0;
    } else if (c >= '0' && c <= '9' && decimals < 2 && value < 1'000'000) {
      value = value * 10 + (c - '0');
      if (decimals >= 0) ++decimals;
    } else {
      return std::nullopt;
    }
  }
  for (int i = std::max(decimals, 0); i < 2; ++i) value *= 10;
  if (text.empty() || value < 1 || value > 10'000) return std::nullopt;
  return value;
}

Result<ImportRow> row_of(const std::vector<std::string>& cells, const Places& places,
                         std::int64_t line) {
  const auto cell = [&](std::size_t column) {
    return places[column] < cells.size() ? std::string_view(cells[places[column]])
                                         : std::string_view();
  };
  ImportRow row;
  row.line = line;
  if (cell(0) != "camera") {
    AssetKind kind{};
    if (!boost::describe::enum_from_string(std::string(cell(0)).c_str(), kind))
      return at_line(
          line, "the kind is camera, provider, line, network_switch, power_feed or contractor");
    row.kind = kind;
  }
  row.code = cell(1);
  row.name = cell(2);
  row.hangs_on = codes_in(cell(3));
  if (row.code.empty()) return at_line(line, "the code is missing");
  if (row.hangs_on.size() > most_links) return at_line(line, "it hangs on more than 16 others");
  if (cell(4).empty()) return row;
  row.service_level = percent_of(cell(4));
  if (!row.service_level || !row.kind)
    return at_line(line, row.kind ? "the service level is a percentage such as 99.5"
                                  : "a camera's service level is that of its line or contractor");
  return row;
}

}  // namespace

Result<std::vector<ImportRow>> read_topology(std::string_view text) {
  if (text.size() > most_import_bytes)
    return fail(FleetError::bad_import, "more than 4 MiB are not taken");
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto head_end = std::min(text.find('\n'), text.size());
  const auto head_text = text.substr(0, head_end);
  const char between = head_text.find('\t') != std::string_view::npos  ? '\t'
                       : head_text.find(';') != std::string_view::npos ? ';'
                                                                       : ',';
  Cells cells(text, between);
  VL_TRY(const auto head, cells.next());
  VL_TRY(const auto places, places_of(head));
  std::vector<ImportRow> out;
  std::set<std::pair<bool, std::string>> seen;
  while (!cells.at_end()) {
    VL_TRY(const auto row, cells.next());
    if (std::ranges::all_of(row, [](const auto& c) { return c.empty(); })) continue;
    if (row.size() > head.size()) return at_line(cells.line(), "more cells than the head line has");
    VL_TRY(auto read, row_of(row, places, cells.line()));
    if (!seen.emplace(read.kind.has_value(), read.code).second)
      return at_line(cells.line(), "the code stands twice in this file");
    out.push_back(std::move(read));
    if (out.size() > most_import_rows)
      return fail(FleetError::bad_import, "more than 30,000 lines are not taken");
  }
  return out;
}

}  // namespace vl::fleet
