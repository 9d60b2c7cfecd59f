/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine as a picture: its states and what leads from one to the other, laid out in layers from
 * left to right, written as SVG, Mermaid or DOT. Painted it shows what was met.
 * Everything lives in the arena that it was made in.
 */
#pragma once

#include "core/base/strbuf.h"
#include "core/base/vec.h"
#include "core/provider/provider.h"

enum graph_shape {
    GRAPH_STATE,
    GRAPH_BIRTH, /* a dot: before it was made */
    GRAPH_DEATH, /* a ring: deleted */
    GRAPH_BEND,  /* none: where an edge passes a layer */
    GRAPH_LABEL, /* a bend where the edge's operations are named */
};

enum { GRAPH_UNPAINTED = -1 };
enum { GRAPH_LINE_HEIGHT = 13 }; /* of the edges' names */

struct graph_node {
    enum graph_shape shape;
    const char *name; /* of the state; "" for the others */
    int state;
    bool is_initial, is_terminal, is_waiting;
    bool is_marked; /* by graph_mark */
    long long met;  /* times; GRAPH_UNPAINTED */
    /* filled by graph_lay_out: */
    int layer;
    double x, y, width, height; /* x and y: the middle */
};

/* All that leads from one state to another. */
struct graph_edge {
    int from, to; /* nodes */
    bool is_own;  /* the service may do it by itself */
    struct {
        VEC(const char *);
    } operations; /* that do it */
    long long met;
    /* filled by graph_lay_out: */
    bool is_back; /* against the direction of time */
    struct {
        VEC(int);
    } bends; /* nodes between them, from left to right */
};

struct graph {
    struct arena *arena;
    const char *provider, *machine;
    struct {
        VEC(struct graph_node);
    } nodes;
    struct {
        VEC(struct graph_edge);
    } edges;
    double width, height; /* of the picture */
};

/* States in the order of the machine, then birth and death where something leads there. */
struct graph *graph_new(struct arena *arena, const struct provider *provider,
                        const struct machine *machine);

/* How often the move was met, or with `from` NULL the state; GRAPH_UNPAINTED: it is not counted. */
typedef long long graph_times(const void *context, const char *machine, const char *from,
                              const char *to);
void graph_mark(struct graph *graph, const char *state); /* stands out: it is there now */
void graph_paint(struct graph *graph, graph_times *times, const void *context);

void graph_print_svg(struct graph *graph, struct strbuf *out); /* an <svg> element; lays out */
/* What its classes look like, once a document; follows the reader's light or dark. */
extern const char graph_style[];
void graph_print_mermaid(const struct graph *graph, struct strbuf *out);
void graph_print_dot(const struct graph *graph, struct strbuf *out);

/* For graph_print_svg. */
void graph_lay_out(struct graph *graph);
