/* SPDX-License-Identifier: Apache-2.0 */
/* What of each contract was met: numbers, machines, and tables in which every gap has its place. */
#include "core/base/str.h"
#include "core/graph/graph.h"
#include "runner/monitor/monitor.h"
#include "runner/reports/html.h"

#include <inttypes.h>

struct chapter {
    const struct run_result *result;
    const struct run_coverage *coverage;
    const struct report_context *context;
    struct strbuf *out;
};

static void add_text(const struct chapter *chapter, const char *text)
{
    html_text(chapter->context, text, chapter->out);
}

static void add_numbers(const struct chapter *chapter)
{
    const struct coverage *met = chapter->coverage->met;
    strbuf_adds(chapter->out, "<table><tr><th>what</th><th>met</th><th>of</th><th></th></tr>\n");
    for (int i = 0; i < COVERAGE_KINDS; i++) {
        enum coverage_kind kind = (enum coverage_kind)i;
        size_t of = coverage_declared(met, kind), count = coverage_met(met, kind);
        strbuf_addf(chapter->out,
                    "<tr><th>%s</th><td class=\"%s\">%zu</td><td>%zu</td><td>%.1f %%</td></tr>\n",
                    coverage_names[kind], count == of ? "met" : "unmet", count, of,
                    of ? 100.0 * (double)count / (double)of : 100.0);
    }
    strbuf_adds(chapter->out, "</table>\n");
}

/* One cell of a table; a NULL count is nothing that the contract knows. */
static void add_count(const struct chapter *chapter, const char *tag,
                      const struct coverage_count *count, const char *name)
{
    const char *word = !count ? "none" : count->excuse ? "excused" : count->met ? "met" : "unmet";
    strbuf_addf(chapter->out, "<%s class=\"%s\"", tag, word);
    if (count && count->excuse) {
        strbuf_adds(chapter->out, " title=\"");
        add_text(chapter, count->excuse);
        strbuf_addch(chapter->out, '"');
    }
    strbuf_addch(chapter->out, '>');
    add_text(chapter, name);
    if (count && count->met)
        strbuf_addf(chapter->out, "%s%" PRIu64, *name ? " &times;" : "", count->met);
    else if (count && !*name)
        strbuf_adds(chapter->out, count->excuse ? "excused" : "unmet");
    strbuf_addf(chapter->out, "</%s>", tag);
}

static const struct coverage_count *find_cell(const struct chapter *chapter,
                                              const struct machine *machine,
                                              const struct provider_operation *operation,
                                              size_t state)
{
    return map_get(chapter->coverage->met->counts[COVERAGE_CELLS],
                   arena_printf(chapter->context->arena, "%s %s %s", machine->name, operation->name,
                                machine->states[state].name));
}

static bool has_cells(const struct chapter *chapter, const struct machine *machine,
                      const struct provider_operation *operation)
{
    for (size_t i = 0; i < machine->state_count; i++)
        if (find_cell(chapter, machine, operation, i))
            return true;
    return false;
}

/* Operations by states. */
static void add_cells(const struct chapter *chapter, const struct machine *machine)
{
    const struct provider *provider = chapter->coverage->contract;
    strbuf_adds(chapter->out, "<div class=\"wide\"><table class=\"cells\"><tr><th></th>");
    for (size_t i = 0; i < machine->state_count; i++) {
        strbuf_adds(chapter->out, "<th>");
        add_text(chapter, machine->states[i].name);
        strbuf_adds(chapter->out, "</th>");
    }
    strbuf_adds(chapter->out, "</tr>\n");
    for (size_t i = 0; i < provider->operation_count; i++) {
        const struct provider_operation *operation = &provider->operations[i];
        if (!has_cells(chapter, machine, operation))
            continue;
        strbuf_adds(chapter->out, "<tr><th>");
        add_text(chapter, operation->name);
        strbuf_adds(chapter->out, "</th>");
        for (size_t j = 0; j < machine->state_count; j++)
            add_count(chapter, "td", find_cell(chapter, machine, operation, j), "");
        strbuf_adds(chapter->out, "</tr>\n");
    }
    strbuf_adds(chapter->out, "</table></div>\n");
}

static long long times_met(const void *context, const char *machine, const char *from,
                           const char *to)
{
    const struct coverage *coverage = context;
    struct strbuf name = STRBUF_INIT(LIMIT_MESSAGE);
    strbuf_addf(&name, "%s %s%s%s", machine, from ? from : "", from ? " -> " : "", to);
    const struct coverage_count *count =
        map_get(coverage->counts[from ? COVERAGE_MOVES : COVERAGE_STATES], name.buf);
    strbuf_release(&name);
    return count ? (long long)count->met : GRAPH_UNPAINTED;
}

static void add_machines(const struct chapter *chapter)
{
    const struct lifecycle *lifecycle = chapter->coverage->contract->lifecycle;
    for (size_t i = 0; i < lifecycle->machine_count; i++) {
        const struct machine *machine = &lifecycle->machines[i];
        struct graph *graph =
            graph_new(chapter->context->arena, chapter->coverage->contract, machine);
        graph_paint(graph, times_met, chapter->coverage->met);
        strbuf_adds(chapter->out, "<h3>Machine ");
        add_text(chapter, machine->name);
        strbuf_adds(chapter->out, "</h3>\n<div class=\"wide\">");
        graph_print_svg(graph, chapter->out);
        strbuf_adds(chapter->out, "</div>\n");
        add_cells(chapter, machine);
    }
}

/* "getRun 404" belongs to getRun. */
static const char *behind(const char *name, const char *prefix, char separator)
{
    size_t len = strlen(prefix);
    return strncmp(name, prefix, len) == 0 && name[len] == separator ? name + len + 1 : NULL;
}

static void add_answers(const struct chapter *chapter)
{
    const struct coverage_name *answers = coverage_all(chapter->coverage->met, COVERAGE_ANSWERS);
    const struct coverage_name *name = coverage_all(chapter->coverage->met, COVERAGE_OPERATIONS);
    strbuf_adds(chapter->out, "<h3>Answers</h3>\n<table class=\"answers\">\n");
    for (; name->name; name++) {
        strbuf_adds(chapter->out, "<tr>");
        add_count(chapter, "th", name->count, name->name);
        strbuf_adds(chapter->out, "<td>");
        for (const struct coverage_name *answer = answers; answer->name; answer++) {
            const char *status = behind(answer->name, name->name, ' ');
            if (!status)
                continue;
            add_count(chapter, "span", answer->count, status);
            strbuf_addch(chapter->out, ' ');
        }
        strbuf_adds(chapter->out, "</td></tr>\n");
    }
    strbuf_adds(chapter->out, "</table>\n");
}

/* A list by schema: "Run: id, state" with those that nothing showed marked. */
static void add_members(const struct chapter *chapter)
{
    const struct coverage_name *name = coverage_all(chapter->coverage->met, COVERAGE_MEMBERS);
    if (!name->name)
        return;
    strbuf_adds(chapter->out, "<details><summary>Members of answers</summary>\n<table>\n");
    while (name->name) {
        size_t len = strcspn(name->name, ".");
        const char *schema = arena_strndup(chapter->context->arena, name->name, len);
        const char *member;
        strbuf_adds(chapter->out, "<tr><th>");
        add_text(chapter, schema);
        strbuf_adds(chapter->out, "</th><td>");
        for (; name->name && (member = behind(name->name, schema, '.')); name++) {
            add_count(chapter, "span", name->count, member);
            strbuf_addch(chapter->out, ' ');
        }
        strbuf_adds(chapter->out, "</td></tr>\n");
    }
    strbuf_adds(chapter->out, "</table></details>\n");
}

/* By kind, a line each; `excused` picks those with an excuse, else what is missing. */
static void add_list(const struct chapter *chapter, bool excused, const char *title)
{
    size_t count = 0;
    for (int kind = 0; kind < COVERAGE_MEMBERS; kind++)
        for (const struct coverage_name *name =
                 coverage_all(chapter->coverage->met, (enum coverage_kind)kind);
             name->name; name++) {
            if (excused ? !name->count->excuse : name->count->met || name->count->excuse)
                continue;
            if (!count++)
                strbuf_addf(chapter->out, "<details><summary>%s</summary>\n<ul>\n", title);
            strbuf_addf(chapter->out, "<li>%.*s <b>", (int)strlen(coverage_names[kind]) - 1,
                        coverage_names[kind]);
            add_text(chapter, name->name);
            strbuf_adds(chapter->out, "</b>");
            if (name->count->excuse) {
                strbuf_adds(chapter->out, ": ");
                add_text(chapter, name->count->excuse);
            }
            strbuf_adds(chapter->out, "</li>\n");
        }
    strbuf_adds(chapter->out, count ? "</ul></details>\n" : "");
}

static void add_skipped(const struct chapter *chapter)
{
    const char **names =
        report_skipped(chapter->context->arena, chapter->result, chapter->coverage);
    if (*names)
        strbuf_adds(chapter->out, "<p class=\"skipped\">Skipped, so not judged: ");
    for (size_t i = 0; names[i]; i++) {
        strbuf_adds(chapter->out, i ? ", " : "");
        add_text(chapter, names[i]);
    }
    strbuf_adds(chapter->out, *names ? "</p>\n" : "");
}

static void add_faults(const struct run_result *result, const struct report_context *context,
                       struct strbuf *out)
{
    const struct run_fault *fault;
    if (!result->faults.count)
        return;
    strbuf_adds(out, "<h2>Faults</h2>\n<table><tr><th></th><th>asked for</th><th>told</th></tr>\n");
    vec_foreach (fault, &result->faults) {
        strbuf_adds(out, "<tr><th>");
        html_text(context, fault->name, out);
        strbuf_addf(out, "</th><td>%zu</td><td>%zu</td></tr>\n", fault->asked, fault->told);
    }
    strbuf_adds(out, "</table>\n");
}

void html_coverage(const struct run_result *result, const struct report_context *context,
                   struct strbuf *out)
{
    const struct run_coverage *coverage;
    vec_foreach (coverage, &result->coverage) {
        struct chapter chapter = {result, coverage, context, out};
        strbuf_adds(out, "<h2>What was met of ");
        html_text(context, coverage->provider, out);
        strbuf_adds(out, "</h2>\n");
        add_numbers(&chapter);
        add_skipped(&chapter);
        add_machines(&chapter);
        add_answers(&chapter);
        add_members(&chapter);
        add_list(&chapter, false, "Allowed, and not played");
        add_list(&chapter, true, "What no scenario can meet, and why");
    }
    add_faults(result, context, out);
}
