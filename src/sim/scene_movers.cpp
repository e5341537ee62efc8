#include "scene_movers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vl::sim {
MoverPainter::MoverPainter(Canvas& canvas, const World& world, const Lighting& light,
                           const SunMap* sun)
    : canvas_(canvas), world_(world), light_(light), sun_(sun) {
  const Vec3 ground{0.19F, 0.19F, 0.19F}, up{0, 0, 1};
  const Vec3 dark = light.to_display(ground * light.ambient(up));
  const Vec3 bright =
      light.to_display(ground * (light.ambient(up) + light.sun * saturate(light.to_sun.z)));
  shade_ = dark.y / std::max(bright.y, 1.0F);
}

Vec3 MoverPainter::world_of(const Placed& placed, Vec3 p) const {
  const Vec2 right{placed.ahead.y, -placed.ahead.x};
  const Vec2 q = placed.at + right * p.x + placed.ahead * p.y;
  return {q.x, q.y, p.z + placed.lift};
}

Vec3 MoverPainter::light_on(const PartLook& look, Vec3 at, Vec3 normal, float sunlit,
                            Vec3 lamps) const {
  Vec3 arriving = light_.ambient(normal) * (0.6F + 0.4F * saturate(at.z / 1.2F)) + lamps;
  const float facing = dot(normal, light_.to_sun);
  if (sunlit > 0 && facing > 0) arriving = arriving + light_.sun * (facing * sunlit);
  Vec3 colour = look.colour * arriving + look.light;
  if (look.gloss > 0) {
    const Vec3 to_eye = normalize(canvas_.view().at - at);
    const float n_v = saturate(dot(normal, to_eye));
    const Vec3 mirror = normal * (2 * dot(normal, to_eye)) - to_eye;
    const float grazing = (1 - n_v) * (1 - n_v) * (1 - n_v);
    const float share = look.gloss * (0.05F + 0.55F * grazing);
    const float up = smooth_step(-0.15F, 0.25F, mirror.z);
    const Vec3 seen =
        mix(light_.bounce * 0.5F, mix(light_.horizon, light_.zenith, saturate(mirror.z)), up);
    colour = colour * (1 - share) + (seen + lamps * 0.25F) * share;
    const float glint = saturate(dot(mirror, light_.to_sun));
    const float sharp = glint * glint * glint * glint;
    if (sunlit > 0)
      colour = colour + light_.sun * (look.gloss * sunlit * 0.9F * sharp * sharp * sharp * sharp);
  }
  return colour;
}

void MoverPainter::touch(const std::vector<ScreenVertex>& corners) {
  float x0 = std::numeric_limits<float>::max(), y0 = x0, x1 = -x0, y1 = -x0;
  for (const ScreenVertex& c : corners) {
    x0 = std::min(x0, c.x), x1 = std::max(x1, c.x);
    y0 = std::min(y0, c.y), y1 = std::max(y1, c.y);
  }
  canvas_.touch(x0, y0, x1, y1);
}

void MoverPainter::draw_body(const Placed& placed) {
  const Actor& actor = *placed.actor;
  const Mesh& mesh = *actor.mesh;
  const Projection& view = canvas_.view();
  const Vec3 middle = world_of(placed, {0, 0, 0.8F});
  if (view.to_camera(middle).z < -mesh.half_length - 2) return;
  const float sunlit = sun_ == nullptr ? 0 : sun_->lit(world_of(placed, {0, 0, 1.2F}));
  const Vec3 lamps = sun_ == nullptr ? lamp_light(world_, middle, {0, 0, 1}) : Vec3{};
  std::array<PartLook, static_cast<std::size_t>(Part::count)> looks;
  for (std::size_t i = 0; i < looks.size(); ++i)
    looks[i] = look_of(static_cast<Part>(i), actor.palette, light_.dusk, placed.braking);
  const Vec2 right{placed.ahead.y, -placed.ahead.x};
  const float clear = std::exp(-length(middle - view.at) / light_.haze_m);
  lit_.clear();
  corners_.clear();
  for (const Vertex& v : mesh.vertices) {
    const Vec3 at = world_of(placed, v.at);
    const Vec2 n = right * v.normal.x + placed.ahead * v.normal.y;
    const Vec3 normal{n.x, n.y, v.normal.z};
    const Vec3 camera = view.to_camera(at);
    const Vec3 colour =
        light_on(looks[static_cast<std::size_t>(v.part)], at, normal, sunlit, lamps);
    lit_.push_back({camera, light_.to_display(mix(light_.haze, colour, clear)), {}});
    if (camera.z < kNear_m) continue;
    lit_.back().seen = view.to_screen(camera);
    corners_.push_back(lit_.back().seen);
  }
  if (corners_.empty()) return;
  touch(corners_);
  for (const auto& t : mesh.triangles) fill(lit_[t[0]], lit_[t[1]], lit_[t[2]]);
  for (const PlatePlace& place : mesh.plates) draw_plate(placed, place);
}

void MoverPainter::fill(const Lit& la, const Lit& lb, const Lit& lc) {
  if (la.at.z < kNear_m || lb.at.z < kNear_m || lc.at.z < kNear_m) {
    if (la.at.z < kNear_m && lb.at.z < kNear_m && lc.at.z < kNear_m) return;
    clip_near(
        std::array<Lit, 3>{la, lb, lc},
        [this](const Lit& a, const Lit& b, float k) {
          Lit cut{mix(a.at, b.at, k), mix(a.colour, b.colour, k), {}};
          cut.at.z = kNear_m * 1.0001F;
          cut.seen = canvas_.view().to_screen(cut.at);
          return cut;
        },
        [&](const Lit& a, const Lit& b, const Lit& c) { fill(a, b, c); });
    return;
  }
  const ScreenVertex &a = la.seen, &b = lb.seen, &c = lc.seen;
  const float facing = facing_of(a, b, c);
  if (facing <= 0 || between_samples(a, b, c)) return;
  if (facing < 40) {  // too small for shades
    const float q = std::max({a.q, b.q, c.q});
    const std::uint32_t shown = pack((la.colour + lb.colour + lc.colour) * (1 / 3.0F));
    scan_triangle(a, b, c, canvas_.samples_wide(), canvas_.samples_high(),
                  [&](int y, int x0, int x1) {
                    float* depth = canvas_.depth_row(y);
                    std::uint32_t* colour = canvas_.colour_row(y);
                    for (int x = x0; x < x1; ++x)
                      if (q > depth[x]) depth[x] = q, colour[x] = shown;
                  });
    return;
  }
  const Gradients gradients(a, b, c);
  const Gradient q = gradients.of(a.q, b.q, c.q);
  const Gradient red = gradients.of(la.colour.x, lb.colour.x, lc.colour.x);
  const Gradient green = gradients.of(la.colour.y, lb.colour.y, lc.colour.y);
  const Gradient blue = gradients.of(la.colour.z, lb.colour.z, lc.colour.z);
  scan_triangle(a, b, c, canvas_.samples_wide(), canvas_.samples_high(),
                [&](int y, int x0, int x1) {
                  float* depth = canvas_.depth_row(y);
                  std::uint32_t* colour = canvas_.colour_row(y);
                  const float fx = static_cast<float>(x0) + 0.5F, fy = static_cast<float>(y) + 0.5F;
                  float value = q.at(fx, fy);
                  Vec3 shown{red.at(fx, fy), green.at(fx, fy), blue.at(fx, fy)};
                  const Vec3 step{red.step_x(), green.step_x(), blue.step_x()};
                  const float nearer = q.step_x();
                  for (int x = x0; x < x1; ++x, value += nearer, shown = shown + step)
                    if (value > depth[x]) depth[x] = value, colour[x] = pack(shown);
                });
}

void MoverPainter::draw_plate(const Placed& placed, const PlatePlace& place) {
  const Projection& view = canvas_.view();
  const bool two_lines = place.right.x * place.right.x < 9 * place.up.z * place.up.z;
  const Texture& texture = two_lines ? placed.actor->plate_two_lines : placed.actor->plate_one_line;
  if (texture.width == 0) return;
  const std::array<Vec3, 4> corners{
      view.to_camera(world_of(placed, place.centre - place.right - place.up)),
      view.to_camera(world_of(placed, place.centre + place.right - place.up)),
      view.to_camera(world_of(placed, place.centre + place.right + place.up)),
      view.to_camera(world_of(placed, place.centre - place.right + place.up))};
  std::array<ScreenVertex, 4> s;
  for (std::size_t i = 0; i < 4; ++i) {
    if (corners[i].z < kNear_m) return;
    s[i] = view.to_screen(corners[i]);
  }
  const Vec3 facing =
      light_.ambient({0, -0.9F, 0.2F}) * 1.15F + light_.sun * 0.25F + Vec3{0.06F, 0.06F, 0.06F};
  const float bright = light_.to_display(facing * 0.8F).y / 255.0F * 1.05F;
  const float texels_per_sample = static_cast<float>(texture.width) /
                                  std::max(1.0F, length(Vec2{s[1].x - s[0].x, s[1].y - s[0].y}));
  const int reach = std::clamp(static_cast<int>(texels_per_sample / 2), 0, 6);
  for (const auto& [i, j, k] :
       {std::array<std::size_t, 3>{0, 1, 2}, std::array<std::size_t, 3>{0, 2, 3}}) {
    const Gradients gradients(s[i], s[j], s[k]);
    if (gradients.facing() <= 0) return;
    constexpr std::array<float, 4> kU{0, 1, 1, 0}, kV{1, 1, 0, 0};
    const Gradient q = gradients.of(s[i].q, s[j].q, s[k].q);
    const Gradient u = gradients.of(kU[i], kU[j], kU[k]), v = gradients.of(kV[i], kV[j], kV[k]);
    scan_triangle(
        s[i], s[j], s[k], canvas_.samples_wide(), canvas_.samples_high(),
        [&](int y, int x0, int x1) {
          float* depth = canvas_.depth_row(y);
          std::uint32_t* colour = canvas_.colour_row(y);
          for (int x = x0; x < x1; ++x) {
            const float fx = static_cast<float>(x) + 0.5F, fy = static_cast<float>(y) + 0.5F;
            const float near = q.at(fx, fy) * 1.002F;
            if (near <= depth[x]) continue;
            const int tu = static_cast<int>(u.at(fx, fy) * static_cast<float>(texture.width));
            const int tv = static_cast<int>(v.at(fx, fy) * static_cast<float>(texture.height));
            int r = 0, g = 0, b = 0, n = 0;
            for (int dy = -reach; dy <= reach; ++dy)
              for (int dx = -reach; dx <= reach; ++dx) {
                const auto& texel = texture.at(std::clamp(tu + dx, 0, texture.width - 1),
                                               std::clamp(tv + dy, 0, texture.height - 1));
                r += texel[0], g += texel[1], b += texel[2], ++n;
              }
            const float k2 = bright / static_cast<float>(n);
            depth[x] = near;
            colour[x] = pack({static_cast<float>(r) * k2, static_cast<float>(g) * k2,
                              static_cast<float>(b) * k2});
          }
        });
  }
}

void MoverPainter::draw_shadow(const Placed& placed) {
  const float distance = length(world_of(placed, {}) - canvas_.view().at);
  if (distance < (light_.dusk ? 45 : 70)) draw_contact(placed);
  if (light_.dusk) {
    if (distance < 65) draw_beam(placed);
    return;
  }
  if (distance > 100 || sun_ == nullptr || sun_->lit(world_of(placed, {0, 0, 0.3F})) < 0.3F) return;
  const Mesh& mesh = *placed.actor->mesh;
  const Vec3 sun = light_.to_sun;
  const Projection& view = canvas_.view();
  corners_.clear();
  lit_.clear();
  for (const Vertex& v : mesh.vertices) {
    const Vec3 at = world_of(placed, v.at);
    const float drop = (at.z - placed.lift) / sun.z;
    const Vec3 camera = view.to_camera({at.x - sun.x * drop, at.y - sun.y * drop, placed.lift});
    lit_.push_back({camera, {}, {}});
    if (camera.z < kNear_m) continue;
    lit_.back().seen = view.to_screen(camera);
    corners_.push_back(lit_.back().seen);
  }
  if (corners_.empty()) return;
  touch(corners_);
  const auto k = static_cast<std::uint32_t>(shade_ * 256);
  for (const auto& t : mesh.triangles) {
    if (lit_[t[0]].at.z < kNear_m || lit_[t[1]].at.z < kNear_m || lit_[t[2]].at.z < kNear_m)
      continue;
    const ScreenVertex &a = lit_[t[0]].seen, &b = lit_[t[1]].seen, &c = lit_[t[2]].seen;
    if (facing_of(a, b, c) <= 0 || between_samples(a, b, c)) continue;
    scan_triangle(
        a, b, c, canvas_.samples_wide(), canvas_.samples_high(), [&](int y, int x0, int x1) {
          std::uint32_t* colour = canvas_.colour_row(y);
          for (int x = x0; x < x1; ++x) {
            const std::uint32_t old = colour[x];
            if ((old & (kGround | kSunlit | kShaded)) != (kGround | kSunlit)) continue;
            colour[x] = (old & 0xFF000000U) | kShaded | (((old & 0xFF00FFU) * k >> 8) & 0xFF00FFU) |
                        (((old & 0x00FF00U) * k >> 8) & 0x00FF00U);
          }
        });
  }
}

void MoverPainter::scale_ground(const std::array<Vec3, 4>& corners,
                                const std::array<float, 4>& amount, Vec3 tint) {
  const Projection& view = canvas_.view();
  std::array<ScreenVertex, 4> s;
  corners_.clear();
  for (std::size_t i = 0; i < 4; ++i) {
    const Vec3 camera = view.to_camera(corners[i]);
    if (camera.z < kNear_m) return;
    s[i] = view.to_screen(camera);
    corners_.push_back(s[i]);
  }
  touch(corners_);
  for (const auto& [i, j, k] :
       {std::array<std::size_t, 3>{0, 1, 2}, std::array<std::size_t, 3>{0, 2, 3}}) {
    const Gradients gradients(s[i], s[j], s[k]);
    if (gradients.flat()) continue;
    const Gradient share = gradients.of(amount[i], amount[j], amount[k]);
    scan_triangle(s[i], s[j], s[k], canvas_.samples_wide(), canvas_.samples_high(),
                  [&](int y, int x0, int x1) {
                    std::uint32_t* colour = canvas_.colour_row(y);
                    float v =
                        share.at(static_cast<float>(x0) + 0.5F, static_cast<float>(y) + 0.5F) * 256;
                    const float step = share.step_x() * 256;
                    for (int x = x0; x < x1; ++x, v += step) {
                      const std::uint32_t old = colour[x];
                      if ((old & kGround) == 0) continue;
                      const auto scaled = [&](std::uint32_t part, float by) {
                        return std::min(255U, part * static_cast<std::uint32_t>(256 + by * v) >> 8);
                      };
                      colour[x] = (old & 0xFF000000U) | scaled(old >> 16 & 255, tint.x) << 16 |
                                  scaled(old >> 8 & 255, tint.y) << 8 | scaled(old & 255, tint.z);
                    }
                  });
  }
}

void MoverPainter::draw_contact(const Placed& placed) {
  const Mesh& mesh = *placed.actor->mesh;
  const float x = mesh.half_width * 0.9F, y = mesh.half_length * 0.96F, soft = 0.32F;
  const std::array<float, 4> xs{-x - soft, -x * 0.7F, x * 0.7F, x + soft};
  const std::array<float, 4> ys{-y - soft, -y * 0.85F, y * 0.85F, y + soft};
  const float deep = placed.actor->motorcycle ? 0.45F : 0.62F;
  const auto inner = [](std::size_t i) { return i == 1 || i == 2; };
  const auto amount = [&](std::size_t i, std::size_t j) {
    return inner(i) && inner(j) ? deep : 0.0F;
  };
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) {
      std::array<Vec3, 4> corners{world_of(placed, {xs[i], ys[j], 0.01F}),
                                  world_of(placed, {xs[i + 1], ys[j], 0.01F}),
                                  world_of(placed, {xs[i + 1], ys[j + 1], 0.01F}),
                                  world_of(placed, {xs[i], ys[j + 1], 0.01F})};
      scale_ground(corners,
                   {amount(i, j), amount(i + 1, j), amount(i + 1, j + 1), amount(i, j + 1)},
                   {-1, -1, -1});
    }
}

void MoverPainter::draw_beam(const Placed& placed) {
  const Mesh& mesh = *placed.actor->mesh;
  if (mesh.head_lights.empty()) return;
  const float strong = placed.actor->motorcycle ? 0.55F : 0.9F;
  const float half = placed.actor->motorcycle ? 0.25F : mesh.half_width;
  const float y0 = mesh.half_length + 0.4F;
  constexpr std::array<float, 4> kReach{0, 2.5F, 6, 12}, kBright{0.0F, 1.0F, 0.75F, 0};
  for (std::size_t j = 0; j < 3; ++j) {
    const auto width = [&](std::size_t k) { return half + kReach[k] * 0.16F; };
    for (const float side : {-1.0F, 1.0F}) {
      const auto p = [&](float x, std::size_t k) {
        return world_of(placed, {x, y0 + kReach[k], 0.01F});
      };
      scale_ground({p(0, j), p(side * width(j), j), p(side * width(j + 1), j + 1), p(0, j + 1)},
                   {kBright[j] * strong, 0, 0, kBright[j + 1] * strong}, {1.0F, 0.92F, 0.72F});
    }
  }
}

void MoverPainter::draw_glowing_quad(Vec3 a, Vec3 b, Vec3 c, Vec3 d, Vec3 display_colour) {
  const Projection& view = canvas_.view();
  std::array<Lit, 4> lit;
  corners_.clear();
  std::size_t i = 0;
  for (const Vec3 p : {a, b, c, d}) {
    lit[i] = {view.to_camera(p), display_colour, {}};
    if (lit[i].at.z < kNear_m) return;
    lit[i].seen = view.to_screen(lit[i].at);
    corners_.push_back(lit[i++].seen);
  }
  touch(corners_);
  fill(lit[0], lit[1], lit[2]);
  fill(lit[0], lit[2], lit[3]);
}

void MoverPainter::draw_flare(Vec3 at, Vec3 display_colour, float radius) {
  const Projection& view = canvas_.view();
  const Vec3 camera = view.to_camera(at);
  if (camera.z < 1 || radius < 1) return;
  const ScreenVertex s = view.to_screen(camera);
  const int cx = static_cast<int>(s.x), cy = static_cast<int>(s.y);
  if (cx < 0 || cy < 0 || cx >= canvas_.samples_wide() || cy >= canvas_.samples_high()) return;
  canvas_.touch(s.x - radius, s.y - radius, s.x + radius, s.y + radius);
  if (canvas_.depth_row(cy)[cx] > s.q * (1 + 0.6F * s.q)) return;  // something stands before it
  const int r = static_cast<int>(radius);
  for (int y = std::max(0, cy - r); y <= std::min(canvas_.samples_high() - 1, cy + r); ++y) {
    std::uint32_t* colour = canvas_.colour_row(y);
    for (int x = std::max(0, cx - r); x <= std::min(canvas_.samples_wide() - 1, cx + r); ++x) {
      const float dx = static_cast<float>(x - cx) / radius,
                  dy = static_cast<float>(y - cy) / radius;
      const float square = dx * dx + dy * dy;
      if (square >= 1) continue;
      const float fade = (1 - square) * (1 - square);
      const float share = 0.28F * fade * fade + 0.72F * fade * fade * fade * fade * fade * fade;
      const std::uint32_t old = colour[x];
      const Vec3 was{static_cast<float>(old >> 16 & 255), static_cast<float>(old >> 8 & 255),
                     static_cast<float>(old & 255)};
      colour[x] = (old & 0xFF000000U) | pack(was + display_colour * share);
    }
  }
}

void MoverPainter::draw_flares(const Placed& placed) {
  const Mesh& mesh = *placed.actor->mesh;
  const Projection& view = canvas_.view();
  const float scale = static_cast<float>(canvas_.samples_high()) / 1440.0F;
  const Vec3 to_eye = normalize(view.at - world_of(placed, {}));
  const float towards = placed.ahead.x * to_eye.x + placed.ahead.y * to_eye.y;
  const float distance = std::max(6.0F, length(view.at - world_of(placed, {})));
  if (towards > 0.25F)
    for (const Vec3 lamp : mesh.head_lights)
      draw_flare(world_of(placed, lamp), {235, 222, 190},
                 scale * towards * std::clamp(900 / distance, 18.0F, 60.0F));
  if (towards < -0.25F)
    for (const Vec3 lamp : mesh.tail_lights)
      draw_flare(world_of(placed, lamp), placed.braking ? Vec3{230, 50, 36} : Vec3{150, 30, 24},
                 scale * std::clamp((placed.braking ? 620.0F : 420.0F) / distance, 10.0F, 34.0F));
}

}  // namespace vl::sim
