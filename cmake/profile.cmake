# Release builds are optimised by what requests make a gateway do, as tools/profile counted it: hot paths are inlined and
# stand together. What changed since it was counted is compiled as without it.

option(SLUICE_PROFILE "Optimise by data/profile.txt" OFF)

if(SLUICE_PROFILE)
  find_program(SLUICE_PROFDATA llvm-profdata-19 REQUIRED)
  set(profile ${CMAKE_SOURCE_DIR}/data/profile.txt)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${profile})
  file(SHA256 ${profile} digest)
  string(SUBSTRING ${digest} 0 12 digest)
  # By its digest, so that all is compiled anew with another one, and by a path below the build's folder, as no option
  # may name the checkout.
  set(profdata profile-${digest}.profdata)
  execute_process(COMMAND ${SLUICE_PROFDATA} merge -o ${CMAKE_BINARY_DIR}/${profdata} ${profile}
                  COMMAND_ERROR_IS_FATAL ANY)
  # Functions that only their source knows are called by its name, without the folders: the same in every checkout.
  set(SLUICE_PROFILE_OPTIONS "SHELL:-mllvm -static-func-full-module-prefix=false" -fprofile-use=${profdata}
                             -Wno-profile-instr-unprofiled -Wno-profile-instr-out-of-date -Wno-backend-plugin)
endif()
