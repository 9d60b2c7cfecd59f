/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Templates: any JSON value, its strings expressions, its objects with one '$' key function calls
 * (core/expr/function.h). What comes to nothing leaves its member out of an object and its item out
 * of an array, and makes an embedding empty text.
 */
#pragma once

#include "core/expr/compiler.h"
#include "core/expr/eval.h"

struct template;

/* Never NULL for a node: parts with mistakes (there are findings then) come to nothing. */
const struct template *template_compile(struct compiler *compiler, const cJSON *node);
/* A fresh tree in eval->arena that the caller may change and place; NULL = nothing. When any part
 * cannot be seen: expr_is_unknown. `template` may be NULL. */
cJSON *template_eval(const struct template *template, struct eval *eval);
/* The same to be looked at only: shares what it can (constants, values of expressions). */
const cJSON *template_value(const struct template *template, struct eval *eval);
/* The value when it is always the same, else NULL. */
const cJSON *template_constant(const struct template *template);
/* Its value as a text, as an embedding would give it; NULL = nothing (or unknown). */
const char *template_text(const struct template *template, struct eval *eval);
const struct uses *template_uses(const struct template *template);

/* Strings as they are, everything else as compact JSON; nothing is "". In the arena. */
const char *value_text(struct arena *arena, const cJSON *value);
