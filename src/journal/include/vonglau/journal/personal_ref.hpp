// How an event refers to personal data: by where it lies in the vault and a salted commitment
// to it. Erasing the subject makes it unreadable for ever; the event and the chain stay.
#pragma once

#include <boost/describe/class.hpp>

#include <vonglau/base/bytes.hpp>
#include <vonglau/base/ids.hpp>

namespace vl::journal {

struct PersonalRef {
  Uuid item;            // the vault item
  Uuid subject;         // whose it is
  Digest commitment{};  // SHA-256(salt || plaintext); the salt lies with the text
};
BOOST_DESCRIBE_STRUCT(PersonalRef, (), (item, subject, commitment))

}  // namespace vl::journal
