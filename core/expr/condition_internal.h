/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of a condition. */
#pragma once

#include "core/expr/condition.h"

enum condition_kind {
    CONDITION_LITERAL,
    CONDITION_EXPR,
    CONDITION_NOT,
    CONDITION_AND,
    CONDITION_OR,
    CONDITION_EQUAL,
    CONDITION_UNEQUAL,
    CONDITION_LESS,
    CONDITION_LESS_EQUAL,
    CONDITION_GREATER,
    CONDITION_GREATER_EQUAL,
};

struct condition_node {
    enum condition_kind kind;
    const cJSON *literal;
    const struct expr *expr;
    const struct condition_node *left, *right; /* NOT has only left */
};

struct condition {
    const char *text;
    const struct condition_node *root;
};
