/* SPDX-License-Identifier: Apache-2.0 */
/* Faults of what is said: bodies that do not parse, headers that do not fit them. */
#include "core/base/str.h"
#include "mock/faults/act.h"

#include <strings.h>

static struct text *replaced(struct text *body, const struct strbuf *with)
{
    text_unref(body);
    return text_new(with->buf, with->len);
}

static struct str bytes_of(const struct text *body)
{
    return body ? (struct str){body->bytes, body->len} : STR_LITERAL("");
}

/* ---- JSON that is none ---- */

static const char *const json_mistakes[] = {"cut", "token", "trailing", "html", "empty", NULL};
enum json_mistake { JSON_CUT, JSON_TOKEN, JSON_TRAILING, JSON_HTML, JSON_EMPTY };

static const struct fault_parameter json_parameters[] = {
    {.name = "how",
     .type = FAULT_CHOICE,
     .choices = json_mistakes,
     .fallback = "cut",
     .help =
         "only half of it; '=' for the first ':'; more behind its end; a page of HTML; nothing"},
    {0},
};

static void spoil_json(struct str json, enum json_mistake how, struct strbuf *out)
{
    const char *colon = memchr(json.ptr, ':', json.len);
    switch (how) {
    case JSON_CUT:
        strbuf_add(out, json.ptr, json.len / 2);
        if (json.len < 4)
            strbuf_adds(out, "{\"");
        break;
    case JSON_TOKEN:
        strbuf_add(out, json.ptr, json.len);
        if (colon)
            out->buf[colon - json.ptr] = '=';
        else
            strbuf_adds(out, "=");
        break;
    case JSON_TRAILING:
        strbuf_add(out, json.ptr, json.len);
        strbuf_adds(out, "}{");
        break;
    case JSON_HTML:
        strbuf_adds(out, "<html><body><h1>502 Bad Gateway</h1></body></html>\n");
        break;
    case JSON_EMPTY:
        break;
    }
}

static struct text *malform_json(struct exchange *exchange, struct fault_hit *hit,
                                 struct text *body)
{
    if (!fault_needs_body(exchange, hit, body))
        return NULL;
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    spoil_json(bytes_of(body), (enum json_mistake)fault_integer(hit, "how"), &out);
    struct text *text = replaced(body, &out);
    strbuf_release(&out);
    return text;
}

/* ---- another type, another charset ---- */

static const struct fault_parameter type_parameters[] = {
    {.name = "type",
     .type = FAULT_TEXT,
     .fallback = "text/html; charset=utf-8",
     .help = "said in the place of the right one"},
    {0},
};

static struct text *mistype(struct exchange *exchange, struct fault_hit *hit, struct text *body)
{
    exchange->media_type = fault_text(hit, "type");
    return fault_needs_body(exchange, hit, body);
}

static const char *const encodings[] = {"same", "utf-16", "latin-1", "invalid", NULL};
enum encoding { ENCODING_SAME, ENCODING_UTF16, ENCODING_LATIN1, ENCODING_INVALID };

static const struct fault_parameter charset_parameters[] = {
    {.name = "says",
     .type = FAULT_TEXT,
     .fallback = "utf-16",
     .help = "the charset that Content-Type names"},
    {.name = "body",
     .type = FAULT_CHOICE,
     .choices = encodings,
     .fallback = "same",
     .help = "what the bytes are: UTF-8 as ever, UTF-16, Latin-1, or bytes that are no UTF-8"},
    {0},
};

/* The character at `at` of what is known to be UTF-8; `at` goes on behind it. */
static unsigned long next_character(struct str text, size_t *at)
{
    unsigned char first = (unsigned char)text.ptr[(*at)++];
    unsigned more = first < 0xC0 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    unsigned long character = more ? first & (0x3FU >> more) : first;
    while (more-- && *at < text.len)
        character = character << 6 | ((unsigned char)text.ptr[(*at)++] & 0x3FU);
    return character;
}

static void add_unit(struct strbuf *out, unsigned long unit)
{
    strbuf_addch(out, (char)(unit >> 8));
    strbuf_addch(out, (char)unit);
}

static void recode(struct str text, enum encoding encoding, struct strbuf *out)
{
    if (encoding == ENCODING_UTF16)
        add_unit(out, 0xFEFF);
    for (size_t at = 0; at < text.len;) {
        unsigned long character = next_character(text, &at);
        if (encoding == ENCODING_LATIN1) {
            strbuf_addch(out, character > 0xFF ? '?' : (char)character);
        } else if (character > 0xFFFF) {
            add_unit(out, 0xD800 + ((character - 0x10000) >> 10));
            add_unit(out, 0xDC00 + ((character - 0x10000) & 0x3FF));
        } else {
            add_unit(out, character);
        }
    }
}

/* Two bytes that UTF-8 never has, behind the first quotation mark. */
static void invalidate(struct str text, struct strbuf *out)
{
    const char *quote = memchr(text.ptr, '"', text.len);
    size_t len = quote ? (size_t)(quote - text.ptr) + 1 : 0;
    strbuf_add(out, text.ptr, len);
    strbuf_adds(out, "\xFF\xFE");
    strbuf_add(out, text.ptr + len, text.len - len);
}

static struct text *mistake_charset(struct exchange *exchange, struct fault_hit *hit,
                                    struct text *body)
{
    if (!fault_needs_body(exchange, hit, body))
        return NULL;
    enum encoding encoding = (enum encoding)fault_integer(hit, "body");
    const char *type = exchange->media_type ? exchange->media_type : "application/json";
    exchange->media_type = arena_printf(exchange->arena, "%.*s; charset=%s",
                                        (int)strcspn(type, ";"), type, fault_text(hit, "says"));
    if (encoding == ENCODING_SAME)
        return body;
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    if (encoding == ENCODING_INVALID)
        invalidate(bytes_of(body), &out);
    else
        recode(bytes_of(body), encoding, &out);
    struct text *text = replaced(body, &out);
    strbuf_release(&out);
    return text;
}

/* ---- gzip that does not unpack ---- */

static const char *const gzip_mistakes[] = {"plain", "garbage", "sum", "cut", NULL};
enum gzip_mistake { GZIP_PLAIN, GZIP_GARBAGE, GZIP_SUM, GZIP_CUT };

static const struct fault_parameter gzip_parameters[] = {
    {.name = "how",
     .type = FAULT_CHOICE,
     .choices = gzip_mistakes,
     .fallback = "plain",
     .help = "not packed at all; a block type that there is none of; a wrong sum; no end"},
    {0},
};

enum { STORED_MAX = 65535 };

/* The body in stored blocks (RFC 1951 section 3.2.4): right, but for what is asked. */
static void store(struct str text, bool has_end, struct strbuf *out)
{
    do {
        size_t len = text.len < STORED_MAX ? text.len : STORED_MAX;
        bool is_last = has_end && len == text.len;
        const char head[] = {(char)is_last, (char)len, (char)(len >> 8), (char)~len,
                             (char)(~len >> 8)};
        strbuf_add(out, head, sizeof head);
        strbuf_add(out, text.ptr, len);
        text.ptr += len;
        text.len -= len;
    } while (text.len);
}

static struct text *spoil_gzip(struct exchange *exchange, struct fault_hit *hit, struct text *body)
{
    if (!fault_needs_body(exchange, hit, body))
        return NULL;
    enum gzip_mistake how = (enum gzip_mistake)fault_integer(hit, "how");
    static const char head[] = "\x1f\x8b\x08\0\0\0\0\0\0\xff"; /* RFC 1952 section 2.3 */
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    exchange_header(exchange, "Content-Encoding", "gzip");
    if (how == GZIP_PLAIN)
        return body;
    strbuf_add(&out, head, sizeof head - 1);
    if (how == GZIP_GARBAGE)
        strbuf_adds(&out, "\x07\x07\x07"); /* block type 3 */
    store(bytes_of(body), how != GZIP_CUT, &out);
    if (how == GZIP_SUM)
        strbuf_add(&out, "\xde\xad\xbe\xef\xff\xff\xff\xff", 8);
    struct text *text = replaced(body, &out);
    strbuf_release(&out);
    return text;
}

/* ---- headers ---- */

static const struct fault_parameter header_parameters[] = {
    {.name = "name", .type = FAULT_TEXT, .fallback = "Content-Type", .help = "which"},
    {.name = "value",
     .type = FAULT_TEXT,
     .help = "in the place of its own; not given: it is missing"},
    {0},
};

/* Takes the lines of that name out. */
static void drop_header(struct strbuf *head, const char *name)
{
    size_t kept = 0, len, name_len = strlen(name);
    for (size_t at = 0; at < head->len; at += len) {
        const char *line = head->buf + at, *end = memchr(line, '\n', head->len - at);
        len = end ? (size_t)(end - line) + 1 : head->len - at;
        bool is_it = len > name_len && line[name_len] == ':' && !strncasecmp(line, name, name_len);
        if (is_it)
            continue;
        memmove(head->buf + kept, line, len);
        kept += len;
    }
    head->len = kept;
    if (head->cap)
        head->buf[kept] = '\0';
}

static bool change_header(struct exchange *exchange, struct fault_hit *hit,
                          struct http_response *response)
{
    const char *name = fault_text(hit, "name"), *value = fault_text(hit, "value");
    (void)exchange;
    drop_header(&response->head, name);
    if (value)
        http_response_header(response, name, value);
    return false;
}

static const struct fault_parameter duplicate_parameters[] = {
    {.name = "name",
     .type = FAULT_TEXT,
     .fallback = "Content-Type",
     .help = "which comes twice; Content-Length, too"},
    {.name = "value", .type = FAULT_TEXT, .fallback = "text/html", .help = "the second time"},
    {0},
};

/* Framing headers are the server's own: so the head is put together here. */
static bool duplicate_header(struct exchange *exchange, struct fault_hit *hit,
                             struct http_response *response)
{
    struct strbuf message = STRBUF_INIT(LIMIT_DOCUMENT);
    size_t len;
    const char *body = http_message_body(exchange->http, response, &len);
    http_message_head(exchange->http, response, response->status == 204 ? -1 : (long long)len,
                      false, &message);
    message.len -= 2; /* the empty line */
    size_t from = message.len;
    strbuf_addf(&message, "%s: %s", fault_text(hit, "name"), fault_text(hit, "value"));
    for (; from < message.len; from++)
        if ((unsigned char)message.buf[from] < ' ')
            message.buf[from] = ' ';
    strbuf_adds(&message, "\r\n\r\n");
    strbuf_add(&message, body, len);
    fault_send_last(exchange, &message);
    http_raw_finish(exchange->http);
    strbuf_release(&message);
    return true;
}

static const struct fault_parameter huge_parameters[] = {
    {.name = "bytes",
     .type = FAULT_INTEGER,
     .least = 1,
     .most = 200000,
     .fallback = "70000",
     .help = "of value, in all"},
    {.name = "count",
     .type = FAULT_INTEGER,
     .least = 1,
     .most = 1000,
     .fallback = "1",
     .help = "headers that they are spread over"},
    {0},
};

static bool add_huge(struct exchange *exchange, struct fault_hit *hit,
                     struct http_response *response)
{
    int64_t count = fault_integer(hit, "count");
    size_t len = (size_t)((fault_integer(hit, "bytes") + count - 1) / count);
    char *value = arena_alloc(exchange->arena, len + 1);
    memset(value, 'x', len);
    for (int64_t i = 0; i < count; i++)
        http_response_header(response, arena_printf(exchange->arena, "X-Huge-%lld", (long long)i),
                             value);
    return false;
}

const struct fault_kind body_faults[] = {
    {.name = "malformed_json",
     .summary = "a body that is not JSON, though it is said to be",
     .group = FAULT_OF_BODY,
     .parameters = json_parameters,
     .change = malform_json},
    {.name = "content_type",
     .summary = "Content-Type is not the type of the body",
     .group = FAULT_OF_BODY,
     .parameters = type_parameters,
     .change = mistype},
    {.name = "charset",
     .summary = "Content-Type names another charset than the bytes are in",
     .group = FAULT_OF_BODY,
     .parameters = charset_parameters,
     .change = mistake_charset},
    {.name = "bad_gzip",
     .summary = "Content-Encoding: gzip, and it does not unpack",
     .group = FAULT_OF_BODY,
     .parameters = gzip_parameters,
     .change = spoil_gzip},
    {.name = "header",
     .summary = "a header of the answer is another, or missing",
     .group = FAULT_OF_BODY,
     .parameters = header_parameters,
     .send = change_header},
    {.name = "duplicate_header",
     .summary = "a header comes twice, with two values",
     .group = FAULT_OF_BODY,
     .parameters = duplicate_parameters,
     .send = duplicate_header},
    {.name = "huge_header",
     .summary = "a header, or very many, larger than clients take",
     .group = FAULT_OF_BODY,
     .parameters = huge_parameters,
     .send = add_huge},
    {0},
};
