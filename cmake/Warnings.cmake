# SPDX-License-Identifier: Apache-2.0
# project_flags: how all of our own code is compiled. Warnings are errors for developers and CI only.
option(DRYRUN_WERROR "Treat warnings as errors" OFF)
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(project_flags INTERFACE)
target_compile_definitions(project_flags INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
target_compile_options(project_flags INTERFACE -Wall -Wextra -Wshadow -Wstrict-prototypes
    -Wmissing-prototypes -Wold-style-definition -Wwrite-strings -Wpointer-arith -Wvla -Wundef -Wformat=2
    $<$<BOOL:${DRYRUN_WERROR}>:-Werror>)
# Sections of their own, so that unused functions of libraries compiled in are dropped (and proven absent).
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections)
