/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must stand in no report: values of credentials, inputs of format `password`, what --secret
 * names, and keys of the environment. They are found however they are spelled: as they are,
 * percent-encoded and JSON-escaped (in part, too, and one in the other), and in base64 at any
 * offset. What comes in pieces over the wire is masked when it is whole.
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/str.h"
#include "core/base/strbuf.h"
#include "core/base/vec.h"
#include "core/data/tree.h"

struct schema;

struct secrets {
    struct arena *arena;
    struct {
        VEC(const char *);
    } values;         /* as they are, and what they give in base64 at each of three offsets */
    bool begins[256]; /* what a spelling of one of them can begin with */
    struct {
        VEC(const char *);
    } headers; /* names whose values are secret, beside the usual ones */
    struct {
        VEC(const char *);
    } names; /* of --secret: an input, a header or a variable of the environment */
};

enum { SECRET_MIN = 4 }; /* shorter values are not looked for in texts */

void secrets_add(struct secrets *secrets, const char *value);
/* A header `name: value` that is sent on purpose: "Bearer x" keeps x secret, too. */
void secrets_add_header(struct secrets *secrets, const char *name, const char *value);
/* --secret NAME: inputs, headers and query parameters of that name, and the variable's value. */
void secrets_add_name(struct secrets *secrets, const char *name);
/* The values of all variables whose names end as those of keys do: *KEY *TOKEN *SECRET *PASSWORD.
 */
void secrets_add_environment(struct secrets *secrets);
/* Inputs that are named, or of format `password` by their schema (may be NULL), at any depth. */
void secrets_add_inputs(struct secrets *secrets, const struct schema *schema, const cJSON *inputs);

/* For another thread, in its arena; and what it has learnt, back. */
struct secrets secrets_copy(const struct secrets *secrets, struct arena *arena);
void secrets_join(struct secrets *secrets, const struct secrets *other);

bool secrets_hides_header(const struct secrets *secrets, const char *name);
bool secrets_is_named(const struct secrets *secrets, const char *name);
/* The text with every secret as `***`; the text itself when there is none in it. */
const char *secrets_mask(const struct secrets *secrets, struct arena *arena, const char *text);
/* The same for bytes. */
struct str secrets_mask_bytes(const struct secrets *secrets, struct arena *arena, struct str text);
