# The one object that knows where the checkout is.
add_library(sluice_checkout STATIC ${CMAKE_SOURCE_DIR}/tests/checkout.cpp)
target_include_directories(sluice_checkout PUBLIC ${CMAKE_SOURCE_DIR}/tests)
target_compile_definitions(sluice_checkout PRIVATE SLUICE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")

# Headers that most sources include are compiled once for the libraries and once for the tests, which differ in their
# options: those of others and few of our own (precompiled.h), and on top of them what most sources of one layer, or of
# the layers that work on exchanges, include. Only what seldom changes is worth it: all that stand on it are compiled
# anew. Fuzzers are built without, so that a source that lacks an include is found.
#
# A precompiled header holds the checkout's path, so the compiler's cache tells one from another by the file beside it
# (CCACHE_PCH_EXTSUM): what it is made of is among the files that each object depends on anyway. Nor may another path of
# the checkout be among the options: CMake would name the header a second time.
set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -Xclang -include-pch -Xclang <PCH_FILE>)

# sluice_precompiled(NAME HEADER [ON another] [LINK targets...]): on another one, only what that has not is read.
function(sluice_precompiled name header)
  cmake_parse_arguments(ARG "" "ON" "LINK" ${ARGN})
  add_library(${name} OBJECT ${CMAKE_SOURCE_DIR}/cmake/precompiled.cpp)
  target_link_libraries(${name} PRIVATE fmt::fmt PkgConfig::SIMDJSON Boost::boost ${ARG_LINK})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/cmake ${CMAKE_SOURCE_DIR}/src)
  target_precompile_headers(${name} PRIVATE <${header}>)
  set(folder ${CMAKE_BINARY_DIR}/CMakeFiles)
  if(ARG_ON AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    set(another ${folder}/${ARG_ON}.dir/cmake_pch.hxx.pch)
    target_compile_options(${name} PRIVATE "SHELL:-Xclang -include-pch -Xclang ${another}")
    set_source_files_properties(${folder}/${name}.dir/cmake_pch.hxx.cxx PROPERTIES OBJECT_DEPENDS ${another})
  endif()
  set(sum ${folder}/${name}.dir/cmake_pch.hxx.pch.sum)
  file(CONFIGURE OUTPUT ${sum} CONTENT "${header} by ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}\n")
endfunction()

# How test programs are compiled. simdjson gives its types other members where nothing is optimized, unless told not to.
# Places in tests are of use to reports of sanitizers alone, and a tenth of the time that tests take to compile.
function(sluice_test_options name)
  target_compile_definitions(${name} PRIVATE SIMDJSON_DEVELOPMENT_CHECKS=0)
  target_compile_options(${name} PRIVATE -O0)
  if(NOT SLUICE_SANITIZE)
    target_compile_options(${name} PRIVATE -g0)
  endif()
endfunction()

sluice_precompiled(sluice_precompiled precompiled.h)
sluice_precompiled(sluice_precompiled_test precompiled_test.h LINK GTest::gtest)
foreach(layer dialect net exchange sim)
  sluice_precompiled(sluice_precompiled_${layer} precompiled_${layer}.h ON sluice_precompiled)
  sluice_precompiled(sluice_precompiled_${layer}_test precompiled_${layer}.h ON sluice_precompiled_test LINK GTest::gtest)
endforeach()
foreach(name precompiled precompiled_dialect precompiled_net precompiled_exchange precompiled_sim)
  target_compile_options(sluice_${name} PRIVATE ${SLUICE_PROFILE_OPTIONS})
  sluice_test_options(sluice_${name}_test)
endforeach()

# A test program: what it checks is optimized, what it says about it is not (that would be half of the build). Several
# of its sources are compiled at once: nearly all of their time is that of headers, which they share.
function(sluice_test_program name precompiled)
  target_link_libraries(${name} PRIVATE sluice_checkout GTest::gtest GTest::gtest_main)
  sluice_test_options(${name})
  target_precompile_headers(${name} REUSE_FROM sluice_${precompiled}_test)
  set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
endfunction()

# sluice_layer(NAME [PRECOMPILED header] LINK targets... [EXCLUDE file...])
#
# One folder of src/ becomes: the library sluice_NAME from its sources, the test program NAME_test from its
# x_test.cpp files, NAME_bench from x_bench.cpp, and with SLUICE_FUZZ one fuzzer for every x_fuzz.cpp.
function(sluice_layer name)
  cmake_parse_arguments(ARG "" "PRECOMPILED" "LINK;EXCLUDE" ${ARGN})
  if(NOT ARG_PRECOMPILED)
    set(ARG_PRECOMPILED precompiled)
  endif()
  set(dir ${CMAKE_SOURCE_DIR}/src/${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${dir}/*.cpp)
  foreach(file ${ARG_EXCLUDE})
    list(REMOVE_ITEM sources ${dir}/${file})
  endforeach()
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set(benches ${sources})
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  set(fuzzers ${sources})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$")

  set(kind PUBLIC)
  if(sources)
    add_library(sluice_${name} STATIC ${sources})
    target_precompile_headers(sluice_${name} REUSE_FROM sluice_${ARG_PRECOMPILED})
    target_compile_options(sluice_${name} PRIVATE ${SLUICE_PROFILE_OPTIONS})
  else()
    add_library(sluice_${name} INTERFACE)
    set(kind INTERFACE)
  endif()
  target_include_directories(sluice_${name} ${kind} ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(sluice_${name} ${kind} ${ARG_LINK})

  if(tests AND NOT SLUICE_FUZZ)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE sluice_${name})
    sluice_test_program(${name}_test ${ARG_PRECOMPILED})
    add_test(NAME ${name} COMMAND ${name}_test)
  endif()
  if(benches AND NOT SLUICE_FUZZ AND NOT SLUICE_SANITIZE)
    add_executable(${name}_bench EXCLUDE_FROM_ALL ${benches})
    target_link_libraries(${name}_bench PRIVATE sluice_${name} benchmark::benchmark benchmark::benchmark_main)
  endif()
  if(SLUICE_FUZZ)
    foreach(file ${fuzzers})
      file(RELATIVE_PATH target ${dir} ${file})
      string(REPLACE "/" "_" target ${target})
      string(REPLACE ".cpp" "" target ${target})
      add_executable(${name}_${target} ${file})
      target_link_libraries(${name}_${target} PRIVATE sluice_${name} sluice_checkout)
      target_link_options(${name}_${target} PRIVATE -fsanitize=fuzzer)
    endforeach()
  endif()
endfunction()
