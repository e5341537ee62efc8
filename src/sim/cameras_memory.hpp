// What a camera keeps over a restart: its password, presets and home. One thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "cameras_ptz.hpp"

namespace vl::sim {

struct KeptPreset {
  std::string token, name;
  double pan = 0, tilt = 0, zoom = 0;
};
BOOST_DESCRIBE_STRUCT(KeptPreset, (), (token, name, pan, tilt, zoom))

struct KeptCamera {
  std::string code;
  std::string password;
  std::vector<KeptPreset> presets;
  KeptPreset home;
};
BOOST_DESCRIBE_STRUCT(KeptCamera, (), (code, password, presets, home))

/// A file of the clip folder; one that cannot be read is nothing, one that cannot be written is
/// said.
class CameraMemory {
 public:
  explicit CameraMemory(std::filesystem::path file);
  const KeptCamera* find(const std::string& code) const;
  void keep(KeptCamera camera);

 private:
  const std::filesystem::path file_;
  std::map<std::string, KeptCamera> cameras_;
};

}  // namespace vl::sim
