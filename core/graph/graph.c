/* SPDX-License-Identifier: Apache-2.0 */
#include "core/graph/graph.h"

#include "core/base/str.h"

/* ---- what leads where ---- */

static struct graph_edge *edge_of(struct graph *graph, int from, int to)
{
    for (size_t i = 0; i < graph->edges.count; i++)
        if (graph->edges.items[i].from == from && graph->edges.items[i].to == to)
            return &graph->edges.items[i];
    struct graph_edge edge = {.from = from, .to = to, .met = GRAPH_UNPAINTED};
    vec_push_arena(graph->arena, &graph->edges, edge);
    return &graph->edges.items[graph->edges.count - 1];
}

static int add_node(struct graph *graph, enum graph_shape shape, int state)
{
    struct graph_node node = {.shape = shape, .name = "", .state = state, .met = GRAPH_UNPAINTED};
    vec_push_arena(graph->arena, &graph->nodes, node);
    return (int)graph->nodes.count - 1;
}

/* The node of a state; birth and death are made when something begins or ends there. */
static int node_of(struct graph *graph, int state, bool is_target)
{
    enum graph_shape shape = state ? GRAPH_STATE : is_target ? GRAPH_DEATH : GRAPH_BIRTH;
    for (size_t i = 0; i < graph->nodes.count; i++)
        if (graph->nodes.items[i].state == state && graph->nodes.items[i].shape == shape)
            return (int)i;
    return add_node(graph, shape, state);
}

static void add_operation(struct graph *graph, struct graph_edge *edge, const char *name)
{
    for (size_t i = 0; i < edge->operations.count; i++)
        if (text_is(edge->operations.items[i], name))
            return;
    vec_push_arena(graph->arena, &edge->operations, name);
}

/* `operation` NULL: by itself. */
static void add_arrows(struct graph *graph, size_t states, state_set from, state_set to,
                       const char *operation)
{
    for (int i = 0; i < (int)states; i++)
        for (int j = 0; from & STATE_BIT(i) && j < (int)states; j++) {
            if (!(to & STATE_BIT(j)) || i == j)
                continue;
            int source = node_of(graph, i, false), target = node_of(graph, j, true);
            struct graph_edge *edge = edge_of(graph, source, target);
            if (operation)
                add_operation(graph, edge, operation);
            else
                edge->is_own = true;
        }
}

/* What the row does to the machine: it is about one of the operation's own, or about each of
 * others. */
static void add_row(struct graph *graph, const struct machine *machine, const struct row *row,
                    bool is_own, const char *operation)
{
    if (row->error)
        return;
    if (row->each ? row->each->machine == machine->index : is_own)
        add_arrows(graph, machine->state_count, row->each ? row->each->in : row->tests.in,
                   row->to_any, operation);
}

static void add_rows(struct graph *graph, const struct provider *provider,
                     const struct machine *machine)
{
    for (size_t i = 0; i < provider->operation_count; i++) {
        const struct provider_operation *operation = &provider->operations[i];
        for (size_t j = 0; j < operation->participant_count; j++) {
            const struct participant *part = &operation->participants[j];
            for (size_t k = 0; k < part->rows.count; k++)
                add_row(graph, machine, part->rows.items[k], part->machine == machine,
                        operation->name);
        }
    }
    for (size_t i = 0; i < machine->always_count; i++)
        add_row(graph, machine, &machine->always[i], true, NULL);
}

struct graph *graph_new(struct arena *arena, const struct provider *provider,
                        const struct machine *machine)
{
    struct graph *graph = arena_alloc(arena, sizeof *graph);
    graph->arena = arena;
    graph->provider = provider->name;
    graph->machine = machine->name;
    for (int i = 1; i < (int)machine->state_count; i++) {
        struct graph_node *node;
        add_node(graph, GRAPH_STATE, i);
        node = &graph->nodes.items[graph->nodes.count - 1];
        node->name = machine->states[i].name;
        node->is_initial = machine->states[i].initial;
        node->is_terminal = machine->states[i].terminal;
        node->is_waiting = machine->states[i].waits;
    }
    for (size_t i = 0; i < machine->move_count; i++)
        add_arrows(graph, machine->state_count, STATE_BIT(machine->moves[i].from),
                   STATE_BIT(machine->moves[i].to), NULL);
    add_rows(graph, provider, machine);
    return graph;
}

/* ---- what was met ---- */

static const char *state_name(const struct graph_node *node)
{
    return node->shape == GRAPH_STATE ? node->name : "absent";
}

void graph_paint(struct graph *graph, graph_times *times, const void *context)
{
    struct graph_node *nodes = graph->nodes.items;
    for (size_t i = 0; i < graph->nodes.count; i++)
        if (nodes[i].shape == GRAPH_STATE)
            nodes[i].met = times(context, graph->machine, NULL, nodes[i].name);
    for (size_t i = 0; i < graph->edges.count; i++) {
        struct graph_edge *edge = &graph->edges.items[i];
        edge->met = times(context, graph->machine, state_name(&nodes[edge->from]),
                          state_name(&nodes[edge->to]));
    }
}

void graph_mark(struct graph *graph, const char *state)
{
    struct graph_node *node;
    vec_foreach (node, &graph->nodes)
        node->is_marked = node->shape == GRAPH_STATE && text_is(node->name, state);
}

/* ---- as text ---- */

/* "cancelRun, deleteRun"; NULL when the service does it by itself alone. */
static const char *label(const struct graph *graph, const struct graph_edge *edge)
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    for (size_t i = 0; i < edge->operations.count; i++)
        strbuf_addf(&text, "%s%s", i ? ", " : "", edge->operations.items[i]);
    const char *copy = text.len ? arena_strdup(graph->arena, text.buf) : NULL;
    strbuf_release(&text);
    return copy;
}

/* Mermaid and DOT take letters, digits and _ without quotes. */
static const char *symbol(const struct graph *graph, const struct graph_node *node)
{
    char *copy = arena_strdup(graph->arena, node->shape == GRAPH_BIRTH   ? "birth"
                                            : node->shape == GRAPH_DEATH ? "death"
                                                                         : node->name);
    for (char *at = copy; *at; at++)
        if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
              (*at >= '0' && *at <= '9')))
            *at = '_';
    return arena_printf(graph->arena, "%s%s", node->shape == GRAPH_STATE ? "s_" : "", copy);
}

void graph_print_mermaid(const struct graph *graph, struct strbuf *out)
{
    strbuf_addf(out, "---\ntitle: %s %s\n---\nstateDiagram-v2\n    direction LR\n", graph->provider,
                graph->machine);
    for (size_t i = 0; i < graph->nodes.count; i++) {
        const struct graph_node *node = &graph->nodes.items[i];
        if (node->shape == GRAPH_STATE)
            strbuf_addf(out, "    state \"%s%s\" as %s\n", node->name,
                        node->is_waiting ? " (waits)" : "", symbol(graph, node));
    }
    for (size_t i = 0; i < graph->edges.count; i++) {
        const struct graph_edge *edge = &graph->edges.items[i];
        const struct graph_node *from = &graph->nodes.items[edge->from],
                                *to = &graph->nodes.items[edge->to];
        const char *text = label(graph, edge);
        strbuf_addf(out, "    %s --> %s%s%s\n",
                    from->shape == GRAPH_STATE ? symbol(graph, from) : "[*]",
                    to->shape == GRAPH_STATE ? symbol(graph, to) : "[*]", text ? " : " : "",
                    text ? text : "");
    }
    for (size_t i = 0; i < graph->nodes.count; i++)
        if (graph->nodes.items[i].is_terminal)
            strbuf_addf(out, "    %s:::terminal\n", symbol(graph, &graph->nodes.items[i]));
    strbuf_adds(out, "    classDef terminal font-weight:bold\n");
}

void graph_print_dot(const struct graph *graph, struct strbuf *out)
{
    strbuf_addf(out, "digraph \"%s %s\" {\n    rankdir=LR;\n    node [shape=box, style=rounded];\n",
                graph->provider, graph->machine);
    for (size_t i = 0; i < graph->nodes.count; i++) {
        const struct graph_node *node = &graph->nodes.items[i];
        if (node->shape != GRAPH_STATE)
            strbuf_addf(out, "    %s [shape=%s, label=\"\", width=0.15];\n", symbol(graph, node),
                        node->shape == GRAPH_BIRTH ? "point" : "doublecircle");
        else
            strbuf_addf(out, "    %s [label=\"%s\"%s%s];\n", symbol(graph, node), node->name,
                        node->is_terminal ? ", peripheries=2" : "",
                        node->is_waiting ? ", style=\"rounded,dashed\"" : "");
    }
    for (size_t i = 0; i < graph->edges.count; i++) {
        const struct graph_edge *edge = &graph->edges.items[i];
        const char *text = label(graph, edge);
        strbuf_addf(out, "    %s -> %s [label=\"%s\"%s];\n",
                    symbol(graph, &graph->nodes.items[edge->from]),
                    symbol(graph, &graph->nodes.items[edge->to]), text ? text : "",
                    edge->is_own ? "" : ", style=dashed");
    }
    strbuf_adds(out, "}\n");
}
