# SPDX-License-Identifier: Apache-2.0
# add_layer(NAME SOURCES a.c b.c USES other layers, libraries): one static library a folder. USES is the
# list of arrows that may leave the layer; tests/lint/layers.sh holds the includes against it.
function(add_layer name)
    cmake_parse_arguments(LAYER "" "" "SOURCES;USES;PRIVATE" ${ARGN})
    add_library(${name} STATIC ${LAYER_SOURCES})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${LAYER_USES} PRIVATE ${LAYER_PRIVATE} project_flags)
endfunction()

# add_unit(LAYER file.c [LABEL unit] [LIBRARIES more]): one ctest per file, linked with that layer alone.
function(add_unit layer source)
    cmake_parse_arguments(UNIT "" "LABEL;TIMEOUT" "LIBRARIES" ${ARGN})
    get_filename_component(name ${source} NAME_WE)
    string(REPLACE "test_" "" short ${name})
    set(target unit_${layer}_${short})
    add_executable(${target} ${source})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${target} PRIVATE ${layer} ${UNIT_LIBRARIES} project_flags PkgConfig::CMOCKA)
    target_compile_definitions(${target} PRIVATE SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    if(NOT UNIT_LABEL)
        set(UNIT_LABEL unit)
    endif()
    if(NOT UNIT_TIMEOUT)
        set(UNIT_TIMEOUT 120)
    endif()
    add_test(NAME ${UNIT_LABEL}.${layer}.${short} COMMAND ${target} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${UNIT_LABEL}.${layer}.${short} PROPERTIES
        LABELS ${UNIT_LABEL} TIMEOUT ${UNIT_TIMEOUT} SKIP_RETURN_CODE 77)
    if(UNIT_LABEL STREQUAL "wire") # it measures time
        set_tests_properties(${UNIT_LABEL}.${layer}.${short} PROPERTIES RUN_SERIAL ON)
    endif()
endfunction()

# embed_texts(OUT.c HEADER TYPE TABLE DIRECTORY SUFFIX names...): files of the source tree as a table in the program.
function(embed_texts out header type table directory suffix)
    set(files ${ARGN})
    list(TRANSFORM files PREPEND ${PROJECT_SOURCE_DIR}/${directory}/)
    list(TRANSFORM files APPEND "${suffix}")
    set(script ${PROJECT_SOURCE_DIR}/cmake/EmbedTexts.cmake)
    add_custom_command(OUTPUT ${out}
        COMMAND ${CMAKE_COMMAND} -DOUT=${out} "-DNAMES=${ARGN}" -DDIRECTORY=${PROJECT_SOURCE_DIR}/${directory}
            -DSUFFIX=${suffix} -DHEADER=${header} -DTYPE=${type} -DTABLE=${table} -P ${script}
        DEPENDS ${files} ${script} VERBATIM)
endfunction()
