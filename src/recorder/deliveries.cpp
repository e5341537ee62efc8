#include "deliveries.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <vonglau/base/json.hpp>
#include <vonglau/base/log.hpp>

namespace vl::recorder {

namespace {

constexpr std::size_t most_people = 1'000;
constexpr std::size_t most_pieces = 1'000;

struct KeptPiece {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};
BOOST_DESCRIBE_STRUCT(KeptPiece, (), (first, end))
struct KeptPerson {
  Uuid person;
  std::vector<KeptPiece> pieces;
};
BOOST_DESCRIBE_STRUCT(KeptPerson, (), (person, pieces))
struct Kept {
  std::string archive;
  std::vector<KeptPerson> people;
};
BOOST_DESCRIBE_STRUCT(Kept, (), (archive, people))

Kept read_kept(const std::string& file, const std::string& archive) {
  std::ifstream in(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  auto kept = json::read_text<Kept>(text, json::Unknown::ignore);
  if (!kept || kept->archive != archive) return {archive, {}};
  return std::move(*kept);
}

void write_kept(const std::string& file, const Kept& kept) {
  const auto fresh = file + ".new";
  std::ofstream(fresh, std::ios::binary | std::ios::trunc) << json::write(kept);
  std::error_code error;
  std::filesystem::rename(fresh, file, error);
  if (error) log::warn("export.pieces_not_kept", {{"why", error.message()}});
}

}  // namespace

void Pieces::add(std::uint64_t first, std::uint64_t end) {
  if (first >= end) return;
  auto at = all_.upper_bound(first);
  if (at != all_.begin() && std::prev(at)->second >= first) --at;
  while (at != all_.end() && at->first <= end) {
    first = std::min(first, at->first);
    end = std::max(end, at->second);
    at = all_.erase(at);
  }
  all_[first] = end;
}

bool Pieces::are_all_of(std::uint64_t size) const {
  return all_.size() == 1 && all_.begin()->first == 0 && all_.begin()->second >= size;
}

bool Deliveries::add(const std::string& file, const std::string& archive, std::uint64_t size,
                     const Uuid& person, std::uint64_t first, std::uint64_t bytes) {
  if (bytes == 0 || size == 0) return false;
  if (first == 0 && bytes >= size) return true;
  const std::scoped_lock lock(mutex_);
  auto kept = read_kept(file, archive);
  auto found = std::ranges::find(kept.people, person, &KeptPerson::person);
  if (found == kept.people.end()) {
    if (kept.people.size() >= most_people) return true;
    kept.people.push_back({person, {}});
    found = std::prev(kept.people.end());
  }
  Pieces pieces;
  for (const auto& piece : found->pieces) pieces.add(piece.first, piece.end);
  pieces.add(first, first + bytes);
  const bool whole = pieces.are_all_of(size);
  if (whole || pieces.all().size() > most_pieces) {
    kept.people.erase(found);
    write_kept(file, kept);
    return true;
  }
  found->pieces.clear();
  for (const auto& [begin, end] : pieces.all()) found->pieces.push_back({begin, end});
  write_kept(file, kept);
  return false;
}

}  // namespace vl::recorder
