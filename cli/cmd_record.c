/* SPDX-License-Identifier: Apache-2.0 */
/* dryrun record: a proxy that keeps what passes as a tape (docs/TAPES.md). */
#include "cli/commands.h"
#include "cli/data_dirs.h"
#include "cli/record_proxy.h"
#include "cli/stop_signals.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/options.h"
#include "core/base/str.h"
#include "runner/tape/scenario.h"
#include "runner/tape/tape.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct option_row record_rows[] = {
    {.name = "target", .argument = "URL", .help = "where everything goes on to"},
    {.name = "out", .argument = "FILE", .help = "the tape: HAR 1.2, written whole or not at all"},
    {.name = "port",
     .letter = 'p',
     .argument = "N",
     .type = OPTION_INTEGER,
     .most = 65535,
     .fallback = "8081",
     .help = "port to listen on; 0 takes a free one"},
    {.name = "port-file", .argument = "FILE", .help = "write the port there when it listens"},
    {.name = "every",
     .argument = "N",
     .type = OPTION_INTEGER,
     .least = 1,
     .most = 1000000,
     .fallback = "50",
     .help = "write the tape after so many exchanges, and at the end"},
    {.name = "reduce", .help = "leave out polls that tell nothing new"},
    {.name = "secret",
     .argument = "NAME",
     .is_repeated = true,
     .help = "what stands under this name (header, query, form, JSON) becomes a token, too"},
    {.name = "scenario",
     .argument = "FILE",
     .help = "write an Arazzo scenario that does it again, when the recording ends"},
    {.name = "contracts", .argument = "DIR", .help = "where NAME/openapi.yaml is, for --scenario"},
    {.name = "ca", .argument = "FILE", .help = "certificates to trust instead of the system's"},
    {.name = "insecure", .help = "do not check certificates: whoever is in between can read all"},
    {.name = "help", .letter = 'h', .help = "print this help"},
};
static const struct option_table record_tables[] = {OPTION_TABLE("Options", record_rows)};

static int complain(const struct error *err)
{
    log_line(LEVEL_ERROR, "%s", err->text);
    return error_row(err->kind)->exit_code;
}

static void print_help(void)
{
    struct strbuf help = STRBUF_INIT(LIMIT_MESSAGE);
    options_help(record_tables, 1, &help);
    printf("usage: dryrun record --target URL --out FILE.har [OPTIONS]\n\n"
           "Listens, passes everything on to the target and its answers back as they come, and "
           "keeps\nboth as a tape, with tokens for secrets. Ends with SIGINT, SIGTERM or "
           "SIGHUP.\n\n%s",
           help.buf);
    strbuf_release(&help);
}

/* ---- signals: taken by this thread alone ---- */

static sigset_t our_signals(void)
{
    sigset_t set = stop_signals();
    sigaddset(&set, SIGUSR1);
    return set;
}

static void ask_to_save(void)
{
    kill(getpid(), SIGUSR1);
}

/* ---- the scenario ---- */

static const struct provider **load_providers(struct arena *arena, const char *contracts,
                                              size_t *count, struct findings *findings,
                                              struct error *err)
{
    struct provider_options how = {.contracts_dir = contracts};
    const char **names = provider_list(arena, contracts, err);
    const struct provider **providers;
    for (*count = 0; names && names[*count];)
        ++*count;
    providers = arena_alloc(arena, (*count + 1) * sizeof(struct provider *));
    for (size_t i = 0; i < *count; i++)
        providers[i] = provider_load(arena, names[i], &how, findings);
    return names ? providers : NULL;
}

/* Out of the tape as it was written: no secret can get in. */
static int write_scenario(struct arena *arena, const char *tape, const char *file,
                          const struct data_dirs *dirs)
{
    struct findings findings = {0};
    struct error err = {0};
    struct runner_options options = {0};
    struct runner *runner = runner_new(arena, &options);
    struct tape_options how = {0};
    struct tape_summary summary;
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    const struct har *har = har_read(arena, tape, &findings);
    how.providers = load_providers(arena, dirs->contracts, &how.provider_count, &findings, &err);
    if (har && how.providers && !findings.errors) {
        runner_judge_tape(runner, har, &how, &summary);
        size_t steps = tape_scenario(arena, runner_result(runner), &text);
        if (!steps)
            fail(&err, ERROR_INVALID, "no scenario: no exchange fits a document in '%s'",
                 dirs->contracts);
        else if (file_write(file, text.buf, text.len, &err) == 0)
            printf("%s: %zu steps\n", file, steps);
    } else if (!err.kind) {
        strbuf_clear(&text);
        findings_print(&findings, &text);
        fail(&err, ERROR_INVALID, "no scenario: %s", text.buf);
    }
    strbuf_release(&text);
    findings_release(&findings);
    return err.kind ? complain(&err) : EXIT_KEPT;
}

/* ---- running ---- */

static int save(struct record_tape *tape, const char *file, bool is_end)
{
    struct error err = {0};
    size_t count = 0;
    if (record_tape_save(tape, &count, &err))
        return complain(&err);
    if (is_end)
        printf("%s: %zu exchange%s\n", file, count, count == 1 ? "" : "s");
    return EXIT_KEPT;
}

/* Until it is told to stop. */
static void serve(struct record_tape *tape, const char *file, const sigset_t *set)
{
    int number = 0;
    while (sigwait(set, &number) || number == SIGUSR1)
        if (number == SIGUSR1)
            save(tape, file, false);
    signal(SIGUSR1, SIG_IGN);                /* what is still asked for is done at the end */
    pthread_sigmask(SIG_UNBLOCK, set, NULL); /* the second one ends the program at once */
}

static int tell_port(const struct options *options, struct http_server *server, const char *target,
                     struct error *err)
{
    const char *file = options_text(options, "port-file");
    char text[16];
    printf("recording %s at %s\n", target, http_server_url(server));
    fflush(stdout);
    snprintf(text, sizeof text, "%d\n", http_server_port(server));
    return file ? file_write(file, text, strlen(text), err) : 0;
}

static int record(struct arena *arena, const struct options *options, const char *target,
                  const struct data_dirs *dirs)
{
    struct error err = {0};
    struct texts names = options_all(options, "secret");
    const char *out = options_text(options, "out"), *scenario = options_text(options, "scenario");
    sigset_t set = our_signals();
    struct record_tape_options kept = {.file = out,
                                       .is_reduced = options_is_given(options, "reduce"),
                                       .every = (size_t)options_integer(options, "every"),
                                       .full = ask_to_save};
    struct record_proxy_options how = {
        .target = target,
        .client = {.ca_file = options_text(options, "ca"),
                   .is_insecure = options_is_given(options, "insecure")},
        .server = {.port = (int)options_integer(options, "port")}};
    kept.tokens = tokens_new(arena, names.items, names.count, &err);
    if (!kept.tokens || (scenario && file_check_writable(scenario, &err)))
        return complain(&err);
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* before the first thread */
    how.tape = record_tape_new(&kept);
    struct record_proxy *proxy = record_proxy_start(&how, &err);
    int code = EXIT_USAGE;
    /* An empty tape first: a file that cannot be written is told now, not at the end. */
    if (proxy && (code = save(how.tape, out, false)) == EXIT_KEPT) {
        if (tell_port(options, record_proxy_server(proxy), target, &err))
            code = complain(&err);
        else
            serve(how.tape, out, &set);
        record_proxy_stop(proxy);
        if (code == EXIT_KEPT)
            code = save(how.tape, out, true);
    } else if (proxy) {
        record_proxy_stop(proxy);
    } else {
        code = complain(&err);
    }
    record_tape_free(how.tape);
    if (code == EXIT_KEPT && scenario)
        code = write_scenario(arena, out, scenario, dirs);
    return code;
}

/* Without a slash at its end; NULL and `err` when there is none to speak of. */
static const char *read_target(struct arena *arena, const struct options *options,
                               struct data_dirs *dirs, struct error *err)
{
    const char *target = options_text(options, "target"), *ca = options_text(options, "ca");
    size_t len = target ? strlen(target) : 0;
    while (len && target[len - 1] == '/')
        len--;
    if (!target || !options_text(options, "out"))
        fail(err, ERROR_INVALID, "record needs --target URL and --out FILE");
    else if (!text_starts_with(target, "http://") && !text_starts_with(target, "https://"))
        fail(err, ERROR_INVALID, "option '--target': '%s' is no http:// or https:// URL", target);
    else if (strpbrk(target, "?#"))
        fail(err, ERROR_INVALID, "option '--target': a URL without a query, but got '%s'", target);
    else if (options_operands(options).count)
        fail(err, ERROR_INVALID, "record takes no argument, but got '%s'",
             options_operands(options).items[0]);
    else if (ca && !file_exists(ca))
        fail(err, ERROR_NOT_FOUND, "option '--ca': no file '%s'", ca);
    else if (options_text(options, "scenario"))
        data_dirs_find(arena, options_text(options, "contracts"),
                       options_text(options, "contracts"), dirs, err); /* no fixtures are needed */
    return err->kind ? NULL : arena_strndup(arena, target, len);
}

int cmd_record(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct error err = {0};
    struct data_dirs dirs = {0};
    const char *target;
    const struct options *options = options_parse(arena, record_tables, 1, argc, argv, &err);
    int code = EXIT_KEPT;
    if (!options) {
        code = complain(&err);
    } else if (options_is_given(options, "help")) {
        print_help();
    } else if (!(target = read_target(arena, options, &dirs, &err))) {
        code = complain(&err);
    } else {
        if (options_is_given(options, "insecure"))
            log_line(LEVEL_WARNING, "certificates are not checked: whoever is in between can read "
                                    "and change everything, credentials too");
        code = record(arena, options, target, &dirs);
    }
    arena_free(arena);
    return code;
}
