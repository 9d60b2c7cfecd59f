/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/vec.h"
#include "core/data/pointer.h"
#include "core/expr/expr_internal.h"

#include <ctype.h>
#include <string.h>

enum { EXPR_TEXT_MAX = 4096, EXPR_SEGMENTS_MAX = 64 };

struct scanner {
    struct arena *arena;
    const char *at;
    enum expr_setting setting;
    const char *error;
};

static int refuse(struct scanner *scanner, const char *error)
{
    scanner->error = error;
    return -1;
}

static bool is_name_char(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte >= 0x80 || isalnum(byte) || c == '_' || c == '-';
}

static struct str scan_name(struct scanner *scanner)
{
    const char *start = scanner->at;
    while (is_name_char(*scanner->at))
        scanner->at++;
    return (struct str){start, (size_t)(scanner->at - start)};
}

/* Ends a free text (a parameter's name, a pointer) in its setting. */
static bool is_end(const struct scanner *scanner, char c)
{
    if (c == '\0')
        return true;
    if (scanner->setting == EXPR_EMBEDDED)
        return c == '}';
    return scanner->setting == EXPR_CONDITION && strchr(" \t\r\n()=!<>&|,", c);
}

static struct str scan_free(struct scanner *scanner, bool stops_at_pointer)
{
    const char *start = scanner->at;
    while (!is_end(scanner, *scanner->at)) {
        char next = *scanner->at == '#' ? scanner->at[1] : 'x';
        if (stops_at_pointer && (next == '/' || is_end(scanner, next)))
            break;
        scanner->at++;
    }
    return (struct str){start, (size_t)(scanner->at - start)};
}

static int add_segment(struct scanner *scanner, struct expr *expr, struct segment segment)
{
    if (expr->count >= EXPR_SEGMENTS_MAX)
        return refuse(scanner, "too many steps");
    expr->segments = vec_grow_arena(scanner->arena, expr->segments, &expr->cap, expr->count,
                                    sizeof *expr->segments);
    expr->segments[expr->count++] = segment;
    return 0;
}

/* ['it''s'] behind its first quote. */
static int scan_quoted(struct scanner *scanner, struct expr *expr)
{
    struct strbuf name = STRBUF_INIT(EXPR_TEXT_MAX);
    scanner->at++;
    while (*scanner->at && (*scanner->at != '\'' || scanner->at[1] == '\'')) {
        scanner->at += *scanner->at == '\'';
        strbuf_addch(&name, *scanner->at++);
    }
    const char *copy = arena_strdup(scanner->arena, name.buf);
    strbuf_release(&name);
    if (scanner->at[0] != '\'' || scanner->at[1] != ']')
        return refuse(scanner, "expected ']' after the quoted name");
    scanner->at += 2;
    return add_segment(scanner, expr, (struct segment){.name = copy});
}

static int scan_bracket(struct scanner *scanner, struct expr *expr)
{
    scanner->at++;
    if (*scanner->at == '\'')
        return scan_quoted(scanner, expr);
    size_t index = 0, digits = 0;
    for (; isdigit((unsigned char)*scanner->at); digits++)
        index = index * 10 + (size_t)(*scanner->at++ - '0');
    if (digits == 0 || digits > 9 || *scanner->at != ']')
        return refuse(scanner, "expected an index or a quoted name between '[' and ']'");
    scanner->at++;
    return add_segment(scanner, expr, (struct segment){.index = index});
}

static int scan_steps(struct scanner *scanner, struct expr *expr)
{
    for (;;) {
        if (*scanner->at == '[') {
            if (scan_bracket(scanner, expr) < 0)
                return -1;
        } else if (*scanner->at == '.') {
            scanner->at++;
            struct str name = scan_name(scanner);
            if (!name.len)
                return refuse(scanner, "expected a name after '.'");
            struct segment segment = {.name = arena_strndup(scanner->arena, name.ptr, name.len),
                                      .is_dotted = true};
            if (add_segment(scanner, expr, segment) < 0)
                return -1;
        } else {
            return 0;
        }
    }
}

static int scan_pointer(struct scanner *scanner, struct expr *expr)
{
    expr->pointer = "";
    if (*scanner->at != '#')
        return 0;
    scanner->at++;
    struct str pointer = scan_free(scanner, false);
    expr->pointer = arena_strndup(scanner->arena, pointer.ptr, pointer.len);
    if (!pointer_is_valid(expr->pointer))
        return refuse(scanner, "expected a JSON Pointer after '#'");
    if (expr->pointer[0])
        expr->path = path_compile(scanner->arena, expr->pointer);
    return 0;
}

/* ---- Arazzo's HTTP roots ---- */

static const struct http_row {
    const char *root, *source; /* source NULL: the root stands alone */
    enum http_part part;
    bool is_named;
} http_rows[] = {
    {"url", NULL, HTTP_URL, false},
    {"method", NULL, HTTP_METHOD, false},
    {"statusCode", NULL, HTTP_STATUS, false},
    {"request", "header", HTTP_REQUEST_HEADER, true},
    {"request", "query", HTTP_REQUEST_QUERY, true},
    {"request", "path", HTTP_REQUEST_PATH, true},
    {"request", "body", HTTP_REQUEST_BODY, false},
    {"request", "sent", HTTP_REQUEST_SENT, false},
    {"response", "header", HTTP_RESPONSE_HEADER, true},
    {"response", "query", HTTP_RESPONSE_QUERY, true},
    {"response", "path", HTTP_RESPONSE_PATH, true},
    {"response", "body", HTTP_RESPONSE_BODY, false},
    {"message", "header", HTTP_MESSAGE_HEADER, true},
    {"message", "payload", HTTP_MESSAGE_PAYLOAD, false},
};

enum { HTTP_ROWS = sizeof http_rows / sizeof http_rows[0] };

/* A resource may be called $message outside of scenarios. */
static bool is_http_root(struct str root, bool is_arazzo)
{
    for (size_t i = 0; i < HTTP_ROWS; i++)
        if (str_is(root, http_rows[i].root))
            return is_arazzo || !str_is(root, "message");
    return false;
}

static const struct http_row *find_row(struct str root, struct str source)
{
    for (size_t i = 0; i < HTTP_ROWS; i++) {
        const struct http_row *row = &http_rows[i];
        if (str_is(root, row->root) && (row->source ? str_is(source, row->source) : !source.len))
            return row;
    }
    return NULL;
}

static void take_name(struct scanner *scanner, struct expr *expr, bool is_header)
{
    if (*scanner->at != '.')
        return;
    scanner->at++;
    struct str name = scan_free(scanner, true);
    char *copy = arena_strndup(scanner->arena, name.ptr, name.len);
    for (size_t i = 0; is_header && i < name.len; i++)
        copy[i] = (char)(copy[i] >= 'A' && copy[i] <= 'Z' ? copy[i] + 32 : copy[i]);
    expr->name = (struct str){copy, name.len};
}

static int scan_http(struct scanner *scanner, struct expr *expr, struct str root)
{
    struct str source = {NULL, 0};
    bool is_alone = find_row(root, source) != NULL;
    if (!is_alone) {
        if (*scanner->at != '.')
            return refuse(scanner, "expected '.header', '.query', '.path' or '.body' behind it");
        scanner->at++;
        source = scan_name(scanner);
    }
    const struct http_row *row = find_row(root, source);
    if (!row)
        return refuse(scanner, "expected 'header', 'query', 'path' or 'body' after the '.'");
    expr->is_http = true;
    expr->part = row->part;
    if (!row->is_named)
        return scan_steps(scanner, expr);
    bool has_dot = *scanner->at == '.';
    take_name(scanner, expr,
              row->part == HTTP_REQUEST_HEADER || row->part == HTTP_RESPONSE_HEADER ||
                  row->part == HTTP_MESSAGE_HEADER);
    return has_dot && !expr->name.len ? refuse(scanner, "expected a name after '.'") : 0;
}

/* ---- the whole ---- */

static void describe_read(struct arena *arena, struct expr *expr, struct str source)
{
    struct strbuf read = STRBUF_INIT((size_t)4 * EXPR_TEXT_MAX);
    if (source.len) {
        strbuf_addch(&read, '/');
        strbuf_add(&read, source.ptr, source.len);
    }
    if (expr->name.len)
        pointer_add_token(expr->name.ptr, &read);
    for (size_t i = 0; i < expr->count; i++) {
        if (expr->segments[i].name)
            pointer_add_token(expr->segments[i].name, &read);
        else
            strbuf_addf(&read, "/%zu", expr->segments[i].index);
    }
    strbuf_adds(&read, expr->pointer);
    expr->read = arena_strdup(arena, read.buf);
    strbuf_release(&read);
}

static int scan_whole(struct scanner *scanner, struct expr *expr, bool is_arazzo)
{
    struct str root = scan_name(scanner);
    if (!root.len)
        return refuse(scanner, "expected a name after '$'");
    expr->root = arena_strndup(scanner->arena, root.ptr, root.len);
    expr->root_len = root.len;
    bool is_http = is_http_root(root, is_arazzo);
    struct str source = {NULL, 0};
    if (is_http && *scanner->at == '.') {
        struct scanner ahead = *scanner;
        ahead.at++;
        source = scan_name(&ahead);
    }
    if ((is_http ? scan_http(scanner, expr, root) : scan_steps(scanner, expr)) < 0 ||
        scan_pointer(scanner, expr) < 0)
        return -1;
    if (scanner->setting == EXPR_WHOLE && *scanner->at)
        return refuse(scanner, "what follows is no part of an expression");
    describe_read(scanner->arena, expr, source);
    return 0;
}

struct expr *expr_scan(struct arena *arena, const char *text, enum expr_setting setting,
                       bool is_arazzo, size_t *used, const char **error)
{
    struct scanner scanner = {.arena = arena, .at = text + 1, .setting = setting};
    struct expr *expr = arena_alloc(arena, sizeof *expr);
    int result = scan_whole(&scanner, expr, is_arazzo);
    *used = (size_t)(scanner.at - text);
    if (result == 0 && *used > EXPR_TEXT_MAX)
        result = refuse(&scanner, "longer than 4096 bytes");
    expr->text = arena_strndup(arena, text, *used);
    *error = scanner.error;
    return result == 0 ? expr : NULL;
}
