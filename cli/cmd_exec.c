/* SPDX-License-Identifier: Apache-2.0 */
/* dryrun exec [PROVIDER...] [OPTIONS] -- CMD...: a command with a mock at its side. docs/EXEC.md */
#include "cli/commands.h"
#include "cli/exec_child.h"
#include "cli/exec_environment.h"
#include "cli/exec_seen.h"
#include "cli/mock_start.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/str.h"

#include <stdio.h>
#include <string.h>

enum { EXIT_UNMATCHED = 125 };

static const struct option_row exec_rows[] = {
    {.name = "fail-on-unmatched",
     .help = "exit with 125 when the command ended with 0, but requests fitted no operation"},
    {.name = "report", .argument = "FILE", .help = "write what was called into this file, as JSON"},
    {.name = "keep-env",
     .argument = "NAME",
     .is_repeated = true,
     .help = "leave this variable of the environment as it is"},
};

static int complain(const struct error *err)
{
    log_line(LEVEL_ERROR, "%s", err->text);
    return EXIT_USAGE;
}

/* ---- options: exec's own, then all of mock's, but with a free port unless one is asked for ----
 */

static struct option_table any_port(struct arena *arena, const struct option_table *table)
{
    struct option_row *rows = arena_copy(arena, table->rows, table->count * sizeof *rows);
    for (size_t i = 0; i < table->count; i++)
        if (text_is(rows[i].name, "port"))
            rows[i].fallback = "0";
        else if (text_is(rows[i].name, "tape"))
            rows[i].is_hidden = true;
    return (struct option_table){table->heading, rows, table->count};
}

static const struct option_table *exec_tables(struct arena *arena)
{
    struct option_table *tables = arena_alloc(arena, (mock_table_count + 1) * sizeof *tables);
    tables[0] = (struct option_table)OPTION_TABLE("The command", exec_rows);
    for (size_t i = 0; i < mock_table_count; i++)
        tables[i + 1] = any_port(arena, &mock_tables[i]);
    return tables;
}

static void print_help(const struct option_table *tables)
{
    struct strbuf help = STRBUF_INIT(LIMIT_MESSAGE);
    options_help(tables, mock_table_count + 1, &help);
    printf("usage: dryrun exec [PROVIDER...] [OPTIONS] -- CMD [ARGUMENTS]\n\n"
           "Plays services on a free port, as 'dryrun mock' does, runs the command and ends with\n"
           "its exit code. The command finds DRYRUN_URL, DRYRUN_<PROVIDER>_URL, DRYRUN_ADMIN_URL\n"
           "and the variables that the services' own clients read in its environment.\n\n%s\n"
           "Exit codes: the command's own; 128+N when signal N ended it; 127 not found, 126 not\n"
           "runnable; 125 as --fail-on-unmatched says; 2 usage or document.\n",
           help.buf);
    strbuf_release(&help);
}

/* ---- running ---- */

struct exec {
    struct arena *arena;
    const struct options *options;
    struct mock_settings settings;
    char **argv; /* of the command */
    struct child child;
    struct seen *seen;
};

static char **make_environment(struct exec *exec, const struct mock *mock, struct error *err)
{
    struct findings findings = {0};
    char **envp = exec_environment(exec->arena, mock, &exec->settings,
                                   options_all(exec->options, "keep-env"), &findings, err);
    findings_tell(&findings);
    findings_release(&findings);
    return envp;
}

static int run_beside(struct exec *exec, const struct mock *mock)
{
    struct error err = {0};
    char **envp = make_environment(exec, mock, &err);
    if (!envp || mock_write_port(mock, &exec->settings, &err))
        return complain(&err);
    int code = child_start(&exec->child, exec->argv, envp);
    return code ? code : child_wait(&exec->child);
}

/* The report of what was called may fail a command that went well, never hide how another ended. */
static int tell(struct exec *exec, int code)
{
    const char *file = options_text(exec->options, "report");
    struct error err = {0};
    seen_print(exec->seen);
    if (!code && seen_unmatched(exec->seen) && options_is_given(exec->options, "fail-on-unmatched"))
        code = EXIT_UNMATCHED;
    if (file && seen_write(exec->seen, &(struct seen_end){exec->argv, code}, file, &err)) {
        log_line(LEVEL_ERROR, "%s", err.text);
        return code ? code : EXIT_USAGE;
    }
    return code;
}

static int run(struct exec *exec)
{
    exec->seen = seen_new();
    exec->settings.mock.on_request = seen_request;
    exec->settings.mock.on_request_data = exec->seen;
    child_prepare(&exec->child); /* before the first thread */
    struct mock *mock = mock_start(&exec->settings);
    int code = mock ? run_beside(exec, mock) : EXIT_USAGE;
    bool is_lost = mock_end(mock) != 0; /* what is still under way ends, and is counted */
    if (mock)
        code = tell(exec, code);
    if (is_lost && !code)
        code = EXIT_INTERNAL;
    seen_free(exec->seen);
    return code;
}

/* Where the command begins; argc when no "--" says so. */
static int find_command(int argc, char **argv)
{
    int at = 1;
    while (at < argc && !text_is(argv[at], "--"))
        at++;
    return at;
}

static int run_command(struct exec *exec, int argc, char **argv, int at)
{
    struct error err = {0};
    if (at >= argc - 1) {
        fail(&err, ERROR_INVALID,
             "exec needs a command behind '--': dryrun exec [PROVIDER...] [OPTIONS] -- CMD...");
        return complain(&err);
    }
    if (options_is_given(exec->options, "tape")) {
        fail(&err, ERROR_INVALID, "option '--tape' is for 'dryrun mock': exec plays services");
        return complain(&err);
    }
    const char *report = options_text(exec->options, "report");
    if (report && file_check_writable(report, &err))
        return complain(&err);
    exec->argv = &argv[at + 1];
    int code = mock_settings_read(exec->arena, exec->options, &exec->settings, &err)
                   ? complain(&err)
                   : run(exec);
    exec_environment_clean(exec->arena, &exec->settings);
    mock_settings_clean(&exec->settings);
    return code;
}

int cmd_exec(int argc, char **argv)
{
    struct exec exec = {.arena = arena_new()};
    const struct option_table *tables = exec_tables(exec.arena);
    struct error err = {0};
    int code = EXIT_KEPT, at = find_command(argc, argv);
    exec.options = options_parse(exec.arena, tables, mock_table_count + 1, at, argv, &err);
    if (!exec.options)
        code = complain(&err);
    else if (options_is_given(exec.options, "help"))
        print_help(tables);
    else
        code = run_command(&exec, argc, argv, at);
    arena_free(exec.arena);
    return code;
}
