/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge at work: loads the installed contract, starts a mock in this process unless a target is
 * named, plays the scenarios, writes the reports. Mock and runner meet here only; what the mock
 * plays may be another copy than what the judge holds.
 */
#include "cli/cmd_check.h"

#include "cli/check_options.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/terminal.h"
#include "mock/mock.h"
#include "runner/coverage_seen.h"
#include "runner/monitor/monitor.h"
#include "runner/play/jobs.h"
#include "runner/play/pace.h"
#include "runner/play/play.h"
#include "runner/play/preview.h"
#include "runner/reports/causes.h"
#include "runner/secrets_seen.h"
#include "runner/tape/tape.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOCK_THREADS = 64, REPORT_PIECE = 1024 * 1024 };

struct check {
    struct arena *arena;
    const struct check_settings *settings;
    struct findings findings;
    const struct provider **providers;
    struct mock *mock; /* NULL: a target was named */
    struct http_client *client;
    struct runner_options options;
    struct runner *runner;
    struct jobs jobs; /* what is played, in order */
    struct report_context context;
    struct error err;
};

static int complain(const struct error *err)
{
    log_line(LEVEL_ERROR, "%s", err->text);
    return error_row(err->kind)->exit_code;
}

/* ---- who is judged ---- */

static int load_providers(struct check *check)
{
    const struct check_settings *settings = check->settings;
    struct provider_options options = {.contracts_dir = settings->dirs.contracts};
    check->providers =
        arena_alloc(check->arena, (settings->provider_count + 1) * sizeof *check->providers);
    for (size_t i = 0; i < settings->provider_count; i++)
        check->providers[i] =
            provider_load(check->arena, settings->providers[i], &options, &check->findings);
    return check->findings.errors ? -1 : 0;
}

static int start_mock(struct check *check)
{
    const struct check_settings *settings = check->settings;
    struct mock_options options = {
        .providers = (const char *const *)settings->providers,
        .provider_count = settings->provider_count,
        .contracts_dir = settings->mock_dirs.contracts,
        .fixtures_dir = settings->mock_dirs.fixtures,
        .clock = settings->clock,
        .seed = settings->seed,
        .participants = 1,
        .seeds_on_demand = true, /* each workflow has a session, and speaks to one as a rule */
        .http = {.threads = MOCK_THREADS},
    };
    check->mock = mock_new(&options, &check->findings, &check->err);
    if (!check->mock || check->findings.errors)
        return check->err.kind ? -1
                               : fail(&check->err, ERROR_INVALID, "the mock cannot be started");
    return mock_listen(check->mock, &check->err);
}

static int add_mock_targets(struct check *check)
{
    const char *origin;
    if (start_mock(check))
        return -1;
    origin = http_server_url(check->mock->server);
    for (size_t i = 0; i < check->settings->provider_count; i++) {
        const struct provider *provider = check->providers[i];
        const struct played *played = mock_provider(check->mock, provider->name);
        const struct service *service = &played->provider->service;
        struct target *target = arena_alloc(check->arena, sizeof *target);
        struct strbuf url = STRBUF_INIT(LIMIT_MESSAGE);
        strbuf_addf(&url, "%s/%s", origin, provider->name);
        service_fill_mount(service->mounts[0].at, &url);
        target_of_mock(check->arena, origin, arena_strndup(check->arena, url.buf, url.len),
                       check->settings->clock.mode == MODE_VIRTUAL, provider, target);
        strbuf_release(&url);
        runner_add_target(check->runner, target);
    }
    return 0;
}

/* The URL for a provider; NULL when none of PROVIDER=URL is its own. */
static const char *target_url(const struct check *check, const char *provider)
{
    const struct texts *targets = &check->settings->targets;
    for (size_t i = 0; i < targets->count; i++) {
        const char *text = targets->items[i], *equals = strchr(text, '=');
        if (!equals || equals > strstr(text, "://"))
            return text;
        if (strlen(provider) == (size_t)(equals - text) &&
            strncmp(provider, text, strlen(provider)) == 0)
            return equals + 1;
    }
    return NULL;
}

static int add_targets(struct check *check)
{
    for (size_t i = 0; i < check->settings->provider_count; i++) {
        const struct provider *provider = check->providers[i];
        const char *url = target_url(check, provider->name);
        struct target *target = arena_alloc(check->arena, sizeof *target);
        if (!url)
            return fail(&check->err, ERROR_INVALID, "no --target for '%s': %s=URL", provider->name,
                        provider->name);
        if (target_find(check->arena, check->client, url, provider, target, &check->err))
            return -1;
        runner_add_target(check->runner, target);
    }
    return 0;
}

/* ---- what is played ---- */

static void load_glob(struct check *check, const char *pattern, size_t *loaded)
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found))
        return;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const struct arazzo *document =
            arazzo_load(check->arena, arena_strdup(check->arena, found.gl_pathv[i]),
                        check->providers, check->settings->provider_count, &check->findings);
        ++*loaded;
        if (document)
            jobs_add(check->arena, &check->jobs, document,
                     check->settings->only_failed ? only_failed_wants : NULL,
                     check->settings->only_failed);
    }
    globfree(&found);
}

static struct http_client *new_client(void *data)
{
    const struct check *check = data;
    return http_client_new(&check->settings->client);
}

static void load_all(struct check *check)
{
    const struct check_settings *settings = check->settings;
    size_t loaded = 0;
    for (size_t i = 0; i < settings->scenarios.count; i++)
        load_glob(check, settings->scenarios.items[i], &loaded);
    for (size_t i = 0; !settings->scenarios.count && i < settings->provider_count; i++)
        load_glob(check,
                  arena_printf(check->arena, "%s/%s/scenarios/*.arazzo.yaml",
                               settings->dirs.contracts, settings->providers[i]),
                  &loaded);
    if (loaded && settings->only_failed && !check->jobs.count)
        log_line(LEVEL_WARNING,
                 "nothing to play: the report names %zu broken workflow%s, and none "
                 "is here",
                 only_failed_count(settings->only_failed),
                 only_failed_count(settings->only_failed) == 1 ? "" : "s");
    if (!loaded)
        log_line(LEVEL_WARNING, "there are no scenarios%s%s",
                 settings->scenarios.count ? " at " : "",
                 settings->scenarios.count ? settings->scenarios.items[0] : "");
}

/* ---- what was recorded ---- */

static int judge_tape(struct check *check)
{
    const struct check_settings *settings = check->settings;
    struct tape_options options = {check->providers, settings->provider_count,
                                   settings->targets.items, settings->targets.count};
    struct tape_summary summary;
    const struct har *har = har_read(check->arena, settings->tape, &check->findings);
    if (!har)
        return -1;
    if (!har->entries.count)
        log_line(LEVEL_WARNING, "%s: no exchanges were recorded", settings->tape);
    runner_judge_tape(check->runner, har, &options, &summary);
    if (summary.foreign)
        log_line(LEVEL_WARNING, "%s: %zu of %zu exchanges are no provider's, the first: %s %s",
                 settings->tape, summary.foreign, har->entries.count, summary.foreign_method,
                 secrets_mask(&check->settings->secrets, check->arena, summary.foreign_url));
    return 0;
}

/* ---- what is told ---- */

static void show_progress(void *data, const struct played_workflow *workflow,
                          const struct played_step *step)
{
    struct check *check = data;
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    report_progress(workflow, step, &check->context, &text);
    fwrite(text.buf, 1, text.len, stderr);
    strbuf_release(&text);
}

static void spill_to_output(void *data, const char *bytes, size_t len)
{
    (void)data;
    fwrite(bytes, 1, len, stdout);
}

/* Piece by piece: what was seen has no limit, and nothing is cut without a word. `file` NULL:
 * standard output. */
static int write_report(struct check *check, const char *file, report_writer *write)
{
    const struct run_result *result = runner_result(check->runner);
    struct file_sink sink;
    struct strbuf text;
    if (file && file_sink_begin(&sink, file, &check->err))
        return complain(&check->err);
    strbuf_init_spilling(&text, REPORT_PIECE, file ? file_sink_add : spill_to_output, &sink);
    write(result, &check->context, &text);
    strbuf_flush(&text);
    strbuf_release(&text);
    return file && file_sink_end(&sink, &check->err) ? complain(&check->err) : 0;
}

static int write_reports(struct check *check)
{
    const struct run_result *result = runner_result(check->runner);
    const struct wanted_report *wanted;
    int code = 0;
    secrets_add_seen(check->options.secrets, result);
    check->context.causes = causes_find(check->arena, result);
    if (check->options.progress)
        fputs("\r\033[K", stderr);
    vec_foreach (wanted, &check->settings->reports) {
        check->context.is_colour = !wanted->file && terminal_colour(STDOUT_FILENO);
        if (write_report(check, wanted->file, wanted->reporter->write))
            code = EXIT_USAGE;
    }
    if (check->settings->har && write_report(check, check->settings->har, report_har))
        code = EXIT_USAGE;
    return code;
}

/* --unmet: a line each, for people and scripts. */
static void print_unmet(const struct run_result *result)
{
    const struct run_coverage *coverage;
    vec_foreach (coverage, &result->coverage)
        for (int kind = 0; kind < COVERAGE_KINDS; kind++)
            for (const char **name = coverage_unmet(coverage->met, (enum coverage_kind)kind); *name;
                 name++)
                printf("%s not met: %.*s %s\n", coverage->provider,
                       (int)strlen(coverage_names[kind]) - 1, coverage_names[kind], *name);
}

/* Beside openapi.yaml, when there is one. */
static void excuse_unreachable(struct check *check)
{
    const struct run_result *result = runner_result(check->runner);
    const struct run_coverage *coverage;
    vec_foreach (coverage, &result->coverage) {
        const char *folder =
            file_join(check->arena, check->settings->dirs.contracts, coverage->provider);
        const char *file = file_join(check->arena, folder, "unreachable.yaml");
        if (file_exists(file))
            coverage_excuse(coverage->met, file, &check->findings);
    }
}

/* --min-coverage: false when something falls short of it. */
static bool has_enough(const struct check *check)
{
    const struct run_result *result = runner_result(check->runner);
    const struct coverage_floor *floor;
    const struct run_coverage *coverage;
    bool enough = true;
    vec_foreach (floor, &check->settings->floors)
        vec_foreach (coverage, &result->coverage) {
            size_t met = coverage_met(coverage->met, floor->kind);
            size_t of = coverage_declared(coverage->met, floor->kind);
            if ((double)met * 100 >= floor->percent * (double)of)
                continue;
            enough = false;
            log_line(LEVEL_ERROR, "%s: %s %zu of %zu is less than %g %%; --unmet says which",
                     coverage->provider, coverage_names[floor->kind], met, of, floor->percent);
        }
    return enough;
}

/* --dry-run asks nobody: what stands at a target's root is not known. */
static int name_targets(struct check *check)
{
    for (size_t i = 0; i < check->settings->provider_count; i++) {
        const struct provider *provider = check->providers[i];
        const char *url = target_url(check, provider->name);
        struct target *target = arena_alloc(check->arena, sizeof *target);
        if (!url)
            return fail(&check->err, ERROR_INVALID, "no --target for '%s': %s=URL", provider->name,
                        provider->name);
        target_of_tape(check->arena, url, provider, target);
        runner_add_target(check->runner, target);
    }
    return 0;
}

/* Who would be asked, and what goes along with every request. */
static void add_addressee(const struct check *check, struct strbuf *out)
{
    const struct check_settings *settings = check->settings;
    if (!settings->targets.count)
        strbuf_adds(out, "to a mock in this process; --target URL names a service\n");
    for (size_t i = 0; i < settings->headers.count; i++)
        strbuf_addf(out, "every request carries %s: ***\n", settings->headers.items[i].name);
}

/* --dry-run: documents and inputs are all that is looked at. */
static int preview(struct check *check)
{
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    if (check->settings->targets.count && name_targets(check))
        return complain(&check->err);
    load_all(check);
    findings_tell(&check->findings);
    add_addressee(check, &text);
    preview_jobs(check->runner, &check->jobs, &text);
    fwrite(text.buf, 1, text.len, stdout);
    strbuf_release(&text);
    return check->findings.errors ? EXIT_USAGE : check->jobs.count ? EXIT_KEPT : EXIT_NOTHING;
}

static int judge(struct check *check)
{
    const struct run_result *result = runner_result(check->runner);
    int code;
    size_t wrong_documents;
    if (load_providers(check)) {
        findings_tell(&check->findings);
        return EXIT_USAGE;
    }
    if (check->settings->is_dry)
        return preview(check);
    if (check->settings->tape) {
        if (judge_tape(check)) {
            findings_tell(&check->findings);
            return EXIT_USAGE;
        }
    } else if (check->settings->targets.count ? add_targets(check) : add_mock_targets(check)) {
        findings_tell(&check->findings);
        return complain(&check->err);
    } else {
        load_all(check);
        jobs_play(check->runner, &check->jobs, check->settings->threads, new_client, check);
        runner_end(check->runner);
    }
    wrong_documents = check->findings.errors;
    run_meet_seen(runner_result(check->runner));
    excuse_unreachable(check);
    findings_tell(&check->findings);
    code = write_reports(check);
    if (check->settings->shows_unmet)
        print_unmet(result);
    if (result->refused)
        log_line(LEVEL_ERROR, "%s",
                 secrets_mask(&check->settings->secrets, check->arena, result->refused));
    if (code || wrong_documents)
        return EXIT_USAGE;
    code = run_exit_code(result);
    if (code == EXIT_KEPT && check->findings.errors) /* a broken service may meet anything */
        return EXIT_USAGE;
    return has_enough(check) || code != EXIT_KEPT ? code : EXIT_BROKEN;
}

static int run(struct arena *arena, struct check_settings *settings)
{
    struct check check = {.arena = arena, .settings = settings};
    int code;
    check.client = http_client_new(&settings->client);
    check.context = (struct report_context){
        .arena = arena, .secrets = &settings->secrets, .version = DRYRUN_VERSION};
    check.options = (struct runner_options){
        .inputs = settings->inputs.items,
        .headers = settings->headers.items,
        .header_count = settings->headers.count,
        .client = check.client,
        .secrets = &settings->secrets,
        .pace = pace_new(arena, settings->max_rate),
        .timeout = settings->timeout,
        .is_strict = settings->is_strict,
        .fail_fast = settings->fail_fast,
        .is_own_mock = !settings->targets.count && !settings->tape,
        .progress = isatty(STDERR_FILENO) ? show_progress : NULL,
        .data = &check,
    };
    if (settings->client.is_insecure)
        log_line(LEVEL_WARNING, "certificates are not checked: whoever is in between can read and "
                                "change everything, credentials too");
    check.runner = runner_new(arena, &check.options);
    code = judge(&check);
    mock_free(check.mock);
    http_client_free(check.client);
    findings_release(&check.findings);
    return code;
}

static void print_help(void)
{
    struct strbuf help = STRBUF_INIT(LIMIT_MESSAGE);
    options_help(check_tables, check_table_count, &help);
    printf("usage: dryrun check [PROVIDER...] [OPTIONS]\n\n"
           "Plays the scenarios of the providers named (or of all) and judges every exchange "
           "against\ntheir contracts. Exit codes: 0 kept, 1 broken, 2 usage or document, "
           "3 target\nunreachable, 4 internal, 5 nothing was judged.\n\n%s",
           help.buf);
    strbuf_release(&help);
}

int cmd_check(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct error err = {0};
    struct check_settings settings = {0};
    struct options *options =
        options_parse(arena, check_tables, check_table_count, argc, argv, &err);
    int code = EXIT_KEPT;
    if (!options)
        code = complain(&err);
    else if (options_is_given(options, "help"))
        print_help();
    else if (check_options_read(arena, options, &settings, &err))
        code = complain(&err);
    else
        code = run(arena, &settings);
    arena_free(arena);
    return code;
}
