/* SPDX-License-Identifier: Apache-2.0 */
#include "core/net/sse.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

/* Each event as "type|id|data;". */
static void note(const struct sse_event *event, void *state)
{
    struct strbuf *events = state;
    strbuf_addf(events, "%s|%s|%s;", event->type, event->id, event->data);
    assert_int_equal(event->data_len, strlen(event->data));
}

/* Examples of the standard's section 9.2.6, and its corners. */
static const struct {
    const char *name, *stream, *events;
} cases[] = {
    {"data lines are joined", "data: YHOO\ndata: +2\ndata: 10\n\n", "message||YHOO\n+2\n10;"},
    {"a comment, ids, one reset, and one blank kept",
     ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
     "message|1|first event;message||second event;message|| third event;"},
    {"empty data dispatches, and an unfinished block does not",
     "data\n\ndata\ndata\n\ndata:", "message||;message||\n;"},
    {"the blank after the colon is optional", "data:test\n\ndata: test\n\n",
     "message||test;message||test;"},
    {"CR, LF and CRLF end lines", "data: a\r\rdata: b\r\n\r\ndata: c\n\ndata: d\r\n\ndata: e\n\r\n",
     "message||a;message||b;message||c;message||d;message||e;"},
    {"types last for one event", "event: add\ndata: 1\n\ndata: 2\n\n", "add||1;message||2;"},
    {"an event without data is dropped with its type", "event: add\n\ndata: 2\n\n", "message||2;"},
    {"ids last", "id: 7\ndata: 1\n\ndata: 2\n\nid: 8\n\ndata: 3\n\n",
     "message|7|1;message|7|2;message|8|3;"},
    {"unknown fields and other cases are ignored", "Data: 1\nfoo: 2\n data: 3\ndata: 4\n\n",
     "message||4;"},
    {"one byte order mark is skipped",
     "\xEF\xBB\xBF"
     "data: 1\n\n",
     "message||1;"},
    {"a second byte order mark is text",
     "\xEF\xBB\xBF\xEF\xBB\xBF"
     "data: 1\n\ndata: 2\n\n",
     "message||2;"},
    {"half a byte order mark is text",
     "\xEF\xBB"
     "data: 1\n\ndata: 2\n\n",
     "message||2;"},
    {"a colon in the value", "data: a: b\n\n", "message||a: b;"},
    {"no end, no event", "data: 1\n", ""},
};

static void parse_in_steps(const char *stream, size_t len, size_t step, struct strbuf *events)
{
    struct sse_parser parser;
    sse_parser_init(&parser, 1000, note, events);
    for (size_t at = 0; at < len; at += step)
        assert_int_equal(sse_parser_feed(&parser, stream + at, len - at < step ? len - at : step),
                         0);
    sse_parser_release(&parser);
}

static void streams_give_the_same_events_in_pieces_of_any_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t len = strlen(cases[i].stream);
        for (size_t step = 1; step <= len; step++) {
            struct strbuf events = STRBUF_INIT(10000);
            parse_in_steps(cases[i].stream, len, step, &events);
            if (strcmp(events.buf, cases[i].events) != 0)
                fail_msg("'%s' in steps of %zu: '%s'", cases[i].name, step, events.buf);
            strbuf_release(&events);
        }
    }
}

static void an_id_with_nul_is_ignored_and_retry_takes_digits_only(void **state)
{
    (void)state;
    static const char stream[] = "id: 1\nid: a\0b\nretry: 12x\ndata: 1\n\nretry: 250\nretry:\n"
                                 "retry: 99999999999999999999\n";
    struct strbuf events = STRBUF_INIT(1000);
    struct sse_parser parser;
    sse_parser_init(&parser, 1000, note, &events);
    assert_int_equal(sse_parser_feed(&parser, stream, sizeof stream - 1), 0);
    assert_string_equal(events.buf, "message|1|1;");
    assert_int_equal(parser.retry_ms, 250);
    sse_parser_release(&parser);
    strbuf_release(&events);
}

static void lines_and_events_have_a_limit(void **state)
{
    (void)state;
    struct strbuf events = STRBUF_INIT(1000);
    struct sse_parser parser;
    sse_parser_init(&parser, 10, note, &events);
    assert_int_equal(sse_parser_feed(&parser, "data: 1234\n", 11), 0);
    assert_int_equal(sse_parser_feed(&parser, "data: 123456789\n\n", 17), -1);
    assert_int_equal(sse_parser_feed(&parser, "\n\ndata: 1\n\n", 11), -1);
    assert_string_equal(events.buf, "");
    sse_parser_release(&parser);
    strbuf_release(&events);
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    struct strbuf stream = STRBUF_INIT(1000), events = STRBUF_INIT(1000);
    sse_write_comment(&stream, "ping\nnot a field");
    sse_write(&stream, "step", "1", "one\ntwo\r\nthree\rfour\n", 20);
    sse_write(&stream, NULL, NULL, "", 0);
    sse_write(&stream, "a\nb", NULL, " x", 2);
    sse_write_retry(&stream, 1500);
    assert_string_equal(stream.buf, ": ping not a field\n\n"
                                    "event: step\nid: 1\ndata: one\ndata: two\ndata: three\n"
                                    "data: four\ndata: \n\n"
                                    "data: \n\n"
                                    "event: a b\ndata:  x\n\n"
                                    "retry: 1500\n\n");
    parse_in_steps(stream.buf, stream.len, 3, &events);
    assert_string_equal(events.buf, "step|1|one\ntwo\nthree\nfour\n;message|1|;a b|1| x;");
    strbuf_release(&stream);
    strbuf_release(&events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_give_the_same_events_in_pieces_of_any_size),
        cmocka_unit_test(an_id_with_nul_is_ignored_and_retry_takes_digits_only),
        cmocka_unit_test(lines_and_events_have_a_limit),
        cmocka_unit_test(what_is_written_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
