# Language level, warnings, sanitizers and the linker: the same for every target.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

set(VL_SANITIZE "" CACHE STRING "Sanitizers: address,undefined or thread; empty for none")
option(VL_FUZZ "Build the libFuzzer targets (*_fuzz.cpp)" OFF)
option(VL_BENCH "Build bench/" OFF)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                    -Wimplicit-fallthrough -Wno-missing-field-initializers
                    -Werror=return-type -fno-omit-frame-pointer
                    -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
# Boost.Asio 1.81 predates clang 19 and libstdc++ 12's deprecations; its headers are system ones.
add_compile_definitions(BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION
                        BOOST_BEAST_SEPARATE_COMPILATION BOOST_JSON_NO_LIB BOOST_ALL_NO_LIB)

if(VL_SANITIZE)
  add_compile_options(-fsanitize=${VL_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${VL_SANITIZE})
  # By its way from the build folder: an absolute one would be another object in each checkout.
  file(RELATIVE_PATH ignored ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR}/cmake/sanitizers_ignore.txt)
  add_compile_options(-fsanitize-ignorelist=${ignored})
endif()
if(VL_FUZZ)
  # Coverage for every object, the fuzzer's own main only in *_fuzz targets.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # The same object for the same source in any checkout, so that a second clone builds in seconds.
  # (No precompiled headers: they would make every object depend on the path of the checkout.)
  set(launcher env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
