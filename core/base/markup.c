/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/markup.h"

const char *markup_entity(char byte)
{
    return byte == '<'   ? "&lt;"
           : byte == '>' ? "&gt;"
           : byte == '&' ? "&amp;"
           : byte == '"' ? "&quot;"
                         : NULL;
}

void markup_text(const char *text, struct strbuf *out)
{
    for (; *text; text++) {
        const char *entity = markup_entity(*text);
        if (entity)
            strbuf_adds(out, entity);
        else
            strbuf_addch(out, *text);
    }
}
