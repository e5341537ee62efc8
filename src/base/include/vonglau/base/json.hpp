// JSON for described structs, in one generic converter over Boost.JSON.
//
// A struct is described once (BOOST_DESCRIBE_STRUCT) and enums likewise
// (BOOST_DESCRIBE_ENUM); `json::write` gives its members in the order described, so the text
// of one value is always the same text (the journal hashes it). `json::read` and `json::read_text`
// refuse what does not fit and names the path of the field: "place.lat: must be a number".
//   optional<T>   absent or null when empty; written only when it has a value
//   Uuid, TypedId a string of 36 characters        ProvinceId    a number
//   WallTime      a number, microseconds           Bytes, Digest base64url
// Unknown members are refused (Unknown::refuse, for requests) or ignored (for events of a
// newer writer). Depth is limited to 32.
// Not for public headers of domains: include it in .cpp files.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <boost/describe.hpp>
#include <boost/json.hpp>
#include <boost/mp11/algorithm.hpp>

#include <vonglau/base/bytes.hpp>
#include <vonglau/base/ids.hpp>
#include <vonglau/base/result.hpp>

namespace vl::json {

enum class JsonError { malformed, wrong_shape };
constexpr ErrorCode code_of(JsonError e) {
  return {Category::invalid, e == JsonError::malformed ? "json.malformed" : "json.wrong_shape"};
}

enum class Unknown { refuse, ignore };
using Value = boost::json::value;

/// Parses UTF-8 text; the error says at which byte and why.
Result<Value> parse(std::string_view text);
std::string text_of(const Value& value);

namespace detail {

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
struct is_typed_id : std::false_type {};
template <class Tag>
struct is_typed_id<TypedId<Tag>> : std::true_type {};

inline std::string join(std::string_view path, std::string_view name) {
  return path.empty() ? std::string(name) : std::string(path) + "." + std::string(name);
}
std::unexpected<Error> shape(std::string_view path, std::string_view wanted);

template <class T>
Value write(const T& value) {
  if constexpr (std::is_same_v<T, Value>) {
    return value;
  } else if constexpr (std::is_same_v<T, bool> || std::is_floating_point_v<T>) {
    return value;
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<std::int64_t>(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return Value(boost::json::string(value));
  } else if constexpr (std::is_same_v<T, Uuid>) {
    return Value(boost::json::string(value.text()));
  } else if constexpr (is_typed_id<T>::value) {
    return Value(boost::json::string(value.value.text()));
  } else if constexpr (std::is_same_v<T, WallTime>) {
    return value.us;
  } else if constexpr (std::is_same_v<T, ProvinceId>) {
    return value.value;
  } else if constexpr (std::is_same_v<T, Bytes> || std::is_same_v<T, Digest>) {
    return Value(boost::json::string(to_base64url(value)));
  } else if constexpr (is_optional<T>::value) {
    return value ? write(*value) : Value(nullptr);
  } else if constexpr (is_vector<T>::value) {
    boost::json::array array;
    array.reserve(value.size());
    for (const auto& item : value) array.push_back(write(item));
    return array;
  } else if constexpr (std::is_enum_v<T>) {
    return Value(boost::json::string(boost::describe::enum_to_string(value, "?")));
  } else {
    boost::json::object object;
    using Members = boost::describe::describe_members<T, boost::describe::mod_any_access>;
    boost::mp11::mp_for_each<Members>([&](auto member) {
      const auto& item = value.*member.pointer;
      if constexpr (is_optional<std::decay_t<decltype(item)>>::value)
        if (!item) return;
      object.emplace(member.name, write(item));
    });
    return object;
  }
}

template <class T>
Result<T> read(const Value& value, std::string_view path, Unknown unknown);

template <class T>
Result<T> read_object(const Value& value, std::string_view path, Unknown unknown) {
  const auto* object = value.if_object();
  if (object == nullptr) return shape(path, "an object");
  T out{};
  std::optional<Error> error;
  std::size_t known = 0;
  using Members = boost::describe::describe_members<T, boost::describe::mod_any_access>;
  boost::mp11::mp_for_each<Members>([&](auto member) {
    if (error) return;
    using Item = std::decay_t<decltype(out.*member.pointer)>;
    const auto* found = object->if_contains(member.name);
    if (found != nullptr) ++known;
    if (found == nullptr || (found->is_null() && is_optional<Item>::value)) {
      if constexpr (!is_optional<Item>::value)
        error = Error(code_of(JsonError::wrong_shape), join(path, member.name) + ": is missing",
                      join(path, member.name));
      return;
    }
    auto item = read<Item>(*found, join(path, member.name), unknown);
    if (item)
      out.*member.pointer = std::move(*item);
    else
      error = std::move(item).error();
  });
  if (!error && unknown == Unknown::refuse && known != object->size()) {
    for (const auto& [key, ignored] : *object) {
      bool is_member = false;
      boost::mp11::mp_for_each<Members>(
          [&, name = std::string_view(key)](auto member) { is_member |= name == member.name; });
      if (!is_member)
        error = Error(code_of(JsonError::wrong_shape),
                      join(path, key) + ": is not a field of this request", join(path, key));
    }
  }
  if (error) return std::unexpected<Error>(std::move(*error));
  return out;
}

template <class T>
Result<T> read(const Value& value, std::string_view path, Unknown unknown) {
  if constexpr (std::is_same_v<T, Value>) {
    return value;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (const auto* b = value.if_bool()) return *b;
    return shape(path, "true or false");
  } else if constexpr (std::is_floating_point_v<T>) {
    boost::json::error_code ec;
    const double number = value.to_number<double>(ec);
    if (ec) return shape(path, "a number");
    return static_cast<T>(number);
  } else if constexpr (std::is_integral_v<T>) {
    boost::json::error_code ec;
    const T number = value.to_number<T>(ec);
    if (ec) return shape(path, "a whole number in range");
    return number;
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (const auto* s = value.if_string()) return std::string(*s);
    return shape(path, "a string");
  } else if constexpr (std::is_same_v<T, Uuid>) {
    if (const auto* s = value.if_string())
      if (auto id = Uuid::parse(*s)) return *id;
    return shape(path, "an id of 36 characters");
  } else if constexpr (is_typed_id<T>::value) {
    auto id = read<Uuid>(value, path, unknown);
    if (!id) return std::unexpected<Error>(std::move(id).error());
    return T{*id};
  } else if constexpr (std::is_same_v<T, WallTime>) {
    auto us = read<std::int64_t>(value, path, unknown);
    if (!us) return std::unexpected<Error>(std::move(us).error());
    return WallTime{*us};
  } else if constexpr (std::is_same_v<T, ProvinceId>) {
    auto number = read<std::int64_t>(value, path, unknown);
    if (!number) return std::unexpected<Error>(std::move(number).error());
    return ProvinceId{*number};
  } else if constexpr (std::is_same_v<T, Bytes> || std::is_same_v<T, Digest>) {
    if (const auto* s = value.if_string()) {
      auto bytes = from_base64url(*s);
      if constexpr (std::is_same_v<T, Bytes>) {
        if (bytes) return std::move(*bytes);
      } else if (bytes && bytes->size() == 32) {
        Digest digest;
        std::copy(bytes->begin(), bytes->end(), digest.begin());
        return digest;
      }
    }
    return shape(path, "base64url text");
  } else if constexpr (is_optional<T>::value) {
    if (value.is_null()) return T{};
    auto item = read<typename T::value_type>(value, path, unknown);
    if (!item) return std::unexpected<Error>(std::move(item).error());
    return T{std::move(*item)};
  } else if constexpr (is_vector<T>::value) {
    const auto* array = value.if_array();
    if (array == nullptr) return shape(path, "a list");
    T out;
    out.reserve(array->size());
    for (std::size_t i = 0; i < array->size(); ++i) {
      auto item = read<typename T::value_type>(
          (*array)[i], std::string(path) + "[" + std::to_string(i) + "]", unknown);
      if (!item) return std::unexpected<Error>(std::move(item).error());
      out.push_back(std::move(*item));
    }
    return out;
  } else if constexpr (std::is_enum_v<T>) {
    if (const auto* s = value.if_string()) {
      T out{};
      if (boost::describe::enum_from_string(std::string(*s).c_str(), out)) return out;
    }
    std::string names;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto e) {
      names += names.empty() ? "one of " : ", ";
      names += e.name;
    });
    return shape(path, names);
  } else {
    return read_object<T>(value, path, unknown);
  }
}

}  // namespace detail

template <class T>
Value value_of(const T& value) {
  return detail::write(value);
}
template <class T>
std::string write(const T& value) {
  return text_of(detail::write(value));
}
template <class T>
Result<T> read(const Value& value, Unknown unknown = Unknown::refuse) {
  return detail::read<T>(value, "", unknown);
}
template <class T>
Result<T> read_text(std::string_view text, Unknown unknown = Unknown::refuse) {
  auto value = parse(text);
  if (!value) return std::unexpected<Error>(std::move(value).error());
  return detail::read<T>(*value, "", unknown);
}

}  // namespace vl::json
