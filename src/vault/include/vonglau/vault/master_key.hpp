// The one key that wraps all others. It lives in a file of its own (mode 0600, one line of
// text, best on another disk or handed in by the service manager), never in a database and
// never in a backup together with one.
#pragma once

#include <string>

#include <vonglau/vault/error.hpp>
#include <vonglau/vault/secret.hpp>

namespace vl::vault {

class MasterKey {
 public:
  /// Makes a new key; for tests, or to be saved.
  static MasterKey random();
  /// Reads the line that `text()` wrote.
  static Result<MasterKey> parse(std::string_view text);
  /// Creates the file with a new random key; refuses to replace an existing one.
  static Result<MasterKey> create(const std::string& path);
  /// Refuses a file that others than its owner may read.
  static Result<MasterKey> load(const std::string& path);

  Key key() const { return held_.get(0); }
  /// Eight bytes that name the key without telling it.
  std::string name() const;
  Secret text() const;
  Result<void> save_new(const std::string& path) const;

 private:
  explicit MasterKey(const Key& key) : held_(1) { held_.set(0, key); }
  LockedKeys held_;
};

}  // namespace vl::vault
