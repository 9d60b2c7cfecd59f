/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine of four states over one line buffer. Inside a part, bytes that may turn out to begin a
 * delimiter ("\r\n--boundary") are held back until it is known.
 */
#include "core/contract/multipart.h"

#include "core/base/strbuf.h"
#include "core/contract/percent.h"

#include <ctype.h>

enum {
    PARTS_DEFAULT = 256,
    HEAD_DEFAULT = 16 * 1024,
    BOUNDARY_MAX = 70, /* RFC 2046 section 5.1.1 */
};

enum state {
    STATE_PREAMBLE,
    STATE_AFTER_DELIMITER,
    STATE_HEAD,
    STATE_BODY,
    STATE_EPILOGUE,
    STATE_FAILED
};

struct multipart {
    struct arena *arena;
    struct multipart_limits limits;
    struct parts *parts;
    enum state state;
    const char *delimiter; /* "\n--boundary": what comes before it may be a CR */
    size_t delimiter_len, matched;
    struct strbuf line, body;
    size_t head_bytes, total;
    bool held_cr; /* a CR before `matched` bytes of the delimiter */
    struct part part;
};

/* ---- parameters of a header's value ---- */

static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

/* A token or a quoted string, which backslashes may escape; browsers write a quote as %22. */
static const char *read_word(struct arena *arena, const char **at)
{
    char *out = arena_alloc(arena, strlen(*at) + 1);
    size_t len = 0;
    if (**at != '"') {
        while (**at && !strchr("; \t", **at))
            out[len++] = *(*at)++;
        return out;
    }
    for ((*at)++; **at && **at != '"'; (*at)++) {
        if (**at == '\\' && ((*at)[1] == '"' || (*at)[1] == '\\'))
            (*at)++;
        out[len++] = **at;
    }
    if (**at)
        (*at)++;
    return out;
}

/* The parameter's value in `text` ("form-data; name=x"), or NULL. */
static const char *find_parameter(struct arena *arena, const char *text, const char *name)
{
    const char *at = text + strcspn(text, ";");
    size_t len = strlen(name);
    while (*at == ';') {
        at = skip_blanks(at + 1);
        bool is_it = true;
        for (size_t i = 0; i < len && is_it; i++)
            is_it = tolower((unsigned char)at[i]) == name[i];
        is_it = is_it && at[len] == '=';
        at += strcspn(at, "=;");
        if (*at == '=') {
            at++;
            const char *word = read_word(arena, &at);
            if (is_it)
                return word;
        }
        at += strcspn(at, ";");
    }
    return NULL;
}

const char *multipart_boundary(struct arena *arena, const char *content_type, struct error *err)
{
    const char *boundary = content_type ? find_parameter(arena, content_type, "boundary") : NULL;
    if (!boundary || !*boundary) {
        fail(err, ERROR_INVALID, "the content type names no boundary");
        return NULL;
    }
    if (strlen(boundary) > BOUNDARY_MAX || strpbrk(boundary, "\r\n")) {
        fail(err, ERROR_INVALID, "the boundary is no boundary (at most %d characters)",
             BOUNDARY_MAX);
        return NULL;
    }
    return boundary;
}

/* ---- the machine ---- */

static void release_buffers(void *data)
{
    struct multipart *multipart = data;
    strbuf_release(&multipart->line);
    strbuf_release(&multipart->body);
}

static size_t either(size_t limit, size_t fallback)
{
    return limit ? limit : fallback;
}

struct multipart *multipart_new(struct arena *arena, const char *boundary,
                                const struct multipart_limits *limits, struct parts *parts)
{
    static const struct multipart_limits none = {0};
    struct multipart *multipart = arena_alloc(arena, sizeof *multipart);
    limits = limits ? limits : &none;
    multipart->arena = arena;
    multipart->limits.parts = either(limits->parts, PARTS_DEFAULT);
    multipart->limits.head = either(limits->head, HEAD_DEFAULT);
    multipart->limits.bytes = either(limits->bytes, LIMIT_BODY);
    multipart->parts = parts;
    multipart->delimiter = arena_printf(arena, "\n--%s", boundary);
    multipart->delimiter_len = strlen(multipart->delimiter);
    multipart->matched = 1; /* the first delimiter needs no line end before it */
    strbuf_init(&multipart->line, multipart->limits.head);
    strbuf_init(&multipart->body, multipart->limits.bytes);
    arena_defer(arena, release_buffers, multipart);
    return multipart;
}

static const char *header_value(const char *line, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++)
        if (tolower((unsigned char)line[i]) != name[i])
            return NULL;
    return line[len] == ':' ? skip_blanks(line + len + 1) : NULL;
}

static int end_head(struct multipart *multipart, struct error *err)
{
    if (!multipart->part.name)
        return fail(err, ERROR_INVALID, "part %zu has no name (Content-Disposition: form-data)",
                    multipart->parts->count + 1);
    multipart->state = STATE_BODY;
    multipart->matched = 1; /* the line end of the empty line may begin the delimiter */
    multipart->held_cr = false;
    return 0;
}

static int end_head_line(struct multipart *multipart, struct error *err)
{
    struct strbuf *line = &multipart->line;
    struct part *part = &multipart->part;
    if (!line->len)
        return end_head(multipart, err);
    const char *value = header_value(line->buf, "content-disposition");
    if (value) {
        const char *name = find_parameter(multipart->arena, value, "name");
        const char *file = find_parameter(multipart->arena, value, "filename");
        part->name = name ? percent_decode(multipart->arena, str_from(name), false) : NULL;
        part->filename = file ? percent_decode(multipart->arena, str_from(file), false) : NULL;
    }
    value = header_value(line->buf, "content-type");
    if (value)
        part->media_type = arena_strdup(multipart->arena, value);
    strbuf_clear(line);
    return 0;
}

static int feed_head(struct multipart *multipart, char c, struct error *err)
{
    struct strbuf *line = &multipart->line;
    if (++multipart->head_bytes > multipart->limits.head)
        return fail(err, ERROR_TOO_LARGE, "the header of part %zu is larger than %zu bytes",
                    multipart->parts->count + 1, multipart->limits.head);
    if (c != '\n') {
        strbuf_addch(line, c);
        return 0;
    }
    if (line->len && line->buf[line->len - 1] == '\r')
        line->buf[--line->len] = '\0';
    return end_head_line(multipart, err);
}

static void end_part(struct multipart *multipart)
{
    struct part *part = &multipart->part;
    part->bytes = (struct str){arena_strndup(multipart->arena, "", 0), multipart->body.len};
    if (multipart->body.len) {
        char *bytes = arena_alloc(multipart->arena, multipart->body.len + 1);
        memcpy(bytes, multipart->body.buf, multipart->body.len);
        part->bytes.ptr = bytes;
    }
    vec_push_arena(multipart->arena, multipart->parts, *part);
    *part = (struct part){0};
    strbuf_clear(&multipart->body);
}

/* What was held back is content after all. The very first newline of a part is not. */
static int give_back(struct multipart *multipart, bool is_first, struct error *err)
{
    size_t from = is_first ? 1 : 0;
    if (multipart->state != STATE_BODY)
        return 0;
    if (multipart->held_cr)
        strbuf_addch(&multipart->body, '\r');
    if (multipart->matched > from)
        strbuf_add(&multipart->body, multipart->delimiter + from, multipart->matched - from);
    return multipart->body.overflowed
               ? fail(err, ERROR_TOO_LARGE, "the parts are larger than %zu bytes",
                      multipart->limits.bytes)
               : 0;
}

/* Preamble and bodies: everything up to the next delimiter. */
static int feed_until_delimiter(struct multipart *multipart, char c, struct error *err)
{
    bool is_first = multipart->state == STATE_BODY && !multipart->body.len && !multipart->held_cr &&
                    multipart->total == 0;
    if (multipart->matched && c == multipart->delimiter[multipart->matched]) {
        if (++multipart->matched < multipart->delimiter_len)
            return 0;
        if (multipart->state == STATE_BODY)
            end_part(multipart);
        multipart->state = STATE_AFTER_DELIMITER;
        strbuf_clear(&multipart->line);
        return 0;
    }
    if (multipart->matched || multipart->held_cr) {
        bool lone_cr = multipart->held_cr && !multipart->matched;
        if (!(lone_cr && c == '\n')) {
            if (give_back(multipart, is_first && multipart->matched, err))
                return -1;
            multipart->held_cr = false;
        }
        multipart->matched = 0;
        multipart->total = 1;
    }
    if (c == '\n')
        multipart->matched = 1;
    else if (c == '\r')
        multipart->held_cr = true;
    else if (multipart->state == STATE_BODY)
        strbuf_addch(&multipart->body, c);
    return multipart->body.overflowed
               ? fail(err, ERROR_TOO_LARGE, "the parts are larger than %zu bytes",
                      multipart->limits.bytes)
               : 0;
}

/* Behind a delimiter: "--" ends it all, blanks and a line end begin a part. */
static int feed_after_delimiter(struct multipart *multipart, char c, struct error *err)
{
    struct strbuf *line = &multipart->line;
    if (c == '\n') {
        strbuf_clear(line);
        if (multipart->parts->count == multipart->limits.parts)
            return fail(err, ERROR_TOO_LARGE, "more than %zu parts", multipart->limits.parts);
        multipart->state = STATE_HEAD;
        multipart->head_bytes = multipart->total = 0;
        return 0;
    }
    if (c == '\r' || c == ' ' || c == '\t')
        return 0;
    strbuf_addch(line, c);
    if (text_is(line->buf, "--"))
        multipart->state = STATE_EPILOGUE;
    else if (!text_is(line->buf, "-"))
        return fail(err, ERROR_INVALID, "a delimiter is followed by other text");
    return 0;
}

static int feed_one(struct multipart *multipart, char c, struct error *err)
{
    switch (multipart->state) {
    case STATE_PREAMBLE:
    case STATE_BODY:
        return feed_until_delimiter(multipart, c, err);
    case STATE_AFTER_DELIMITER:
        return feed_after_delimiter(multipart, c, err);
    case STATE_HEAD:
        return feed_head(multipart, c, err);
    case STATE_EPILOGUE:
        return 0;
    case STATE_FAILED:
        break;
    }
    return fail(err, ERROR_INVALID, "the multipart body was broken before");
}

int multipart_feed(struct multipart *multipart, const char *bytes, size_t len, struct error *err)
{
    for (size_t i = 0; i < len; i++)
        if (feed_one(multipart, bytes[i], err)) {
            multipart->state = STATE_FAILED;
            return -1;
        }
    return 0;
}

int multipart_end(struct multipart *multipart, struct error *err)
{
    if (multipart->state == STATE_EPILOGUE)
        return 0;
    if (multipart->state == STATE_FAILED)
        return fail(err, ERROR_INVALID, "the multipart body was broken before");
    return fail(err, ERROR_INVALID, "the multipart body ends before its last delimiter");
}
