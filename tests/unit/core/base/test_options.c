/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/options.h"
#include "core/base/str.h"
#include "tests/unit/cmocka_all.h"

static const char *const clocks[] = {"real", "virtual", NULL};

static const struct option_row server_rows[] = {
    {.name = "host",
     .argument = "ADDRESS",
     .fallback = "127.0.0.1",
     .help = "address to listen on"},
    {.name = "port",
     .letter = 'p',
     .argument = "N",
     .type = OPTION_INTEGER,
     .most = 65535,
     .fallback = "8080",
     .help = "port to listen on; 0 takes a free one"},
    {.name = "offset", .argument = "N", .type = OPTION_INTEGER, .help = "any number"},
    {.name = "tls", .letter = 't', .help = "speak TLS"},
};
static const struct option_row play_rows[] = {
    {.name = "clock",
     .argument = "KIND",
     .type = OPTION_CHOICE,
     .choices = clocks,
     .fallback = "real",
     .help = "what time it is"},
    {.name = "step", .argument = "DURATION", .type = OPTION_DURATION, .help = "how far at once"},
    {.name = "memory", .argument = "SIZE", .type = OPTION_BYTES, .help = "how much at most"},
    {.name = "outcome",
     .argument = "P.machine=NAME",
     .is_repeated = true,
     .help = "a text that is long enough to need a second line when it stands in its column of the "
             "help, as this one does"},
};
static const struct option_table tables[] = {
    OPTION_TABLE("Server", server_rows),
    OPTION_TABLE("Play", play_rows),
};

static struct arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int free_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/* Parses "one two three", split at spaces, after the program's name. */
static struct options *parse(const char *line, struct error *err)
{
    char *argv[32] = {arena_strdup(arena, "program")};
    int argc = 1;
    char *rest = arena_strdup(arena, line);
    while (*rest) {
        argv[argc++] = rest;
        rest += strcspn(rest, " ");
        if (*rest)
            *rest++ = '\0';
    }
    return options_parse(arena, tables, 2, argc, argv, err);
}

static void what_is_not_given_has_its_fallback(void **state)
{
    (void)state;
    struct error err = {0};
    struct options *options = parse("", &err);
    assert_non_null(options);
    assert_string_equal(options_text(options, "host"), "127.0.0.1");
    assert_int_equal(options_integer(options, "port"), 8080);
    assert_int_equal(options_choice(options, "clock"), 0);
    assert_int_equal(options_duration(options, "step"), 0);
    assert_null(options_text(options, "step"));
    assert_false(options_is_given(options, "port"));
    assert_false(options_is_given(options, "tls"));
    assert_int_equal(options_all(options, "outcome").count, 0);
    assert_int_equal(options_operands(options).count, 0);
}

static void every_spelling_of_a_value_is_read(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "--port 99 --tls --clock=virtual --step 90s --offset -7",
        "-p99 -t --clock virtual --step=1m30s --offset=-7",
        "-tp 99 --clo virtual --step 90000ms --off -7",
        "-tp99 --clock=virtual --step=90s --offset=-7 --",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct error err = {0};
        struct options *options = parse(lines[i], &err);
        if (!options)
            fail_msg("%s: %s", lines[i], err.text);
        assert_int_equal(options_integer(options, "port"), 99);
        assert_int_equal(options_integer(options, "offset"), -7);
        assert_int_equal(options_choice(options, "clock"), 1);
        assert_int_equal(options_duration(options, "step"), 90 * NANOS_PER_SECOND);
        assert_true(options_is_given(options, "tls"));
        assert_true(options_is_given(options, "port"));
    }
}

static void repeated_options_and_operands_keep_their_order(void **state)
{
    (void)state;
    struct error err = {0};
    struct options *options = parse("alpha --outcome a=1 beta --outcome=b=2 -- --port", &err);
    assert_non_null(options);
    struct texts outcomes = options_all(options, "outcome"), operands = options_operands(options);
    assert_int_equal(outcomes.count, 2);
    assert_string_equal(outcomes.items[0], "a=1");
    assert_string_equal(outcomes.items[1], "b=2");
    assert_null(outcomes.items[2]);
    assert_int_equal(operands.count, 3);
    assert_string_equal(operands.items[0], "alpha");
    assert_string_equal(operands.items[1], "beta");
    assert_string_equal(operands.items[2], "--port");
    assert_null(operands.items[3]);
}

static void what_is_wrong_is_said_in_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *line, *text;
    } cases[] = {
        {"--prot 1", "unknown option '--prot' (did you mean '--port'?)"},
        {"--prot=1", "unknown option '--prot' (did you mean '--port'?)"},
        {"--zebra", "unknown option '--zebra'"},
        {"-x", "unknown option '-x'"},
        {"-tx", "unknown option '-x'"},
        {"--o 1", "option '--o' could be several: write its whole name"},
        {"--port", "option '--port' needs a value: N"},
        {"-p", "option '--port' needs a value: N"},
        {"--tls=yes", "option '--tls' takes no value"},
        {"--port 65536", "option '--port': '65536' is not a whole number from 0 to 65535"},
        {"--port -1", "option '--port': '-1' is not a whole number from 0 to 65535"},
        {"--port 1x", "option '--port': '1x' is not a whole number from 0 to 65535"},
        {"--port=", "option '--port': '' is not a whole number from 0 to 65535"},
        {"--port=+1", "option '--port': '+1' is not a whole number from 0 to 65535"},
        {"--offset 99999999999999999999",
         "option '--offset': '99999999999999999999' is not a whole number"},
        {"--clock virtaul",
         "option '--clock': 'virtaul' is none of real, virtual (did you mean 'virtual'?)"},
        {"--clock moon", "option '--clock': 'moon' is none of real, virtual"},
        {"--step soon", "option '--step': 'soon' is no duration (such as 90s or 300ms)"},
        {"--memory much", "option '--memory': 'much' is no size (such as 512m or 2g)"},
        {"--port 1 -p 2", "option '--port' is given twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        assert_null(parse(cases[i].line, &err));
        assert_string_equal(err.text, cases[i].text);
        assert_int_equal(err.kind, ERROR_INVALID);
    }
}

static void the_help_is_aligned_and_grouped(void **state)
{
    (void)state;
    struct strbuf out = STRBUF_INIT(LIMIT_MESSAGE);
    options_help(tables, 2, &out);
    assert_string_equal(
        out.buf,
        "Server:\n"
        "      --host ADDRESS            address to listen on (default: 127.0.0.1)\n"
        "  -p, --port N                  port to listen on; 0 takes a free one (default: 8080)\n"
        "      --offset N                any number\n"
        "  -t, --tls                     speak TLS\n"
        "\n"
        "Play:\n"
        "      --clock KIND              what time it is (default: real)\n"
        "      --step DURATION           how far at once\n"
        "      --memory SIZE             how much at most\n"
        "      --outcome P.machine=NAME  a text that is long enough to need a second line when it "
        "stands in\n"
        "                                its column of the help, as this one does (may be given "
        "several\n"
        "                                times)\n");
    strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_not_given_has_its_fallback, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(every_spelling_of_a_value_is_read, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(repeated_options_and_operands_keep_their_order, make_arena,
                                        free_arena),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_said_in_one_line, make_arena, free_arena),
        cmocka_unit_test(the_help_is_aligned_and_grouped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
