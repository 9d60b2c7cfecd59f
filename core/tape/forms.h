/* SPDX-License-Identifier: Apache-2.0 */
/* The spellings that a secret may have, and each replaced by its token. */
#pragma once

#include "core/base/arena.h"
#include "core/base/str.h"

struct forms;

struct forms *forms_new(struct arena *arena);
/*
 * As it is, percent-encoded, JSON-escaped (twice, too) and in either base64, at each of the three
 * places in a group where it may begin. In base64 the token keeps the length.
 */
void forms_add(struct forms *forms, const char *secret, const char *token);
/* As it is, and no other spelling. */
void forms_add_text(struct forms *forms, const char *text, const char *token);
/* The bytes with every form replaced. `cuts` are rising positions in `bytes`, and move along. */
struct str forms_replace(const struct forms *forms, struct arena *arena, struct str bytes,
                         size_t *cuts, size_t cut_count);
