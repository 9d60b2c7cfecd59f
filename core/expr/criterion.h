/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Criteria: a simple condition, an object { context, type, condition } (simple, regex, jsonpath,
 * schema), or a list of these that must all hold. A criterion whose context is nothing or null does
 * not hold. `type` may be Arazzo's object { type, version }. XPath is refused at load.
 */
#pragma once

#include "core/base/strbuf.h"
#include "core/expr/compiler.h"
#include "core/expr/eval.h"

struct criterion;

/* NULL after a finding (for a NULL node: without one). */
const struct criterion *criterion_compile(struct compiler *compiler, const cJSON *node);
enum truth criterion_eval(const struct criterion *criterion, struct eval *eval);
/* As condition_equates; false for the other types. */
bool criterion_equates(const struct criterion *criterion, const struct expr **expr,
                       const cJSON **literal);
/* Why it came out so, a line for each part: what was asked and what was found. */
void criterion_explain(const struct criterion *criterion, struct eval *eval, struct strbuf *out);
const struct uses *criterion_uses(const struct criterion *criterion);

/*
 * `if` and `unless` of a row together; either may be NULL (then it holds). `unless` passes when its
 * context is nothing.
 */
enum truth criterion_gate(const struct criterion *if_, const struct criterion *unless,
                          struct eval *eval);
