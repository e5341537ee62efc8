#include <algorithm>
#include <array>
#include <cstring>

#include <vonglau/base/assert.hpp>
#include <vonglau/recording/content_hash.hpp>

#ifdef VL_IPSEC_MB
#include <intel-ipsec-mb.h>
#endif

namespace vl::recording {

namespace {

constexpr std::array<std::uint8_t, 5> root_prefix{'V', 'L', 'C', 'T', 1};

Digest root_of(std::uint64_t body_bytes, std::span<const Digest> chunks) {
  std::array<std::uint8_t, 8> length;
  std::memcpy(length.data(), &body_bytes, length.size());
  Sha256 hash;
  hash.add(root_prefix);
  hash.add(length);
  for (const auto& chunk : chunks) hash.add(chunk);
  return hash.finish();
}

}  // namespace

#ifdef VL_IPSEC_MB

namespace {
IMB_MGR* manager(void* lanes) {
  return static_cast<IMB_MGR*>(lanes);
}
}  // namespace

ContentHasher::ContentHasher() {
  IMB_MGR* made = alloc_mb_mgr(0);
  if (made == nullptr) return;
  IMB_ARCH architecture = IMB_ARCH_NONE;
  init_mb_mgr_auto(made, &architecture);
  // With narrower registers OpenSSL, which knows the processor's SHA instructions, is as fast.
  if (architecture == IMB_ARCH_AVX2 || architecture == IMB_ARCH_AVX512)
    lanes_ = made;
  else
    free_mb_mgr(made);
}

ContentHasher::~ContentHasher() {
  if (lanes_ != nullptr) free_mb_mgr(manager(lanes_));
}

void ContentHasher::hash_chunk(ByteView chunk, Digest& out) {
  ++given_;
  if (lanes_ == nullptr) {
    out = sha256(chunk);
    ++done_;
    return;
  }
  IMB_MGR* const lanes = manager(lanes_);
  IMB_JOB* job = IMB_GET_NEXT_JOB(lanes);
  std::memset(job, 0, sizeof *job);
  job->cipher_mode = IMB_CIPHER_NULL;
  job->chain_order = IMB_ORDER_HASH_CIPHER;
  job->hash_alg = IMB_AUTH_SHA_256;
  job->src = chunk.data();
  job->msg_len_to_hash_in_bytes = chunk.size();
  job->auth_tag_output = out.data();
  job->auth_tag_output_len_in_bytes = out.size();
  // Gives one that is done once all lanes are taken; this one is done later.
  for (job = IMB_SUBMIT_JOB(lanes); job != nullptr; job = IMB_GET_COMPLETED_JOB(lanes))
    done_ += job->status == IMB_STATUS_COMPLETED;
}

void ContentHasher::flush() {
  if (lanes_ == nullptr) return;
  while (const IMB_JOB* job = IMB_FLUSH_JOB(manager(lanes_)))
    done_ += job->status == IMB_STATUS_COMPLETED;
}

#else

ContentHasher::ContentHasher() = default;
ContentHasher::~ContentHasher() = default;

void ContentHasher::hash_chunk(ByteView chunk, Digest& out) {
  out = sha256(chunk);
  ++given_;
  ++done_;
}
void ContentHasher::flush() {}

#endif

void ContentHasher::begin(ByteView body) {
  auto& begun = begun_.emplace_back();
  begun.bytes = body.size();
  begun.chunks.resize((body.size() + content_chunk_bytes - 1) / content_chunk_bytes);
  for (auto& hash : begun.chunks) {
    const auto chunk = body.first(std::min(content_chunk_bytes, body.size()));
    hash_chunk(chunk, hash);
    body = body.subspan(chunk.size());
  }
}

std::vector<Digest> ContentHasher::finish() {
  flush();
  VL_ASSERT(done_ == given_);  // a chunk that was not hashed must never be stored
  std::vector<Digest> out;
  out.reserve(begun_.size());
  for (const auto& begun : begun_) out.push_back(root_of(begun.bytes, begun.chunks));
  begun_.clear();
  done_ = given_ = 0;
  return out;
}

std::vector<Digest> ContentHasher::roots(std::span<const ByteView> bodies) {
  VL_ASSERT(begun_.empty());
  for (const auto body : bodies) begin(body);
  return finish();
}

}  // namespace vl::recording
