#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>

#include <fmt/format.h>

#include <vonglau/http/client.hpp>
#include <vonglau/recording/error.hpp>
#include <vonglau/s3/s3_store.hpp>

#include "answers.hpp"
#include "signature.hpp"

namespace vl::s3 {

namespace {

constexpr std::size_t readers = 4;
constexpr std::uint32_t small_timeout_ms = 30'000;
constexpr std::size_t most_object_bytes = 512ULL << 20;

bool is_bucket_name(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && name.front() != '.' && name.front() != '-' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string_view::npos;
}
bool is_region(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         name.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
             std::string_view::npos;
}

class S3Store final : public recording::ObjectStore {
 public:
  S3Store(S3Options options, const Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        host_(options_.endpoint.substr(options_.endpoint.find("://") + 3)),
        transfers_(client(options_.transfer_timeout_ms, most_object_bytes)),
        small_(client(small_timeout_ms, most_answer_bytes)) {
    for (std::size_t i = 0; i < readers; ++i)
      reading_.push_back(client(options_.read_timeout_ms, most_object_bytes));
  }

  Result<void> put(const std::string& key, ByteView content) override {
    Pairs headers;
    if (!options_.encryption.empty())
      headers.emplace_back("x-amz-server-side-encryption", options_.encryption);
    headers.emplace_back("content-type", "application/octet-stream");
    // Not copied: whoever asked waits.
    http::SharedBytes body(std::shared_ptr<const void>(), content);
    VL_TRY(const auto answer,
           ask(*transfers_, http::Method::put, key, {}, std::move(headers), std::move(body)));
    if (answer.status != 200) return refuse(answer, "writing");
    return {};
  }
  Result<Bytes> get(const std::string& key, std::uint64_t offset, std::size_t bytes) override {
    if (bytes == 0) return Bytes{};
    auto& reader = *reading_[next_reader_++ % readers];
    VL_TRY(const auto answer,
           ask(reader, http::Method::get, key, {},
               {{"range", fmt::format("bytes={}-{}", offset, offset + bytes - 1)}}));
    if (answer.status == 416) return Bytes{};  // it ends before
    if (answer.status != 206 && answer.status != 200) return refuse(answer, "reading");
    auto text = answer.body_text();
    // Whoever does not know ranges sends all of it.
    if (answer.status == 200) text.remove_prefix(std::min<std::size_t>(offset, text.size()));
    if (answer.status == 206 && text.size() > bytes)
      return fail(S3Error::bad_answer, "the archive answered with more than was asked for");
    text = text.substr(0, bytes);
    return Bytes(text.begin(), text.end());
  }
  Result<Bytes> get_all(const std::string& key) override {
    VL_TRY(const auto answer, ask(*transfers_, http::Method::get, key));
    if (answer.status != 200) return refuse(answer, "reading");
    const auto text = answer.body_text();
    return Bytes(text.begin(), text.end());
  }
  Result<std::uint64_t> size(const std::string& key) override {
    VL_TRY(const auto answer, ask(*small_, http::Method::head, key));
    if (answer.status != 200) return refuse(answer, "reading");
    std::uint64_t bytes = 0;
    const auto text = answer.headers.get("Content-Length");
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), bytes);
    if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size())
      return fail(S3Error::bad_answer, "the archive does not say how large an object is");
    return bytes;
  }
  Result<void> remove(const std::string& key) override {
    VL_TRY(const auto answer, ask(*small_, http::Method::remove, key));
    if (answer.status == 204 || answer.status == 200) return {};
    Result<void> refusal = refuse(answer, "deleting");
    if (refusal.error().code == code_of(recording::RecordingError::not_found)) return {};
    return refusal;
  }
  Result<recording::ObjectPage> list(const std::string& prefix, const std::string& from,
                                     std::size_t most) override {
    Pairs query{{"list-type", "2"},
                {"prefix", prefix},
                {"max-keys", std::to_string(std::min(most, most_listed))}};
    if (!from.empty()) query.emplace_back("continuation-token", from);
    VL_TRY(const auto answer, ask(*small_, http::Method::get, {}, std::move(query)));
    if (answer.status != 200) return refuse(answer, "listing");
    return read_list(answer.body_text());
  }
  void cancel() override {
    for (const auto* one : {&transfers_, &small_}) (*one)->cancel();
    for (const auto& one : reading_) one->cancel();
  }

 private:
  using Client = std::unique_ptr<http::HttpsClient>;

  Client client(std::uint32_t timeout_ms, std::size_t most_bytes) const {
    http::ClientOptions out;
    out.base_url = options_.endpoint;
    out.trust.ca_file = options_.ca_file;
    out.connect_timeout_ms = options_.connect_timeout_ms;
    out.request_timeout_ms = timeout_ms;
    out.response_limit_bytes = most_bytes;
    out.plain_network = options_.plain_http;
    return std::make_unique<http::HttpsClient>(std::move(out));
  }

  Result<http::Response> ask(http::HttpsClient& client, http::Method method, const std::string& key,
                             Pairs query = {}, Pairs headers = {},
                             http::SharedBytes body = {}) const {
    const auto now = clock_.wall();
    ToSign sign{
        .method = std::string(http::text_of(method)),
        .path = fmt::format("/{}{}", options_.bucket, key.empty() ? "" : "/" + encoded_key(key)),
        .query = std::move(query),
        .headers = std::move(headers),
        .payload_hash = to_hex(sha256(body.view()))};
    sign.headers.emplace_back("x-amz-content-sha256", sign.payload_hash);
    sign.headers.emplace_back("x-amz-date", amz_date(now));
    http::ClientRequest request{.method = method, .target = sign.path, .body = std::move(body)};
    if (!sign.query.empty()) request.target += "?" + canonical_query(sign.query);
    for (const auto& [name, value] : sign.headers) request.headers.add(name, value);
    sign.headers.emplace_back("host", host_);
    request.headers.add("authorization",
                        authorization(sign, options_.credentials, options_.region, now));
    auto answer = client.request(request);
    if (!answer)
      return fail(S3Error::unreachable,
                  fmt::format("the archive does not answer: {}", answer.error().message));
    return answer;
  }
  std::unexpected<Error> refuse(const http::Response& answer, std::string_view what) const {
    return refused(answer.status, answer.body_text(), options_.bucket, what);
  }

  const S3Options options_;
  const Clock& clock_;
  const std::string host_;
  Client transfers_, small_;
  std::vector<Client> reading_;
  std::atomic<std::size_t> next_reader_ = 0;
};

}  // namespace

Result<std::unique_ptr<recording::ObjectStore>> s3_store(S3Options options, const Clock& clock) {
  if (!options.endpoint.starts_with("https://") && !options.endpoint.starts_with("http://"))
    return fail(S3Error::bad_options,
                "archive.endpoint must look like \"https://s3.example:9000\"");
  while (options.endpoint.ends_with('/')) options.endpoint.pop_back();
  if (!is_bucket_name(options.bucket))
    return fail(S3Error::bad_options,
                fmt::format("archive.bucket is \"{}\", which no bucket can be called: 3 to 63 of "
                            "a-z, 0-9, '.' and '-'",
                            options.bucket));
  if (!is_region(options.region))
    return fail(S3Error::bad_options, "archive.region must be a name such as \"us-east-1\"");
  if (!options.encryption.empty() && options.encryption != "AES256" &&
      options.encryption != "aws:kms")
    return fail(S3Error::bad_options, "archive.encryption must be \"\", \"AES256\" or \"aws:kms\"");
  return std::make_unique<S3Store>(std::move(options), clock);
}

}  // namespace vl::s3
