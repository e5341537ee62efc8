// What a check found, for people and for programs.
#include <array>
#include <ctime>

#include <fmt/format.h>

#include <vonglau/base/json.hpp>
#include <vonglau/evidence/signature.hpp>
#include <vonglau/evidence/verify.hpp>

namespace vl::evidence {

namespace {

struct KindWords {
  FindingKind kind;
  std::string_view name;
  std::string_view vietnamese;
  std::string_view english;
};
constexpr std::array kind_words{
    KindWords{FindingKind::manifest_altered, "manifest_altered", "bản kê đã bị sửa",
              "the manifest was altered"},
    KindWords{FindingKind::signature_altered, "signature_altered",
              "chữ ký đã bị sửa hoặc không phải của khóa đã ghi",
              "the signature was altered, or is not its key's"},
    KindWords{FindingKind::file_altered, "file_altered", "tệp đã bị sửa", "the file was altered"},
    KindWords{FindingKind::fragment_altered, "fragment_altered", "mảnh ghi hình đã bị sửa",
              "the fragment was altered"},
    KindWords{FindingKind::fragment_foreign, "fragment_foreign",
              "mảnh ghi hình không phải mảnh mà bản kê nêu",
              "the fragment is not the one that the manifest names"},
    KindWords{FindingKind::chain_broken, "chain_broken",
              "mảnh ghi hình không nối tiếp mảnh đứng trước",
              "the fragment does not follow the one before it"},
    KindWords{FindingKind::tree_altered, "tree_altered", "gốc của cây băm không khớp",
              "the root of the hash tree does not agree"},
    KindWords{FindingKind::proof_altered, "proof_altered", "bằng chứng trong cây băm đã bị sửa",
              "an inclusion proof was altered"},
    KindWords{FindingKind::video_foreign, "video_foreign",
              "đoạn phim không được tạo từ các mảnh ghi hình này",
              "the video is not made of this footage"},
    KindWords{FindingKind::timestamp_altered, "timestamp_altered",
              "dấu thời gian không thuộc chữ ký này", "the timestamp is not of this signature"},
    KindWords{FindingKind::file_missing, "file_missing", "thiếu tệp, hoặc tệp bị cắt ngắn",
              "the file is missing, or cut short"},
    KindWords{FindingKind::fragments_missing, "fragments_missing",
              "tệp bị cắt ngắn, thiếu các mảnh ghi hình từ mảnh này",
              "the file is cut short, fragments from this one on are missing"},
    KindWords{FindingKind::signature_missing, "signature_missing", "không có chữ ký",
              "there is no signature"},
    KindWords{FindingKind::signed_by_another, "signed_by_another", "không phải do trung tâm này ký",
              "signed by somebody else than this centre"},
    KindWords{FindingKind::not_part_of_it, "not_part_of_it",
              "tệp thêm vào, không thuộc bản kết xuất", "an added file, not part of the export"},
    KindWords{FindingKind::not_delivered, "not_delivered",
              "máy ghi của camera này không giao được hình cho bản kết xuất, bản kê ghi rõ",
              "its recorder did not hand over this camera's footage, as the manifest says"},
    KindWords{FindingKind::not_exported, "not_exported",
              "các mảnh đã không còn hoặc đã hỏng khi kết xuất, bản kê ghi rõ",
              "were gone or damaged when the export was made, as the manifest says"},
};

const KindWords& words_of(FindingKind kind) {
  return kind_words[static_cast<std::size_t>(kind)];
}

/// "22/11/2026 16:42:17.250": Vietnam's time, seven hours ahead all year.
std::string local_time(std::int64_t us) {
  if (us < 0 || us > (std::int64_t{1} << 53)) return fmt::format("{} us", us);
  const std::time_t seconds = us / 1'000'000 + 7 * 3600;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:02}/{:02}/{} {:02}:{:02}:{:02}.{:03}", parts.tm_mday, parts.tm_mon + 1,
                     parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     us / 1000 % 1000);
}

/// What comes from the folder must not steer the terminal it is shown on.
std::string shown(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 500))
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return out;
}

class Words {
 public:
  explicit Words(Language language) : vietnamese_(language == Language::vietnamese) {}
  std::string_view operator()(std::string_view vietnamese, std::string_view english) const {
    return vietnamese_ ? vietnamese : english;
  }

 private:
  bool vietnamese_;
};

std::string line_of(const ExportFinding& finding, const Words& say) {
  const auto& words = words_of(finding.kind);
  std::string out =
      fmt::format("  {} {}: {}", finding.kind < FindingKind::not_part_of_it ? "✗" : "·",
                  shown(finding.path), say(words.vietnamese, words.english));
  if (!finding.camera.empty())
    out += fmt::format("\n      {} {}", say("camera", "camera"), shown(finding.camera));
  if (finding.sequence)
    out += fmt::format(", {} {}", say("mảnh số", "fragment"), *finding.sequence);
  if (finding.start_us && finding.end_us)
    out += fmt::format(", {} – {}", local_time(*finding.start_us), local_time(*finding.end_us));
  if (!finding.detail.empty()) out += fmt::format("\n      ({})", shown(finding.detail));
  return out + "\n";
}

std::string verdict_line(Verdict verdict, const Words& say) {
  switch (verdict) {
    case Verdict::valid:
      return std::string(say("HỢP LỆ: nguyên vẹn như khi trung tâm kết xuất",
                             "VALID: as it was when the centre made it"));
    case Verdict::altered:
      return std::string(say("ĐÃ BỊ SỬA", "ALTERED"));
    case Verdict::incomplete:
      return std::string(say("THIẾU: không đủ mọi phần, phần còn lại không bị sửa",
                             "INCOMPLETE: parts are missing, the rest was not altered"));
    case Verdict::not_signed:
      break;
  }
  return std::string(say("CHƯA KÝ: nguyên vẹn, nhưng không có chữ ký của trung tâm",
                         "UNSIGNED: whole, but without the centre's signature"));
}

/// What was not recorded live, where it lies, and since when the centre has it.
std::string fetched_lines(const VerifyReport& report, const Words& say) {
  std::string out;
  for (const auto& stream : report.manifest->streams) {
    if (!stream.fetched) continue;
    out += fmt::format("  · {}: {}\n", shown(stream.code),
                       say("không ghi trực tiếp, lấy lại sau từ bộ nhớ của chính camera:",
                           "not recorded live, fetched afterwards from the camera's own storage:"));
    for (const auto& one : *stream.fetched)
      out += fmt::format("      {} – {} (#{}–#{}), {} {}\n", local_time(one.start_us),
                         local_time(one.end_us), one.first_sequence, one.last_sequence,
                         say("lấy lúc", "fetched at"), local_time(one.fetched_us));
  }
  return out;
}

std::string request_lines(const Manifest& manifest, const Words& say) {
  const auto& request = manifest.request;
  std::string out;
  const auto row = [&](std::string_view vietnamese, std::string_view english,
                       std::string_view value) {
    out += fmt::format("  {}: {}\n", say(vietnamese, english), shown(value));
  };
  row("Trung tâm", "Centre", manifest.centre.name);
  row("Vụ việc", "Case", request.case_number);
  row("Lý do", "Reason", request.reason);
  row("Người yêu cầu", "Requested by",
      fmt::format("{}, {}", request.requested_by, local_time(request.requested_us.us)));
  row("Người phê duyệt", "Approved by",
      fmt::format("{}, {}", request.approved_by, local_time(request.approved_us.us)));
  row("Khoảng thời gian", "Time asked for",
      fmt::format("{} – {}", local_time(request.from_us), local_time(request.to_us)));
  for (const auto& stream : manifest.streams)
    row(stream.fetched ? "Camera, lấy lại sau" : "Camera",
        stream.fetched ? "Camera, fetched afterwards" : "Camera",
        fmt::format("{} {} (#{}–#{})", stream.code, stream.name, stream.chain.first_sequence,
                    stream.chain.last_sequence));
  row("Nhật ký của trung tâm", "Centre's journal",
      fmt::format("#{} {}", manifest.journal.sequence, manifest.journal.hash));
  return out;
}

/// A timestamp proves that the signature was there at its time, and nothing before; so one that
/// was got later says how much.
std::string lateness(const VerifyReport& report, const Words& say) {
  constexpr std::int64_t at_once_us = 60'000'000;
  const auto late_us = report.stamp.at_us - report.signed_us.us;
  if (report.timestamp == TimestampState::none || report.key.empty() || late_us < at_once_us)
    return "";
  return fmt::format(" [{} {:.1f} {}]", say("bổ sung sau khi ký", "added after the signature, by"),
                     static_cast<double>(late_us) / 3.6e9, say("giờ", "hours"));
}

std::string signature_lines(const VerifyReport& report, const Words& say) {
  std::string out;
  if (!report.key.empty()) {
    out += fmt::format("  {}: {} ({} {})\n", say("Khóa đã ký", "Signing key"), report.key,
                       say("vân khóa", "fingerprint"), shown_fingerprint(report.key));
    out += fmt::format("  {}: {}\n", say("Ký lúc", "Signed at"), local_time(report.signed_us.us));
    if (!report.key_was_given)
      out += fmt::format(
          "  ! {}\n",
          say("Chưa đối chiếu khóa: ai cũng có thể ký bằng khóa của mình. Hãy so vân khóa với "
              "vân khóa trung tâm công bố, hoặc chạy lại với --key.",
              "The key was not compared: anybody can sign with a key of their own. Compare the "
              "fingerprint with the one the centre publishes, or give it with --key."));
  }
  std::string stamp;
  switch (report.timestamp) {
    case TimestampState::none:
      stamp = say("không có", "no timestamp");
      break;
    case TimestampState::not_checked:
      stamp =
          fmt::format("{} {} ({})", local_time(report.stamp.at_us), shown(report.stamp.authority),
                      say("chưa kiểm tra người cấp; dùng --authorities",
                          "who gave it was not checked; see --authorities"));
      break;
    case TimestampState::trusted:
      stamp = fmt::format("{} {} ({})", local_time(report.stamp.at_us),
                          shown(report.stamp.authority), say("tin cậy", "trusted"));
      break;
    case TimestampState::not_trusted:
      stamp = fmt::format("{} {} ({}: {})", local_time(report.stamp.at_us),
                          shown(report.stamp.authority), say("KHÔNG tin cậy", "NOT trusted"),
                          report.stamp.why_not);
  }
  return out + fmt::format("  {}: {}{}\n", say("Dấu thời gian", "Timestamp"), stamp,
                           lateness(report, say));
}

// The report as JSON.
struct JsonFinding {
  std::string kind;
  std::string path;
  std::optional<std::string> camera;
  std::optional<std::uint64_t> sequence;
  std::optional<std::int64_t> start_us;
  std::optional<std::int64_t> end_us;
  std::optional<std::string> detail;
};
BOOST_DESCRIBE_STRUCT(JsonFinding, (), (kind, path, camera, sequence, start_us, end_us, detail))
struct JsonStamp {
  std::string state;
  std::optional<std::int64_t> at_us;
  std::optional<std::string> authority;
  std::optional<std::int64_t> after_signature_us;
};
BOOST_DESCRIBE_STRUCT(JsonStamp, (), (state, at_us, authority, after_signature_us))
struct JsonFetched {
  std::string camera;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;
  std::int64_t fetched_us = 0;
  std::optional<ExportGap> gap;
};
BOOST_DESCRIBE_STRUCT(JsonFetched, (),
                      (camera, start_us, end_us, first_sequence, last_sequence, fetched_us, gap))
struct JsonReport {
  std::string verdict;
  std::optional<Uuid> export_id;
  std::optional<std::string> case_number;
  std::optional<std::string> key;
  std::optional<std::string> fingerprint;
  bool key_compared = false;
  std::optional<WallTime> signed_us;
  JsonStamp timestamp;
  std::uint64_t fragments = 0;
  std::uint64_t fragments_fetched = 0;
  std::uint64_t bytes = 0;
  bool videos_made_again = false;
  std::vector<JsonFetched> fetched;
  std::vector<DerivedFile> derived;
  std::vector<JsonFinding> findings;
  std::uint64_t more_findings = 0;
};
BOOST_DESCRIBE_STRUCT(JsonReport, (),
                      (verdict, export_id, case_number, key, fingerprint, key_compared, signed_us,
                       timestamp, fragments, fragments_fetched, bytes, videos_made_again, fetched,
                       derived, findings, more_findings))

std::optional<std::string> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  constexpr std::array<std::string_view, 4> names{"valid", "altered", "incomplete", "unsigned"};
  return names[static_cast<std::size_t>(verdict)];
}

std::string_view name_of(FindingKind kind) {
  return words_of(kind).name;
}

std::string text_of(const VerifyReport& report, Language language) {
  const Words say(language);
  auto out = verdict_line(report.verdict, say) + "\n";
  for (const auto& finding : report.findings) out += line_of(finding, say);
  if (report.more_findings > 0)
    out += fmt::format("  … {} {}\n", report.more_findings, say("điểm nữa", "more"));
  if (report.manifest) {
    out +=
        fmt::format("  {} {}/{} {}\n", say("Mảnh ghi hình nguyên vẹn:", "Fragments as recorded:"),
                    report.fragments, report.manifest->tree.leaves,
                    report.videos_made_again ? say("; phim đã được tạo lại từ mảnh và so khớp",
                                                   "; videos were made again of them and compared")
                                             : std::string_view());
    out += fetched_lines(report, say);
    for (const auto& copy : report.derived)
      out += fmt::format("  · {}: {} {} (#{}–#{})\n", shown(copy.path),
                         say("bản che, có nguồn gốc từ, không phải bản gốc:",
                             "masked copy, derived, not original; of"),
                         shown(copy.made_of), copy.first_sequence, copy.last_sequence);
    out += request_lines(*report.manifest, say);
  }
  return out + signature_lines(report, say);
}

std::string json_of(const VerifyReport& report) {
  constexpr std::array<std::string_view, 4> states{"none", "not_checked", "trusted", "not_trusted"};
  JsonReport out;
  out.verdict = name_of(report.verdict);
  if (report.manifest) {
    out.export_id = report.manifest->export_id;
    out.case_number = report.manifest->request.case_number;
  }
  if (!report.key.empty()) {
    out.key = report.key;
    out.fingerprint = shown_fingerprint(report.key);
    out.signed_us = report.signed_us;
  }
  out.key_compared = report.key_was_given;
  out.timestamp.state = states[static_cast<std::size_t>(report.timestamp)];
  if (report.timestamp != TimestampState::none) {
    out.timestamp.at_us = report.stamp.at_us;
    out.timestamp.authority = if_any(report.stamp.authority);
    if (!report.key.empty())
      out.timestamp.after_signature_us = report.stamp.at_us - report.signed_us.us;
  }
  out.fragments = report.fragments;
  out.fragments_fetched = report.fetched;
  if (report.manifest)
    for (const auto& stream : report.manifest->streams)
      for (const auto& one : stream.fetched.value_or(std::vector<FetchedStretch>{}))
        out.fetched.push_back({stream.code, one.start_us, one.end_us, one.first_sequence,
                               one.last_sequence, one.fetched_us, one.gap});
  out.bytes = report.bytes;
  out.videos_made_again = report.videos_made_again;
  out.derived = report.derived;
  for (const auto& finding : report.findings)
    out.findings.push_back({std::string(name_of(finding.kind)), finding.path,
                            if_any(finding.camera), finding.sequence, finding.start_us,
                            finding.end_us, if_any(finding.detail)});
  out.more_findings = report.more_findings;
  return json::write(out);
}

}  // namespace vl::evidence
