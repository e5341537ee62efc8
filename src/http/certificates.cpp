#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vonglau/base/bytes.hpp>
#include <vonglau/http/certificates.hpp>
#include <vonglau/http/errors.hpp>

namespace vl::http {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* value) const {
    Free(value);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using AltNames = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;

constexpr std::int64_t kDayS = 86'400;
constexpr int kAuthorityDays = 3650;
constexpr int kBackdatedDays = 1;  // for clocks that run behind

std::unexpected<Error> openssl_failed(std::string_view what) {
  char text[256] = "unknown";
  if (const auto code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return fail(HttpError::file, std::string(what) + ": " + text, "tls");
}

std::unexpected<Error> file_failed(const std::string& file, std::string_view what) {
  return fail(HttpError::file, file + ": " + std::string(what) + ": " + std::strerror(errno),
              "tls");
}

/// Whole or not at all: written beside, synced, renamed over.
Result<void> write_file(const std::string& file, std::string_view text, mode_t mode) {
  const std::string beside = file + ".tmp";
  ::unlink(beside.c_str());
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return file_failed(beside, "cannot be written");
  const bool whole = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                     ::fsync(fd) == 0;
  ::close(fd);
  if (!whole || ::rename(beside.c_str(), file.c_str()) != 0)
    return file_failed(file, "cannot be written");
  return {};
}

std::string pem_of(const std::function<int(BIO*)>& write) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || write(bio.get()) != 1) return {};
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Result<Certificate> load_certificate(const std::string& file) {
  const Bio bio(BIO_new_file(file.c_str(), "r"));
  if (!bio) {
    ERR_clear_error();
    return fail(HttpError::file, file + ": cannot be read", "tls");
  }
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!certificate) {
    ERR_clear_error();
    return fail(HttpError::file, file + ": holds no certificate in PEM", "tls");
  }
  return certificate;
}

Result<Key> load_key(const std::string& file) {
  const Bio bio(BIO_new_file(file.c_str(), "r"));
  Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!key) return openssl_failed(file + ": cannot be read as a private key");
  return key;
}

std::string common_name(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return {};
  unsigned char* text = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (size < 0) return {};
  std::string out(reinterpret_cast<char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return out;
}

std::string address_text(const ASN1_OCTET_STRING* ip) {
  const unsigned char* b = ASN1_STRING_get0_data(ip);
  char text[64];
  if (ASN1_STRING_length(ip) == 4) {
    std::snprintf(text, sizeof text, "%d.%d.%d.%d", b[0], b[1], b[2], b[3]);
    return text;
  }
  std::string out;
  for (int i = 0; i + 1 < ASN1_STRING_length(ip); i += 2) {
    std::snprintf(text, sizeof text, "%s%x", i == 0 ? "" : ":", b[i] << 8 | b[i + 1]);
    out += text;
  }
  return out;
}

std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> out;
  const AltNames names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS)
      out.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                       static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    else if (name->type == GEN_IPADD)
      out.push_back(address_text(name->d.iPAddress));
  }
  return out;
}

WallTime wall_of(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return {static_cast<std::int64_t>(timegm(&parts)) * 1'000'000};
}

/// "::1" and "0:0:0:0:0:0:0:1" are one name.
std::string canonical(const std::string& name) {
  ASN1_OCTET_STRING* ip = a2i_IPADDRESS(name.c_str());
  if (ip == nullptr) {
    ERR_clear_error();
    return name;
  }
  std::string text = address_text(ip);
  ASN1_OCTET_STRING_free(ip);
  return text;
}

bool is_address(const std::string& name) {
  ASN1_OCTET_STRING* ip = a2i_IPADDRESS(name.c_str());
  ERR_clear_error();
  ASN1_OCTET_STRING_free(ip);
  return ip != nullptr;
}

bool is_dns_name(const std::string& name) {
  return !name.empty() && name.size() <= 253 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '*' || c == '_';
  });
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

struct Plan {
  std::string subject;
  int days = 0;
  std::vector<std::pair<int, std::string>> extensions;
};

/// `issuer` null: signed by its own key.
Result<Certificate> sign(const Plan& plan, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key,
                         const Clock& clock) {
  Certificate certificate(X509_new());
  X509* c = certificate.get();
  std::array<unsigned char, 16> serial{};
  bool ok = RAND_bytes(serial.data(), serial.size()) == 1;
  serial[0] = static_cast<unsigned char>((serial[0] & 0x7f) | 1);
  BIGNUM* number = BN_bin2bn(serial.data(), serial.size(), nullptr);
  ok = ok && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(c)) != nullptr;
  BN_free(number);
  const std::int64_t now_s = clock.wall().us / 1'000'000;
  ok = ok && X509_set_version(c, X509_VERSION_3) == 1 &&
       ASN1_TIME_set(X509_getm_notBefore(c), now_s - kBackdatedDays * kDayS) != nullptr &&
       ASN1_TIME_set(X509_getm_notAfter(c), now_s + plan.days * kDayS) != nullptr &&
       X509_set_pubkey(c, key) == 1;
  X509_NAME* name = X509_get_subject_name(c);
  ok = ok && X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                        reinterpret_cast<const unsigned char*>(plan.subject.data()),
                                        static_cast<int>(plan.subject.size()), -1, 0) == 1;
  ok = ok && X509_set_issuer_name(c, issuer ? X509_get_subject_name(issuer) : name) == 1;
  for (const auto& [nid, value] : plan.extensions)
    ok = ok && add_extension(c, issuer ? issuer : c, nid, value);
  ok = ok && X509_sign(c, issuer_key, EVP_sha256()) > 0;
  if (!ok) return openssl_failed("cannot make a certificate for " + plan.subject);
  return certificate;
}

Result<void> write_pair(const std::string& certificate_file, const std::string& key_file,
                        const std::vector<X509*>& chain, EVP_PKEY* key) {
  const std::string key_pem = pem_of([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  std::string pem;
  for (X509* each : chain) pem += pem_of([&](BIO* bio) { return PEM_write_bio_X509(bio, each); });
  if (key_pem.empty() || pem.empty()) return openssl_failed("cannot write PEM");
  VL_CHECK(write_file(key_file, key_pem, 0600));
  return write_file(certificate_file, pem, 0644);
}

Result<void> make_folder(const std::string& folder) {
  std::error_code ec;
  if (std::filesystem::is_directory(folder, ec)) return {};
  std::filesystem::create_directories(folder, ec);
  if (ec || ::chmod(folder.c_str(), 0700) != 0) return file_failed(folder, "cannot be made");
  return {};
}

bool still_good(const TlsFiles& files, X509* authority, std::vector<std::string> names,
                const Clock& clock) {
  const auto certificate = load_certificate(files.certificate_file);
  const auto key = load_key(files.key_file);
  if (!certificate || !key) return false;
  std::vector<std::string> have = names_of(certificate->get());
  std::ranges::sort(have);
  std::ranges::sort(names);
  const double days_left =
      static_cast<double>(wall_of(X509_get0_notAfter(certificate->get())).us - clock.wall().us) /
      (kDayS * 1e6);
  const bool good = have == names && days_left >= kRenewBelowDays &&
                    X509_check_private_key(certificate->get(), key->get()) == 1 &&
                    X509_verify(certificate->get(), X509_get0_pubkey(authority)) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace

Result<AuthorityFiles> ensure_authority(const std::string& folder, const std::string& name,
                                        const Clock& clock) {
  AuthorityFiles files{folder + "/authority.crt", folder + "/authority.key"};
  VL_CHECK(make_folder(folder));
  if (std::filesystem::exists(files.certificate_file) && std::filesystem::exists(files.key_file))
    return files;
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return openssl_failed("cannot make a key");
  const Plan plan{name,
                  kAuthorityDays,
                  {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                   {NID_key_usage, "critical,keyCertSign,cRLSign"},
                   {NID_subject_key_identifier, "hash"}}};
  VL_TRY(const Certificate certificate, sign(plan, key.get(), nullptr, key.get(), clock));
  VL_CHECK(write_pair(files.certificate_file, files.key_file, {certificate.get()}, key.get()));
  return files;
}

Result<TlsFiles> ensure_server_certificate(const AuthorityFiles& authority,
                                           const std::string& folder, const std::string& name,
                                           const std::vector<std::string>& wanted,
                                           const Clock& clock) {
  if (wanted.empty()) return fail(HttpError::bad_options, "no name for the certificate", "names");
  std::vector<std::string> names;
  std::string alt_names;
  for (const auto& each : wanted) {
    const bool address = is_address(each);
    if (!address && !is_dns_name(each))
      return fail(HttpError::bad_options, "\"" + each + "\" is not a DNS name or an address",
                  "names");
    names.push_back(canonical(each));
    alt_names += (alt_names.empty() ? "" : ",") + std::string(address ? "IP:" : "DNS:") + each;
  }
  VL_CHECK(make_folder(folder));
  VL_TRY(const Certificate issuer, load_certificate(authority.certificate_file));
  TlsFiles files{folder + "/" + name + ".crt", folder + "/" + name + ".key"};
  if (still_good(files, issuer.get(), names, clock)) return files;

  VL_TRY(const Key issuer_key, load_key(authority.key_file));
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return openssl_failed("cannot make a key");
  const Plan plan{wanted.front(),
                  kServerCertificateDays,
                  {{NID_basic_constraints, "critical,CA:FALSE"},
                   {NID_key_usage, "critical,digitalSignature"},
                   {NID_ext_key_usage, "serverAuth"},
                   {NID_subject_key_identifier, "hash"},
                   {NID_authority_key_identifier, "keyid:always"},
                   {NID_subject_alt_name, alt_names}}};
  VL_TRY(const Certificate certificate,
         sign(plan, key.get(), issuer.get(), issuer_key.get(), clock));
  VL_CHECK(write_pair(files.certificate_file, files.key_file, {certificate.get(), issuer.get()},
                      key.get()));
  return files;
}

Result<CertificateFacts> read_certificate(const std::string& file) {
  VL_TRY(const Certificate certificate, load_certificate(file));
  X509* c = certificate.get();
  CertificateFacts facts;
  facts.subject = common_name(X509_get_subject_name(c));
  facts.issuer = common_name(X509_get_issuer_name(c));
  facts.names = names_of(c);
  facts.not_before = wall_of(X509_get0_notBefore(c));
  facts.not_after = wall_of(X509_get0_notAfter(c));
  facts.is_authority = X509_check_ca(c) == 1;
  Digest digest;
  unsigned size = 0;
  if (X509_digest(c, EVP_sha256(), digest.data(), &size) != 1)
    return openssl_failed(file + ": cannot be hashed");
  facts.sha256 = to_hex(digest);
  return facts;
}

}  // namespace vl::http
