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

void ContentHasher::hash_chunks(std::span<const ByteView> chunks, std::span<Digest> out) {
  if (lanes_ == nullptr) {
    for (std::size_t i = 0; i < chunks.size(); ++i) out[i] = sha256(chunks[i]);
    return;
  }
  IMB_MGR* const lanes = manager(lanes_);
  std::size_t done = 0;
  const auto count = [&](const IMB_JOB* job) { done += job->status == IMB_STATUS_COMPLETED; };
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    IMB_JOB* job = IMB_GET_NEXT_JOB(lanes);
    std::memset(job, 0, sizeof *job);
    job->cipher_mode = IMB_CIPHER_NULL;
    job->chain_order = IMB_ORDER_HASH_CIPHER;
    job->hash_alg = IMB_AUTH_SHA_256;
    job->src = chunks[i].data();
    job->msg_len_to_hash_in_bytes = chunks[i].size();
    job->auth_tag_output = out[i].data();
    job->auth_tag_output_len_in_bytes = out[i].size();
    for (job = IMB_SUBMIT_JOB(lanes); job != nullptr; job = IMB_GET_COMPLETED_JOB(lanes))
      count(job);
  }
  while (const IMB_JOB* job = IMB_FLUSH_JOB(lanes)) count(job);
  VL_ASSERT(done == chunks.size());  // a chunk that was not hashed must never be stored
}

#else

ContentHasher::ContentHasher() = default;
ContentHasher::~ContentHasher() = default;

void ContentHasher::hash_chunks(std::span<const ByteView> chunks, std::span<Digest> out) {
  for (std::size_t i = 0; i < chunks.size(); ++i) out[i] = sha256(chunks[i]);
}

#endif

std::vector<Digest> ContentHasher::roots(std::span<const ByteView> bodies) {
  std::vector<ByteView> chunks;
  for (const auto body : bodies)
    for (std::size_t at = 0; at < body.size(); at += content_chunk_bytes)
      chunks.push_back(body.subspan(at, std::min(content_chunk_bytes, body.size() - at)));
  std::vector<Digest> hashes(chunks.size());
  hash_chunks(chunks, hashes);
  std::vector<Digest> out;
  out.reserve(bodies.size());
  std::size_t first = 0;
  for (const auto body : bodies) {
    const auto count = (body.size() + content_chunk_bytes - 1) / content_chunk_bytes;
    out.push_back(root_of(body.size(), std::span(hashes).subspan(first, count)));
    first += count;
  }
  return out;
}

}  // namespace vl::recording
