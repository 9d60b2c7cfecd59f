/* SPDX-License-Identifier: Apache-2.0 */
/* For people: a line a workflow, what is broken in full behind the rest, each cause once; its list,
 * worst first; a summary. The end is what a terminal shows, so the worst stands there. */
#include "core/base/str.h"
#include "runner/reports/causes.h"

#include <inttypes.h>

enum { CAUSES_SHOWN = 20 };

/* Broken, if by a deviation only. */
static bool is_broken(const struct run_result *result, const struct played_workflow *played)
{
    for (size_t i = 0; i < played->verdict_count; i++)
        if (result->verdicts.items[played->first_verdict + i].kind != VERDICT_NOTE)
            return true;
    return played->result == PLAYED_FAILED;
}

/* A step's own line tells the reason. */
static bool is_told_below(const struct played_workflow *played)
{
    for (size_t i = 0; i < played->steps.count; i++)
        if (played->result == PLAYED_FAILED &&
            text_is(played->steps.items[i]->reason, played->reason))
            return true;
    return false;
}

static void add_workflow(const struct run_result *result, const struct played_workflow *played,
                         const struct report_context *context, struct strbuf *out)
{
    bool broken = is_broken(result, played);
    const char *word =
        broken && played->result == PLAYED_PASSED ? "broken" : played_names[played->result];
    strbuf_addf(out, "%s%s%s %s (%s, %zu step%s, %" PRId64 " ms)",
                report_colour(context, broken ? "broken" : word), word, report_colour(context, ""),
                played->workflow->id, played->workflow->document->file, played->steps.count,
                played->steps.count == 1 ? "" : "s", played->took / NANOS_PER_MS);
    if (played->reason && !is_told_below(played)) {
        strbuf_adds(out, ": ");
        report_masked(context, report_first_line(context, played->reason), out);
    }
    strbuf_addch(out, '\n');
    if (broken || played->result != PLAYED_SKIPPED)
        report_failures(result, played, context, out);
}

void report_progress(const struct played_workflow *workflow, const struct played_step *step,
                     const struct report_context *context, struct strbuf *out)
{
    strbuf_addf(out, "\r\033[K%s %s", workflow->workflow->id, step->step->id);
    if (context->is_colour)
        strbuf_addf(out, " %s", played_names[step->result]);
}

/* One breach alone stands right above. */
static void add_causes(const struct report_context *context, struct strbuf *out)
{
    const struct broken_causes *causes = context->causes;
    const struct skipping *skipping;
    if (causes->count > 1 || (causes->count && causes->items[0]->count > 1)) {
        strbuf_addf(out, "%swhat is broken, worst first:%s\n", report_colour(context, "title"),
                    report_colour(context, ""));
        causes_print(causes, context, CAUSES_SHOWN, "  ", out);
    }
    vec_foreach (skipping, &causes->skipped) {
        strbuf_addf(out, "%sskipped%s: %zu workflow%s: ", report_colour(context, "skipped"),
                    report_colour(context, ""), skipping->count, skipping->count == 1 ? "" : "s");
        report_masked(context, report_first_line(context, skipping->reason), out);
        strbuf_addch(out, '\n');
    }
}

void report_console(const struct run_result *result, const struct report_context *given,
                    struct strbuf *out)
{
    struct report_context context = *given;
    context.is_coloured = given->is_colour;
    context.is_brief = true;
    for (int broken = 0; broken < 2; broken++)
        for (size_t i = 0; i < result->workflows.count; i++)
            if (is_broken(result, result->workflows.items[i]) == (broken == 1))
                add_workflow(result, result->workflows.items[i], &context, out);
    add_causes(&context, out);
    if (result->unreachable) {
        strbuf_addf(out, "%sthe target cannot be judged%s: ", report_colour(&context, "failed"),
                    report_colour(&context, ""));
        report_masked(&context, result->unreachable, out);
        strbuf_addch(out, '\n');
    }
    report_summary(result, out);
    if (run_exit_code(result) == EXIT_BROKEN)
        strbuf_adds(out, "next: --report html=FILE shows every exchange; with --report json=FILE "
                         "now, --only-failed FILE plays only what was broken\n");
}
