// Signature and timestamp, beside the manifest they are of.
#include <filesystem>

#include <vonglau/evidence/export_writer.hpp>

#include "output.hpp"

namespace vl::evidence {

namespace {

namespace fs = std::filesystem;

Result<void> write_beside(const std::string& folder, const char* name, ByteView bytes) {
  const auto path = folder + "/" + name;
  VL_TRY(auto file, Output::create(path + ".new"));
  VL_CHECK(file.write(bytes));
  VL_CHECK(file.close());
  std::error_code error;
  fs::rename(path + ".new", path, error);
  if (error) return fail(EvidenceError::unreadable, "cannot name " + path + ": " + error.message());
  return sync_folder(folder);
}

}  // namespace

Result<void> write_signature(const std::string& folder, const ExportSignature& signature) {
  return write_beside(folder, "signature.json", as_bytes(text_of(signature)));
}

Result<void> write_timestamp(const std::string& folder, ByteView response) {
  return write_beside(folder, "timestamp.tsr", response);
}

}  // namespace vl::evidence
