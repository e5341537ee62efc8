// The centre's API for our own programs that act as a person: signs in, keeps the cookie and the
// CSRF token, signs in again when the session has ended. One thread.
#pragma once

#include <memory>
#include <string>

#include <vonglau/http/client.hpp>
#include <vonglau/sim/province.hpp>

namespace vl::app {

class ApiClient final : public sim::CentreApi {
 public:
  ApiClient(std::string base_url, std::string ca_file, std::string login, std::string password);
  Result<boost::json::object> get(const std::string& path) override;
  Result<boost::json::object> post(const std::string& path,
                                   const boost::json::object& body) override;
  Result<boost::json::object> post_table(const std::string& path, const std::string& text) override;

 private:
  Result<void> sign_in();
  Result<boost::json::object> ask(http::Method method, const std::string& path,
                                  const std::string& body, bool again,
                                  const std::string& type = "application/json");
  http::HttpsClient client_;
  const std::string login_;
  const std::string password_;
  std::string cookie_;
  std::string csrf_;
};

}  // namespace vl::app
