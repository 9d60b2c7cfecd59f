/* SPDX-License-Identifier: Apache-2.0 */
/* dryrun mock [PROVIDER...]: plays services until it is told to stop. */
#include "cli/commands.h"
#include "cli/mock_banner.h"
#include "cli/mock_start.h"
#include "cli/mock_tape.h"
#include "cli/stop_signals.h"
#include "core/base/log.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>

static int complain(const struct error *err)
{
    log_line(LEVEL_ERROR, "%s", err->text);
    return EXIT_USAGE;
}

static void print_help(void)
{
    struct strbuf help = STRBUF_INIT(LIMIT_MESSAGE);
    options_help(mock_tables, mock_table_count, &help);
    printf("usage: dryrun mock [PROVIDER...] [OPTIONS]\n\n"
           "Plays the providers named, or all that have contracts and fixtures, at /PROVIDER;\n"
           "with --openapi documents alone, and the providers that are named beside them.\n\n%s",
           help.buf);
    strbuf_release(&help);
}

/* ---- signals: taken by this thread alone, for it is blocked in all that follow ---- */

/* The second one ends the program at once: it finds its default action again. */
static void wait_for_signal(const sigset_t *set)
{
    int number;
    while (sigwait(set, &number))
        continue;
    pthread_sigmask(SIG_UNBLOCK, set, NULL);
}

/* ---- running ---- */

static int play(struct mock *mock, const struct mock_settings *settings, const sigset_t *set)
{
    struct error err = {0};
    mock_banner(mock, settings);
    if (!mock->is_lazy)
        mock_banner_try(mock, settings);
    /* the last of it: whoever waits for this file finds everything else done */
    if (mock_write_port(mock, settings, &err))
        return complain(&err);
    if (mock->is_lazy) /* this looks at a provider, which takes its time */
        mock_banner_try(mock, settings);
    wait_for_signal(set);
    return EXIT_KEPT;
}

static int load_and_play(struct arena *arena, const struct mock_settings *settings)
{
    sigset_t set = stop_signals();
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* before the first thread */
    if (settings->tape)
        return mock_tape_play(arena, settings, &set);
    struct mock *mock = mock_start(settings);
    int code = mock ? play(mock, settings, &set) : EXIT_USAGE;
    return mock_end(mock) ? EXIT_INTERNAL : code;
}

int cmd_mock(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct error err = {0};
    struct mock_settings settings = {0};
    struct options *options = options_parse(arena, mock_tables, mock_table_count, argc, argv, &err);
    int code = EXIT_KEPT;
    if (!options)
        code = complain(&err);
    else if (options_is_given(options, "help"))
        print_help();
    else if (mock_settings_read(arena, options, &settings, &err))
        code = complain(&err);
    else
        code = load_and_play(arena, &settings);
    mock_settings_clean(&settings);
    arena_free(arena);
    return code;
}
