/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every file of the JSON Schema test suite through our reader and writer. What comes out must be
 * the bytes that went in, but for space and needless escapes, which a small normaliser of this
 * test's own takes away: it shares nothing with the reader. Exit code 77 when the suite is not
 * there.
 */
#include "core/base/file.h"
#include "core/data/json.h"

#include <stdio.h>
#include <stdlib.h>

struct tally {
    size_t files, passed;
};

static unsigned hex_at(const char *at)
{
    char digits[5] = {at[0], at[1], at[2], at[3], '\0'};
    return (unsigned)strtoul(digits, NULL, 16);
}

static void add_code(unsigned long code, struct strbuf *out)
{
    if (code < 0x80) {
        strbuf_addch(out, (char)code);
    } else if (code < 0x800) {
        strbuf_addch(out, (char)(0xC0 | code >> 6));
        strbuf_addch(out, (char)(0x80 | (code & 63)));
    } else {
        if (code < 0x10000) {
            strbuf_addch(out, (char)(0xE0 | code >> 12));
        } else {
            strbuf_addch(out, (char)(0xF0 | code >> 18));
            strbuf_addch(out, (char)(0x80 | (code >> 12 & 63)));
        }
        strbuf_addch(out, (char)(0x80 | (code >> 6 & 63)));
        strbuf_addch(out, (char)(0x80 | (code & 63)));
    }
}

/* Behind an escape; \uXXXX becomes its character unless JSON wants it escaped. */
static const char *add_escape(const char *at, struct strbuf *out)
{
    static const char *const shorts[][2] = {
        {"\\u0008", "\\b"}, {"\\u0009", "\\t"},  {"\\u000a", "\\n"}, {"\\u000c", "\\f"},
        {"\\u000d", "\\r"}, {"\\u0022", "\\\""}, {"\\u005c", "\\\\"}};
    if (at[1] != 'u') {
        strbuf_add(out, at[1] == '/' ? at + 1 : at, at[1] == '/' ? 1 : 2);
        return at + 2;
    }
    char text[7];
    snprintf(text, sizeof text, "\\u%04x", hex_at(at + 2));
    for (size_t i = 0; i < sizeof shorts / sizeof *shorts; i++)
        if (text_is(text, shorts[i][0])) {
            strbuf_adds(out, shorts[i][1]);
            return at + 6;
        }
    unsigned long code = hex_at(at + 2);
    if (code < 0x20) {
        strbuf_adds(out, text);
        return at + 6;
    }
    bool paired = code >= 0xD800 && code <= 0xDBFF;
    if (paired)
        code = 0x10000 + ((code - 0xD800) << 10) + (hex_at(at + 8) - 0xDC00);
    add_code(code, out);
    return at + (paired ? 12 : 6);
}

static void normalise(const char *at, struct strbuf *out)
{
    bool inside = false;
    while (*at) {
        if (inside && *at == '\\') {
            at = add_escape(at, out);
            continue;
        }
        inside ^= *at == '"';
        if (inside || !strchr(" \t\r\n", *at))
            strbuf_addch(out, *at);
        at++;
    }
}

static void check_file(const char *path, struct tally *tally)
{
    struct arena *arena = arena_new();
    struct strbuf wanted = STRBUF_INIT(LIMIT_DOCUMENT), found = STRBUF_INIT(LIMIT_DOCUMENT);
    struct error err = {0};
    size_t len = 0;
    const char *bytes = file_read(arena, path, LIMIT_DOCUMENT, &len, &err);
    const cJSON *node = bytes ? json_parse(arena, bytes, len, path, &err) : NULL;
    if (node) {
        normalise(bytes, &wanted);
        json_print(node, JSON_COMPACT, &found);
    }
    bool same = node && strcmp(wanted.buf, found.buf) == 0;
    if (!same)
        printf("FAILED %s: %s\n", path, node ? "other bytes came out" : err.text);
    tally->files++;
    tally->passed += same;
    strbuf_release(&wanted);
    strbuf_release(&found);
    arena_free(arena);
}

static void check_folder(const char *folder, int depth, struct tally *tally)
{
    struct arena *arena = arena_new();
    const char **names = depth < 10 ? file_list(arena, folder, NULL) : NULL;
    for (; names && *names; names++) {
        const char *path = file_join(arena, folder, *names);
        if (file_is_directory(path))
            check_folder(path, depth + 1, tally);
        else if (text_ends_with(path, ".json"))
            check_file(path, tally);
    }
    arena_free(arena);
}

int main(void)
{
    const char *shared = getenv("DRYRUN_SHARED");
    struct arena *arena = arena_new();
    const char *suite =
        file_join(arena, shared ? shared : SOURCE_DIR "/../shared", "json-schema-test-suite");
    struct tally tally = {0};
    bool present = file_is_directory(suite);
    if (present)
        check_folder(suite, 0, &tally);
    if (present)
        printf("%zu of %zu files\n", tally.passed, tally.files);
    else
        printf("skipped: no '%s'\n", suite);
    arena_free(arena);
    if (!present)
        return 77;
    return tally.passed == tally.files && tally.files >= 200 ? 0 : 1;
}
