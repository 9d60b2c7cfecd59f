/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over the bytes. Lines and columns are counted only when the document has a name; an
 * error in a nameless one is found a second time with counting, to say where.
 */
#include "core/data/json.h"
#include "core/data/node.h"
#include "core/data/plain.h"
#include "core/data/utf8.h"

struct reader {
    const char *at, *end;
    struct arena *arena;
    struct error *err;
    const char *file;    /* NULL: nothing is counted */
    const char *counted; /* up to here `line` and `column` have counted */
    unsigned line, column;
};

/* The line and column of `at`; questions must come in the order of the text. */
static struct place place_of(struct reader *reader, const char *at)
{
    for (; reader->counted < at; reader->counted++) {
        unsigned char byte = (unsigned char)*reader->counted;
        if (byte == '\n') {
            reader->line++;
            reader->column = 1;
        } else if ((byte & 0xC0) != 0x80) {
            reader->column++;
        }
    }
    return (struct place){reader->file, reader->line, reader->column};
}

static int refuse(struct reader *reader, const char *at, const char *what)
{
    if (!reader->file)
        return -1; /* read again with counting */
    struct place place = place_of(reader, at);
    return fail(reader->err, ERROR_INVALID, "%u:%u: %s", place.line, place.column, what);
}

static void skip_space(struct reader *reader)
{
    const char *at = reader->at, *end = reader->end;
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    reader->at = at;
}

static int read_hex(const char *at, const char *end)
{
    int code = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

/* Behind the escape at `*at` (a backslash), its bytes added to `*out` when there is an out. */
static const char *read_unicode(const char **at, const char *end, char **out)
{
    int high = read_hex(*at + 2, end), low = 0;
    if (high < 0)
        return "'\\u' wants four hexadecimal digits";
    uint32_t code = (uint32_t)high;
    *at += 6;
    if (high >= 0xD800 && high <= 0xDFFF) {
        if (high < 0xDC00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u')
            low = read_hex(*at + 2, end);
        if (low < 0xDC00 || low > 0xDFFF)
            return "half a surrogate pair";
        *at += 6;
        code = 0x10000 + ((uint32_t)(high - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
    }
    if (!out)
        return NULL;
    if (code == 0) { /* terminated strings hold U+0000 so */
        *(*out)++ = (char)0xC0;
        *(*out)++ = (char)0x80;
    } else {
        char bytes[UTF8_MAX];
        size_t len = utf8_encode(code, bytes);
        memcpy(*out, bytes, len);
        *out += len;
    }
    return NULL;
}

static const char *read_escape(const char **at, const char *end, char **out)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    char name = end - *at > 1 ? (*at)[1] : '\0';
    if (name == 'u')
        return read_unicode(at, end, out);
    const char *found = name ? strchr(names, name) : NULL;
    if (!found)
        return "no such escape";
    *at += 2;
    if (out)
        *(*out)++ = values[found - names];
    return NULL;
}

/* Checks up to the closing quote; NULL when it is refused. */
static const char *scan_string(struct reader *reader, bool *escaped)
{
    const char *at = reader->at + 1, *end = reader->end;
    for (;;) {
        at += plain_length(at, (size_t)(end - at));
        if (at >= end)
            return refuse(reader, reader->at, "the string does not end"), NULL;
        if (*at == '"')
            return at;
        const char *start = at, *wrong = NULL;
        if (*at == '\\') {
            *escaped = true;
            wrong = read_escape(&at, end, NULL);
        } else if ((unsigned char)*at < 0x80) {
            wrong = "a control character must be escaped";
        } else {
            size_t len = utf8_length(at, end);
            wrong = len ? NULL : "no valid UTF-8";
            at += len;
        }
        if (wrong)
            return refuse(reader, start, wrong), NULL;
    }
}

static char *unescape(struct arena *arena, const char *at, const char *end)
{
    char *text = arena_alloc(arena, (size_t)(end - at) + 1), *out = text;
    while (at < end) {
        const char *plain = at;
        while (at < end && *at != '\\')
            at++;
        memcpy(out, plain, (size_t)(at - plain));
        out += at - plain;
        if (at < end)
            read_escape(&at, end, &out);
    }
    return text;
}

static char *read_string(struct reader *reader)
{
    bool escaped = false;
    const char *start = reader->at + 1, *end = scan_string(reader, &escaped);
    if (!end)
        return NULL;
    reader->at = end + 1;
    if (escaped)
        return unescape(reader->arena, start, end);
    return arena_strndup(reader->arena, start, (size_t)(end - start));
}

static cJSON *make(struct reader *reader, int type)
{
    cJSON *node = node_new(reader->arena, type, reader->file != NULL);
    if (reader->file)
        tree_set_place(node, place_of(reader, reader->at));
    return node;
}

static cJSON *read_word(struct reader *reader)
{
    static const struct {
        const char *word;
        size_t len;
        int type;
    } words[] = {{"true", 4, cJSON_True}, {"false", 5, cJSON_False}, {"null", 4, cJSON_NULL}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if ((size_t)(reader->end - reader->at) < words[i].len ||
            memcmp(reader->at, words[i].word, words[i].len) != 0)
            continue;
        cJSON *node = make(reader, words[i].type);
        node->valueint = words[i].type == cJSON_True;
        reader->at += words[i].len;
        return node;
    }
    refuse(reader, reader->at, reader->at < reader->end ? "no JSON value" : "a value is missing");
    return NULL;
}

static cJSON *read_number(struct reader *reader)
{
    size_t len = number_length(reader->at, reader->end);
    const char *behind = reader->at + len;
    if (!len || (behind < reader->end && strchr("0123456789.eE+-", *behind) && *behind))
        return refuse(reader, reader->at, "no JSON number"), NULL;
    cJSON *node = make(reader, cJSON_Number);
    node_set_number(node, arena_strndup(reader->arena, reader->at, len), len);
    reader->at += len;
    return node;
}

static cJSON *read_value(struct reader *reader, int depth);

/* Behind an item: true when another follows, false at the end; -1 when it is neither. */
static int read_separator(struct reader *reader, char close, const char *wanted)
{
    skip_space(reader);
    char c = reader->at < reader->end ? *reader->at : '\0';
    if (c != ',' && c != close)
        return refuse(reader, reader->at, wanted);
    reader->at++;
    skip_space(reader);
    return c == ',';
}

static bool closes_at_once(struct reader *reader, char close)
{
    reader->at++;
    skip_space(reader);
    if (reader->at >= reader->end || *reader->at != close)
        return false;
    reader->at++;
    return true;
}

static cJSON *read_array(struct reader *reader, int depth)
{
    cJSON *array = make(reader, cJSON_Array);
    if (closes_at_once(reader, ']'))
        return array;
    for (int more = 1; more;) {
        cJSON *item = read_value(reader, depth);
        if (!item)
            return NULL;
        tree_append(array, item);
        more = read_separator(reader, ']', "',' or ']' is missing");
        if (more < 0)
            return NULL;
    }
    return array;
}

static cJSON *refuse_duplicate(struct reader *reader, const char *key, const char *at,
                               const cJSON *first)
{
    if (reader->file) {
        struct place here = place_of(reader, at), there = tree_key_place(first);
        fail(reader->err, ERROR_INVALID, "%u:%u: duplicate key '%s' (first at %u:%u)", here.line,
             here.column, key, there.line, there.column);
    }
    return NULL;
}

static cJSON *read_member(struct reader *reader, struct members *members, int depth)
{
    if (reader->at >= reader->end || *reader->at != '"')
        return refuse(reader, reader->at, "a key in double quotes is missing"), NULL;
    const char *start = reader->at;
    struct place place = reader->file ? place_of(reader, start) : (struct place){0};
    char *key = read_string(reader);
    if (!key)
        return NULL;
    const cJSON *first = members_find(members, key);
    if (first)
        return refuse_duplicate(reader, key, start, first);
    skip_space(reader);
    if (reader->at >= reader->end || *reader->at != ':')
        return refuse(reader, reader->at, "':' is missing"), NULL;
    reader->at++;
    skip_space(reader);
    cJSON *value = read_value(reader, depth);
    if (!value)
        return NULL;
    value->string = key;
    struct node *placed = node_placed(value);
    if (placed) {
        placed->key_line = place.line;
        placed->key_column = place.column;
    }
    return value;
}

static cJSON *read_object(struct reader *reader, int depth)
{
    cJSON *object = make(reader, cJSON_Object);
    struct members members = {.object = object};
    if (closes_at_once(reader, '}'))
        return object;
    for (int more = 1; more;) {
        cJSON *member = read_member(reader, &members, depth);
        if (!member)
            return NULL;
        members_add(reader->arena, &members, member);
        more = read_separator(reader, '}', "',' or '}' is missing");
        if (more < 0)
            return NULL;
    }
    return object;
}

static cJSON *read_nested(struct reader *reader, int depth)
{
    if (depth >= TREE_DEPTH_MAX)
        return refuse(reader, reader->at, "nested too deeply, more than 128 levels"), NULL;
    return *reader->at == '{' ? read_object(reader, depth + 1) : read_array(reader, depth + 1);
}

static cJSON *read_value(struct reader *reader, int depth)
{
    char c = reader->at < reader->end ? *reader->at : '\0';
    if (c == '"') {
        cJSON *node = make(reader, cJSON_String);
        node->valuestring = read_string(reader);
        return node->valuestring ? node : NULL;
    }
    if (c == '{' || c == '[')
        return read_nested(reader, depth);
    return c == '-' || (c >= '0' && c <= '9') ? read_number(reader) : read_word(reader);
}

static cJSON *read_document(struct reader *reader)
{
    if (reader->end - reader->at >= 3 && memcmp(reader->at, "\xEF\xBB\xBF", 3) == 0)
        return refuse(reader, reader->at, "a byte order mark, which JSON has not"), NULL;
    skip_space(reader);
    if (reader->at == reader->end)
        return refuse(reader, reader->at, "nothing here, a JSON value is expected"), NULL;
    cJSON *node = read_value(reader, 0);
    skip_space(reader);
    if (node && reader->at < reader->end)
        return refuse(reader, reader->at, "more text behind the value"), NULL;
    return node;
}

cJSON *json_parse(struct arena *arena, const char *bytes, size_t len, const char *file,
                  struct error *err)
{
    if (!bytes)
        bytes = "";
    struct reader reader = {bytes, bytes + len, arena, err, arena_strdup(arena, file), bytes, 1, 1};
    cJSON *node = read_document(&reader);
    if (!node && !file && err) {
        reader = (struct reader){bytes, bytes + len, arena, err, "", bytes, 1, 1};
        read_document(&reader);
    }
    return node;
}
