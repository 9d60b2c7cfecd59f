/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layers from left to right after Sugiyama, Tagawa and Toda (1981): edges that close a circle are
 * turned round, each state stands behind all that lead to it, edges bend in the layers that they
 * pass, and sweeps put each layer in the order of its neighbours' middles. States have the even
 * layers; the odd ones between them are where edges are named, so that no name hides another.
 */
#include "core/graph/graph.h"

#include <string.h>

enum {
    MARGIN = 24,
    LAYER_GAP = 36,         /* for what rises or falls between two layers */
    LETTER_WIDTH = 9,       /* of the states' names */
    LABEL_LETTER_WIDTH = 6, /* of the edges' */
    STATE_PADDING = 28,
    STATE_HEIGHT = 36,
    DOT_SIZE = 16,
    ROW_GAP = 26,  /* between states */
    LINE_GAP = 12, /* between lines, or beside one */
    SWEEPS = 12
};

/* ---- circles, layers ---- */

static void turn_back_edges(struct graph *graph, int node, char *colours)
{
    colours[node] = 1;
    for (size_t i = 0; i < graph->edges.count; i++) {
        struct graph_edge *edge = &graph->edges.items[i];
        if (edge->from != node)
            continue;
        if (colours[edge->to] == 1)
            edge->is_back = true;
        else if (!colours[edge->to])
            turn_back_edges(graph, edge->to, colours);
    }
    colours[node] = 2;
}

static void break_circles(struct graph *graph)
{
    char *colours = arena_alloc(graph->arena, graph->nodes.count + 1);
    for (int pass = 0; pass < 3; pass++)
        for (size_t i = 0; i < graph->nodes.count; i++) {
            const struct graph_node *node = &graph->nodes.items[i];
            bool is_turn = pass == 0   ? node->shape == GRAPH_BIRTH
                           : pass == 1 ? node->is_initial
                                       : true;
            if (is_turn && !colours[i])
                turn_back_edges(graph, (int)i, colours);
        }
}

static int left_end(const struct graph_edge *edge)
{
    return edge->is_back ? edge->to : edge->from;
}

static int right_end(const struct graph_edge *edge)
{
    return edge->is_back ? edge->from : edge->to;
}

/* The longest way to each, two layers a step; there are no circles any more. */
static int set_layers(struct graph *graph)
{
    int last = 0;
    bool moved = true;
    for (size_t round = 0; moved && round <= graph->nodes.count; round++) {
        moved = false;
        for (size_t i = 0; i < graph->edges.count; i++) {
            const struct graph_edge *edge = &graph->edges.items[i];
            int least = graph->nodes.items[left_end(edge)].layer + 2;
            if (graph->nodes.items[right_end(edge)].layer >= least)
                continue;
            graph->nodes.items[right_end(edge)].layer = least;
            moved = true;
        }
    }
    for (size_t i = 0; i < graph->nodes.count; i++)
        last = graph->nodes.items[i].layer > last ? graph->nodes.items[i].layer : last;
    return last + 1;
}

static double label_width(const struct graph_edge *edge)
{
    size_t longest = 0;
    for (size_t i = 0; i < edge->operations.count; i++) {
        size_t length = strlen(edge->operations.items[i]);
        longest = length > longest ? length : longest;
    }
    return (double)longest * LABEL_LETTER_WIDTH;
}

static void add_bends(struct graph *graph)
{
    for (size_t i = 0; i < graph->edges.count; i++) {
        struct graph_edge *edge = &graph->edges.items[i];
        int from = graph->nodes.items[left_end(edge)].layer;
        int to = graph->nodes.items[right_end(edge)].layer;
        int named = edge->is_back ? to - 1 : from + 1; /* beside the state that it leaves */
        for (int layer = from + 1; layer < to; layer++) {
            struct graph_node bend = {.shape = GRAPH_BEND, .name = "", .state = -1, .layer = layer};
            if (layer == named && edge->operations.count) {
                bend.shape = GRAPH_LABEL;
                bend.width = label_width(edge);
                bend.height = (double)edge->operations.count * GRAPH_LINE_HEIGHT;
            }
            vec_push_arena(graph->arena, &graph->nodes, bend);
            vec_push_arena(graph->arena, &edge->bends, (int)graph->nodes.count - 1);
        }
    }
}

/* ---- order within a layer ---- */

struct layers {
    struct graph *graph;
    int count;
    int **items; /* nodes by layer, from the top */
    int *sizes;
    /* pairs of neighbours in adjacent layers */
    struct {
        VEC(int);
    } left, right;
};

static void link(struct layers *layers, int left, int right)
{
    vec_push_arena(layers->graph->arena, &layers->left, left);
    vec_push_arena(layers->graph->arena, &layers->right, right);
}

static void link_all(struct layers *layers)
{
    for (size_t i = 0; i < layers->graph->edges.count; i++) {
        const struct graph_edge *edge = &layers->graph->edges.items[i];
        int at = left_end(edge);
        for (size_t j = 0; j < edge->bends.count; j++) {
            link(layers, at, edge->bends.items[j]);
            at = edge->bends.items[j];
        }
        link(layers, at, right_end(edge));
    }
}

/* The mean y of the neighbours on one side; its own y when there are none. */
static double wanted_y(const struct layers *layers, int node, bool from_left)
{
    double sum = 0;
    int count = 0;
    for (size_t i = 0; i < layers->left.count; i++) {
        int mine = from_left ? layers->right.items[i] : layers->left.items[i];
        int other = from_left ? layers->left.items[i] : layers->right.items[i];
        if (mine != node)
            continue;
        sum += layers->graph->nodes.items[other].y;
        count++;
    }
    return count ? sum / count : layers->graph->nodes.items[node].y;
}

/* By y, stable. */
static void sort_layer(const struct layers *layers, int layer, const double *wanted)
{
    int *items = layers->items[layer];
    for (int i = 1; i < layers->sizes[layer]; i++)
        for (int j = i; j > 0 && wanted[items[j]] < wanted[items[j - 1]]; j--) {
            int swap = items[j];
            items[j] = items[j - 1];
            items[j - 1] = swap;
        }
}

static double gap_between(const struct graph_node *above, const struct graph_node *below)
{
    bool are_lines = above->shape >= GRAPH_BEND || below->shape >= GRAPH_BEND;
    return (above->height + below->height) / 2 + (are_lines ? LINE_GAP : ROW_GAP);
}

/* As near to where they want to be as their order and size allow. */
static void place_layer(const struct layers *layers, int layer, const double *wanted)
{
    struct graph_node *nodes = layers->graph->nodes.items;
    const int *items = layers->items[layer];
    const int size = layers->sizes[layer];
    double shift = 0;
    for (int i = 0; i < size; i++) {
        const struct graph_node *above = i ? &nodes[items[i - 1]] : NULL;
        double least = above ? above->y + gap_between(above, &nodes[items[i]]) : wanted[items[i]];
        nodes[items[i]].y = wanted[items[i]] > least ? wanted[items[i]] : least;
        shift += nodes[items[i]].y - wanted[items[i]];
    }
    for (int i = 0; i < size; i++) /* not all of them pushed down */
        nodes[items[i]].y -= shift / size;
}

static void sweep(struct layers *layers, bool from_left, bool may_reorder)
{
    double *wanted = arena_alloc(layers->graph->arena, layers->graph->nodes.count * sizeof *wanted);
    for (int i = 0; i < layers->count; i++) {
        int layer = from_left ? i : layers->count - 1 - i;
        for (int j = 0; j < layers->sizes[layer]; j++)
            wanted[layers->items[layer][j]] = wanted_y(layers, layers->items[layer][j], from_left);
        if (may_reorder)
            sort_layer(layers, layer, wanted);
        place_layer(layers, layer, wanted);
    }
}

/* ---- sizes, places ---- */

static void set_sizes(struct graph *graph)
{
    for (size_t i = 0; i < graph->nodes.count; i++) {
        struct graph_node *node = &graph->nodes.items[i];
        bool is_state = node->shape == GRAPH_STATE;
        if (node->shape >= GRAPH_BEND)
            continue;
        node->height = is_state ? STATE_HEIGHT : DOT_SIZE;
        node->width =
            is_state ? (double)strlen(node->name) * LETTER_WIDTH + STATE_PADDING : DOT_SIZE;
    }
}

static void set_columns(const struct layers *layers)
{
    struct graph *graph = layers->graph;
    double x = MARGIN;
    for (int layer = 0; layer < layers->count; layer++) {
        double width = 0;
        for (int i = 0; i < layers->sizes[layer]; i++) {
            const struct graph_node *node = &graph->nodes.items[layers->items[layer][i]];
            width = node->width > width ? node->width : width;
        }
        for (int i = 0; i < layers->sizes[layer]; i++)
            graph->nodes.items[layers->items[layer][i]].x = x + width / 2;
        x += width;
        graph->width = x + MARGIN;
        x += LAYER_GAP;
    }
}

static void move_to_corner(struct graph *graph)
{
    double top = 1e9, bottom = -1e9;
    for (size_t i = 0; i < graph->nodes.count; i++) {
        const struct graph_node *node = &graph->nodes.items[i];
        top = node->y - node->height / 2 < top ? node->y - node->height / 2 : top;
        bottom = node->y + node->height / 2 > bottom ? node->y + node->height / 2 : bottom;
    }
    for (size_t i = 0; i < graph->nodes.count; i++)
        graph->nodes.items[i].y += MARGIN - top;
    graph->height = bottom - top + 2 * MARGIN;
}

void graph_lay_out(struct graph *graph)
{
    struct arena *arena = graph->arena;
    break_circles(graph);
    struct layers layers = {.graph = graph, .count = set_layers(graph)};
    add_bends(graph);
    set_sizes(graph);
    layers.items = arena_alloc(arena, (size_t)layers.count * sizeof *layers.items);
    layers.sizes = arena_alloc(arena, (size_t)layers.count * sizeof *layers.sizes);
    for (int i = 0; i < layers.count; i++)
        layers.items[i] = arena_alloc(arena, graph->nodes.count * sizeof **layers.items);
    for (size_t i = 0; i < graph->nodes.count; i++) {
        struct graph_node *node = &graph->nodes.items[i];
        node->y = layers.sizes[node->layer] * (double)(STATE_HEIGHT + ROW_GAP);
        layers.items[node->layer][layers.sizes[node->layer]++] = (int)i;
    }
    link_all(&layers);
    for (int i = 0; i < SWEEPS; i++)
        sweep(&layers, i % 2 == 0, i < SWEEPS - 4);
    set_columns(&layers);
    move_to_corner(graph);
}
