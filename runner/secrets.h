/* SPDX-License-Identifier: Apache-2.0 */
/* What must stand in no report: values of credentials, and inputs of format `password`. */
#pragma once

#include "core/base/arena.h"
#include "core/base/strbuf.h"
#include "core/base/vec.h"
#include "core/data/tree.h"

struct secrets {
    struct arena *arena;
    struct {
        VEC(const char *);
    } values;
    struct {
        VEC(const char *);
    } headers; /* names whose values are secret, beside the usual ones */
};

enum { SECRET_MIN = 4 }; /* shorter values are not looked for in texts */

void secrets_add(struct secrets *secrets, const char *value);
/* A header `name: value` that is sent on purpose: "Bearer x" keeps x secret, too. */
void secrets_add_header(struct secrets *secrets, const char *name, const char *value);
bool secrets_hides_header(const struct secrets *secrets, const char *name);
/* The text with every secret as `***`; the text itself when there is none in it. */
const char *secrets_mask(const struct secrets *secrets, struct arena *arena, const char *text);
