// A folder as one file to be fetched: ZIP (APPNOTE 6.3), stored and not compressed, with the
// 64-bit fields where a size needs them. Blocks for as long as the disk takes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <vonglau/base/result.hpp>
#include <vonglau/http/message.hpp>

namespace vl::recorder {

/// All files of `folder` below `top`/ in a file that is there whole or not at all. Gives its size.
/// `goes_on` is asked now and then; false ends it with an error.
Result<std::uint64_t> write_archive(const std::string& folder, const std::string& top,
                                    const std::string& path, const std::function<bool()>& goes_on);

/// One more file in an archive that write_archive() made; the one that was there until then is
/// replaced by it as a whole, and who reads the old one reads it to its end. Gives its size.
Result<std::uint64_t> add_to_archive(const std::string& path, const std::string& name,
                                     ByteView content);

/// The file's bytes without reading them: pages come as they are sent.
Result<http::SharedBytes> map_file(const std::string& path);

}  // namespace vl::recorder
