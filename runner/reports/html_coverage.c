/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/str.h"
#include "runner/graph/graph.h"
#include "runner/monitor.h"
#include "runner/reports/html.h"

static void add_numbers(const struct coverage *met, struct strbuf *out)
{
    strbuf_adds(out, "<table><tr><th>met</th><th></th><th>of</th><th></th></tr>\n");
    for (int i = 0; i < COVERAGE_KINDS; i++) {
        enum coverage_kind kind = (enum coverage_kind)i;
        size_t of = coverage_declared(met, kind), count = coverage_met(met, kind);
        strbuf_addf(out,
                    "<tr><th>%s</th><td class=\"%s\">%zu</td><td>%zu</td><td>%.1f %%</td></tr>\n",
                    coverage_names[kind], count == of ? "met" : "unmet", count, of,
                    of ? 100.0 * (double)count / (double)of : 100.0);
    }
    strbuf_adds(out, "</table>\n");
}

static void add_machines(const struct run_coverage *coverage, const struct report_context *context,
                         struct strbuf *out)
{
    const struct lifecycle *lifecycle = coverage->contract->lifecycle;
    for (size_t i = 0; i < lifecycle->machine_count; i++) {
        struct graph *graph =
            graph_new(context->arena, coverage->contract, &lifecycle->machines[i]);
        graph_paint(graph, coverage->met);
        strbuf_adds(out, "<h3>Machine ");
        html_text(context, lifecycle->machines[i].name, out);
        strbuf_adds(out, "</h3>\n<div class=\"wide\">");
        graph_print_svg(graph, out);
        strbuf_adds(out, "</div>\n");
    }
}

void html_coverage(const struct run_result *result, const struct report_context *context,
                   struct strbuf *out)
{
    const struct run_coverage *coverage;
    vec_foreach (coverage, &result->coverage) {
        strbuf_adds(out, "<h2>What was met of ");
        html_text(context, coverage->provider, out);
        strbuf_adds(out, "</h2>\n");
        add_numbers(coverage->met, out);
        add_machines(coverage, context, out);
    }
}
