# SPDX-License-Identifier: Apache-2.0
# The shipped program is laid out by what a run of every scenario goes through (./dev build): "record" makes a
# program that counts, "use" one that was told. gcc only; what was not counted is compiled as ever.
set(DRYRUN_PROFILE "" CACHE STRING "record, use, or empty for neither")
set_property(CACHE DRYRUN_PROFILE PROPERTY STRINGS "" record use)
set(counts ${PROJECT_SOURCE_DIR}/build/profile/counts)
if(DRYRUN_PROFILE AND NOT CMAKE_C_COMPILER_ID STREQUAL GNU)
    message(STATUS "DRYRUN_PROFILE is for gcc: left out")
elseif(DRYRUN_PROFILE STREQUAL record)
    # The counts are named by a file's place in the build, whichever build that is.
    add_compile_options(-fprofile-generate=${counts} -fprofile-update=prefer-atomic
        -fprofile-prefix-path=${PROJECT_BINARY_DIR})
    add_link_options(-fprofile-generate=${counts})
elseif(DRYRUN_PROFILE STREQUAL use)
    # Sources change after the counting: what does not fit any more is left out, which is no mistake.
    set(use -fprofile-use=${counts} -fprofile-prefix-path=${PROJECT_BINARY_DIR} -fprofile-partial-training
        -Wno-missing-profile -Wno-coverage-mismatch)
    add_compile_options(${use})
    add_link_options(${use})
endif()
