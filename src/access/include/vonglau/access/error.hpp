// What access refuses.
#pragma once

#include <vonglau/base/result.hpp>

namespace vl::access {

enum class AccessError {
  wrong_credentials,  // login, password or one-time code: never said which
  totp_required,      // the password is right and a code is needed with it
  wrong_password,     // the present one, when changing it
  bad_name,
  wrong_code,            // the code that should confirm a new second factor
  locked,                // too many failures; the refusal says when to try again
  weak_password,         // the message says what is missing
  not_signed_in,         // no session, or one that has ended
  wrong_csrf_token,      // an unsafe request without the session's token
  forbidden,             // the person's roles do not allow it
  must_change_password,  // nothing else until the one-time password is changed
  must_enrol_totp,       // nothing else until the second factor is set up
  login_taken,
  unknown_person,
  unknown_approval,
  same_person,      // the author of a change may not decide on it
  already_decided,  // somebody else did
  last_administrator,
  wrong_state,  // disabling the disabled, granting what is held
  busy,         // too many sign-ins at once; nothing was counted
};
constexpr ErrorCode code_of(AccessError e) {
  using E = AccessError;
  using C = Category;
  switch (e) {
    case E::wrong_credentials:
      return {C::unauthenticated, "access.wrong_credentials"};
    case E::totp_required:
      return {C::unauthenticated, "access.totp_required"};
    case E::wrong_password:
      return {C::invalid, "access.wrong_password"};
    case E::bad_name:
      return {C::invalid, "access.bad_name"};
    case E::wrong_code:
      return {C::invalid, "access.wrong_code"};
    case E::locked:
      return {C::limited, "access.locked"};
    case E::weak_password:
      return {C::invalid, "access.weak_password"};
    case E::not_signed_in:
      return {C::unauthenticated, "access.not_signed_in"};
    case E::wrong_csrf_token:
      return {C::forbidden, "access.wrong_csrf_token"};
    case E::forbidden:
      return {C::forbidden, "access.forbidden"};
    case E::must_change_password:
      return {C::forbidden, "access.must_change_password"};
    case E::must_enrol_totp:
      return {C::forbidden, "access.must_enrol_totp"};
    case E::login_taken:
      return {C::conflict, "access.login_taken"};
    case E::unknown_person:
      return {C::not_found, "access.unknown_person"};
    case E::unknown_approval:
      return {C::not_found, "access.unknown_approval"};
    case E::same_person:
      return {C::conflict, "access.same_person"};
    case E::already_decided:
      return {C::conflict, "access.already_decided"};
    case E::last_administrator:
      return {C::conflict, "access.last_administrator"};
    case E::wrong_state:
      return {C::conflict, "access.wrong_state"};
    case E::busy:
      break;
  }
  return {C::limited, "access.busy"};
}

}  // namespace vl::access
