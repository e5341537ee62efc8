#include <algorithm>
#include <set>

#include <boost/describe/enum_to_string.hpp>

#include <vonglau/evidence/footage_source.hpp>
#include <vonglau/recording/fragment_store.hpp>

namespace vl::evidence {

namespace {

using recording::FragmentRef;
constexpr std::size_t refs_of_a_page = 10'000;

class StoredFootage final : public FootageSource {
 public:
  explicit StoredFootage(const recording::FragmentStore& store) : store_(store) {}

  /// From the key picture before the time asked for: what comes first can be shown.
  Result<std::vector<FragmentRef>> find(const recording::StreamKey& stream, std::int64_t from_us,
                                        std::int64_t to_us) const override {
    if (const auto first = store_.seek(stream, from_us))
      from_us = std::min(from_us, first->start_us);
    std::vector<FragmentRef> out;
    const bool is_fetched = stream.kind == recording::StreamKind::fetched;
    if (is_fetched && !store_.end_us(stream)) return out;
    std::set<std::uint64_t> seen;  // of fetched ones: they came in another order
    while (true) {
      VL_TRY(const auto page, store_.find(stream, from_us, to_us, refs_of_a_page));
      const auto before = out.size();
      for (const auto& ref : page)
        if (is_fetched ? seen.insert(ref.id.sequence).second
                       : out.empty() || ref.id.sequence > out.back().id.sequence)
          out.push_back(ref);
      if (page.size() < refs_of_a_page || out.size() == before ||
          out.size() > most_export_fragments)
        break;
      from_us = out.back().start_us;
    }
    if (is_fetched)
      std::ranges::sort(out, {}, [](const FragmentRef& ref) { return ref.id.sequence; });
    return out;
  }
  Result<Bytes> read(const recording::FragmentId& id) const override {
    return store_.read_stored(id);
  }
  Result<std::vector<ExportGap>> gaps(const recording::StreamKey& stream, std::int64_t from_us,
                                      std::int64_t to_us) const override {
    VL_TRY(const auto known, store_.gaps(stream, from_us, to_us));
    std::vector<ExportGap> out;
    for (const auto& gap : known)
      out.push_back({gap.start_us, gap.end_us.value_or(to_us),
                     boost::describe::enum_to_string(gap.cause, "unexplained")});
    return out;
  }
  /// A gap in the store stays what it was.
  Result<std::vector<ExportGap>> recorded_gaps(const recording::StreamKey& stream,
                                               std::int64_t from_us,
                                               std::int64_t to_us) const override {
    return gaps(stream, from_us, to_us);
  }

 private:
  const recording::FragmentStore& store_;
};

}  // namespace

std::unique_ptr<FootageSource> stored_footage(const recording::FragmentStore& store) {
  return std::make_unique<StoredFootage>(store);
}

}  // namespace vl::evidence
