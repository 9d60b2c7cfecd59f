/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of templates: `{ $name: parameters }`. A row says everything about one; tables chain,
 * so that the mock adds its own. Parameters are checked at load; a value that is an expression or a
 * call is checked no further.
 */
#pragma once

#include "core/expr/compiler.h"
#include "core/expr/criterion.h"
#include "core/expr/eval.h"
#include "core/expr/match.h"
#include "core/expr/template.h"

/* How the parameters are written. */
enum function_shape {
    FUNCTION_VALUE,   /* one template: `$json: $run`; it is parameter 0 */
    FUNCTION_LIST,    /* any number of templates (a list, or one template that gives a list) */
    FUNCTION_PAIR,    /* a list with one template for each parameter: `$get: [container, key]` */
    FUNCTION_MEMBERS, /* an object whose keys are the parameters */
};

enum parameter_kind {
    PARAMETER_TEMPLATE, /* call_value */
    PARAMETER_NAME,     /* a literal text, call_name */
    PARAMETER_MATCH,    /* call_match */
};

struct function_parameter {
    const char *name;
    enum parameter_kind kind;
    bool is_required;
    const char *types;          /* of a literal value, as "array object"; NULL = any */
    const char *const *choices; /* of a literal text; ends by NULL; NULL = any */
    /* What is wrong with a literal text ("is no time zone"), or NULL. */
    const char *(*wrong)(const char *text);
};

enum { PARAMETERS_MAX = 12 };

enum function_flags {
    FUNCTION_NEEDS_WORLD = 1u << 0, /* known only to the mock */
    FUNCTION_DRAWS = 1u << 1,       /* another value each time */
    FUNCTION_SEES_UNKNOWN =
        1u << 2, /* call_value may give unknown values, which it handles itself */
};

struct call;

struct function {
    const char *name;    /* with its '$' */
    const char *summary; /* lower case, no full stop */
    enum function_shape shape;
    const struct function_parameter
        *parameters; /* ends by a row without name; FUNCTION_LIST has none */
    unsigned flags;
    /*
     * The value: fresh in eval->arena or shared (it is copied where needed), NULL = nothing. Ask
     * for parameters with call_...; they are evaluated when asked for.
     */
    const cJSON *(*eval)(const struct call *call, struct eval *eval);
    /* Optional: compiles all parameters itself (then call_own gives the result). NULL after
     * findings. */
    const void *(*compile)(struct compiler *compiler, const cJSON *parameters);
};

struct function_table {
    const struct function *rows;
    size_t count;
    const struct function_table *next;
};

/* The functions that need no world (docs/EXPRESSIONS.md). */
extern const struct function_table core_functions;

const struct function *function_find(const struct function_table *table, const char *name);
/* JSON Schema of the parameters, for contracts/schemas and docs; templates may be anything. */
cJSON *function_schema(struct arena *arena, const struct function *function);

/* ---- inside `eval` of a row ---- */

/* Parameter by its position in the row's list. NULL = absent or nothing. To be looked at only. */
const cJSON *call_value(const struct call *call, size_t parameter, struct eval *eval);
bool call_has(const struct call *call, size_t parameter);
/* The parameter's value as text (value_text), or NULL. */
const char *call_text(const struct call *call, size_t parameter, struct eval *eval);
const char *call_name(const struct call *call, size_t parameter);
const struct match *call_match(const struct call *call, size_t parameter);
/* FUNCTION_LIST: all values, nothing left out; an array to be looked at; NULL when it is no list.
 */
const cJSON *call_list(const struct call *call, struct eval *eval);
/* FUNCTION_LIST: its items when they are written one by one with an expression among them, to be
 * evaluated in turn; NULL when call_list has to give them. */
const struct template *const *call_items(const struct call *call, size_t *count);
const void *call_own(const struct call *call);
const struct function *call_function(const struct call *call);
