#include <unordered_map>

#include <vonglau/journal/verify.hpp>

namespace vl::journal {
namespace {

constexpr std::size_t kMostProblems = 1000;

class Checker {
 public:
  Checker(ProvinceId province, std::span<const Root> roots) : province_(province), roots_(roots) {
    report_.roots = static_cast<std::int64_t>(roots.size());
  }

  void see(const Event& event) {
    ++report_.events;
    bool sound = true;
    for (; expected_ < event.sequence && report_.problems.size() < kMostProblems; ++expected_) {
      tell(VerifyProblem::What::missing, expected_);
      sound = false;
    }
    expected_ = event.sequence + 1;
    if (hash_of(province_, event) != event.hash) {
      tell(VerifyProblem::What::edited, event.sequence);
      sound = false;
    }
    if (sound && event.previous_hash != report_.head.hash)
      tell(VerifyProblem::What::reordered, event.sequence);
    auto& version = streams_[event.stream];
    if (sound && event.stream_version != version + 1)
      tell(VerifyProblem::What::stream_broken, event.sequence);
    version = event.stream_version;
    report_.head = {event.sequence, event.hash};
    for (; root_ < roots_.size() && roots_[root_].sequence <= event.sequence; ++root_)
      if (roots_[root_].sequence == event.sequence) compare(roots_[root_], event);
  }

  VerifyReport finish() {
    for (; root_ < roots_.size(); ++root_)
      if (roots_[root_].sequence > report_.head.sequence) {
        tell(VerifyProblem::What::truncated, report_.head.sequence + 1);
        break;
      }
    return std::move(report_);
  }

 private:
  void compare(const Root& root, const Event& event) {
    if (root.hash != event.hash || root.province != province_.value) {
      tell(VerifyProblem::What::rewritten, event.sequence);
    } else if (report_.problems.empty()) {
      report_.anchored_sequence = event.sequence;
      report_.anchored_at = root.at;
    }
  }
  void tell(VerifyProblem::What what, std::int64_t sequence) {
    if (report_.problems.size() < kMostProblems) report_.problems.push_back({what, sequence});
  }

  ProvinceId province_;
  std::span<const Root> roots_;
  std::size_t root_ = 0;
  std::int64_t expected_ = 1;
  std::unordered_map<StreamKey, std::int64_t> streams_;
  VerifyReport report_;
};

}  // namespace

std::string_view name_of(VerifyProblem::What what) {
  switch (what) {
    case VerifyProblem::What::edited:
      return "edited";
    case VerifyProblem::What::missing:
      return "missing";
    case VerifyProblem::What::reordered:
      return "reordered";
    case VerifyProblem::What::rewritten:
      return "rewritten";
    case VerifyProblem::What::truncated:
      return "truncated";
    case VerifyProblem::What::stream_broken:
      break;
  }
  return "stream_broken";
}

Result<VerifyReport> verify(store::Session& session, ProvinceId province,
                            std::span<const Root> roots,
                            const std::function<void(std::int64_t)>& progress) {
  Checker checker(province, roots);
  VL_CHECK(read_events(session, province, {}, nullptr, [&](Event&& event) {
    checker.see(event);
    if (progress && event.sequence % 10'000 == 0) progress(event.sequence);
    return true;
  }));
  return checker.finish();
}

}  // namespace vl::journal
