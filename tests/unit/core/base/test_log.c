/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* posix_openpt */
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/terminal.h"
#include "tests/unit/cmocka_all.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static FILE *caught;
static int old_stderr;

static int catch_stderr(void **state)
{
    (void)state;
    caught = tmpfile();
    old_stderr = dup(STDERR_FILENO);
    return !caught || dup2(fileno(caught), STDERR_FILENO) < 0;
}

static int release_stderr(void **state)
{
    (void)state;
    dup2(old_stderr, STDERR_FILENO);
    close(old_stderr);
    fclose(caught);
    log_set_level(LEVEL_WARNING);
    return 0;
}

static size_t read_caught(char *text, size_t size)
{
    ssize_t len = pread(fileno(caught), text, size - 1, 0);
    assert_true(len >= 0);
    text[len] = '\0';
    return (size_t)len;
}

static void it_is_quiet_until_told_otherwise(void **state)
{
    (void)state;
    char text[1024];
    log_line(LEVEL_INFO, "not %s", "seen");
    log_line(LEVEL_ERROR, "seen %d", 1);
    assert_false(log_is_on(LEVEL_INFO));
    log_set_level(LEVEL_DEBUG);
    assert_true(log_is_on(LEVEL_DEBUG));
    log_line(LEVEL_DEBUG, "seen %d", 2);
    read_caught(text, sizeof text);
    assert_string_equal(text, "dryrun: error: seen 1\ndryrun: debug: seen 2\n");
}

static void a_text_cannot_forge_a_line(void **state)
{
    (void)state;
    char text[1024];
    log_line(LEVEL_ERROR, "%s", "a\ndryrun: error: b\x1b[31m\x7f");
    read_caught(text, sizeof text);
    assert_string_equal(text, "dryrun: error: a\\x0adryrun: error: b\\x1b[31m\\x7f\n");
}

static void a_text_beyond_the_cap_is_said_to_be_so(void **state)
{
    (void)state;
    char text[1024];
    log_line(LEVEL_ERROR, "%*s", 100000, "x");
    read_caught(text, sizeof text);
    assert_string_equal(text, "dryrun: error: (a line too long to print)\n");
}

enum { WRITERS = 4, LINES = 200 };

static void *write_lines(void *unused)
{
    (void)unused;
    for (int i = 0; i < LINES; i++)
        log_line(LEVEL_WARNING, "0123456789 0123456789 0123456789");
    return NULL;
}

static void lines_of_several_threads_do_not_mix(void **state)
{
    (void)state;
    static char text[WRITERS * LINES * 64];
    pthread_t threads[WRITERS];
    assert_int_equal(fcntl(fileno(caught), F_SETFL, O_APPEND), 0);
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, NULL), 0);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    read_caught(text, sizeof text);
    static const char line[] = "dryrun: warning: 0123456789 0123456789 0123456789\n";
    size_t count = 0;
    for (const char *at = text; *at; at += sizeof line - 1, count++)
        assert_memory_equal(at, line, sizeof line - 1);
    assert_int_equal(count, WRITERS * LINES);
}

static void colour_is_for_terminals_that_want_it(void **state)
{
    (void)state;
    int leader = posix_openpt(O_RDWR | O_NOCTTY);
    if (leader < 0 || grantpt(leader) < 0 || unlockpt(leader) < 0)
        fail_msg("no pseudo terminal can be opened");
    int terminal = open(ptsname(leader), O_RDWR | O_NOCTTY);
    assert_true(terminal >= 0);
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm", 1);
    assert_true(terminal_colour(terminal));
    assert_false(terminal_colour(fileno(caught)));
    setenv("NO_COLOR", "", 1);
    assert_true(terminal_colour(terminal));
    setenv("NO_COLOR", "1", 1);
    assert_false(terminal_colour(terminal));
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    assert_false(terminal_colour(terminal));
    close(terminal);
    close(leader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_quiet_until_told_otherwise, catch_stderr,
                                        release_stderr),
        cmocka_unit_test_setup_teardown(a_text_cannot_forge_a_line, catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(a_text_beyond_the_cap_is_said_to_be_so, catch_stderr,
                                        release_stderr),
        cmocka_unit_test_setup_teardown(lines_of_several_threads_do_not_mix, catch_stderr,
                                        release_stderr),
        cmocka_unit_test_setup_teardown(colour_is_for_terminals_that_want_it, catch_stderr,
                                        release_stderr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
