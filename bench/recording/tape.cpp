#include "tape.hpp"

#include <fstream>

#include <fmt/format.h>

#include <vonglau/sim/scene.hpp>

namespace vl::bench {
namespace {

void write_number(std::ostream& out, std::uint32_t value) {
  out.write(reinterpret_cast<const char*>(&value), sizeof value);
}
std::uint32_t read_number(std::istream& in) {
  std::uint32_t value = 0;
  in.read(reinterpret_cast<char*>(&value), sizeof value);
  return value;
}
void write_bytes(std::ostream& out, const Bytes& bytes) {
  write_number(out, static_cast<std::uint32_t>(bytes.size()));
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}
Bytes read_bytes(std::istream& in) {
  Bytes bytes(std::min<std::uint32_t>(read_number(in), 16U << 20));
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

void save(const Tape& tape, const std::string& name, const std::string& file) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  write_bytes(out, Bytes(name.begin(), name.end()));
  write_number(out, static_cast<std::uint32_t>(tape.parameter_sets.size()));
  for (const auto& set : tape.parameter_sets) write_bytes(out, set);
  write_number(out, static_cast<std::uint32_t>(tape.units.size()));
  for (const auto& unit : tape.units) {
    write_number(out, unit.key ? 1 : 0);
    write_number(out, static_cast<std::uint32_t>(unit.packets.size()));
    for (const auto packet : unit.packets) write_number(out, packet);
    write_bytes(out, unit.wire);
  }
}

bool load(Tape& tape, const std::string& name, const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const auto found = in ? read_bytes(in) : Bytes();
  if (std::string(found.begin(), found.end()) != name) return false;
  tape.parameter_sets.resize(std::min(read_number(in), 16U));
  for (auto& set : tape.parameter_sets) set = read_bytes(in);
  tape.units.resize(std::min(read_number(in), 100'000U));
  for (auto& unit : tape.units) {
    unit.key = read_number(in) == 1;
    unit.packets.resize(std::min(read_number(in), 100'000U));
    for (auto& packet : unit.packets) packet = read_number(in);
    unit.wire = read_bytes(in);
  }
  return in && !tape.units.empty() && tape.units.front().key;
}

std::string base64(ByteView bytes) {
  auto text = to_base64url(bytes);
  for (auto& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.size() % 4 != 0) text += '=';
  return text;
}

}  // namespace

std::size_t Tape::bytes() const {
  std::size_t sum = 0;
  for (const auto& unit : units) sum += unit.wire.size();
  return sum;
}

std::size_t Tape::packets() const {
  std::size_t sum = 0;
  for (const auto& unit : units) sum += unit.packets.size();
  return sum;
}

std::string Tape::sdp() const {
  std::string sets;
  for (const auto& set : parameter_sets) sets += (sets.empty() ? "" : ",") + base64(set);
  const auto& sps = parameter_sets.front();
  return fmt::format(
      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=farm\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
      "a=control:*\r\nm=video 0 RTP/AVP {}\r\na=rtpmap:{} H264/90000\r\n"
      "a=fmtp:{} packetization-mode=1;profile-level-id={};sprop-parameter-sets={}\r\n"
      "a=framerate:{}\r\na=control:track1\r\n",
      sim::kPayloadType, sim::kPayloadType, sim::kPayloadType, to_hex(ByteView(sps).subspan(1, 3)),
      sets, fps);
}

Result<Tape> make_tape(const std::string& file, int kbit_s, double seconds) {
  const sim::VideoProfile profile{1280, 720, Tape::fps, Tape::key_distance, kbit_s, false};
  const auto wanted =
      static_cast<std::size_t>(seconds * Tape::fps) / Tape::key_distance * Tape::key_distance;
  const auto name = fmt::format("{} {}", sim::encoder_fingerprint(profile), wanted);
  Tape tape;
  if (load(tape, name, file)) return tape;
  fmt::print(stderr, "drawing {} pictures, once\n", wanted);
  VL_TRY(tape.parameter_sets, sim::parameter_sets_of(profile));
  VL_TRY(auto encoder, sim::H264Encoder::open(profile));
  sim::SceneRenderer renderer(std::make_shared<sim::Scene>(sim::SceneSpec{}), profile.width,
                              profile.height);
  sim::Picture picture;
  std::vector<sim::CodedPicture> coded;
  for (std::size_t i = 0; i < wanted; ++i) {
    renderer.render(static_cast<double>(i) / Tape::fps, picture);
    VL_CHECK(encoder->encode(picture, false, coded));
  }
  VL_CHECK(encoder->finish(coded));
  tape.units.clear();
  for (const auto& one : coded) tape.units.push_back(sim::packetise(one));
  save(tape, name, file);
  return tape;
}

}  // namespace vl::bench
