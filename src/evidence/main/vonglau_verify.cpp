// vonglau-verify: checks an export on any machine. No site, no database, no network.
#include <cstdio>
#include <exception>
#include <string>

#include <vonglau/evidence/verify_command.hpp>

namespace {

constexpr const char* usage =
    "vonglau-verify FOLDER [--key KEY] [--authorities FILE.pem] [--language vi|en] [--json]\n"
    "\n"
    "Kiểm tra một thư mục kết xuất chứng cứ của Vọng Lâu. / Checks an evidence export.\n"
    "  --key KEY            khóa công khai của trung tâm / the centre's public key, or a file\n"
    "  --authorities FILE   chứng thư của tổ chức cấp dấu thời gian / of timestamp authorities\n"
    "  --json               cho phần mềm khác đọc / for programs\n"
    "0 hợp lệ/valid  2 đã sửa/altered  3 thiếu/incomplete  4 chưa ký/unsigned  1 không xem được\n";

int run(int argc, char** argv) {
  using namespace vl::evidence;
  VerifyCommand command;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    std::string* value = argument == "--key"           ? &command.key
                         : argument == "--authorities" ? &command.authorities
                         : argument == "--language"    ? &command.language
                                                       : nullptr;
    if (argument == "--help" || argument == "-h") {
      std::fputs(usage, stdout);
      return exit_valid;
    }
    if (argument == "--json")
      command.json = true;
    else if (value != nullptr && i + 1 < argc)
      *value = argv[++i];
    else if (value == nullptr && !argument.starts_with('-') && command.folder.empty())
      command.folder = argument;
    else
      command.folder.clear(), i = argc;
  }
  if (command.folder.empty()) {
    std::fputs(usage, stderr);
    return exit_wrong_use;
  }
  return verify_command(command, stdout, stderr);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vonglau-verify: %s\n", error.what());
    return vl::evidence::exit_not_examined;
  }
}
