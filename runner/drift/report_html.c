/* SPDX-License-Identifier: Apache-2.0 */
/* One page: each difference side by side with the answers that first showed it, then a table. */
#include "runner/drift/text.h"
#include "runner/reports/html.h"

static void add_cell(const struct report_context *context, const char *element, const char *text,
                     struct strbuf *out)
{
    strbuf_addf(out, "<%s>", element);
    html_text(context, text, out);
    strbuf_addf(out, "</%s>", element);
}

/* What was sent and what came back, when it is folded out. */
static void add_exchange(const struct drift *drift, const struct drift_finding *finding, int side,
                         const struct report_context *context, struct strbuf *out)
{
    const struct seen *seen = finding->side[side].seen;
    struct strbuf text = STRBUF_INIT(LIMIT_REPORT);
    if (seen) {
        strbuf_addf(&text, "%s: %s %s\n", drift->side[side].name, seen->method, seen->url);
        report_answer(seen->response, context, "", &text);
        add_cell(context, "pre", text.buf, out);
    }
    strbuf_release(&text);
}

static void add_finding(const struct drift *drift, const struct drift_finding *finding,
                        const struct report_context *context, struct strbuf *out)
{
    static const char *const classes[DRIFT_KINDS] = {"broken", "failed", "skipped", "soft"};
    struct strbuf text = STRBUF_INIT(LIMIT_REPORT);
    strbuf_addf(out, "<details%s><summary><span class=\"%s\">%s</span> ",
                finding->kind == DRIFT_NOTE ? "" : " open", classes[finding->kind],
                drift_kind_names[finding->kind]);
    add_cell(context, "b", finding->operation, out);
    strbuf_adds(out, " ");
    html_text(context, drift_subject(context->arena, finding), out);
    strbuf_addf(out, " <span class=\"soft\">%s</span></summary>\n",
                finding->count == 1 ? "once"
                                    : arena_printf(context->arena, "%zu times", finding->count));
    drift_finding_text(drift, finding, context->arena, "", &text);
    add_cell(context, "pre", text.buf, out);
    strbuf_adds(out, "<details><summary class=\"soft\">the first exchanges</summary>\n");
    add_exchange(drift, finding, DRIFT_LEFT, context, out);
    add_exchange(drift, finding, DRIFT_RIGHT, context, out);
    strbuf_adds(out, "</details></details>\n");
    strbuf_release(&text);
}

static void add_operations(const struct drift *drift, const struct report_context *context,
                           struct strbuf *out)
{
    const struct drift_operation *row;
    strbuf_adds(out, "<h2>Operations</h2>\n<div class=\"wide\"><table><tr><th>service</th>"
                     "<th>operation</th><th>steps</th><th>result</th></tr>\n");
    vec_foreach (row, &drift->operations) {
        struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
        drift_operation_text(drift, row, &text);
        strbuf_adds(out, "<tr>");
        add_cell(context, "td", row->provider, out);
        add_cell(context, "td", row->name, out);
        strbuf_addf(out, "<td>%zu</td><td class=\"%s\">", row->compared,
                    drift_differs(row) ? "failed" : "met");
        html_text(context, text.buf, out);
        strbuf_adds(out, "</td></tr>\n");
        strbuf_release(&text);
    }
    strbuf_adds(out, "</table></div>\n");
}

void drift_html(const struct drift *drift, const struct report_context *context, struct strbuf *out)
{
    static const char *const words[] = {"the same",       "they differ",
                                        "not played",     "a side is unreachable",
                                        "internal error", "nothing was compared"};
    const struct drift_finding *finding;
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    const int code = drift_exit_code(drift);
    html_begin(out);
    strbuf_addf(out, "<h1>drift: <span class=\"%s\">%s</span></h1>\n<p>",
                code ? "broken" : "passed", words[code]);
    strbuf_addf(&text, "%s (%s) against %s (%s)\n", drift->side[DRIFT_LEFT].name,
                drift->side[DRIFT_LEFT].where, drift->side[DRIFT_RIGHT].name,
                drift->side[DRIFT_RIGHT].where);
    drift_summary(drift, context->arena, &text);
    html_text(context, text.buf, out);
    strbuf_adds(out, "</p>\n");
    if (drift->findings.count)
        strbuf_adds(out, "<h2>Differences</h2>\n");
    vec_foreach (finding, &drift->findings)
        add_finding(drift, finding, context, out);
    add_operations(drift, context, out);
    strbuf_adds(out, "</body>\n</html>\n");
    strbuf_release(&text);
}
