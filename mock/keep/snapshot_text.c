/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a kept state, and their values, as text. */
#include "core/data/json.h"
#include "mock/keep/snapshot_parts.h"

#include <inttypes.h>

void state_put_name(struct strbuf *text, const char *name)
{
    char before = text->len ? text->buf[text->len - 1] : '{';
    if (before != '{' && before != '[')
        strbuf_addch(text, ',');
    strbuf_addf(text, "\"%s\":", name);
}

void state_put_text(struct strbuf *text, const char *name, const char *value)
{
    if (!value)
        return;
    state_put_name(text, name);
    json_print_string(value, text);
}

void state_put_number(struct strbuf *text, const char *name, int64_t value)
{
    state_put_name(text, name);
    strbuf_addf(text, "%" PRId64, value);
}

void state_put_count(struct strbuf *text, const char *name, uint64_t value)
{
    if (value)
        state_put_number(text, name, (int64_t)value);
}

void state_put_flag(struct strbuf *text, const char *name, bool value)
{
    if (!value)
        return;
    state_put_name(text, name);
    strbuf_adds(text, "true");
}

/* No more digits than it needs. */
void state_put_time(struct strbuf *text, nanos instant)
{
    char out[INSTANT_TEXT];
    int digits = instant % NANOS_PER_SECOND == 0 ? 0 : instant % NANOS_PER_MS == 0 ? 3 : 9;
    instant_rfc3339(instant, digits, out);
    strbuf_addf(text, "\"%s\"", out);
}

void state_put_instant(struct strbuf *text, const char *name, nanos instant)
{
    state_put_name(text, name);
    state_put_time(text, instant);
}

void state_put_tree(struct strbuf *text, const char *name, const cJSON *tree)
{
    if (!tree)
        return;
    state_put_name(text, name);
    json_print(tree, JSON_COMPACT, text);
}

void state_put_hex(struct strbuf *text, const char *name, uint64_t value)
{
    state_put_name(text, name);
    strbuf_addf(text, "\"%016" PRIx64 "\"", value);
}

void state_put_json(struct strbuf *text, const char *name, const struct text *json)
{
    if (!json)
        return;
    state_put_name(text, name);
    strbuf_add(text, json->bytes, json->len);
}

void state_open(struct strbuf *text, const char *name, char bracket)
{
    state_put_name(text, name);
    strbuf_addch(text, bracket);
}

void state_open_item(struct strbuf *text)
{
    if (text->buf[text->len - 1] != '[')
        strbuf_addch(text, ',');
    strbuf_addch(text, '{');
}
