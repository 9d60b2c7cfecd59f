/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings: what is written is read again, and what is no recording is told with its place. */
#include "core/base/file.h"
#include "core/tape/har.h"
#include "tests/unit/cmocka_all.h"

#include <stdlib.h>
#include <unistd.h>

struct folder {
    struct arena *arena;
    char name[32];
    const char *file;
};

static int make_folder(void **state)
{
    struct arena *arena = arena_new();
    struct folder *folder = arena_alloc(arena, sizeof *folder);
    *folder = (struct folder){arena, "/tmp/dryrun-har-XXXXXX", NULL};
    assert_non_null(mkdtemp(folder->name));
    folder->file = arena_printf(arena, "%s/t.har", folder->name);
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    struct folder *folder = *state;
    unlink(folder->file);
    rmdir(folder->name);
    arena_free(folder->arena);
    return 0;
}

static const struct har *read_text(struct folder *folder, const char *text,
                                   struct findings *findings)
{
    struct error err;
    assert_int_equal(file_write(folder->file, text, strlen(text), &err), 0);
    return har_read(folder->arena, folder->file, findings);
}

static void what_is_written_is_read_again(void **state)
{
    struct folder *folder = *state;
    static const char binary[] = {'a', '\0', (char)0xFF};
    struct har_entry entry = {.started = 1700000000 * NANOS_PER_SECOND,
                              .waited = 2 * NANOS_PER_MS,
                              .took = 5 * NANOS_PER_MS,
                              .method = "POST",
                              .url = "http://h/x?a=b%20c",
                              .version = "HTTP/1.1",
                              .request_body = STR_LITERAL("{\"a\":\"\xC3\xA4\"}"),
                              .status = 201,
                              .reason = "Created",
                              .body = {binary, sizeof binary},
                              .has_body = true};
    struct har_entry lost = {
        .method = "GET", .url = "http://h/y", .has_body = true, .error = "reset"};
    struct findings findings = {0};
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    struct har_chunk chunk = {NANOS_PER_MS, 3};
    struct http_header header = {"Content-Type", "application/octet-stream"};
    vec_push_arena(folder->arena, &entry.given, header);
    vec_push_arena(folder->arena, &entry.chunks, chunk);
    har_begin("test", "1", &text);
    har_add(&entry, true, &text);
    har_add(&lost, false, &text);
    har_end(&text);
    const struct har *har = read_text(folder, text.buf, &findings);
    strbuf_release(&text);
    assert_non_null(har);
    assert_int_equal(findings.count, 0);
    assert_int_equal(har->entries.count, 2);
    const struct har_entry *again = &har->entries.items[0];
    assert_true(again->started == entry.started && again->waited == entry.waited);
    assert_true(again->took == entry.took);
    assert_string_equal(again->method, "POST");
    assert_string_equal(again->url, entry.url);
    assert_true(str_equal(again->request_body, entry.request_body));
    assert_int_equal(again->status, 201);
    assert_true(again->has_body && str_equal(again->body, entry.body));
    assert_string_equal(har_header(&again->given, "content-TYPE"), "application/octet-stream");
    assert_null(har_header(&again->given, "Content"));
    assert_int_equal(again->chunks.count, 1);
    assert_int_equal(again->chunks.items[0].len, 3);
    assert_int_equal(har->entries.items[1].status, 0);
    assert_string_equal(har->entries.items[1].error, "reset");
    assert_true(har->entries.items[1].place.line > 0);
    findings_release(&findings);
}

static void what_is_no_recording_is_told_with_its_place(void **state)
{
    struct folder *folder = *state;
    static const struct {
        const char *text, *told;
        unsigned line, column;
    } cases[] = {
        {"hello", "no HAR, which is JSON: no JSON value", 1, 1},
        {"{\n x", "no HAR, which is JSON: a key in double quotes is missing", 2, 2},
        {"{}", "no HAR: there is no 'log' with 'entries'", 0, 0},
        {"{\"log\":{\"entries\":[3]}}", "an entry needs 'request' and 'response'", 1, 20},
        {"{\"log\":{\"entries\":[{\"startedDateTime\":\"noon\",\"request\":{\"method\":\"GET\","
         "\"url\":\"http://h/\"},\"response\":{\"status\":200}}]}}",
         "'startedDateTime' is no date and time", 1, 39},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct findings findings = {0};
        assert_null(read_text(folder, cases[i].text, &findings));
        assert_int_equal(findings.count, 1);
        assert_string_equal(findings.items[0].text, cases[i].told);
        assert_string_equal(findings.items[0].place.file, folder->file);
        assert_int_equal(findings.items[0].place.line, cases[i].line);
        assert_int_equal(findings.items[0].place.column, cases[i].column);
        findings_release(&findings);
    }
}

static void what_test_tools_write_where_no_answer_came_is_none(void **state)
{
    struct folder *folder = *state;
    struct findings findings = {0};
    const struct har *har = read_text(
        folder,
        "{\"log\":{\"entries\":[{\"startedDateTime\":\"2026-01-01T00:00:00.000Z\",\"time\":-1,"
        "\"request\":{\"method\":\"GET\",\"url\":\"http://h/\"},\"response\":{\"status\":-1,"
        "\"content\":{\"size\":-1,\"mimeType\":\"x-unknown\"}}}]}}",
        &findings);
    assert_non_null(har);
    assert_int_equal(findings.count, 0);
    assert_int_equal(har->entries.items[0].status, 0);
}

static void a_byte_order_mark_and_pseudo_headers_are_no_part_of_it(void **state)
{
    struct folder *folder = *state;
    struct findings findings = {0};
    const struct har *har =
        read_text(folder,
                  "\xEF\xBB\xBF{\"log\":{\"entries\":[{\"request\":{\"method\":\"GET\",\"url\":"
                  "\"http://h/\",\"headers\":[{\"name\":\":path\",\"value\":\"/\"},{\"name\":\"A\","
                  "\"value\":\"b\"}]},\"response\":{\"status\":204,\"content\":{\"size\":0}}}]}}",
                  &findings);
    assert_non_null(har);
    assert_int_equal(har->entries.items[0].sent.count, 1);
    assert_string_equal(har_header(&har->entries.items[0].sent, "a"), "b");
    assert_true(har->entries.items[0].has_body);
    findings_release(&findings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read_again, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(what_is_no_recording_is_told_with_its_place, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(what_test_tools_write_where_no_answer_came_is_none,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_byte_order_mark_and_pseudo_headers_are_no_part_of_it,
                                        make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
