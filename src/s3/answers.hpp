// What an S3 store answers, bounded: lists and errors are XML. Pure; every reader takes any bytes.
// Private to this room.
#pragma once

#include <string>
#include <string_view>

#include <vonglau/recording/object_store.hpp>
#include <vonglau/s3/error.hpp>

namespace vl::s3 {

constexpr std::size_t most_answer_bytes = 8 * 1024 * 1024;
constexpr std::size_t most_listed = 1000;

/// The answer to ListObjectsV2.
Result<recording::ObjectPage> read_list(std::string_view text);

struct Refusal {
  std::string code;    // "NoSuchBucket"; "" where there is none
  std::string region;  // where the bucket is, if it says so
};
Refusal read_refusal(std::string_view text);

/// What an answer other than 200 means, and what helps.
std::unexpected<Error> refused(int status, std::string_view body, const std::string& bucket,
                               std::string_view what);

}  // namespace vl::s3
