/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What compiling needs, the same for expressions, conditions, criteria, templates and match
 * objects (docs/EXPRESSIONS.md). Everything is compiled once, when a provider is loaded; mistakes
 * become findings at their place, and compiling goes on. What is compiled lives in the arena and is
 * immutable: many threads may evaluate it. The source trees must live as long.
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/findings.h"
#include "core/data/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct expr;
struct function;
struct function_table;

/* Names that may stand behind '$'; a chain, so that an inner place adds its own. */
struct root_names {
    const char *const *items;
    size_t count;
    const struct root_names *outer;
};

/* What a layer above lends: schemas are a sibling of this one. Any may be NULL: then it is refused.
 */
struct expr_hooks {
    void *data;
    /* Compiles a JSON Schema that stands in a document (criterion type `schema`). NULL after
     * findings. */
    const void *(*compile_schema)(void *data, const cJSON *schema, struct findings *findings);
    /* The same for a schema that is a value of the world: it lives in the arena. NULL when it is
     * none: `err` is set. */
    const void *(*read_schema)(const cJSON *schema, struct arena *arena, struct error *err);
    /* `why` may be NULL; otherwise takes one line on failure. */
    bool (*accepts)(const void *schema, const cJSON *value, struct arena *arena,
                    struct strbuf *why);
    /* The component schema of that name ($example), or NULL after a finding at `place`. */
    const void *(*find_schema)(void *data, const char *name, struct place place,
                               struct findings *findings);
    /* A value that validates, made from the key; NULL when none can be made. */
    cJSON *(*example)(const void *schema, struct arena *arena, uint64_t key);
};

enum compiler_flags {
    /*
     * Scenarios: a text that begins with '$' but is no expression with one of Arazzo's roots stays
     * text, and `$$` and `{$...}` of other roots are left alone; nothing of ours is known.
     */
    COMPILER_ARAZZO = 1u << 0,
    /* What people ask for at run time: texts are texts, nothing in them is an expression. */
    COMPILER_LITERAL = 1u << 1,
};

struct uses;

struct compiler {
    struct arena *arena;
    struct findings *findings;
    const struct function_table *functions; /* NULL: an object with one '$' key is plain data */
    const struct expr_hooks *hooks;         /* may be NULL */
    const struct root_names
        *roots;     /* NULL: any root is accepted. Arazzo's HTTP roots ($url, $method,
                       $statusCode, $request, $response) and $now always are */
    unsigned flags; /* enum compiler_flags */

    /* Of compiling itself; zero at the start. */
    const struct root_names *locals; /* bound by the templates around ($each) */
    struct uses *uses;
    unsigned depth;
};

/* One expression or one function call inside something compiled, in the order of the text. */
struct use {
    const struct expr *expr;         /* or NULL */
    const struct function *function; /* or NULL */
    bool is_local;                   /* the expression's root is a name that $each bound */
    struct place place;
};

/* What is read by a compiled thing: lists roots for lint, and tells whether a computed member reads
 * only the resource itself. */
struct uses {
    struct use *items;
    size_t count, cap;
};

bool uses_root(const struct uses *uses, const char *root); /* locals do not count */
/* Every root read is one of these, and no function needs a world or draws. `roots` ends by NULL. */
bool uses_only(const struct uses *uses, const char *const *roots);
