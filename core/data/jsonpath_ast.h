/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled JSONPath (RFC 9535) as a tree; for the jsonpath_*.c files only. */
#pragma once

#include "core/base/vec.h"
#include "core/data/jsonpath.h"
#include "core/data/pattern.h"

struct path_logic;

enum path_selector_kind { SELECT_NAME, SELECT_ALL, SELECT_INDEX, SELECT_SLICE, SELECT_FILTER };

struct path_selector {
    enum path_selector_kind kind;
    const char *name;
    int64_t start, end, step; /* an index is in start */
    bool has_start, has_end;
    const struct path_logic *filter;
    struct path_selector *next;
};

struct path_segment {
    bool descends;
    struct path_selector *selectors;
    struct path_segment *next;
};

struct path_query {
    bool relative; /* from the current node, not from the root */
    bool singular; /* finds one node at most: names and indexes only */
    struct path_segment *segments;
};

struct jsonpath {
    struct path_query query;
};

/* RFC 9535 section 2.4.1. Nothing is a NULL value. */
enum path_type { TYPE_VALUE, TYPE_LOGICAL, TYPE_NODES };

struct path_nodes {
    VEC(const cJSON *);
};

struct path_argument {
    const cJSON *value; /* may be NULL */
    struct path_nodes nodes;
};

struct path_result {
    const cJSON *value;
    bool holds;
};

struct path_call;

struct path_function {
    const char *name;
    enum path_type result;
    size_t arity;
    enum path_type parameters[2];
    struct path_result (*apply)(struct arena *arena, const struct path_call *call,
                                const struct path_argument *arguments);
};

const struct path_function *path_function_named(const char *name, size_t len);

enum path_operand_kind { OPERAND_LITERAL, OPERAND_QUERY, OPERAND_CALL };

struct path_operand {
    enum path_operand_kind kind;
    const cJSON *literal;
    struct path_query query;
    const struct path_call *call;
};

struct path_call {
    const struct path_function *function;
    struct path_operand arguments[2];
    const struct pattern *pattern; /* the second argument compiled, when it is a literal */
    bool pattern_is_fixed;
};

enum path_logic_kind { LOGIC_OR, LOGIC_AND, LOGIC_NOT, LOGIC_COMPARE, LOGIC_TEST };
enum path_comparison { EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL };

struct path_logic {
    enum path_logic_kind kind;
    const struct path_logic *left, *right;
    enum path_comparison comparison;
    struct path_operand first, second; /* of comparisons; a test has the first */
};

struct path_reader {
    const char *text, *at;
    struct arena *arena;
    struct error *err;
};

enum { PATH_DEPTH_MAX = 64 }; /* of parentheses, functions and filters in filters */

int path_refuse(struct path_reader *reader, const char *what); /* -1 */
void path_skip_space(struct path_reader *reader);
bool path_accept(struct path_reader *reader, const char *token);
int path_read_segments(struct path_reader *reader, struct path_query *query, int depth);
char *path_read_string(struct path_reader *reader); /* at its quote; NULL and the error */
const struct path_logic *path_read_logic(struct path_reader *reader, int depth);

struct path_scope {
    struct arena *arena;
    const cJSON *root, *current;
};

bool path_holds(const struct path_scope *scope, const struct path_logic *logic, int depth);
struct path_nodes path_find(const struct path_scope *scope, const struct path_query *query);
