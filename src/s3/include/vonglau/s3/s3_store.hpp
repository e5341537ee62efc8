// Objects in a bucket of a store that speaks S3: a province's own (MinIO, Ceph, Swift) or a
// cloud's. Addressed by path (https://endpoint/bucket/key), signed with AWS Signature Version 4,
// every byte that is sent under the signature's hash.
#pragma once

#include <memory>

#include <vonglau/base/clock.hpp>
#include <vonglau/recording/object_store.hpp>
#include <vonglau/s3/error.hpp>

namespace vl::s3 {

struct Credentials {
  std::string key_id;
  std::string secret;
};

/// Lines `access_key_id = ...` and `secret_access_key = ...`, read by nobody but its owner; with
/// no file from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the environment.
Result<Credentials> read_credentials(const std::string& file);

struct S3Options {
  std::string endpoint;  // "https://s3.example:9000"
  std::string bucket;
  std::string region = "us-east-1";
  std::string ca_file;     // who signs the endpoint's certificate; "": as the system knows
  std::string encryption;  // "AES256": asks the store to encrypt what it keeps; "": it is not asked
  bool plain_http = false;  // http:// to other machines; loopback may always be
  Credentials credentials;
  std::uint32_t connect_timeout_ms = 3'000;
  std::uint32_t read_timeout_ms = 10'000;       // of get()
  std::uint32_t transfer_timeout_ms = 300'000;  // of put() and get_all()
};

Result<std::unique_ptr<recording::ObjectStore>> s3_store(S3Options options, const Clock& clock);

}  // namespace vl::s3
