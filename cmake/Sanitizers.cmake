# SPDX-License-Identifier: Apache-2.0
# DRYRUN_SANITIZE is a list for -fsanitize= ("address,undefined", "thread", "fuzzer-no-link,address,undefined").
set(DRYRUN_SANITIZE "" CACHE STRING "Value for -fsanitize=, empty for none")
option(DRYRUN_COVERAGE "Compile for gcov" OFF)
if(DRYRUN_SANITIZE)
    add_compile_options(-fsanitize=${DRYRUN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${DRYRUN_SANITIZE})
endif()
if(DRYRUN_COVERAGE)
    add_compile_options(--coverage)
    add_link_options(--coverage)
endif()
