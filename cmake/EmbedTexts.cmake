# SPDX-License-Identifier: Apache-2.0
# cmake -DOUT=x.c -DNAMES="a;b" -DDIRECTORY=d -P EmbedTexts.cmake: writes d/a.schema.json, ... as a C table.
set(body "/* made by cmake/EmbedTexts.cmake */\n#include \"core/lifecycle/format_texts.h\"\n#include <stddef.h>\n\n")
set(rows "")
foreach(name IN LISTS NAMES)
    file(READ "${DIRECTORY}/${name}.schema.json" bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(APPEND body "static const unsigned char text_${name}[] = {${bytes}0};\n")
    string(APPEND rows "    {\"${name}\", text_${name}},\n")
endforeach()
file(WRITE "${OUT}" "${body}\nconst struct format_text format_texts[] = {\n${rows}    {NULL, NULL},\n};\n")
