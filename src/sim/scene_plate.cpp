#include "scene_plate.hpp"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "scene_font.hpp"

namespace vl::sim {
namespace {

constexpr std::string_view kSeries = "ABCDEFGHKLMNPSTUVXYZ";
constexpr std::string_view kSecond = "ABCDEFHKLMNPRSTUVXYZ";

struct Ink {
  std::uint32_t ground, figures;
};
Ink ink_of(PlateColour colour) {
  switch (colour) {
    case PlateColour::white:
      return {0xF4F4F0, 0x101214};
    case PlateColour::yellow:
      return {0xF2C12E, 0x101214};
    case PlateColour::blue:
      return {0x1B4FA0, 0xF4F4F0};
  }
  return {0xF4F4F0, 0x101214};
}

void print_centred(Texture& texture, const std::string& text, int middle_y, float cap_px,
                   float room_px, std::uint32_t rgb) {
  TextStyle style{cap_px, 0.17F, 1};
  TextMask mask = draw_text(text, style);
  if (static_cast<float>(mask.width) > room_px) {
    style.width = room_px / static_cast<float>(mask.width);
    mask = draw_text(text, style);
  }
  // The mask's capitals run from 5.6 to 17.6 of its 21 grid rows.
  const float unit = cap_px / 12;
  const float middle = 0.17F * cap_px / 2 + 1 + 11.6F * unit;
  print_text(texture, mask, (texture.width - mask.width) / 2,
             middle_y - static_cast<int>(std::lround(middle)), rgb);
}

void frame(Texture& texture, std::uint32_t rgb) {
  const auto dark = blank_texture(1, 1, rgb).texels[0];
  for (int x = 0; x < texture.width; ++x)
    texture.at(x, 0) = texture.at(x, texture.height - 1) = dark;
  for (int y = 0; y < texture.height; ++y)
    texture.at(0, y) = texture.at(texture.width - 1, y) = dark;
}

}  // namespace

Plate draw_plate(VehicleKind kind, Chance& chance) {
  constexpr std::array kProvinces{99, 99, 99, 99, 98, 98, 98, 30, 29, 20, 12, 34, 89, 88};
  const int province = kProvinces[static_cast<std::size_t>(chance.below(kProvinces.size()))];
  const char first = kSeries[static_cast<std::size_t>(chance.below(kSeries.size()))];
  Plate plate;
  plate.lower = fmt::format("{:03}.{:02}", chance.below(1000), chance.below(100));
  switch (kind) {
    case VehicleKind::motorcycle:
      if (chance.happens(0.35F))
        plate.upper = fmt::format("{}-{}{}", province, first,
                                  kSecond[static_cast<std::size_t>(chance.below(kSecond.size()))]);
      else
        plate.upper = fmt::format("{}-{}{}", province, first, 1 + chance.below(9));
      return plate;
    case VehicleKind::taxi:
    case VehicleKind::bus:
    case VehicleKind::lorry:
    case VehicleKind::container:
      plate.colour = PlateColour::yellow;
      break;
    default:
      if (chance.happens(0.03F)) plate.colour = PlateColour::blue;
      break;
  }
  plate.upper = fmt::format("{}{}", province, first);
  return plate;
}

Texture paint_plate(const Plate& plate, bool two_lines, bool motorcycle) {
  const Ink ink = ink_of(plate.colour);
  if (!two_lines) {
    Texture texture = blank_texture(208, 44, ink.ground);
    print_centred(texture, plate.one_line(), 22, 31, 198, ink.figures);
    frame(texture, ink.figures);
    return texture;
  }
  Texture texture =
      motorcycle ? blank_texture(114, 84, ink.ground) : blank_texture(132, 66, ink.ground);
  const float cap = motorcycle ? 31 : 24;
  print_centred(texture, plate.upper, texture.height * 27 / 100, cap,
                static_cast<float>(texture.width) * 0.8F, ink.figures);
  print_centred(texture, plate.lower, texture.height * 73 / 100, cap,
                static_cast<float>(texture.width) * 0.92F, ink.figures);
  frame(texture, ink.figures);
  return texture;
}

}  // namespace vl::sim
