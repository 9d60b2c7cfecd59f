/* SPDX-License-Identifier: Apache-2.0 */
/* What a document gives as examples, and which of several media types a client would like. */
#pragma once

#include "core/contract/openapi.h"

struct sample {
    const char *name;   /* in `examples`; NULL: the one of `example` */
    const cJSON *value; /* NULL: only `text` is there */
    const char *text;   /* as it goes over the wire (3.2: serializedValue); NULL */
};

/*
 * The example of that name declared by a Media Type, Parameter or Header Object; without a name the
 * first one. False when there is none (what only an external URL holds is none).
 */
bool sample_find(const struct contract *contract, const cJSON *object, const char *name,
                 struct sample *sample);
/* 'a', 'b': the names there are, for texts; "" without any. */
const char *sample_names(struct arena *arena, const cJSON *object);

/*
 * The entry that an Accept header's value ranks highest; among equals JSON, then the document's
 * order. Without a value, or a broken one, as media_types_preferred. NULL: none is acceptable.
 */
const struct media_type *media_types_accepted(const struct media_types *types, const char *accept);
