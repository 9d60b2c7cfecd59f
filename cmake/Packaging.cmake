# SPDX-License-Identifier: Apache-2.0
# What is installed: the program, and the data that it plays from. `cpack --config
# build/release/CPackConfig.cmake` makes a .deb whose dependencies dpkg-shlibdeps finds.
include(GNUInstallDirs)
if(TARGET dryrun)
    install(TARGETS dryrun RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
foreach(folder contracts fixtures)
    if(EXISTS ${PROJECT_SOURCE_DIR}/${folder})
        install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION ${CMAKE_INSTALL_DATADIR}/dryrun)
    endif()
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "the dryrun authors")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
include(CPack)
