/* SPDX-License-Identifier: Apache-2.0 */
/* Texts with embedded expressions: `https://{$inputs.host}/x`. Used by templates and criteria. */
#pragma once

#include "core/expr/compiler.h"
#include "core/expr/eval.h"

struct text;

/* The text must not be an expression itself. NULL after a finding. */
const struct text *text_compile(struct compiler *compiler, const char *text, struct place place);
bool text_is_constant(const struct text *text); /* embeds nothing */
/* A string, fresh; or expr_unknown(). */
const cJSON *text_eval(const struct text *text, struct eval *eval);
