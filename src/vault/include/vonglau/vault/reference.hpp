// How an event names personal data: the item, whose it is, and the salted commitment to it.
#pragma once

#include <boost/describe/class.hpp>

#include <vonglau/vault/item.hpp>

namespace vl::vault {

struct Reference {
  Uuid item;
  Uuid subject;
  Digest commitment{};
  ItemId item_id() const { return {item}; }
  friend bool operator==(const Reference&, const Reference&) = default;
};
BOOST_DESCRIBE_STRUCT(Reference, (), (item, subject, commitment))

inline Reference reference_to(const Sealed& sealed) {
  return {sealed.item.value, sealed.subject.value, sealed.commitment};
}

}  // namespace vl::vault
