/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge at work: loads the installed contract, starts a mock in this process unless a target is
 * named, plays the scenarios, writes the reports. Mock and runner meet here only; what the mock
 * plays may be another copy than what the judge holds.
 */
#include "cli/cmd_check.h"

#include "cli/check_parts.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "runner/coverage_seen.h"
#include "runner/monitor/monitor.h"
#include "runner/play/pace.h"
#include "runner/play/preview.h"
#include "runner/secrets_seen.h"
#include "runner/tape/tape.h"

#include <glob.h>
#include <stdio.h>
#include <unistd.h>

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

/* ---- what is played ---- */

static void load_glob(struct check *check, const char *pattern, size_t *loaded)
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found)) {
        if (check->settings->scenarios.count)
            log_line(LEVEL_WARNING, "there are no scenarios at %s", pattern);
        return;
    }
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
    if (!loaded && !settings->scenarios.count)
        log_line(LEVEL_WARNING, "there are no scenarios");
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

/* ---- what would be played ---- */

/* --dry-run asks nobody: what stands at a target's root is not known. */
static int name_targets(struct check *check)
{
    for (size_t i = 0; i < check->settings->provider_count; i++) {
        const struct provider *provider = check->providers[i];
        const char *url = check_target_url(&check->settings->targets, provider->name);
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
        return check_complain(&check->err);
    load_all(check);
    findings_tell(&check->findings);
    add_addressee(check, &text);
    preview_jobs(check->runner, &check->jobs, &text);
    fwrite(text.buf, 1, text.len, stdout);
    strbuf_release(&text);
    return check->findings.errors ? EXIT_USAGE : check->jobs.count ? EXIT_KEPT : EXIT_NOTHING;
}

/* ---- playing and judging ---- */

static int find_sides(struct check *check)
{
    check->side = (struct check_side){.arena = check->arena,
                                      .settings = check->settings,
                                      .providers = check->providers,
                                      .dirs = &check->settings->mock_dirs,
                                      .urls = &check->settings->targets,
                                      .option = "--target",
                                      .client = check->client,
                                      .runner = check->runner};
    if (check_side_add(&check->side, &check->findings, &check->err))
        return -1;
    return check->settings->is_drift ? against_begin(&check->against, &check->side, &check->options,
                                                     &check->findings, &check->err)
                                     : 0;
}

/* --against: the other side plays the same, and what differs is told instead of what is broken. */
static int compare(struct check *check)
{
    const struct drift *drift =
        against_play(&check->against, &check->side, &check->jobs, new_client, check);
    const char *refused = runner_result(check->runner)->refused;
    size_t wrong_documents = check->findings.errors;
    findings_tell(&check->findings);
    secrets_add_seen(check->options.secrets, drift->side[DRIFT_RIGHT].result);
    int code = check_write_reports(check, drift);
    if (refused)
        log_line(LEVEL_ERROR, "%s", secrets_mask(&check->settings->secrets, check->arena, refused));
    return code || wrong_documents ? EXIT_USAGE : drift_exit_code(drift);
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
    } else if (find_sides(check)) {
        findings_tell(&check->findings);
        return check_tell_absent(check);
    } else {
        load_all(check);
        jobs_play(check->runner, &check->jobs, check->settings->threads, new_client, check);
        runner_end(check->runner);
    }
    if (check->settings->is_drift)
        return compare(check);
    wrong_documents = check->findings.errors;
    run_meet_seen(runner_result(check->runner));
    check_excuse_unreachable(check);
    findings_tell(&check->findings);
    code = check_write_reports(check, NULL);
    if (check->settings->shows_unmet)
        check_print_unmet(result);
    if (result->refused)
        log_line(LEVEL_ERROR, "%s",
                 secrets_mask(&check->settings->secrets, check->arena, result->refused));
    if (code || wrong_documents)
        return EXIT_USAGE;
    code = run_exit_code(result);
    if (code == EXIT_KEPT && check->findings.errors) /* a broken service may meet anything */
        return EXIT_USAGE;
    return check_has_enough(check) || code != EXIT_KEPT ? code : EXIT_BROKEN;
}

static void show_progress(void *data, const struct played_workflow *workflow,
                          const struct played_step *step)
{
    struct check *check = data;
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    report_progress(workflow, step, &check->context, &text);
    fwrite(text.buf, 1, text.len, stderr);
    strbuf_release(&text);
}

/* Something that is written shows every exchange, or compares it. */
static bool shows_all(const struct check_settings *settings)
{
    const struct wanted_report *wanted;
    bool all = settings->har || settings->is_drift;
    vec_foreach (wanted, &settings->reports)
        all = all || wanted->reporter->shows_all;
    return all;
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
        .forgets = !shows_all(settings),
        .progress = isatty(STDERR_FILENO) ? show_progress : NULL,
        .data = &check,
    };
    if (settings->client.is_insecure)
        log_line(LEVEL_WARNING, "certificates are not checked: whoever is in between can read and "
                                "change everything, credentials too");
    check.runner = runner_new(arena, &check.options);
    code = judge(&check);
    mock_free(check.side.mock);
    against_end(&check.against);
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
           "3 target\nunreachable, 4 internal, 5 nothing was judged. With --against they are "
           "played at two\nsides, and where these differ is told: 0 they do the same, 1 they "
           "differ.\n\n%s",
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
        code = check_complain(&err);
    else if (options_is_given(options, "help"))
        print_help();
    else if (check_options_read(arena, options, &settings, &err))
        code = check_complain(&err);
    else
        code = run(arena, &settings);
    arena_free(arena);
    return code;
}
