/* SPDX-License-Identifier: Apache-2.0 */
#include "core/graph/graph.h"

#include "core/base/markup.h"

enum { HEAD_HEIGHT = 34 };

const char graph_style[] =
    ".graph{--ink:#1c2733;--soft:#5d6b78;--line:#8795a1;--box:#f4f6f8;--end:#e6ebf0;--met:#1a7f4b;"
    "--metbox:#dff3e7;--un:#b3432b;--unbox:#fbe9e4;--back:#fff;font-size:13px;font-family:system-"
    "ui,sans-serif}"
    "@media(prefers-color-scheme:dark){.graph{--ink:#e8edf2;--soft:#9fb0bf;--line:#6d7d8b;"
    "--box:#24303b;--end:#2e3c49;--met:#58c98c;--metbox:#173526;--un:#ef8f78;--unbox:#40221b;"
    "--back:#161d24}}"
    ".graph text{fill:var(--ink)}.graph .label{font-size:10.5px;fill:var(--soft);"
    "paint-order:stroke;stroke:var(--back);stroke-width:4px}"
    ".graph rect{fill:var(--box);stroke:var(--line)}.graph .end rect{fill:var(--end);"
    "stroke-width:2.5}.graph .waits rect{stroke-dasharray:5 3}"
    ".graph path{fill:none;stroke:var(--line);stroke-width:1.4}.graph .asked path{"
    "stroke-dasharray:6 4}.graph .dot{fill:var(--line);stroke:var(--line)}"
    ".graph .met rect{fill:var(--metbox);stroke:var(--met)}.graph .met path{stroke:var(--met)}"
    ".graph .unmet rect{fill:var(--unbox);stroke:var(--un)}.graph .unmet path{stroke:var(--un)}"
    ".graph .now rect{fill:var(--met);stroke:var(--met)}"
    ".graph .now text{fill:var(--back);font-weight:600}.graph .title{font-weight:600}";

static const char *met_class(long long met)
{
    return met < 0 ? "" : met ? " met" : " unmet";
}

/* What stays on the screen while the mouse is there. */
static void add_title(struct strbuf *out, const char *text, long long met)
{
    strbuf_adds(out, "<title>");
    markup_text(text, out);
    if (met >= 0)
        strbuf_addf(out, ": %lld times", met);
    strbuf_adds(out, "</title>");
}

static void print_node(const struct graph_node *node, struct strbuf *out)
{
    if (node->shape >= GRAPH_BEND)
        return;
    if (node->shape != GRAPH_STATE) {
        strbuf_addf(out, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"6\"%s/>", node->x,
                    node->y,
                    node->shape == GRAPH_DEATH ? " style=\"fill:none;stroke-width:3\"" : "");
        return;
    }
    strbuf_addf(out, "<g class=\"state%s%s%s%s\">", node->is_terminal ? " end" : "",
                node->is_waiting ? " waits" : "", node->is_marked ? " now" : "",
                met_class(node->met));
    add_title(out, node->name, node->met);
    strbuf_addf(out,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"9\"/>"
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" dy=\".35em\">",
                node->x - node->width / 2, node->y - node->height / 2, node->width, node->height,
                node->x, node->y);
    markup_text(node->name, out);
    strbuf_adds(out, "</text></g>\n");
}

struct point {
    double x, y;
};

/* The points of an edge from left to right: where it leaves, its bends, where it comes in. */
static size_t points_of(const struct graph *graph, const struct graph_edge *edge,
                        struct point *points)
{
    const struct graph_node *nodes = graph->nodes.items;
    const struct graph_node *left = &nodes[edge->is_back ? edge->to : edge->from];
    const struct graph_node *right = &nodes[edge->is_back ? edge->from : edge->to];
    const double aside = edge->is_back ? 8 : 0; /* a way back does not lie on the way there */
    size_t count = 0;
    points[count++] = (struct point){left->x + left->width / 2, left->y + aside};
    for (size_t i = 0; i < edge->bends.count; i++) {
        const struct graph_node *bend = &nodes[edge->bends.items[i]];
        points[count++] = (struct point){bend->x - bend->width / 2, bend->y};
        if (bend->width > 0) /* level behind its name */
            points[count++] = (struct point){bend->x + bend->width / 2, bend->y};
    }
    points[count++] = (struct point){right->x - right->width / 2, right->y + aside};
    return count;
}

static void print_curve(const struct point *points, size_t count, struct strbuf *out)
{
    strbuf_addf(out, "M%.1f %.1f", points[0].x, points[0].y);
    for (size_t i = 1; i < count; i++) {
        double half = (points[i].x - points[i - 1].x) / 2;
        strbuf_addf(out, " C%.1f %.1f %.1f %.1f %.1f %.1f", points[i - 1].x + half, points[i - 1].y,
                    points[i].x - half, points[i].y, points[i].x, points[i].y);
    }
}

static void print_edge(const struct graph *graph, const struct graph_edge *edge, struct strbuf *out)
{
    struct point *points = arena_alloc(graph->arena, (2 * edge->bends.count + 2) * sizeof *points);
    const struct graph_node *nodes = graph->nodes.items;
    size_t count = points_of(graph, edge, points);
    strbuf_addf(out, "<g class=\"%s%s\">", edge->is_own ? "own" : "asked", met_class(edge->met));
    add_title(out,
              arena_printf(graph->arena, "%s -> %s", nodes[edge->from].name, nodes[edge->to].name),
              edge->met);
    strbuf_adds(out, "<path d=\"");
    print_curve(points, count, out);
    strbuf_addf(out, "\" marker-%s=\"url(#arrow)\"/></g>\n", edge->is_back ? "start" : "end");
}

/* A line an operation. */
static void print_label(const struct graph *graph, const struct graph_edge *edge,
                        struct strbuf *out)
{
    const struct graph_node *label =
        &graph->nodes.items[edge->bends.items[edge->is_back ? edge->bends.count - 1 : 0]];
    double y = label->y - (double)(edge->operations.count - 1) * GRAPH_LINE_HEIGHT / 2;
    for (size_t i = 0; i < edge->operations.count; i++) {
        strbuf_addf(
            out, "<text class=\"label\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" dy=\".35em\">",
            label->x, y + (double)i * GRAPH_LINE_HEIGHT);
        markup_text(edge->operations.items[i], out);
        strbuf_adds(out, "</text>\n");
    }
}

void graph_print_svg(struct graph *graph, struct strbuf *out)
{
    graph_lay_out(graph);
    strbuf_addf(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"graph\" viewBox=\"0 0 %.0f "
                "%.0f\" width=\"%.0f\" height=\"%.0f\" role=\"img\">\n<style>%s</style>\n"
                "<defs><marker id=\"arrow\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" "
                "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto-start-reverse\">"
                "<path d=\"M0 0 L10 5 L0 10 z\" style=\"fill:var(--line);stroke:none\"/></marker>"
                "</defs>\n<text class=\"title\" x=\"12\" y=\"22\">",
                graph->width, graph->height + HEAD_HEIGHT, graph->width,
                graph->height + HEAD_HEIGHT, graph_style);
    markup_text(graph->provider, out);
    strbuf_addch(out, ' ');
    markup_text(graph->machine, out);
    strbuf_addf(out, "</text>\n<g transform=\"translate(0 %d)\">\n", HEAD_HEIGHT);
    for (size_t i = 0; i < graph->edges.count; i++)
        print_edge(graph, &graph->edges.items[i], out);
    for (size_t i = 0; i < graph->nodes.count; i++)
        print_node(&graph->nodes.items[i], out);
    for (size_t i = 0; i < graph->edges.count; i++)
        if (graph->edges.items[i].operations.count)
            print_label(graph, &graph->edges.items[i], out);
    strbuf_adds(out, "</g>\n</svg>\n");
}
