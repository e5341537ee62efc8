#include <algorithm>
#include <array>
#include <cmath>

#include "scene_build.hpp"

namespace vl::sim {

void build_tree(World& world, Vec2 at, float height, Chance& chance) {
  const auto bark =
      world.add_coat({.surface = Surface::concrete, .colour = linear_rgb(0x5E5142), .seed = 3});
  const float fork = height * 0.42F;
  world.bar({at.x, at.y, 0}, {at.x, at.y, fork}, 0.17F, 0.12F, 7, bark);
  // A whitewashed foot, as street trees have.
  world.bar({at.x, at.y, 0.1F}, {at.x, at.y, 1.1F}, 0.185F, 0.175F, 7, world.plain(0xD9D6CC));
  const float crown = height - fork;
  std::array<std::uint32_t, 5> leaf{};
  for (std::uint32_t& coat : leaf) {
    const float tint = chance.between(0.75F, 1.25F);
    coat = world.add_coat({.surface = Surface::foliage,
                           .colour = linear_rgb(0x557340) * tint,
                           .seed = static_cast<std::uint32_t>(chance.bits())});
  }
  const Vec3 middle{at.x, at.y, fork + crown * 0.5F};
  for (int b = 0; b < 4; ++b) {
    const float a = chance.between(0, 2 * kPi);
    const Vec3 tip = middle + Vec3{std::cos(a) * crown * 0.3F, std::sin(a) * crown * 0.3F, 0};
    world.bar({at.x, at.y, fork - 0.1F}, tip, 0.09F, 0.04F, 5, bark);
  }
  const int leaves = 1500;
  for (int i = 0; i < leaves; ++i) {
    const float a = chance.between(0, 2 * kPi), up = chance.between(-0.75F, 1.0F);
    const float flat = std::sqrt(std::max(0.0F, 1 - up * up));
    const Vec3 out{flat * std::cos(a), flat * std::sin(a), up};
    const float bulge = 0.72F + 0.5F * value_noise(a * 1.1F + at.x, up * 1.7F + at.y, 41);
    const float r = bulge * (0.55F + 0.45F * std::cbrt(chance.unit()));
    const Vec3 p =
        middle + Vec3{out.x * crown * 0.52F, out.y * crown * 0.52F, out.z * crown * 0.5F} * r;
    const float size = chance.between(0.10F, 0.21F);
    const Vec3 u = normalize(cross(out, {chance.between(-1, 1), chance.between(-1, 1), 1})) * size;
    const Vec3 v = normalize(cross(u, out) + out * chance.between(-0.6F, 0.6F)) * size;
    const auto coat = leaf[static_cast<std::size_t>(chance.below(leaf.size()))];
    world.quad(p - u - v, p + u - v, p + u + v, p - u + v, coat);
    world.faces.back().normal = normalize(out + Vec3{0, 0, 0.35F});
  }
}

void build_palm(World& world, Vec2 at, float height, Chance& chance) {
  const auto bark =
      world.add_coat({.surface = Surface::concrete, .colour = linear_rgb(0x84786A), .seed = 5});
  world.bar({at.x, at.y, 0}, {at.x, at.y, height}, 0.16F, 0.12F, 7, bark);
  const auto leaf = world.add_coat({.surface = Surface::foliage,
                                    .colour = linear_rgb(0x5B7F3C),
                                    .seed = static_cast<std::uint32_t>(chance.bits())});
  for (int i = 0; i < 13; ++i) {
    const float a = 2 * kPi * static_cast<float>(i) / 13 + chance.between(-0.15F, 0.15F);
    const Vec3 out{std::cos(a), std::sin(a), 0}, side{-out.y, out.x, 0};
    const float rise = chance.between(0.2F, 0.9F);
    Vec3 previous{at.x, at.y, height};
    float half = 0.1F;
    for (int s = 1; s <= 4; ++s) {
      const float t = static_cast<float>(s) / 4;
      const Vec3 next = Vec3{at.x, at.y, height} + out * (2.0F * t) +
                        Vec3{0, 0, rise * std::sin(t * 2.6F) - 0.9F * t * t};
      const float next_half = s == 4 ? 0.03F : 0.26F;
      world.quad(previous - side * half, next - side * next_half, next + side * next_half,
                 previous + side * half, leaf);
      world.faces.back().normal = {0, 0, 1};
      previous = next, half = next_half;
    }
  }
}

void build_power_line(World& world, std::span<const Vec2> poles, Vec2 towards_houses,
                      Chance& chance) {
  const auto concrete =
      world.add_coat({.surface = Surface::concrete, .colour = linear_rgb(0x9B978F), .seed = 11});
  const auto cable = world.add_coat({.colour = linear_rgb(0x1E1F22), .thin = true});
  const auto steel = world.plain(0x6F7478);
  constexpr float kTop = 8.6F;
  for (std::size_t i = 0; i < poles.size(); ++i) {
    const Vec2 p = poles[i];
    world.bar({p.x, p.y, 0}, {p.x, p.y, kTop}, 0.17F, 0.11F, 8, concrete);
    const Vec2 d = i + 1 < poles.size() ? poles[i + 1] - p : p - poles[i - 1];
    const Vec2 along = d * (1 / length(d)), across{-along.y, along.x};
    for (const float z : {kTop - 0.4F, kTop - 1.5F})
      world.block(p, across, {0.08F, 1.7F, 0.08F}, z, steel);
    if (chance.happens(0.4F))
      world.block(p + across * 0.3F, along, {0.35F, 0.45F, 0.6F}, 2.4F, world.plain(0xB7BAB6));
    if (chance.happens(0.6F)) {  // a line to a house
      const Vec2 house = p + towards_houses * 3.2F;
      world.bar({p.x, p.y, kTop - 1.6F}, {house.x, house.y, 5.5F}, 0.014F, 0.014F, 3, cable);
    }
    if (i + 1 == poles.size()) continue;
    for (int c = 0; c < 7; ++c) {
      const float offset = -0.75F + 0.25F * static_cast<float>(c);
      const float z = c % 2 == 0 ? kTop - 0.3F : kTop - 1.4F - chance.between(0, 0.5F);
      const float sag = chance.between(0.35F, 0.8F);
      Vec3 from{p.x + across.x * offset, p.y + across.y * offset, z};
      for (int s = 1; s <= 8; ++s) {
        const float t = static_cast<float>(s) / 8;
        const Vec2 q = p + d * t + across * offset;
        const Vec3 to{q.x, q.y, z - sag * 4 * t * (1 - t)};
        world.bar(from, to, 0.016F, 0.016F, 3, cable);
        from = to;
      }
    }
  }
}

void build_street_lamp(World& world, Vec2 at, Vec2 over_road, bool dusk) {
  const auto steel = world.plain(0x8D9398);
  world.bar({at.x, at.y, 0}, {at.x, at.y, 7.4F}, 0.09F, 0.06F, 7, steel);
  const Vec2 tip = at + over_road;
  world.bar({at.x, at.y, 7.4F}, {tip.x, tip.y, 8.0F}, 0.05F, 0.04F, 6, steel);
  const float n = length(over_road);
  const Vec2 along = over_road * (1 / n);
  world.block(tip + along * 0.3F, along, {0.3F, 0.8F, 0.12F}, 7.95F, world.plain(0x6E7377));
  const auto lens = world.add_coat(
      {.surface = Surface::glow, .colour = linear_rgb(0xE8E6DE), .glow = dusk ? 6.0F : 0.0F});
  const Vec2 side{-along.y, along.x};
  const auto p = [&](float a, float s) {
    const Vec2 q = tip + along * a + side * s;
    return Vec3{q.x, q.y, 7.94F};
  };
  world.quad(p(0, 0.12F), p(0.6F, 0.12F), p(0.6F, -0.12F), p(0, -0.12F), lens);
  if (dusk)
    world.lamps.push_back(
        {{tip.x + along.x * 0.3F, tip.y + along.y * 0.3F, 7.7F}, {2.3F, 1.55F, 0.85F}, 17, 34});
}

Markings::Markings(World& world)
    : world_(world),
      white_(
          world.add_coat({.surface = Surface::marking, .colour = linear_rgb(0xD6D6D0), .seed = 1})),
      yellow_(world.add_coat(
          {.surface = Surface::marking, .colour = linear_rgb(0xD9A92E), .seed = 2})) {}

void Markings::line(Vec2 from, Vec2 to, float width, bool yellow) {
  const Vec2 d = to - from;
  const float n = length(d);
  const Vec2 along = d * (1 / n), side = Vec2{-along.y, along.x} * (width / 2);
  constexpr float kLift = 0.006F;
  const auto p = [](Vec2 q) { return Vec3{q.x, q.y, kLift}; };
  world_.quad(p(from - side * -1.0F), p(from - side), p(to - side), p(to + side),
              yellow ? yellow_ : white_);
}

void Markings::dashes(Vec2 from, Vec2 to, float width, float dash, float gap, bool yellow) {
  const Vec2 d = to - from;
  const float n = length(d);
  const Vec2 along = d * (1 / n);
  for (float s = 0; s < n; s += dash + gap)
    line(from + along * s, from + along * std::min(s + dash, n), width, yellow);
}

void Markings::zebra(Vec2 from, Vec2 to, Vec2 walking, float depth) {
  const Vec2 d = to - from;
  const float n = length(d);
  const Vec2 across = d * (1 / n);
  (void)walking;
  const Vec2 along{-across.y, across.x};
  for (float s = 0.4F; s < n - 0.3F; s += 0.95F)
    line(from + across * s - along * (depth / 2), from + across * s + along * (depth / 2), 0.45F);
}

void Markings::arrow(Vec2 tip, Vec2 ahead) {
  const Vec2 side{-ahead.y, ahead.x};
  line(tip - ahead * 3.2F, tip - ahead * 1.0F, 0.18F);
  const auto p = [](Vec2 q) { return Vec3{q.x, q.y, 0.006F}; };
  world_.triangle(p(tip), p(tip - ahead * 1.2F + side * 0.42F),
                  p(tip - ahead * 1.2F - side * 0.42F), white_);
}

SignalHead build_signal(World& world, Vec2 at, Vec2 over_road, Vec2 facing, int group) {
  const auto steel = world.plain(0x5E6468), black = world.plain(0x16181A);
  world.bar({at.x, at.y, 0}, {at.x, at.y, 6.2F}, 0.1F, 0.08F, 8, steel);
  const Vec2 tip = at + over_road;
  world.bar({at.x, at.y, 6.0F}, {tip.x, tip.y, 6.3F}, 0.07F, 0.05F, 6, steel);
  world.block(tip, facing, {0.46F, 0.22F, 1.32F}, 5.3F, black);
  const Vec2 side{facing.y, -facing.x};
  const Vec2 beside = tip - side * 0.62F;
  world.block(beside, facing, {0.62F, 0.18F, 0.66F}, 5.7F, black);
  const Vec2 lens = tip + facing * 0.13F, digits = beside + facing * 0.11F;
  SignalHead head;
  head.group = group;
  head.red = {lens.x, lens.y, 6.40F}, head.amber = {lens.x, lens.y, 5.96F};
  head.green = {lens.x, lens.y, 5.52F};
  head.facing = {facing.x, facing.y, 0};
  head.counter = {digits.x, digits.y, 6.03F};
  return head;
}

}  // namespace vl::sim
