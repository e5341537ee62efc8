#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <vonglau/sim/scene.hpp>

#include "scene_canvas.hpp"
#include "scene_layouts.hpp"
#include "scene_movers.hpp"

namespace vl::sim {

// What a scene shares between all its renderers.
struct Scene::Inside {
  SceneSpec spec;
  Stage stage;
  Lighting light;
  std::unique_ptr<SunMap> sun;
  std::vector<Mover> movers;
  std::map<std::pair<VehicleKind, std::uint64_t>, Mesh> meshes;
  std::vector<Actor> actors;                             // one a mover
  std::vector<std::array<Actor, kStepMoments>> walkers;  // index by `walker_of`
  std::vector<int> walker_of;                            // -1: not a walker

  void cast();
};

void Scene::Inside::cast() {
  const auto mesh_of = [&](VehicleKind kind, std::uint64_t variant) {
    auto [found, fresh] = meshes.try_emplace({kind, variant});
    if (fresh) found->second = make_vehicle(kind, variant), weld(found->second);
    return &found->second;
  };
  for (const Mover& m : movers) {
    Chance look(m.look);
    Actor actor;
    actor.palette = draw_palette(m.kind, look);
    actor.motorcycle = m.kind == VehicleKind::motorcycle;
    walker_of.push_back(m.kind == VehicleKind::walker ? static_cast<int>(walkers.size()) : -1);
    if (m.kind == VehicleKind::walker) {
      const auto whom = static_cast<std::uint64_t>(look.below(60)) * kStepMoments;
      std::array<Actor, kStepMoments> steps;
      for (std::size_t i = 0; i < kStepMoments; ++i) {
        steps[i] = actor;
        steps[i].mesh = mesh_of(m.kind, whom + i);
        steps[i].motorcycle = true;
      }
      walkers.push_back(std::move(steps));
    } else {
      const int variants = actor.motorcycle ? 32 : 3;
      actor.mesh = mesh_of(m.kind, static_cast<std::uint64_t>(look.below(variants)));
      const Plate plate = draw_plate(m.kind, look);
      actor.plate_two_lines = paint_plate(plate, true, actor.motorcycle);
      if (!actor.motorcycle) actor.plate_one_line = paint_plate(plate, false, false);
    }
    actors.push_back(std::move(actor));
  }
}

Scene::Scene(const SceneSpec& spec) : inside_(std::make_unique<Inside>()) {
  Chance chance(spec.seed * 0x9E3779B97F4A7C15ULL + static_cast<std::uint64_t>(spec.layout));
  inside_->spec = spec;
  inside_->stage = build_stage(spec, chance);
  inside_->light = Lighting::of(spec.light, spec.layout);
  const Stage& stage = inside_->stage;
  inside_->movers = simulate_traffic(stage.paths, stage.demand, stage.signals, spec.loop_s, chance);
  if (spec.light == Light::day)
    inside_->sun =
        std::make_unique<SunMap>(stage.world, inside_->light.to_sun, Vec3{0, 40, 0}, 75.0F);
  inside_->cast();
}

Scene::~Scene() = default;
const SceneSpec& Scene::spec() const {
  return inside_->spec;
}

namespace {

Projection projection_of(const CameraView& camera, const SceneView& view, int width, int height) {
  const Vec3 ahead = normalize(camera.target - camera.at);
  const float flat = std::sqrt(ahead.x * ahead.x + ahead.y * ahead.y);
  const float turn = std::atan2(ahead.y, ahead.x) - view.pan_deg * kPi / 180;
  const float rise = std::clamp(std::atan2(ahead.z, flat) + view.tilt_deg * kPi / 180, -1.5F, 1.5F);
  const Vec3 to{std::cos(turn) * std::cos(rise), std::sin(turn) * std::cos(rise), std::sin(rise)};
  const float field_deg = std::atan(std::tan(camera.field_deg * kPi / 360) / view.zoom) * 360 / kPi;
  return Projection::look(camera.at, camera.at + to, field_deg, width, height);
}

/// One plane of a picture, seen by another projection with the same eye.
void turn_plane(const Projection& from, const Projection& to, const std::uint8_t* in,
                std::uint8_t* out, int width, int height) {
  // Through a pixel goes a ray; where it meets the drawn picture is linear over depth.
  const auto in_drawn = [&](Vec3 v) {
    return Vec3{dot(v, from.right), dot(v, from.up), dot(v, from.ahead)};
  };
  const Vec3 step = in_drawn(to.right * (1 / to.focal));
  for (int y = 0; y < height; ++y) {
    Vec3 ray = in_drawn(to.ray(0.5F, static_cast<float>(y) + 0.5F));
    for (int x = 0; x < width; ++x, ray = ray + step) {
      const float depth = std::max(ray.z, 1e-3F);
      const float fx = std::clamp(from.centre_x + from.focal * ray.x / depth - 0.5F, 0.0F,
                                  static_cast<float>(width - 1) - 0.001F);
      const float fy = std::clamp(from.centre_y - from.focal * ray.y / depth - 0.5F, 0.0F,
                                  static_cast<float>(height - 1) - 0.001F);
      const int ix = static_cast<int>(fx), iy = static_cast<int>(fy);
      const float tx = fx - static_cast<float>(ix), ty = fy - static_cast<float>(iy);
      const std::uint8_t* a = in + static_cast<std::ptrdiff_t>(iy) * width + ix;
      const float top = static_cast<float>(a[0]) * (1 - tx) + static_cast<float>(a[1]) * tx;
      const float low =
          static_cast<float>(a[width]) * (1 - tx) + static_cast<float>(a[width + 1]) * tx;
      *out++ = static_cast<std::uint8_t>(top * (1 - ty) + low * ty + 0.5F);
    }
  }
}

}  // namespace

struct SceneRenderer::Inside {
  std::shared_ptr<const Scene> scene;
  const Scene::Inside& s;
  const SceneView looks;
  Canvas canvas;
  MoverPainter painter;
  Picture picture;  // kept, so that only what changed is resolved

  Inside(std::shared_ptr<const Scene> of, int width, int height, int quality, SceneView view)
      : scene(std::move(of)),
        s(scene->inside()),
        looks(view),
        canvas(s.stage.world, s.light, s.sun.get(),
               view == SceneView{}
                   ? Projection::look(s.stage.camera.at, s.stage.camera.target,
                                      s.stage.camera.field_deg, width * kSamples, height * kSamples)
                   : projection_of(s.stage.camera, view, width * kSamples, height * kSamples),
               width, height, quality),
        painter(canvas, s.stage.world, s.light, s.sun.get()) {}

  std::vector<Placed> placed_at(float time_s) const;
  void draw_signals(float phase);
};

std::vector<Placed> SceneRenderer::Inside::placed_at(float time_s) const {
  std::vector<Placed> out;
  const float loop = s.spec.loop_s;
  for (std::size_t i = 0; i < s.movers.size(); ++i) {
    const Mover& m = s.movers[i];
    const Path& path = s.stage.paths[static_cast<std::size_t>(m.path)];
    for (float age = std::fmod(time_s - m.enter_s + 2 * loop, loop); age < m.duration_s();
         age += loop) {
      const float along = m.distance_m(age);
      Pose pose = path.at(along);
      const float turn = 2 * kPi / m.sway_length_m;
      const float swing = m.sway_phase + along * turn;
      const Vec2 right{pose.ahead.y, -pose.ahead.x};
      const float slope = m.sway_m * turn * std::cos(swing);
      Placed p;
      p.at = pose.at + right * (m.sway_m * std::sin(swing));
      const Vec2 ahead = pose.ahead + right * slope;
      p.ahead = ahead * (1 / length(ahead));
      p.braking = m.speed_ms(age + 0.2F) < m.speed_ms(age) - 0.10F || m.speed_ms(age) < 0.3F;
      if (s.walker_of[i] < 0) {
        p.actor = &s.actors[i];
      } else {
        const auto step = static_cast<std::size_t>(along / 1.35F * kStepMoments) % kStepMoments;
        p.actor = &s.walkers[static_cast<std::size_t>(s.walker_of[i])][step];
      }
      out.push_back(p);
    }
  }
  return out;
}

namespace {

// Seven-segment digits: which of a (top), b, c, d, e, f, g shine.
constexpr std::array<std::uint8_t, 10> kSegments{0x3F, 0x06, 0x5B, 0x4F, 0x66,
                                                 0x6D, 0x7D, 0x07, 0x7F, 0x6F};

void draw_digit(MoverPainter& painter, int digit, Vec3 middle, Vec3 across, Vec3 colour) {
  const float w = 0.09F, h = 0.19F, t = 0.028F;
  const auto bar = [&](float x0, float x1, float z0, float z1) {
    const auto p = [&](float x, float z) { return middle + across * x + Vec3{0, 0, z}; };
    painter.draw_glowing_quad(p(x0, z0), p(x1, z0), p(x1, z1), p(x0, z1), colour);
  };
  const int on = kSegments[static_cast<std::size_t>(digit)];
  if (on & 0x01) bar(-w, w, h - t, h + t);
  if (on & 0x02) bar(w - t, w + t, 0, h);
  if (on & 0x04) bar(w - t, w + t, -h, 0);
  if (on & 0x08) bar(-w, w, -h - t, -h + t);
  if (on & 0x10) bar(-w - t, -w + t, -h, 0);
  if (on & 0x20) bar(-w - t, -w + t, 0, h);
  if (on & 0x40) bar(-w, w, -t, t);
}

}  // namespace

void SceneRenderer::Inside::draw_signals(float phase) {
  const float scale = static_cast<float>(canvas.samples_high()) / 1440.0F;
  for (const SignalHead& head : s.stage.heads) {
    const Aspect aspect = s.stage.signals.aspect(head.group, phase);
    const Vec3 across{-head.facing.y, head.facing.x, 0}, up{0, 0, 1};
    const auto lens = [&](Vec3 at, Vec3 colour, bool on) {
      const Vec3 shown = on ? colour : colour * 0.16F;
      for (int i = 0; i < 8; i += 2) {  // an octagon of four kites
        const auto rim = [&](int k) {
          const float a = kPi / 4 * (static_cast<float>(k) + 0.5F);
          return at + across * (head.radius * std::cos(a)) + up * (head.radius * std::sin(a));
        };
        painter.draw_glowing_quad(at, rim(i), rim(i + 1), rim(i + 2), shown);
      }
      if (on && dot(head.facing, normalize(canvas.view().at - at)) > 0.3F)
        painter.draw_flare(at + head.facing * 0.05F, colour * (s.light.dusk ? 0.9F : 0.25F),
                           scale * (s.light.dusk ? 46 : 24));
    };
    lens(head.red, {255, 52, 40}, aspect == Aspect::red);
    lens(head.amber, {255, 190, 40}, aspect == Aspect::amber);
    lens(head.green, {60, 255, 150}, aspect == Aspect::green);
    const Vec3 colour = aspect == Aspect::red     ? Vec3{255, 60, 45}
                        : aspect == Aspect::amber ? Vec3{255, 190, 50}
                                                  : Vec3{70, 250, 150};
    const int left = std::min(
        99,
        static_cast<int>(std::ceil(s.stage.signals.remaining_s(head.group, phase, s.spec.loop_s))));
    draw_digit(painter, left / 10, head.counter - across * 0.14F, across, colour);
    draw_digit(painter, left % 10, head.counter + across * 0.14F, across, colour);
  }
}

SceneRenderer::SceneRenderer(std::shared_ptr<const Scene> scene, int width, int height, int quality,
                             SceneView view)
    : inside_(std::make_unique<Inside>(std::move(scene), width, height, quality, view)) {}
SceneRenderer::~SceneRenderer() = default;

const SceneView& SceneRenderer::view() const {
  return inside_->looks;
}

void SceneRenderer::turn(const Picture& drawn, const SceneView& to, Picture& out) const {
  out.resize(drawn.width, drawn.height);
  const auto& camera = inside_->s.stage.camera;
  const auto plane = [&](const Bytes& in, Bytes& into, int width, int height) {
    turn_plane(projection_of(camera, inside_->looks, width, height),
               projection_of(camera, to, width, height), in.data(), into.data(), width, height);
  };
  plane(drawn.luma, out.luma, drawn.width, drawn.height);
  plane(drawn.cb, out.cb, drawn.width / 2, drawn.height / 2);
  plane(drawn.cr, out.cr, drawn.width / 2, drawn.height / 2);
}

void SceneRenderer::render(double time_s, Picture& out) {
  Inside& in = *inside_;
  const double loop = in.s.spec.loop_s;
  const auto t = static_cast<float>(time_s - std::floor(time_s / loop) * loop);
  in.canvas.begin_frame();
  const std::vector<Placed> placed = in.placed_at(t);
  for (const Placed& p : placed) in.painter.draw_shadow(p);
  for (const Placed& p : placed) in.painter.draw_body(p);
  in.draw_signals(t / in.s.spec.loop_s);
  if (in.s.light.dusk) {
    const float scale = static_cast<float>(in.canvas.samples_high()) / 720.0F;
    for (const Lamp& lamp : in.s.stage.world.lamps)
      if (lamp.flare_px > 0) {
        const float near = std::clamp(26.0F / length(lamp.at - in.canvas.view().at), 0.3F, 1.0F);
        in.painter.draw_flare(lamp.at, Vec3{200, 165, 110}, lamp.flare_px * near * scale);
      }
    for (const Placed& p : placed) in.painter.draw_flares(p);
  }
  in.canvas.resolve(in.picture);
  out = in.picture;
}

}  // namespace vl::sim
