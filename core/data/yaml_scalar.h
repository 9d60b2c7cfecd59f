/* SPDX-License-Identifier: Apache-2.0 */
/* What a scalar means in YAML 1.2's core schema (section 10.3); for yaml.c only. */
#pragma once

#include "core/base/findings.h"
#include "core/data/tree.h"

struct yaml_scalar {
    const char *text; /* terminated */
    size_t len;
    const char *tag; /* as written, resolved; NULL when there is none */
    bool plain;      /* neither quoted nor a block */
    bool foreign;    /* old booleans are texts */
    struct place place;
};

/* Never NULL: what is refused becomes a finding and a null. */
cJSON *yaml_scalar_node(struct arena *arena, const struct yaml_scalar *scalar,
                        struct findings *findings);
/* What is wrong with a plain key ("must be quoted, ..."), or NULL. */
const char *yaml_key_fault(const char *text);
