// A PostgreSQL server of a test program's own: in a scratch folder, on a Unix socket, with syncs
// on. Runs as the user `postgres` when the tests run as root (the server refuses root).
//
// Most tests want FreshDatabase, which uses shared(): one server a program, stopped at its end,
// and when the program is killed. A test that stops the server makes one of its own.
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace vl::store::testing {

class PrivatePostgres {
 public:
  /// Why there can be none here; nothing where there can.
  static std::optional<std::string> missing();
  static PrivatePostgres& shared();

  PrivatePostgres();
  ~PrivatePostgres();
  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;

  /// For open_database(); the schema is made by the first session.
  std::string address(const std::string& schema) const;
  void start();
  /// As when the machine loses power: nothing is written any more.
  void kill();
  /// Cuts every connection and stops in order.
  void stop();
  /// Where its programs are: pg_dump and the like.
  static std::string programs();

 private:
  void end(int signal);
  std::string folder_;
  pid_t server_ = -1;
};

}  // namespace vl::store::testing
