/* SPDX-License-Identifier: Apache-2.0 */
/* The forms in which drift is told, by the names of the reports; those that are lists of lines. */
#include "core/base/str.h"
#include "core/data/json.h"
#include "runner/drift/text.h"

const struct drift_reporter drift_reporters[] = {
    {"console", drift_console}, {"junit", drift_junit},   {"json", drift_json}, {"tap", drift_tap},
    {"html", drift_html},       {"github", drift_github}, {NULL, NULL},
};

const struct drift_reporter *drift_reporter_for(const struct reporter *reporter)
{
    const struct drift_reporter *row = drift_reporters;
    while (row->name && !text_is(row->name, reporter->name))
        row++;
    return row->name ? row : NULL;
}

static bool differs(const struct drift_finding *finding)
{
    return finding->kind != DRIFT_NOTE;
}

static const char *name_of(struct arena *arena, const struct drift_operation *row)
{
    return arena_printf(arena, "%s%s%s", row->provider, *row->provider ? " " : "", row->name);
}

/* The findings of an operation that are differences, one under the other. */
static void add_findings(const struct drift *drift, const struct drift_operation *row,
                         struct arena *arena, const char *indent, struct strbuf *out)
{
    const struct drift_finding *finding;
    vec_foreach (finding, &drift->findings)
        if (drift_is_of(finding, row) && differs(finding))
            drift_finding_text(drift, finding, arena, indent, out);
}

/* ---- console ---- */

static const char *colour(const struct report_context *context, const char *code)
{
    return context->is_colour ? code : "";
}

/* Without what would steer a terminal, and masked. */
static void add_readable(const struct report_context *context, struct strbuf *text,
                         struct strbuf *out)
{
    strbuf_adds(out, report_text(context, (struct str){text->buf, text->len}));
    strbuf_release(text);
}

static void add_table(const struct drift *drift, const struct report_context *context,
                      struct strbuf *out)
{
    const struct drift_operation *row;
    int width = (int)strlen("operation");
    vec_foreach (row, &drift->operations) {
        int len = (int)strlen(name_of(context->arena, row));
        width = len > width ? len : width;
    }
    strbuf_addf(out, "%-*s  steps  result\n", width, "operation");
    vec_foreach (row, &drift->operations) {
        struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
        bool is_red = drift_differs(row);
        strbuf_addf(&text, "%-*s  %5zu  ", width, name_of(context->arena, row), row->compared);
        drift_operation_text(drift, row, &text);
        strbuf_adds(out, is_red ? colour(context, "\033[31m") : "");
        add_readable(context, &text, out);
        strbuf_addf(out, "%s\n", is_red ? colour(context, "\033[0m") : "");
    }
}

/* All of an operation under its name. */
static void add_operation(const struct drift *drift, const struct drift_operation *row,
                          struct arena *arena, struct strbuf *out)
{
    const struct drift_finding *finding;
    bool is_named = false;
    vec_foreach (finding, &drift->findings) {
        if (!drift_is_of(finding, row))
            continue;
        if (!is_named)
            strbuf_addf(out, "%s\n", name_of(arena, row));
        is_named = true;
        drift_finding_text(drift, finding, arena, "  ", out);
    }
    strbuf_adds(out, is_named ? "\n" : "");
}

void drift_console(const struct drift *drift, const struct report_context *context,
                   struct strbuf *out)
{
    struct strbuf text = STRBUF_INIT(LIMIT_REPORT), summary = STRBUF_INIT(LIMIT_DOCUMENT);
    const struct drift_side *left = &drift->side[DRIFT_LEFT], *right = &drift->side[DRIFT_RIGHT];
    const struct drift_operation *row;
    strbuf_addf(&text, "%s (%s) against %s (%s)\n\n", left->name, left->where, right->name,
                right->where);
    vec_foreach (row, &drift->operations)
        add_operation(drift, row, context->arena, &text);
    add_readable(context, &text, out);
    if (drift->operations.count)
        add_table(drift, context, out);
    drift_summary(drift, context->arena, &summary);
    add_readable(context, &summary, out);
}

/* ---- JUnit: a suite, a case an operation ---- */

static void add_case(const struct drift *drift, const struct drift_operation *row,
                     const struct report_context *context, struct strbuf *out)
{
    struct strbuf result = STRBUF_INIT(LIMIT_MESSAGE), text = STRBUF_INIT(LIMIT_REPORT);
    drift_operation_text(drift, row, &result);
    add_findings(drift, row, context->arena, "", &text);
    strbuf_adds(out, "    <testcase name=\"");
    report_xml(row->name, out);
    strbuf_adds(out, "\" classname=\"");
    report_xml(row->provider, out);
    strbuf_adds(out, "\" time=\"0.000\">\n"); /* an operation takes no time of its own */
    if (drift_differs(row) || !row->compared) {
        const char *element = drift_differs(row) ? "failure" : "skipped";
        strbuf_addf(out, "      <%s message=\"", element);
        report_xml(report_text(context, str_from(result.buf)), out);
        strbuf_adds(out, "\">");
        report_xml(report_text(context, str_from(text.buf)), out);
        strbuf_addf(out, "</%s>\n", element);
    }
    strbuf_adds(out, "    </testcase>\n");
    strbuf_release(&result);
    strbuf_release(&text);
}

/* What became of the suite and of all: "tests=... time=...". */
static void add_counts(const struct drift *drift, bool is_unreachable, struct strbuf *out)
{
    const struct drift_operation *row;
    nanos took = drift->side[DRIFT_LEFT].result->took + drift->side[DRIFT_RIGHT].result->took;
    size_t failures = 0, skipped = 0;
    vec_foreach (row, &drift->operations) {
        failures += drift_differs(row);
        skipped += !drift_differs(row) && !row->compared;
    }
    strbuf_addf(out,
                "tests=\"%zu\" failures=\"%zu\" errors=\"%d\" skipped=\"%zu\" time=\"%.3f\">\n",
                drift->operations.count + is_unreachable, failures, is_unreachable, skipped,
                (double)took / (double)NANOS_PER_SECOND);
}

void drift_junit(const struct drift *drift, const struct report_context *context,
                 struct strbuf *out)
{
    const char *unreachable = drift_unreachable(drift, context->arena);
    const struct drift_operation *row;
    strbuf_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dryrun\" ");
    add_counts(drift, unreachable != NULL, out);
    strbuf_adds(out, "  <testsuite name=\"drift\" ");
    add_counts(drift, unreachable != NULL, out);
    vec_foreach (row, &drift->operations)
        add_case(drift, row, context, out);
    if (unreachable) {
        strbuf_adds(out, "    <testcase name=\"both sides can be played\" classname=\"drift\" "
                         "time=\"0.000\">\n      <error message=\"");
        report_xml(report_text(context, str_from(unreachable)), out);
        strbuf_adds(out, "\" type=\"unreachable\"/>\n    </testcase>\n");
    }
    strbuf_adds(out, "  </testsuite>\n</testsuites>\n");
}

/* ---- TAP 14: a test point an operation ---- */

static void add_lines(const char *text, struct strbuf *out)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        strbuf_addf(out, "    %.*s\n", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

void drift_tap(const struct drift *drift, const struct report_context *context, struct strbuf *out)
{
    const char *unreachable = drift_unreachable(drift, context->arena);
    const struct drift_operation *row;
    size_t number = 0;
    strbuf_addf(out, "TAP version 14\n1..%zu\n", drift->operations.count);
    vec_foreach (row, &drift->operations) {
        struct strbuf text = STRBUF_INIT(LIMIT_REPORT);
        strbuf_addf(out, "%s %zu - ", drift_differs(row) ? "not ok" : "ok", ++number);
        report_tap_text(context, name_of(context->arena, row), out);
        strbuf_adds(out, !drift_differs(row) && !row->compared ? " # SKIP not compared\n" : "\n");
        if (drift_differs(row)) {
            add_findings(drift, row, context->arena, "", &text);
            strbuf_adds(out, "  ---\n  severity: fail\n  text: |2\n");
            add_lines(report_text(context, (struct str){text.buf, text.len}), out);
            strbuf_adds(out, "  ...\n");
        }
        strbuf_release(&text);
    }
    if (unreachable) {
        strbuf_adds(out, "Bail out! ");
        report_tap_text(context, unreachable, out);
        strbuf_addch(out, '\n');
    }
}

/* ---- GitHub: each at its step ---- */

void drift_github(const struct drift *drift, const struct report_context *context,
                  struct strbuf *out)
{
    static const char *const levels[DRIFT_KINDS] = {"error", "error", "warning", "notice"};
    const char *unreachable = drift_unreachable(drift, context->arena);
    const struct drift_finding *finding;
    if (unreachable)
        report_annotate(&(struct report_annotation){.level = "error",
                                                    .title = "the sides cannot be compared",
                                                    .text = unreachable},
                        context, out);
    vec_foreach (finding, &drift->findings) {
        struct strbuf text = STRBUF_INIT(LIMIT_REPORT);
        drift_finding_text(drift, finding, context->arena, "", &text);
        report_annotate(
            &(struct report_annotation){
                .level = levels[finding->kind],
                .place = finding->place,
                .title = arena_printf(context->arena, "drift of %s: %s", finding->operation,
                                      drift_subject(context->arena, finding)),
                .text = text.buf},
            context, out);
        strbuf_release(&text);
    }
}
