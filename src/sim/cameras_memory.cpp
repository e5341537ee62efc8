#include "cameras_memory.hpp"

#include <fstream>

#include <vonglau/base/json.hpp>
#include <vonglau/base/log.hpp>

namespace vl::sim {

CameraMemory::CameraMemory(std::filesystem::path file) : file_(std::move(file)) {
  std::ifstream in(file_);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  auto known = json::read_text<std::vector<KeptCamera>>(text, json::Unknown::ignore);
  if (!known) return;
  for (auto& camera : *known) cameras_[camera.code] = std::move(camera);
}

const KeptCamera* CameraMemory::find(const std::string& code) const {
  const auto found = cameras_.find(code);
  return found == cameras_.end() ? nullptr : &found->second;
}

void CameraMemory::keep(KeptCamera camera) {
  const auto code = camera.code;
  cameras_[code] = std::move(camera);
  std::vector<KeptCamera> all;
  for (const auto& [ignored, one] : cameras_) all.push_back(one);
  const std::string fresh = file_.string() + ".new";
  std::error_code error;
  {
    std::ofstream out(fresh);
    out << json::write(all);
    if (!out.flush()) error = std::make_error_code(std::errc::io_error);
  }
  if (!error) std::filesystem::rename(fresh, file_, error);
  if (error) log::warn("sim.cameras_not_kept", {{"file", file_.string()}});
}

}  // namespace vl::sim
