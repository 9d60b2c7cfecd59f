/* SPDX-License-Identifier: Apache-2.0 */
/* Any stream gives the same events whole and byte by byte, and what is written is read back. */
#include "core/net/sse.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void note(const struct sse_event *event, void *state)
{
    struct strbuf *events = state;
    strbuf_addf(events, "%zu %s %s ", event->data_len, event->type, event->id);
    strbuf_add(events, event->data, event->data_len);
}

static void parse(const char *bytes, size_t len, size_t step, struct strbuf *events)
{
    struct sse_parser parser;
    sse_parser_init(&parser, LIMIT_DOCUMENT, note, events);
    for (size_t at = 0; at < len; at += step)
        require(sse_parser_feed(&parser, bytes + at, len - at < step ? len - at : step) == 0);
    sse_parser_release(&parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct strbuf whole = STRBUF_INIT(LIMIT_DOCUMENT), pieces = STRBUF_INIT(LIMIT_DOCUMENT);
    struct strbuf written = STRBUF_INIT(LIMIT_DOCUMENT), again = STRBUF_INIT(LIMIT_DOCUMENT);
    parse((const char *)bytes, len, len ? len : 1, &whole);
    parse((const char *)bytes, len, 1, &pieces);
    require(whole.len == pieces.len && memcmp(whole.buf, pieces.buf, whole.len) == 0);
    sse_write(&written, "type", "7", (const char *)bytes, len);
    parse(written.buf, written.len, 3, &again);
    require(strstr(again.buf, " type 7 ") != NULL);
    strbuf_release(&whole);
    strbuf_release(&pieces);
    strbuf_release(&written);
    strbuf_release(&again);
    return 0;
}
