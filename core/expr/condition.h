/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arazzo's simple conditions: == != < <= > >= ! && || ( ), literals 'text' (with '' inside for one
 * quote), numbers, true, false, null, and runtime expressions. Texts compare without case under ==
 * and != (Arazzo 1.1); nothing compares as null. An operand alone holds when it is true.
 */
#pragma once

#include "core/base/strbuf.h"
#include "core/expr/compiler.h"
#include "core/expr/eval.h"

struct condition;

/* NULL after a finding. */
const struct condition *condition_compile(struct compiler *compiler, const char *text,
                                          struct place place);
enum truth condition_eval(const struct condition *condition, struct eval *eval);
/* The two sides of `EXPRESSION == LITERAL`, of parts joined by && the first; false: it is another
 * condition. */
bool condition_equates(const struct condition *condition, const struct expr **expr,
                       const cJSON **literal);
/* `$statusCode == 200: $statusCode was 404`, with every operand that is not a literal. */
void condition_explain(const struct condition *condition, struct eval *eval, struct strbuf *out);
