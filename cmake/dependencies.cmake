# Every outside library, in one place. All are Debian 12 packages (tools/packages.txt).
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(PkgConfig REQUIRED)
find_package(rapidcheck CONFIG REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(avformat REQUIRED IMPORTED_TARGET libavformat libavcodec libavutil libswscale)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(pugixml CONFIG REQUIRED)
find_library(IPSEC_MB IPSec_MB)
find_path(IPSEC_MB_INCLUDE intel-ipsec-mb.h)

# The allocator of our programs, to be linked before everything else. A recorder of a thousand
# cameras spends a fifth of its time in the C library's: pictures are of many sizes, made on one
# thread and let go of on another. Sanitizers bring their own; without it the C library's serves.
find_library(MIMALLOC mimalloc)
add_library(vl_memory INTERFACE)
if(MIMALLOC AND NOT VL_SANITIZE)
  target_link_libraries(vl_memory INTERFACE ${MIMALLOC})
endif()

# Asio's sources, compiled once for all rooms that have sockets.
add_library(vl_asio STATIC ${CMAKE_CURRENT_LIST_DIR}/asio_src.cpp)
target_link_libraries(vl_asio PUBLIC Boost::headers Threads::Threads)
