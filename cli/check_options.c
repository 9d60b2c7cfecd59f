/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_options.h"

#include "core/base/file.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#include <stdlib.h>

static int read_dirs(struct arena *arena, const struct options *options,
                     struct check_settings *settings, struct error *err)
{
    const char *contracts = options_text(options, "mock-contracts");
    const char *fixtures = options_text(options, "mock-fixtures");
    struct texts against = options_all(options, "against");
    bool is_played = (!options_is_given(options, "target") && !options_is_given(options, "tape")) ||
                     (against.count == 1 && text_is(against.items[0], "mock"));
    if ((is_played ? data_dirs_find : data_dirs_find_contracts)(
            arena, options_text(options, "contracts"), options_text(options, "fixtures"),
            &settings->dirs, err))
        return is_played && err->kind == ERROR_NOT_FOUND && !options_is_given(options, "fixtures")
                   ? fail(err, ERROR_NOT_FOUND, "%s, or which service to judge with --target",
                          arena_strdup(arena, err->text))
                   : -1;
    if (!is_played)
        settings->dirs.fixtures = NULL;
    settings->mock_dirs = settings->dirs;
    if (contracts && !file_is_directory(contracts))
        return fail(err, ERROR_NOT_FOUND, "option '--mock-contracts': no directory '%s'",
                    contracts);
    if (fixtures && !file_is_directory(fixtures))
        return fail(err, ERROR_NOT_FOUND, "option '--mock-fixtures': no directory '%s'", fixtures);
    if (contracts)
        settings->mock_dirs.contracts = contracts;
    if (fixtures)
        settings->mock_dirs.fixtures = fixtures;
    return 0;
}

static int read_providers(struct arena *arena, const struct options *options,
                          struct check_settings *settings, struct error *err)
{
    struct texts names = options_operands(options);
    const char **all = data_dirs_providers(arena, &settings->dirs, err);
    if (!all)
        return -1;
    if (names.count) {
        settings->provider_count = names.count;
        settings->providers = arena_copy(arena, names.items, names.count * sizeof *names.items);
        return data_dirs_check(arena, &settings->dirs, names.items, names.count, err);
    }
    settings->providers = all;
    while (all[settings->provider_count])
        settings->provider_count++;
    if (!settings->provider_count)
        return fail(err, ERROR_NOT_FOUND, "no provider in '%s'", settings->dirs.contracts);
    return 0;
}

static void add_header(struct arena *arena, struct check_settings *settings,
                       struct http_headers *headers, struct http_header header)
{
    vec_push_arena(arena, headers, header);
    secrets_add_header(&settings->secrets, header.name, header.value);
}

/* First, since what is secret hides in the other options' values. */
static void read_secrets(const struct options *options, struct check_settings *settings)
{
    struct texts names = options_all(options, "secret");
    secrets_add_environment(&settings->secrets);
    for (size_t i = 0; i < names.count; i++)
        secrets_add_name(&settings->secrets, names.items[i]);
}

/* The options that say what one side is sent. */
struct header_options {
    const char *header, *bearer; /* their names */
    struct http_headers *headers;
};

static int read_headers(struct arena *arena, const struct options *options,
                        struct check_settings *settings, const struct header_options *of,
                        struct error *err)
{
    struct texts headers = options_all(options, of->header);
    const char *variable = options_text(options, of->bearer);
    const char *token = variable ? getenv(variable) : NULL;
    for (size_t i = 0; i < headers.count; i++) {
        const char *text = headers.items[i], *colon = strchr(text, ':');
        if (!colon || colon == text)
            return fail(err, ERROR_INVALID, "option '--%s': expected 'NAME: VALUE'", of->header);
        add_header(arena, settings, of->headers,
                   (struct http_header){arena_strndup(arena, text, (size_t)(colon - text)),
                                        colon + 1 + strspn(colon + 1, " ")});
    }
    if (variable && (!token || !*token))
        return fail(err, ERROR_INVALID, "option '--%s': '%s' is not set", of->bearer, variable);
    if (token)
        add_header(arena, settings, of->headers,
                   (struct http_header){"Authorization", arena_printf(arena, "Bearer %s", token)});
    return 0;
}

static int read_all_headers(struct arena *arena, const struct options *options,
                            struct check_settings *settings, struct error *err)
{
    const struct header_options rows[] = {
        {"header", "bearer-env", &settings->headers},
        {"against-header", "against-bearer-env", &settings->against_headers}};
    return read_headers(arena, options, settings, &rows[0], err) ||
                   read_headers(arena, options, settings, &rows[1], err)
               ? -1
               : 0;
}

/* A path is one file that must be there; a pattern may match nothing, which is told when it does.
 */
static int read_scenarios(const struct options *options, struct check_settings *settings,
                          struct error *err)
{
    settings->scenarios = options_all(options, "scenario");
    for (size_t i = 0; i < settings->scenarios.count; i++) {
        const char *text = settings->scenarios.items[i];
        if (!strpbrk(text, "*?[\\") && !file_exists(text) && !file_is_special(text))
            return fail(err, ERROR_NOT_FOUND, "option '--scenario': no file '%s'", text);
    }
    return 0;
}

/* Found out before anything is played: an hour with a live service is not lost at its end. */
static int check_outputs(struct arena *arena, const struct check_settings *settings,
                         struct error *err)
{
    const struct wanted_report *wanted;
    const char **files = arena_alloc(arena, (settings->reports.count + 1) * sizeof *files);
    size_t count = 0;
    vec_foreach (wanted, &settings->reports)
        if (wanted->file)
            files[count++] = wanted->file;
    if (settings->har)
        files[count++] = settings->har;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++)
            if (text_is(files[i], files[j]) && !file_is_special(files[i]))
                return fail(err, ERROR_INVALID, "two reports would be written into '%s'", files[i]);
        if (file_check_writable(files[i], err))
            return -1;
    }
    return 0;
}

static int read_reports(struct arena *arena, const struct options *options,
                        struct check_settings *settings, struct error *err)
{
    struct texts texts = options_all(options, "report");
    settings->har = options_text(options, "har");
    for (size_t i = 0; i < texts.count; i++) {
        struct wanted_report wanted = {0};
        wanted.reporter = reporter_find(arena, texts.items[i], &wanted.file, err);
        if (!wanted.reporter)
            return -1;
        vec_push_arena(arena, &settings->reports, wanted);
    }
    if (!texts.count) {
        struct wanted_report console = {&reporters[0], NULL};
        vec_push_arena(arena, &settings->reports, console);
    }
    return options_is_given(options, "dry-run") ? 0 : check_outputs(arena, settings, err);
}

static int read_inputs(const struct options *options, struct check_settings *settings,
                       struct error *err)
{
    settings->inputs = options_all(options, "input");
    for (size_t i = 0; i < settings->inputs.count; i++)
        if (!strchr(settings->inputs.items[i], '='))
            return fail(err, ERROR_INVALID, "option '--input': expected NAME=VALUE");
    return 0;
}

/* A bare URL does for one provider only. */
static int check_urls(const struct texts *urls, const char *option, struct error *err)
{
    for (size_t i = 0; i < urls->count; i++) {
        const char *text = urls->items[i], *equals = strchr(text, '=');
        const char *scheme = strstr(text, "://");
        if (!scheme)
            return fail(err, ERROR_INVALID, "option '--%s': '%s' is no http:// or https:// URL%s",
                        option, text, text_is(option, "against") ? ", nor 'mock' alone" : "");
        if ((!equals || equals > scheme) && urls->count > 1)
            return fail(err, ERROR_INVALID,
                        "option '--%s': with several targets each is PROVIDER=URL", option);
    }
    return 0;
}

static int read_targets(const struct options *options, struct check_settings *settings,
                        struct error *err)
{
    settings->targets = options_all(options, "target");
    return check_urls(&settings->targets, "target", err);
}

/* Two sides are compared, and neither is judged by itself. */
static int read_against(const struct options *options, struct check_settings *settings,
                        struct error *err)
{
    static const char *const of_drift[] = {"against-header", "against-bearer-env", "ignore"};
    static const char *const of_judge[] = {"tape",         "har",       "unmet",
                                           "min-coverage", "fail-fast", "strict"};
    settings->is_drift = options_is_given(options, "against");
    settings->against = options_all(options, "against");
    settings->ignored = options_all(options, "ignore");
    if (settings->against.count == 1 && text_is(settings->against.items[0], "mock"))
        settings->against.count = 0;
    for (size_t i = 0; !settings->is_drift && i < sizeof of_drift / sizeof *of_drift; i++)
        if (options_is_given(options, of_drift[i]))
            return fail(err, ERROR_INVALID, "option '--%s' is for '--against'", of_drift[i]);
    for (size_t i = 0; settings->is_drift && i < sizeof of_judge / sizeof *of_judge; i++)
        if (options_is_given(options, of_judge[i]))
            return fail(err, ERROR_INVALID,
                        "option '--%s' is for judging one side; '--against' compares two",
                        of_judge[i]);
    return check_urls(&settings->against, "against", err);
}

/* With a tape nothing is played. */
static int read_tape(const struct options *options, struct check_settings *settings,
                     struct error *err)
{
    static const char *const of_play[] = {"scenario",       "input",        "header",
                                          "bearer-env",     "ca",           "insecure",
                                          "mock-contracts", "mock-fixtures"};
    settings->tape = options_text(options, "tape");
    for (size_t i = 0; settings->tape && i < sizeof of_play / sizeof *of_play; i++)
        if (options_is_given(options, of_play[i]))
            return fail(err, ERROR_INVALID,
                        "option '--%s' is for playing; with '--tape' nothing is sent", of_play[i]);
    return 0;
}

static int read_extent(struct arena *arena, const struct options *options,
                       struct check_settings *settings, struct error *err)
{
    const char *report = options_text(options, "only-failed");
    settings->threads = (size_t)options_integer(options, "jobs");
    settings->max_rate =
        options_is_given(options, "max-rate") ? options_integer(options, "max-rate") : 0;
    settings->is_dry = options_is_given(options, "dry-run");
    if (report)
        settings->only_failed = only_failed_read(arena, report, err);
    return report && !settings->only_failed ? -1 : 0;
}

static int read_floor(struct arena *arena, struct check_settings *settings, const char *text,
                      struct error *err)
{
    const char *equals = strchr(text, '=');
    struct coverage_floor floor = {COVERAGE_KINDS, 0};
    char *end = NULL;
    for (int kind = 0; equals && kind < COVERAGE_KINDS; kind++)
        if (str_is((struct str){text, (size_t)(equals - text)}, coverage_names[kind]))
            floor.kind = (enum coverage_kind)kind;
    if (equals)
        floor.percent = strtod(equals + 1, &end);
    if (floor.kind == COVERAGE_KINDS || !equals[1] || *end || floor.percent < 0 ||
        floor.percent > 100)
        return fail(
            err, ERROR_INVALID,
            "option '--min-coverage': '%s' is not KIND=PERCENT such as cells=100; the kinds "
            "are operations, answers, states, moves, cells, members",
            text);
    vec_push_arena(arena, &settings->floors, floor);
    return 0;
}

static int read_floors(struct arena *arena, const struct options *options,
                       struct check_settings *settings, struct error *err)
{
    struct texts texts = options_all(options, "min-coverage");
    for (size_t i = 0; i < texts.count; i++)
        if (read_floor(arena, settings, texts.items[i], err))
            return -1;
    return 0;
}

int check_options_read(struct arena *arena, const struct options *options,
                       struct check_settings *settings, struct error *err)
{
    *settings = (struct check_settings){.secrets = {.arena = arena}};
    settings->clock.epoch = CLOCK_EPOCH;
    read_secrets(options, settings);
    settings->seed = (uint64_t)options_integer(options, "seed");
    settings->timeout = options_duration(options, "timeout");
    settings->is_strict = options_is_given(options, "strict");
    settings->shows_unmet = options_is_given(options, "unmet");
    settings->fail_fast = options_is_given(options, "fail-fast");
    settings->client =
        (struct http_client_options){.ca_file = options_text(options, "ca"),
                                     .is_insecure = options_is_given(options, "insecure"),
                                     .user_agent = "dryrun"};
    if (settings->client.ca_file && !file_exists(settings->client.ca_file))
        return fail(err, ERROR_NOT_FOUND, "option '--ca': no file '%s'", settings->client.ca_file);
    if (read_dirs(arena, options, settings, err) || read_providers(arena, options, settings, err) ||
        read_all_headers(arena, options, settings, err) ||
        read_reports(arena, options, settings, err) || read_inputs(options, settings, err) ||
        read_floors(arena, options, settings, err) || read_targets(options, settings, err) ||
        read_tape(options, settings, err) || read_scenarios(options, settings, err) ||
        read_against(options, settings, err) || read_extent(arena, options, settings, err))
        return -1;
    return clock_parse(options_text(options, "clock"), &settings->clock, err);
}
