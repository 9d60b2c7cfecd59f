/* SPDX-License-Identifier: Apache-2.0 */
/* TAP 14: a test point a workflow, its steps as a subtest before it. */
#include "core/base/str.h"
#include "core/data/json.h"
#include "runner/reports/causes.h"

enum { CAUSES_SHOWN = 20 };
#define DETAIL_INDENT "          " /* of the lines of `text`, within a subtest */

/* Descriptions: '#' and '\' are escaped, and there is one line only. */
void report_tap_text(const struct report_context *context, const char *text, struct strbuf *out)
{
    for (text = report_text(context, str_from(text)); *text && *text != '\n'; text++) {
        if (*text == '#' || *text == '\\')
            strbuf_addch(out, '\\');
        strbuf_addch(out, *text == '\r' ? ' ' : *text);
    }
}

static void add_lines(const char *text, struct strbuf *out)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        strbuf_addf(out, "%s%.*s\n", len ? DETAIL_INDENT : "", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

/* The YAML block under a step that is broken. */
static void add_details(const struct run_result *result, const struct played_step *played,
                        const struct report_context *context, struct strbuf *out)
{
    struct strbuf text = STRBUF_INIT(LIMIT_REPORT);
    const char *reason = played->reason ? played->reason : "an answer breaks the contract";
    strbuf_adds(out, "      ---\n      message: ");
    json_print_string(report_text(context, str_from(reason)), out);
    strbuf_adds(out, "\n      severity: fail\n");
    if (played->step->place.file) {
        strbuf_adds(out, "      at:\n        file: ");
        json_print_string(played->step->place.file, out);
        strbuf_addf(out, "\n        line: %d\n", played->step->place.line);
    }
    report_step(result, played, context, &text);
    strbuf_adds(out, "      text: |2\n");
    add_lines(report_text(context, (struct str){text.buf, text.len}), out);
    strbuf_adds(out, "      ...\n");
    strbuf_release(&text);
}

static void add_step(const struct run_result *result, const struct played_step *played,
                     size_t number, const struct report_context *context, struct strbuf *out)
{
    bool is_broken = report_step_is_broken(result, played);
    strbuf_addf(out, "    %s %zu - ", is_broken ? "not ok" : "ok", number);
    report_tap_text(context, played->step->id, out);
    if (played->result == PLAYED_SKIPPED && !is_broken) {
        strbuf_adds(out, " # SKIP ");
        report_tap_text(context, played->reason ? played->reason : "", out);
    }
    strbuf_addch(out, '\n');
    if (is_broken)
        add_details(result, played, context, out);
}

static void add_workflow(const struct run_result *result, const struct played_workflow *played,
                         size_t number, const struct report_context *context, struct strbuf *out)
{
    bool is_broken = report_is_broken(result, played);
    strbuf_adds(out, "# Subtest: ");
    report_tap_text(context, played->workflow->id, out);
    strbuf_addf(out, "\n    1..%zu\n", played->steps.count);
    for (size_t i = 0; i < played->steps.count; i++)
        add_step(result, played->steps.items[i], i + 1, context, out);
    strbuf_addf(out, "%s %zu - ", is_broken ? "not ok" : "ok", number);
    report_tap_text(context, played->workflow->id, out);
    if (played->result == PLAYED_SKIPPED && !is_broken) {
        strbuf_adds(out, " # SKIP ");
        report_tap_text(context, report_why(result, played), out);
    }
    strbuf_addch(out, '\n');
    if (!is_broken)
        return;
    strbuf_adds(out, "  ---\n  message: ");
    json_print_string(report_text(context, str_from(report_why(result, played))), out);
    strbuf_adds(out, "\n  file: ");
    json_print_string(played->workflow->document->file, out);
    strbuf_adds(out, "\n  ...\n");
}

/* For people, as comments: each cause once. */
static void add_causes(const struct report_context *context, struct strbuf *out)
{
    struct strbuf text = STRBUF_INIT(LIMIT_REPORT);
    causes_print(context->causes, context, CAUSES_SHOWN, "", &text);
    strbuf_adds(out, text.len ? "# what is broken, worst first:\n" : "");
    for (const char *at = text.buf; *at; at += strcspn(at, "\n") + 1) {
        strbuf_adds(out, "# ");
        strbuf_adds(out, report_text(context, (struct str){at, strcspn(at, "\n")}));
        strbuf_addch(out, '\n');
    }
    strbuf_release(&text);
}

void report_tap(const struct run_result *result, const struct report_context *context,
                struct strbuf *out)
{
    strbuf_addf(out, "TAP version 14\n1..%zu\n", result->workflows.count);
    for (size_t i = 0; i < result->workflows.count; i++)
        add_workflow(result, result->workflows.items[i], i + 1, context, out);
    add_causes(context, out);
    if (result->unreachable) {
        strbuf_adds(out, "Bail out! ");
        report_tap_text(context, result->unreachable, out);
        strbuf_addch(out, '\n');
    }
}
