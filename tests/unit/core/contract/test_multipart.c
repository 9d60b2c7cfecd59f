/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/multipart.h"

#include "core/base/strbuf.h"

#include "tests/unit/cmocka_all.h"

#define HEAD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"

/* `expected`: name[(filename)][<type>]=bytes; for each part. NULL = broken. */
static const struct {
    const char *name, *body, *expected;
} cases[] = {
    {"one part", "--B\r\n" HEAD("a") "1\r\n--B--\r\n", "a=1;"},
    {"two parts", "--B\r\n" HEAD("a") "1\r\n--B\r\n" HEAD("b") "2\r\n--B--", "a=1;b=2;"},
    {"an empty part", "--B\r\n" HEAD("a") "\r\n--B--\r\n", "a=;"},
    {"a part with its delimiter at once", "--B\r\n" HEAD("a") "--B--\r\n", "a=;"},
    {"line ends inside", "--B\r\n" HEAD("a") "\r\n1\r\n\n\r2\r\n\r\n--B--",
     "a=\r\n1\r\n\n\r2\r\n;"},
    {"what looks like a delimiter", "--B\r\n" HEAD("a") "x\r\n-\r\n--\r\n--A\r\n--B--",
     "a=x\r\n-\r\n--\r\n--A;"},
    {"bare line feeds", "--B\nContent-Disposition: form-data; name=a\n\n1\n--B--\n", "a=1;"},
    {"a preamble and an epilogue", "hello\r\n--B\r\n" HEAD("a") "1\r\n--B--\r\nbye\r\n--B\r\n",
     "a=1;"},
    {"a file",
     "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a \\\"b\\\".txt\"\r\n"
     "content-type: text/plain\r\n\r\nx\r\n--B--",
     "f(a \"b\".txt)<text/plain>=x;"},
    {"a semicolon in quotes",
     "--B\r\nContent-Disposition: form-data; filename=\"a;name=x\"; name=f\r\n\r\nx\r\n--B--",
     "f(a;name=x)=x;"},
    {"an escaped name", "--B\r\n" HEAD("a%22b") "1\r\n--B--", "a\"b=1;"},
    {"no parts", "--B--\r\n", ""},
    {"cut short", "--B\r\n" HEAD("a") "1\r\n--B", NULL},
    {"no delimiter", "hello", NULL},
    {"nothing", "", NULL},
    {"a part without a name", "--B\r\n\r\n1\r\n--B--", NULL},
    {"text behind the delimiter", "--Bx\r\n" HEAD("a") "1\r\n--B--", NULL},
};

static int read_all(struct arena *arena, const char *body, size_t step, struct strbuf *out)
{
    struct parts parts = {0};
    struct error err;
    struct multipart *multipart = multipart_new(arena, "B", NULL, &parts);
    size_t len = strlen(body);
    for (size_t at = 0; at < len; at += step)
        if (multipart_feed(multipart, body + at, len - at < step ? len - at : step, &err))
            return -1;
    if (multipart_end(multipart, &err))
        return -1;
    const struct part *part;
    vec_foreach (part, &parts) {
        strbuf_adds(out, part->name);
        if (part->filename)
            strbuf_addf(out, "(%s)", part->filename);
        if (part->media_type)
            strbuf_addf(out, "<%s>", part->media_type);
        strbuf_addch(out, '=');
        strbuf_add(out, part->bytes.ptr, part->bytes.len);
        strbuf_addch(out, ';');
    }
    return 0;
}

static void bodies_come_apart_in_pieces_of_any_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t step = 1; step < 40; step++) {
            struct arena *arena = arena_new();
            struct strbuf out = STRBUF_INIT(LIMIT_MESSAGE);
            int result = read_all(arena, cases[i].body, step, &out);
            if (result != (cases[i].expected ? 0 : -1))
                print_message("case: %s\n", cases[i].name);
            assert_int_equal(result, cases[i].expected ? 0 : -1);
            if (!result)
                assert_string_equal(out.buf, cases[i].expected);
            strbuf_release(&out);
            arena_free(arena);
        }
}

static void everything_is_capped(void **state)
{
    (void)state;
    static const char body[] = "--B\r\n" HEAD("a") "12345\r\n--B\r\n" HEAD("b") "2\r\n--B--";
    static const struct multipart_limits limits[] = {{.parts = 1}, {.head = 10}, {.bytes = 4}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct arena *arena = arena_new();
        struct parts parts = {0};
        struct error err;
        struct multipart *multipart = multipart_new(arena, "B", &limits[i], &parts);
        assert_int_equal(multipart_feed(multipart, body, sizeof body - 1, &err), -1);
        assert_int_equal(err.kind, ERROR_TOO_LARGE);
        assert_int_equal(multipart_feed(multipart, "x", 1, &err), -1);
        assert_int_equal(multipart_end(multipart, &err), -1);
        arena_free(arena);
    }
}

static void a_content_type_names_its_boundary(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct error err;
    assert_string_equal(
        multipart_boundary(arena, "multipart/form-data; charset=x; Boundary=\"a b\"", &err), "a b");
    assert_string_equal(multipart_boundary(arena, "multipart/form-data;boundary=ab", &err), "ab");
    assert_null(multipart_boundary(arena, "multipart/form-data", &err));
    assert_null(multipart_boundary(arena, NULL, &err));
    arena_free(arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_come_apart_in_pieces_of_any_size),
        cmocka_unit_test(everything_is_capped),
        cmocka_unit_test(a_content_type_names_its_boundary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
