# How our own code is compiled. Generated code (proto/) is exempt from the warnings.
find_program(CCACHE ccache)
if(CCACHE)
  # What it has to be told to keep objects that were made with a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
# The same binary from whatever folder: neither the sources' path nor the build's is in it.
add_compile_options(-ffile-prefix-map=${PROJECT_BINARY_DIR}=build -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
add_compile_options(-fstack-protector-strong -fstack-clash-protection)
if(FRP_SANITIZE)
  # With Clang, which has the fuzzers too; GCC 12's sanitizers refuse constant expressions that are right.
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "FRP_SANITIZE: takes Clang: -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++")
  endif()
  add_compile_options(-fsanitize=${FRP_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1 -O1)
  add_link_options(-fsanitize=${FRP_SANITIZE})
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  if(FRP_SANITIZE MATCHES thread)
    add_compile_options(-fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/test/robustness/tsan.ignore)
  endif()
  if(FRP_SANITIZE MATCHES address)
    # The same libraries do for the fuzzers.
    add_compile_options(-fsanitize=fuzzer-no-link)
    add_link_options(-fsanitize=fuzzer-no-link)
  endif()
elseif(CMAKE_BUILD_TYPE STREQUAL Release)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()
# LLVM's linker takes a quarter of the time that GNU's does.
add_link_options(-fuse-ld=lld -Wl,-z,relro,-z,now -Wl,-z,noexecstack)

add_library(frp_warnings INTERFACE)
target_compile_options(frp_warnings INTERFACE -Wall -Wextra -Werror -Wno-missing-field-initializers)

# frp_library(NAME SOURCES... DEPS... [SMALL]): one folder, one library, one edge in the dependency graph. SMALL: for what is
# not called by Crossplane, its size counts more than its speed; with sanitizers, how soon it is compiled.
function(frp_library name)
  cmake_parse_arguments(ARG "SMALL" "" "SOURCES;DEPS" ${ARGN})
  add_library(frp_${name} STATIC ${ARG_SOURCES})
  target_include_directories(frp_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(frp_${name} PUBLIC ${ARG_DEPS} PRIVATE frp_warnings)
  set(group function)
  if(ARG_SMALL AND CMAKE_BUILD_TYPE STREQUAL Release)
    set(group small)
    target_compile_options(frp_${name} PRIVATE -Os -ffunction-sections -fdata-sections)
  elseif(ARG_SMALL AND FRP_SANITIZE)
    set(group small)
    target_compile_options(frp_${name} PRIVATE -O0)
  endif()
  frp_precompile(frp_${name} FOR ${group} HEADERS ${FRP_COMMON_HEADERS})
endfunction()

# What nearly every source includes, and what takes long to read: with it precompiled a build takes two thirds of the time.
set(FRP_COMMON_HEADERS <function/base/json.h> <absl/status/statusor.h> <absl/strings/str_cat.h>
  <absl/strings/str_join.h> <absl/strings/str_split.h> <absl/time/time.h> <algorithm> <functional> <map> <memory> <optional>
  <string> <vector>)

# frp_precompile(TARGET FOR GROUP HEADERS...): one precompiled header for all targets of a group, made with the first.
function(frp_precompile target)
  cmake_parse_arguments(ARG "" "FOR" "HEADERS" ${ARGN})
  get_property(first GLOBAL PROPERTY FRP_PRECOMPILED_${ARG_FOR})
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  else()
    target_precompile_headers(${target} PRIVATE ${ARG_HEADERS})
    set_property(GLOBAL PROPERTY FRP_PRECOMPILED_${ARG_FOR} ${target})
  endif()
endfunction()
