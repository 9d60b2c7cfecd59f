/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runtime expressions: `$root[.name | [index] | ['name']]*[#/json/pointer]`, with the expressions
 * of Arazzo 1.1 (section "Runtime Expressions") as a part. What is not there is nothing (NULL),
 * which is not null.
 */
#pragma once

#include "core/expr/compiler.h"
#include "core/expr/eval.h"

/*
 * The whole text is one expression ("$run.id"). `place` is where it stands. NULL after a finding.
 */
const struct expr *expr_compile(struct compiler *compiler, const char *text, struct place place);
/* The value, shared with where it came from: to be looked at, not changed. NULL = nothing;
 * expr_is_unknown when it cannot be seen. */
const cJSON *expr_eval(const struct expr *expr, struct eval *eval);

const char *expr_text(const struct expr *expr); /* as written, "$run.id" */
const char *expr_root(const struct expr *expr); /* "run"; for HTTP: "request", "statusCode", ... */
/*
 * What is read of the root, as a JSON Pointer: "/id" for $run.id; "/body/prompt" for
 * $request.body#/prompt, "/header/x-a" for $request.header.X-A; "" = the whole.
 */
const char *expr_pointer(const struct expr *expr);

/* True for a text that is an expression by its looks: begins with '$' but not "$$". */
bool text_is_expression(const char *text);
