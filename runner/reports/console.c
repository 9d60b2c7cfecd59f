/* SPDX-License-Identifier: Apache-2.0 */
/* For people: a line a workflow, failures in full, a summary. */
#include "runner/reports/reports.h"

#include <inttypes.h>

static const char *colour(const struct report_context *context, const char *code)
{
    return context->is_colour ? code : "";
}

static void add_workflow(const struct run_result *result, const struct played_workflow *played,
                         const struct report_context *context, struct strbuf *out)
{
    static const char *const colours[] = {"\033[32m", "\033[31m", "\033[33m"};
    bool is_broken = false;
    for (size_t i = 0; i < played->verdict_count; i++)
        is_broken =
            is_broken || result->verdicts.items[played->first_verdict + i].kind != VERDICT_NOTE;
    strbuf_addf(out, "%s%s%s %s (%s, %zu steps, %" PRId64 " ms)%s%s\n",
                colour(context, colours[is_broken ? PLAYED_FAILED : played->result]),
                is_broken && played->result == PLAYED_PASSED ? "broken"
                                                             : played_names[played->result],
                colour(context, "\033[0m"), played->workflow->id, played->workflow->document->file,
                played->steps.count, played->took / NANOS_PER_MS, played->reason ? ": " : "",
                played->reason ? secrets_mask(context->secrets, context->arena,
                                              report_first_line(context, played->reason))
                               : "");
    report_failures(result, played, context, out);
}

void report_progress(const struct played_workflow *workflow, const struct played_step *step,
                     const struct report_context *context, struct strbuf *out)
{
    strbuf_addf(out, "\r\033[K%s %s", workflow->workflow->id, step->step->id);
    if (context->is_colour)
        strbuf_addf(out, " %s", played_names[step->result]);
}

void report_console(const struct run_result *result, const struct report_context *context,
                    struct strbuf *out)
{
    for (size_t i = 0; i < result->workflows.count; i++)
        add_workflow(result, result->workflows.items[i], context, out);
    if (result->unreachable)
        strbuf_addf(out, "the target cannot be judged: %s\n",
                    secrets_mask(context->secrets, context->arena, result->unreachable));
    report_summary(result, out);
}
