// A camera's login and password, one sealed secret that only the service itself reads.
#pragma once

#include <vonglau/base/json.hpp>
#include <vonglau/vault/vault.hpp>

namespace vl::routes {

struct CameraSecret {
  std::string login;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(CameraSecret, (), (login, password))

inline Result<CameraSecret> read_camera_secret(vault::Vault& vault, store::Session& session,
                                               const Uuid& item) {
  VL_TRY(const auto opened, vault.read(session, vault::ItemId{item}, vault::Kind::secret));
  return json::read_text<CameraSecret>(opened.plaintext.text());
}

}  // namespace vl::routes
