// What each person may do now, in memory, kept true by the journal's tail: roles, disabled or
// not, password and second factor duties. Asked at every request. Any thread.
#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>

#include <vonglau/access/routes.hpp>
#include <vonglau/journal/tail.hpp>
#include <vonglau/routes/readers.hpp>

namespace vl::routes {

struct PersonStanding {
  access::Standing standing;
  bool disabled = false;
  bool totp_enrolled = false;
};

class Standings {
 public:
  Standings(journal::Tail& tail, Readers& readers, ProvinceId province,
            bool administrators_need_totp = false)
      : tail_(tail),
        readers_(readers),
        province_(province),
        administrators_need_totp_(administrators_need_totp) {}

  /// Read afresh whenever anything about people has been recorded since.
  Result<PersonStanding> of(access::PersonId person);
  /// What is not an event (a password changed) is forgotten by hand.
  void forget();

 private:
  void forget_locked();

  journal::Tail& tail_;
  Readers& readers_;
  const ProvinceId province_;
  const bool administrators_need_totp_;
  std::mutex mutex_;
  std::int64_t forgotten_ = 0;  // how often
  std::int64_t seen_ = 0;
  std::unordered_map<access::PersonId, PersonStanding> known_;
};

}  // namespace vl::routes
