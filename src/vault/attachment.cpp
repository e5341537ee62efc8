#include <algorithm>
#include <array>
#include <cstring>

#include <sodium.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/vault/vault.hpp>

#include "stored.hpp"
#include "stored_row.hpp"

// An attachment's file is a crypto_secretstream of pieces of 64 KiB under a key of its own; the
// key, the stream's header and what the file must come to are sealed in the item's row, under
// the subject's key. Destroying that key destroys the file wherever a copy of it may be.
namespace vl::vault {
namespace {

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kSealedPiece = kPiece + crypto_secretstream_xchacha20poly1305_ABYTES;
using Header = std::array<std::uint8_t, crypto_secretstream_xchacha20poly1305_HEADERBYTES>;

struct Descriptor {
  Key file_key;
  Header header{};
  std::int64_t size_bytes = 0;
  Digest sha256{};
};
constexpr std::uint8_t kDescriptorVersion = 1;
constexpr std::size_t kDescriptorBytes = 1 + 32 + sizeof(Header) + 8 + 32;

Secret pack(const Descriptor& from) {
  Bytes bytes{kDescriptorVersion};
  bytes.reserve(kDescriptorBytes);
  const auto add = [&](ByteView part) { bytes.insert(bytes.end(), part.begin(), part.end()); };
  add(from.file_key.bytes);
  add(from.header);
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes.push_back(
        static_cast<std::uint8_t>(static_cast<std::uint64_t>(from.size_bytes) >> shift));
  add(from.sha256);
  return Secret(std::move(bytes));
}

std::optional<Descriptor> unpack(ByteView bytes) {
  if (bytes.size() != kDescriptorBytes || bytes[0] != kDescriptorVersion) return {};
  bytes = bytes.subspan(1);
  const auto take = [&](std::span<std::uint8_t> into) {
    std::ranges::copy(bytes.first(into.size()), into.begin());
    bytes = bytes.subspan(into.size());
  };
  Descriptor to;
  take(to.file_key.bytes);
  take(to.header);
  std::array<std::uint8_t, 8> size{};
  take(size);
  std::uint64_t number = 0;
  for (const std::uint8_t byte : size) number = number << 8 | byte;
  to.size_bytes = static_cast<std::int64_t>(number);
  take(to.sha256);
  return to;
}

std::unexpected<Error> altered(ItemId item) {
  return fail(VaultError::not_intact,
              "attachment " + item.text() + " was altered or damaged; restore it from the backup");
}

}  // namespace

struct Vault::AttachmentWriter::Open {
  Vault& vault;
  SubjectId subject;
  ItemId item;
  Objects::Writer file;
  Key salt;
  Descriptor descriptor;
  Bytes waiting;  // plaintext of the piece that is not full yet
  Sha256 committed;
  Sha256 content;
  crypto_secretstream_xchacha20poly1305_state stream{};

  ~Open() {
    wipe(waiting.data(), waiting.size());
    wipe(&stream, sizeof(stream));
  }

  Result<void> push(bool last) {
    Bytes sealed(waiting.size() + crypto_secretstream_xchacha20poly1305_ABYTES);
    crypto_secretstream_xchacha20poly1305_push(
        &stream, sealed.data(), nullptr, waiting.data(), waiting.size(), item.value.bytes.data(),
        item.value.bytes.size(), last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
    wipe(waiting.data(), waiting.size());
    waiting.clear();
    return file.add(sealed);
  }
};

Vault::AttachmentWriter::AttachmentWriter(std::unique_ptr<Open> open) : open_(std::move(open)) {}
Vault::AttachmentWriter::AttachmentWriter(AttachmentWriter&&) noexcept = default;
Vault::AttachmentWriter::~AttachmentWriter() = default;

Result<Vault::AttachmentWriter> Vault::begin_attachment(SubjectId subject) {
  if (is_leaving(subject))
    return fail(VaultError::erased, "this person's data is being erased; nothing was stored");
  VL_TRY(auto file, objects_.create());
  std::unique_ptr<AttachmentWriter::Open> open(new AttachmentWriter::Open{
      *this, subject, {ids_.next()}, std::move(file), Key::random(), {}, {}, {}, {}, {}});
  open->waiting.reserve(kPiece);
  open->descriptor.file_key = Key::random();
  crypto_secretstream_xchacha20poly1305_init_push(&open->stream, open->descriptor.header.data(),
                                                  open->descriptor.file_key.bytes.data());
  open->committed.add(open->salt.bytes);
  return AttachmentWriter(std::move(open));
}

Result<void> Vault::AttachmentWriter::add(ByteView bytes) {
  Open& open = *open_;
  const std::size_t limit = limit_bytes(Kind::attachment);
  if (bytes.size() > limit - static_cast<std::size_t>(open.descriptor.size_bytes))
    return fail(VaultError::too_large, "an attachment holds at most " +
                                           std::to_string(limit / (1024 * 1024)) +
                                           " MiB; send it in parts");
  open.descriptor.size_bytes += static_cast<std::int64_t>(bytes.size());
  open.committed.add(bytes);
  open.content.add(bytes);
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), kPiece - open.waiting.size()));
    open.waiting.insert(open.waiting.end(), part.begin(), part.end());
    bytes = bytes.subspan(part.size());
    // A full piece waits for the next byte: the last one carries the final tag.
    if (open.waiting.size() == kPiece && !bytes.empty()) VL_CHECK(open.push(false));
  }
  return {};
}

Result<Vault::AttachmentWriter::Finished> Vault::AttachmentWriter::finish() {
  Open& open = *open_;
  VL_CHECK(open.push(true));
  VL_TRY(const Digest object, open.file.finish());
  open.descriptor.sha256 = open.content.finish();
  const Secret content = pack(open.descriptor);
  VL_TRY(Sealed sealed, open.vault.seal_bytes(open.subject, Kind::attachment, open.item, open.salt,
                                              open.committed.finish(), content.bytes()));
  sealed.object = object;
  return Finished{std::move(sealed), open.descriptor.size_bytes};
}

Result<Vault::AttachmentAbout> Vault::about_attachment(store::Session& session, ItemId item,
                                                       const Purpose& purpose) {
  VL_TRY(const Stored stored, load_for(session, item, purpose));
  if (stored.kind != Kind::attachment)
    return fail(VaultError::wrong_kind, "vault item " + item.text() + " is not an attachment");
  VL_TRY(const Secret padded, unseal(stored));
  const auto content = unpad(padded.bytes());
  const auto descriptor = content ? unpack(*content) : std::nullopt;
  if (!descriptor || stored.commitment.size() != sizeof(Digest)) return altered(item);
  AttachmentAbout about{descriptor->size_bytes, descriptor->sha256, {}};
  std::ranges::copy(stored.commitment, about.commitment.begin());
  return about;
}

Result<Vault::AttachmentAbout> Vault::read_attachment(
    store::Session& session, ItemId item, const Purpose& purpose,
    const std::function<Result<void>(ByteView)>& on_piece) {
  VL_TRY(const Stored stored, load_for(session, item, purpose));
  if (stored.kind != Kind::attachment)
    return fail(VaultError::wrong_kind, "vault item " + item.text() + " is not an attachment");
  VL_TRY(const Secret padded, unseal(stored));
  const auto content = unpad(padded.bytes());
  const auto descriptor = content ? unpack(*content) : std::nullopt;
  if (!descriptor || !stored.object || stored.object->size() != sizeof(Digest))
    return altered(item);
  Digest name;
  std::ranges::copy(*stored.object, name.begin());

  crypto_secretstream_xchacha20poly1305_state stream;
  if (crypto_secretstream_xchacha20poly1305_init_pull(&stream, descriptor->header.data(),
                                                      descriptor->file_key.bytes.data()) != 0)
    return altered(item);
  Sha256 committed;
  Sha256 hash;
  committed.add(padded.bytes().first(kSaltBytes));
  std::int64_t size_bytes = 0;
  bool complete = false;
  Bytes plain(kPiece);
  const auto shown =
      objects_.read(name, kSealedPiece, [&](ByteView piece, bool last) -> Result<bool> {
        if (piece.size() < crypto_secretstream_xchacha20poly1305_ABYTES) return altered(item);
        unsigned char tag = 0;
        const std::size_t size = piece.size() - crypto_secretstream_xchacha20poly1305_ABYTES;
        if (crypto_secretstream_xchacha20poly1305_pull(
                &stream, plain.data(), nullptr, &tag, piece.data(), piece.size(),
                item.value.bytes.data(), item.value.bytes.size()) != 0 ||
            last != (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL))
          return altered(item);
        complete = last;
        const auto open = ByteView(plain).first(size);
        size_bytes += static_cast<std::int64_t>(size);
        committed.add(open);
        hash.add(open);
        VL_CHECK(on_piece(open));
        return true;
      });
  wipe(plain.data(), plain.size());
  wipe(&stream, sizeof(stream));
  if (!shown) return std::unexpected(shown.error());
  const Digest commitment = committed.finish();
  if (!complete || size_bytes != descriptor->size_bytes || hash.finish() != descriptor->sha256 ||
      !std::ranges::equal(commitment, stored.commitment))
    return altered(item);
  return AttachmentAbout{size_bytes, descriptor->sha256, commitment};
}

Result<std::int64_t> Vault::sweep(store::Session& session) {
  constexpr std::int64_t kMinAgeS = 3600;
  std::int64_t removed = 0;
  VL_TRY(const auto names, objects_.list(kMinAgeS));
  for (const Digest& name : names) {
    VL_TRY(const auto wanted,
           session.query_integer("SELECT 1 FROM vault_items WHERE province_id = $1 AND object = $2",
                                 {province_, name}));
    if (wanted) continue;
    VL_CHECK(objects_.remove(name));
    ++removed;
  }
  return removed;
}

}  // namespace vl::vault
