// Attachments' ciphertext as files, named by the SHA-256 of what they hold: objects/ab/cdef...
// A file is written beside, synced, then renamed, so a name always stands for the whole.
//
// Owned by the composition root; any thread. Knows nothing of keys or subjects.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/vault/error.hpp>

namespace vl::vault {

class Objects {
 public:
  /// Makes the folder (mode 0700) when absent and clears unfinished files of an earlier run.
  static Result<std::unique_ptr<Objects>> open(std::string folder);

  /// A new object; gone again unless finished.
  class Writer {
   public:
    Writer(Writer&&) noexcept;
    Writer& operator=(Writer&&) = delete;
    ~Writer();
    Result<void> add(ByteView bytes);
    /// Durable under its name when it returns.
    Result<Digest> finish();

   private:
    friend class Objects;
    struct Open;
    explicit Writer(std::unique_ptr<Open> open);
    std::unique_ptr<Open> open_;
  };
  Result<Writer> create();

  /// Shows the object's bytes in pieces of `piece_bytes` (the last may be shorter), from the
  /// first byte; stops early when told. Does not check the name against the content.
  Result<void> read(const Digest& name, std::size_t piece_bytes,
                    const std::function<Result<bool>(ByteView piece, bool last)>& on_piece) const;
  /// Gone, and its name with it; well when it was not there.
  Result<void> remove(const Digest& name);
  /// Every object older than `min_age_s` seconds, for finding those no item refers to.
  Result<std::vector<Digest>> list(std::int64_t min_age_s) const;

 private:
  explicit Objects(std::string folder) : folder_(std::move(folder)) {}
  std::string path_of(const Digest& name) const;
  std::string folder_;
};

}  // namespace vl::vault
