# SPDX-License-Identifier: Apache-2.0
# The distribution's civetweb source, compiled inside core/net/civetweb_unit.c with our flags:
# CIVETWEB_SOURCE_DIR, else where cmake/fetch_civetweb.sh unpacked it.
set(CIVETWEB_SOURCE_DIR "" CACHE PATH "Source of civetweb 1.15 (default: build/deps/civetweb-1.15+dfsg)")
set(civetweb_source ${CIVETWEB_SOURCE_DIR})
if(NOT civetweb_source)
    set(civetweb_source ${PROJECT_SOURCE_DIR}/build/deps/civetweb-1.15+dfsg)
endif()
if(NOT EXISTS ${civetweb_source}/src/civetweb.c)
    message(FATAL_ERROR "no civetweb source in '${civetweb_source}': run './dev setup' "
        "(or cmake/fetch_civetweb.sh build/deps), or give -DCIVETWEB_SOURCE_DIR=")
endif()
file(STRINGS ${civetweb_source}/include/civetweb.h civetweb_version REGEX "define CIVETWEB_VERSION ")
if(NOT civetweb_version MATCHES "\"1\\.15\"")
    message(FATAL_ERROR "'${civetweb_source}' is not civetweb 1.15: core/net/civetweb_unit.c reaches into that version")
endif()

# use_civetweb(TARGET UNIT SERVER...): UNIT includes civetweb.c, each SERVER includes civetweb.h.
function(use_civetweb target unit)
    set_source_files_properties(${unit} PROPERTIES
        INCLUDE_DIRECTORIES "${civetweb_source}/src;${civetweb_source}/include"
        COMPILE_DEFINITIONS "NO_SSL_DL;OPENSSL_API_3_0;USE_IPV6;NO_CGI;NO_FILES;NO_CACHING;SOCKET_TIMEOUT_QUANTUM=100;USE_STACK_SIZE=1048576"
        COMPILE_OPTIONS "-w;-fwrapv;-std=gnu17")
    set_source_files_properties(${ARGN} PROPERTIES
        COMPILE_OPTIONS "-isystem${civetweb_source}/include")
endfunction()
