/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share about compiling. */
#pragma once

#include "core/base/str.h"
#include "core/expr/compiler.h"
#include "core/expr/eval.h"

/* Deepest nesting of templates, conditions and matches. */
enum { COMPILER_DEPTH_MAX = 64 };

/* False after a finding. Every true needs a leave. */
bool compiler_enter(struct compiler *compiler, struct place place);
void compiler_leave(struct compiler *compiler);

/* The outermost thing that is compiled owns the list of uses; what is inside adds to it. */
struct uses *compiler_uses_open(struct compiler *compiler, bool *is_outermost);
void compiler_uses_close(struct compiler *compiler, bool is_outermost);
void compiler_use(struct compiler *compiler, struct use use);

bool compiler_is_local(const struct compiler *compiler, struct str root);
/* One of Arazzo's, or of those that the compiler was given beside them. */
bool compiler_is_arazzo_root(const struct compiler *compiler, struct str root);
/* A finding, with the nearest name, for a root that is not known here. */
void compiler_check_root(struct compiler *compiler, struct str root, struct place place);

extern const char *const arazzo_roots[]; /* ends by NULL */

/* A function call: the object's only key is a function's name. */
struct call;
struct call *call_compile(struct compiler *compiler, const cJSON *node);
const cJSON *call_eval(const struct call *call, struct eval *eval);
/* The object is meant as a call: its only key begins with one '$'. */
bool call_is_written(const struct compiler *compiler, const cJSON *node);

/* What is known of a template's value at load. */
enum value_kind {
    VALUE_LITERAL, /* template_constant */
    VALUE_BUILT,   /* an array or object with expressions in it */
    VALUE_TEXT,    /* a text with embeddings */
    VALUE_ANY,
};

struct template;
enum value_kind template_kind_of(const struct template *template);
/* What a template that is written as an array builds it from; NULL for others, and for one that is
 * always the same. */
const struct template *const *template_items(const struct template *template, size_t *count);
