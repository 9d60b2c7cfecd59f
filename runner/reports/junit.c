/* SPDX-License-Identifier: Apache-2.0 */
/* JUnit XML: a suite a document, a case a workflow. */
#include "core/base/markup.h"
#include "core/base/str.h"
#include "runner/reports/reports.h"

void report_xml(const char *text, struct strbuf *out)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        const char *entity = markup_entity((char)*at);
        if (entity)
            strbuf_adds(out, entity);
        else if (*at == '\n')
            strbuf_adds(out, "&#10;");
        else if (at[0] == 0xEF && at[1] == 0xBF && at[2] >= 0xBE) /* no characters of XML */
            strbuf_addch(out, '?'), at += 2;
        else
            strbuf_addch(out, *at < ' ' && *at != '\t' ? '?' : (char)*at);
    }
}

/* What broke it: the first breach, or else that a step failed. */
static const char *kind_of(const struct run_result *result, const struct played_workflow *played)
{
    for (size_t i = 0; i < played->verdict_count; i++) {
        const struct verdict *verdict = &result->verdicts.items[played->first_verdict + i];
        if (report_verdict_breaks(result, verdict))
            return report_kind_name(verdict->kind);
    }
    return "failure";
}

static void add_case(const struct run_result *result, const struct played_workflow *played,
                     const struct report_context *context, struct strbuf *out)
{
    const char *message = report_text(context, str_from(report_why(result, played)));
    struct strbuf text = STRBUF_INIT(LIMIT_REPORT);
    strbuf_adds(out, "    <testcase name=\"");
    report_xml(played->workflow->id, out);
    strbuf_adds(out, "\" classname=\"");
    report_xml(played->workflow->document->file, out);
    strbuf_addf(out, "\" time=\"%.3f\">\n", (double)played->took / (double)NANOS_PER_SECOND);
    if (report_is_broken(result, played)) {
        report_failures(result, played, context, &text);
        strbuf_adds(out, "      <failure message=\"");
        report_xml(message, out);
        strbuf_addf(out, "\" type=\"%s\">", kind_of(result, played));
        report_xml(report_text(context, (struct str){text.buf, text.len}), out);
        strbuf_adds(out, "</failure>\n");
    } else if (played->result == PLAYED_SKIPPED) {
        strbuf_adds(out, "      <skipped message=\"");
        report_xml(message, out);
        strbuf_adds(out, "\"/>\n");
    }
    strbuf_adds(out, "    </testcase>\n");
    strbuf_release(&text);
}

/* From `first` on, all workflows of the same document; gives the one after. */
static size_t add_suite(const struct run_result *result, size_t first,
                        const struct report_context *context, struct strbuf *out)
{
    const char *file = result->workflows.items[first]->workflow->document->file;
    size_t end = first, failures = 0, skipped = 0;
    nanos took = 0;
    for (; end < result->workflows.count; end++) {
        const struct played_workflow *played = result->workflows.items[end];
        if (!text_is(played->workflow->document->file, file))
            break;
        failures += report_is_broken(result, played);
        skipped += !report_is_broken(result, played) && played->result == PLAYED_SKIPPED;
        took += played->took;
    }
    strbuf_adds(out, "  <testsuite name=\"");
    report_xml(file, out);
    strbuf_addf(out,
                "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%.3f\">\n",
                end - first, failures, skipped, (double)took / (double)NANOS_PER_SECOND);
    for (size_t i = first; i < end; i++)
        add_case(result, result->workflows.items[i], context, out);
    strbuf_adds(out, "  </testsuite>\n");
    return end;
}

/* Nobody to judge: an error, or a server would show what was not played as well. */
static void add_unreachable(const struct run_result *result, const struct report_context *context,
                            struct strbuf *out)
{
    strbuf_adds(out,
                "  <testsuite name=\"target\" tests=\"1\" failures=\"0\" errors=\"1\" "
                "skipped=\"0\" time=\"0.000\">\n    <testcase name=\"the target can be judged\" "
                "classname=\"target\" time=\"0.000\">\n      <error message=\"");
    report_xml(report_text(context, str_from(result->unreachable)), out);
    strbuf_adds(out, "\" type=\"unreachable\"/>\n    </testcase>\n  </testsuite>\n");
}

void report_junit(const struct run_result *result, const struct report_context *context,
                  struct strbuf *out)
{
    size_t at = 0, failures = 0, skipped = 0;
    for (size_t i = 0; i < result->workflows.count; i++) {
        bool is_broken = report_is_broken(result, result->workflows.items[i]);
        failures += is_broken;
        skipped += !is_broken && result->workflows.items[i]->result == PLAYED_SKIPPED;
    }
    strbuf_addf(out,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dryrun\" "
                "tests=\"%zu\" failures=\"%zu\" errors=\"%d\" skipped=\"%zu\" time=\"%.3f\">\n",
                result->workflows.count + (result->unreachable != NULL), failures,
                result->unreachable != NULL, skipped,
                (double)result->took / (double)NANOS_PER_SECOND);
    while (at < result->workflows.count)
        at = add_suite(result, at, context, out);
    if (result->unreachable)
        add_unreachable(result, context, out);
    strbuf_adds(out, "</testsuites>\n");
}
