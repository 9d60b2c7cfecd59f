/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 9535 section 2: segments and selectors; filters are read in jsonpath_filter.c. */
#include "core/data/jsonpath_ast.h"
#include "core/data/utf8.h"

#define SAFE_INTEGER ((int64_t)9007199254740991) /* section 2.1: I-JSON's range */

int path_refuse(struct path_reader *reader, const char *what)
{
    return fail(reader->err, ERROR_INVALID, "'%s' is no JSONPath: %s at offset %zu", reader->text,
                what, (size_t)(reader->at - reader->text));
}

void path_skip_space(struct path_reader *reader)
{
    reader->at += strspn(reader->at, " \t\n\r");
}

bool path_accept(struct path_reader *reader, const char *token)
{
    bool found = text_starts_with(reader->at, token);
    reader->at += found ? strlen(token) : 0;
    return found;
}

static int read_hex(const char *at)
{
    int code = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i], lower = (char)(c | 32);
        int digit = c >= '0' && c <= '9'           ? c - '0'
                    : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                                   : -1;
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

/* Behind the u of an escape. */
static int read_unicode(struct path_reader *reader, char **out)
{
    int high = read_hex(reader->at), low = 0;
    if (high < 0)
        return path_refuse(reader, "'\\u' wants four hexadecimal digits");
    uint32_t code = (uint32_t)high;
    reader->at += 4;
    if (high >= 0xD800 && high <= 0xDFFF) {
        if (high < 0xDC00 && reader->at[0] == '\\' && reader->at[1] == 'u')
            low = read_hex(reader->at + 2);
        if (low < 0xDC00 || low > 0xDFFF)
            return path_refuse(reader, "half a surrogate pair");
        reader->at += 6;
        code = 0x10000 + ((uint32_t)(high - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
    }
    if (code) {
        *out += utf8_encode(code, *out);
    } else { /* U+0000 in our texts */
        *(*out)++ = (char)0xC0;
        *(*out)++ = (char)0x80;
    }
    return 0;
}

static int read_escape(struct path_reader *reader, char quote, char **out)
{
    static const char names[] = "bfnrt/\\", values[] = "\b\f\n\r\t/\\";
    char name = reader->at[1];
    const char *found = name ? strchr(names, name) : NULL;
    if (name == 'u') {
        reader->at += 2;
        return read_unicode(reader, out);
    }
    if (!found && name != quote)
        return path_refuse(reader, "no such escape");
    *(*out)++ = found ? values[found - names] : quote;
    reader->at += 2;
    return 0;
}

char *path_read_string(struct path_reader *reader)
{
    const char *start = reader->at;
    char quote = *reader->at++;
    char *text = arena_alloc(reader->arena, strlen(reader->at) + UTF8_MAX), *out = text;
    while (*reader->at != quote) {
        unsigned char byte = (unsigned char)*reader->at;
        if (!byte)
            reader->at = start;
        if (byte < 0x20)
            return path_refuse(reader, byte ? "a control character must be escaped"
                                            : "the string does not end"),
                   NULL;
        if (byte != '\\')
            *out++ = *reader->at++;
        else if (read_escape(reader, quote, &out))
            return NULL;
    }
    reader->at++;
    return text;
}

static bool starts_name(char c)
{
    unsigned char byte = (unsigned char)c, lower = byte | 32;
    return byte >= 0x80 || byte == '_' || (lower >= 'a' && lower <= 'z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* int = "0" / (["-"] DIGIT1 *DIGIT) */
static int read_integer(struct path_reader *reader, int64_t *value)
{
    const char *start = reader->at;
    bool negative = *start == '-';
    reader->at += negative;
    const char *digits = reader->at;
    *value = 0;
    for (; is_digit(*reader->at); reader->at++)
        if (*value <= SAFE_INTEGER)
            *value = *value * 10 + (*reader->at - '0');
    size_t count = (size_t)(reader->at - digits);
    bool wrong = !count || (*digits == '0' && (count > 1 || negative)) || *value > SAFE_INTEGER;
    if (wrong) {
        reader->at = start;
        return path_refuse(reader, "no integer");
    }
    *value = negative ? -*value : *value;
    return 0;
}

static bool starts_integer(const struct path_reader *reader)
{
    return *reader->at == '-' || is_digit(*reader->at);
}

static int read_slice(struct path_reader *reader, struct path_selector *selector)
{
    selector->kind = SELECT_SLICE;
    selector->step = 1;
    reader->at++;
    path_skip_space(reader);
    selector->has_end = starts_integer(reader);
    if (selector->has_end && read_integer(reader, &selector->end))
        return -1;
    path_skip_space(reader);
    if (!path_accept(reader, ":"))
        return 0;
    path_skip_space(reader);
    return starts_integer(reader) ? read_integer(reader, &selector->step) : 0;
}

static int read_index_or_slice(struct path_reader *reader, struct path_selector *selector)
{
    selector->kind = SELECT_INDEX;
    selector->has_start = starts_integer(reader);
    if (selector->has_start && read_integer(reader, &selector->start))
        return -1;
    const char *behind = reader->at;
    path_skip_space(reader);
    if (*reader->at == ':')
        return read_slice(reader, selector);
    reader->at = behind;
    return selector->has_start ? 0 : path_refuse(reader, "no selector");
}

static struct path_selector *read_selector(struct path_reader *reader, int depth)
{
    struct path_selector *selector = arena_alloc(reader->arena, sizeof *selector);
    if (*reader->at == '\'' || *reader->at == '"') {
        selector->kind = SELECT_NAME;
        selector->name = path_read_string(reader);
        return selector->name ? selector : NULL;
    }
    if (path_accept(reader, "*")) {
        selector->kind = SELECT_ALL;
        return selector;
    }
    if (path_accept(reader, "?")) {
        selector->kind = SELECT_FILTER;
        path_skip_space(reader);
        selector->filter = path_read_logic(reader, depth + 1);
        return selector->filter ? selector : NULL;
    }
    return read_index_or_slice(reader, selector) ? NULL : selector;
}

static int read_brackets(struct path_reader *reader, struct path_segment *segment, int depth)
{
    struct path_selector **tail = &segment->selectors;
    do {
        path_skip_space(reader);
        *tail = read_selector(reader, depth);
        if (!*tail)
            return -1;
        tail = &(*tail)->next;
        path_skip_space(reader);
    } while (path_accept(reader, ","));
    return path_accept(reader, "]") ? 0 : path_refuse(reader, "',' or ']' is missing");
}

static int read_shorthand(struct path_reader *reader, struct path_segment *segment)
{
    struct path_selector *selector = arena_alloc(reader->arena, sizeof *selector);
    segment->selectors = selector;
    selector->kind = SELECT_ALL;
    if (path_accept(reader, "*"))
        return 0;
    const char *start = reader->at;
    if (!starts_name(*start))
        return path_refuse(reader, "a name or '*' is missing");
    while (starts_name(*reader->at) || is_digit(*reader->at))
        reader->at++;
    selector->kind = SELECT_NAME;
    selector->name = arena_strndup(reader->arena, start, (size_t)(reader->at - start));
    return 0;
}

static struct path_segment *read_segment(struct path_reader *reader, int depth)
{
    struct path_segment *segment = arena_alloc(reader->arena, sizeof *segment);
    segment->descends = path_accept(reader, "..");
    int rc;
    if (*reader->at == '[') {
        reader->at++;
        rc = read_brackets(reader, segment, depth);
    } else {
        if (!segment->descends)
            reader->at++; /* the dot */
        rc = read_shorthand(reader, segment);
    }
    return rc ? NULL : segment;
}

static bool is_singular(const struct path_segment *segment)
{
    const struct path_selector *selector = segment->selectors;
    return !segment->descends && !selector->next &&
           (selector->kind == SELECT_NAME || selector->kind == SELECT_INDEX);
}

int path_read_segments(struct path_reader *reader, struct path_query *query, int depth)
{
    struct path_segment **tail = &query->segments;
    query->singular = true;
    for (;;) {
        const char *behind = reader->at;
        path_skip_space(reader);
        if (*reader->at != '.' && *reader->at != '[') {
            reader->at = behind;
            return 0;
        }
        *tail = read_segment(reader, depth);
        if (!*tail)
            return -1;
        query->singular = query->singular && is_singular(*tail);
        tail = &(*tail)->next;
    }
}

static bool is_utf8(const char *text)
{
    const char *end = text + strlen(text);
    while (text < end) {
        size_t len = utf8_length(text, end);
        if (!len)
            return false;
        text += len;
    }
    return true;
}

const struct jsonpath *jsonpath_compile(struct arena *arena, const char *text, struct error *err)
{
    struct path_reader reader = {text, text, arena, err};
    struct jsonpath *path = arena_alloc(arena, sizeof *path);
    if (!is_utf8(text))
        return fail(err, ERROR_INVALID, "the JSONPath is no valid UTF-8"), NULL;
    if (!path_accept(&reader, "$"))
        return path_refuse(&reader, "'$' is missing"), NULL;
    if (path_read_segments(&reader, &path->query, 0))
        return NULL;
    if (*reader.at)
        return path_refuse(&reader, "'.' or '[' is expected"), NULL;
    return path;
}
