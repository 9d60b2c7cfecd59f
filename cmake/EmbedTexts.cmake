# SPDX-License-Identifier: Apache-2.0
# cmake -DOUT=x.c -DNAMES="a;b" -DDIRECTORY=d -DSUFFIX=.yaml -DHEADER=path.h -DTYPE=row -DTABLE=rows -P EmbedTexts.cmake:
# writes d/a.yaml, ... as a C table of names and texts, `const struct row rows[]`.
set(body "/* made by cmake/EmbedTexts.cmake */\n#include \"${HEADER}\"\n#include <stddef.h>\n\n")
set(rows "")
foreach(name IN LISTS NAMES)
    string(MAKE_C_IDENTIFIER "${name}" symbol)
    file(READ "${DIRECTORY}/${name}${SUFFIX}" bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(APPEND body "static const unsigned char text_${symbol}[] = {${bytes}0};\n")
    string(APPEND rows "    {\"${name}\", text_${symbol}},\n")
endforeach()
file(WRITE "${OUT}" "${body}\nconst struct ${TYPE} ${TABLE}[] = {\n${rows}    {NULL, NULL},\n};\n")
