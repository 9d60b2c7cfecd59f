/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/shown_body.h"

#include "core/base/str.h"
#include "core/data/json.h"

static bool begins(const char *media_type, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++)
        if ((media_type[i] | 32) != (name[i] | 32))
            return false;
    return !media_type[len] || media_type[len] == ';' || media_type[len] == ' ';
}

static void add_value(const cJSON *value, struct strbuf *out)
{
    if (cJSON_IsString(value))
        strbuf_adds(out, value->valuestring);
    else
        json_print(value, JSON_COMPACT, out);
}

/* Each line of a text is a line of the field (HTML, 9.2.6). */
static void add_field(const char *name, const cJSON *value, struct strbuf *out)
{
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    add_value(value, &text);
    for (const char *line = text.buf;;) {
        size_t len = strcspn(line, "\n");
        strbuf_addf(out, "%s: ", name);
        strbuf_add(out, line, len);
        strbuf_addch(out, '\n');
        if (!line[len])
            break;
        line += len + 1;
    }
    strbuf_release(&text);
}

/* OpenAPI 3.2 describes an event by its fields; before, a schema mostly means the data. */
static void add_event(const cJSON *value, bool is_item, struct strbuf *out)
{
    static const char *const fields[] = {"id", "event", "data", "retry"};
    bool has_fields = is_item && tree_get(value, "data");
    for (size_t i = 0; has_fields && i < sizeof fields / sizeof *fields; i++)
        if (tree_get(value, fields[i]))
            add_field(fields[i], tree_get(value, fields[i]), out);
    if (!has_fields)
        add_field("data", value, out);
    strbuf_addch(out, '\n');
}

static void add_events(const cJSON *value, bool is_item, struct strbuf *out)
{
    const cJSON *item;
    if (!cJSON_IsArray(value) || is_item)
        add_event(value, is_item, out);
    else
        cJSON_ArrayForEach (item, value)
            add_event(item, true, out);
}

static void add_lines(const cJSON *value, bool is_item, struct strbuf *out)
{
    const cJSON *item;
    if (cJSON_IsString(value)) { /* an example that is spelt already */
        strbuf_adds(out, value->valuestring);
    } else if (cJSON_IsArray(value) && !is_item) {
        cJSON_ArrayForEach (item, value) {
            json_print(item, JSON_COMPACT, out);
            strbuf_addch(out, '\n');
        }
    } else {
        json_print(value, JSON_COMPACT, out);
        strbuf_addch(out, '\n');
    }
}

static bool is_json(const char *media_type)
{
    size_t len = strcspn(media_type, "; ");
    return begins(media_type, "application/json") ||
           (len > 5 && !memcmp(media_type + len - 5, "+json", 5)) || media_type[0] == '*';
}

void shown_body(struct exchange *exchange, const char *media_type, const cJSON *value, bool is_item)
{
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    bool is_spelt = cJSON_IsString(value) &&
                    (strstr(value->valuestring, "data:") || strstr(value->valuestring, "event:"));
    if (is_json(media_type))
        json_print(value, JSON_COMPACT, &out);
    else if (begins(media_type, "text/event-stream") && !is_spelt)
        add_events(value, is_item, &out);
    else if (begins(media_type, "application/x-ndjson") || begins(media_type, "application/jsonl"))
        add_lines(value, is_item, &out);
    else
        add_value(value, &out);
    exchange->reply_text = text_new(out.buf, out.len);
    strbuf_release(&out);
}

const char *shown_media_type(struct arena *arena, const char *named, const char *accept)
{
    if (!strchr(named, '*'))
        return named;
    size_t len = accept ? strcspn(accept, ",;") : 0;
    if (len && strchr(accept, '/') && !memchr(accept, '*', len))
        return arena_strndup(arena, accept, len);
    return begins(named, "text/*") ? "text/plain" : "application/json";
}

static bool can_stand(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return false;
    return true;
}

const char *shown_header(struct arena *arena, const cJSON *value)
{
    struct strbuf out = STRBUF_INIT(LIMIT_MESSAGE);
    const cJSON *item;
    if (cJSON_IsObject(value) || cJSON_IsNull(value))
        return NULL;
    if (cJSON_IsArray(value))
        cJSON_ArrayForEach (item, value) {
            strbuf_adds(&out, item == value->child ? "" : ",");
            add_value(item, &out);
        }
    else
        add_value(value, &out);
    const char *text = can_stand(out.buf) ? arena_strdup(arena, out.buf) : NULL;
    strbuf_release(&out);
    return text;
}
