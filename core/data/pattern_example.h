/* SPDX-License-Identifier: Apache-2.0 */
/* Texts drawn from an expression's tree; for pattern.c only. */
#pragma once

#include "core/data/pattern_ast.h"

/*
 * A text that the expression may match: look-around and assertions are passed over, so the caller
 * has to try it. Later attempts draw other texts, short ones first. False when it grows beyond the
 * buffer.
 */
bool example_try(const struct pattern_tree *tree, uint64_t key, unsigned attempt,
                 struct strbuf *out);
