/* SPDX-License-Identifier: Apache-2.0 */
/* What a check tells when all was played: reports, what nothing met, whether it was enough. */
#include "cli/check_parts.h"

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/terminal.h"
#include "runner/reports/causes.h"
#include "runner/secrets_seen.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { REPORT_PIECE = 1024 * 1024 };

int check_complain(const struct error *err)
{
    log_line(LEVEL_ERROR, "%s", err->text);
    return error_row(err->kind)->exit_code;
}

static void spill_to_output(void *data, const char *bytes, size_t len)
{
    (void)data;
    fwrite(bytes, 1, len, stdout);
}

/* Piece by piece: what was seen has no limit, and nothing is cut without a word. `file` NULL:
 * standard output; no reporter: HAR; of what was judged, or of what differs. */
static int write_report(struct check *check, const char *file, const struct reporter *reporter,
                        const struct drift *drift)
{
    const struct run_result *result = runner_result(check->runner);
    struct file_sink sink;
    struct strbuf text;
    if (file && file_sink_begin(&sink, file, &check->err))
        return check_complain(&check->err);
    strbuf_init_spilling(&text, REPORT_PIECE, file ? file_sink_add : spill_to_output, &sink);
    if (drift)
        drift_reporter_for(reporter)->write(drift, &check->context, &text);
    else
        (reporter ? reporter->write : report_har)(result, &check->context, &text);
    strbuf_flush(&text);
    strbuf_release(&text);
    return file && file_sink_end(&sink, &check->err) ? check_complain(&check->err) : 0;
}

int check_write_reports(struct check *check, const struct drift *drift)
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
        if (write_report(check, wanted->file, wanted->reporter, drift))
            code = EXIT_USAGE;
    }
    if (check->settings->har && write_report(check, check->settings->har, NULL, NULL))
        code = EXIT_USAGE;
    return code;
}

int check_tell_absent(struct check *check)
{
    const struct check_settings *settings = check->settings;
    const struct wanted_report *wanted;
    int code = check_complain(&check->err);
    if (code != EXIT_UNREACHABLE || settings->is_drift)
        return code;
    runner_result(check->runner)->unreachable = arena_strdup(check->arena, check->err.text);
    check->context.causes = causes_find(check->arena, runner_result(check->runner));
    vec_foreach (wanted, &settings->reports)
        if (wanted->file || wanted->reporter->write != report_console)
            write_report(check, wanted->file, wanted->reporter, NULL);
    return code;
}

void check_print_unmet(const struct run_result *result)
{
    const struct run_coverage *coverage;
    vec_foreach (coverage, &result->coverage)
        for (int kind = 0; kind < COVERAGE_KINDS; kind++)
            for (const char **name = coverage_unmet(coverage->met, (enum coverage_kind)kind); *name;
                 name++)
                printf("%s not met: %.*s %s\n", coverage->provider,
                       (int)strlen(coverage_names[kind]) - 1, coverage_names[kind], *name);
}

void check_excuse_unreachable(struct check *check)
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

bool check_has_enough(const struct check *check)
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
