/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files that load lifecycle.yaml share; private to this folder and, for its readers of
 * states, queries and names, to core/provider. Wrong types are left to the format's schema
 * (core/lifecycle/formats.h): these functions take what fits and say nothing of the rest.
 */
#pragma once

#include "core/expr/compiler.h"
#include "core/expr/criterion.h"
#include "core/expr/expr.h"
#include "core/expr/match.h"
#include "core/expr/template.h"
#include "core/lifecycle/lifecycle.h"
#include "core/schema/schema.h"

struct loader {
    struct arena *arena;
    struct findings *findings;
    struct compiler compiler;
    struct expr_hooks hooks;
    struct schema_set *schemas; /* of schemas that stand in our own files */
    struct lifecycle *lifecycle;
    struct machine *machines; /* of the lifecycle, while it is being filled */
    size_t machine_count;
    enum source source; /* of rows and moves that name none */
    unsigned inline_schemas;
    const char *file;
};

struct texts_list {
    const char *const *items;
    size_t count;
};

/* Where the member's key stands when that is known, else its value. */
struct place loader_place(const cJSON *node);
/* "unknown state 'X' (did you mean 'Y'?)"; `names` has `count` texts. */
void loader_unknown(struct loader *loader, const cJSON *node, const char *what, const char *name,
                    const char *const *names, size_t count);
/* "'job' has no state 'X' (did you mean 'Y'?)" */
void loader_no_state(struct loader *loader, const struct machine *machine, const cJSON *node);
/* A text or a list of texts. */
struct texts_list loader_texts(struct loader *loader, const cJSON *node);
/* The same with "name" made into the JSON Pointer "/name". */
struct texts_list loader_pointers(struct loader *loader, const cJSON *node);
const char *loader_pointer(struct loader *loader, const char *text);
enum source loader_source(const struct loader *loader, const cJSON *row);
const struct schema *loader_schema(struct loader *loader, const cJSON *node);
const struct template *loader_template(struct loader *loader, const cJSON *node);
/* False when the row's `variant` was not chosen; unknown names are findings. */
bool loader_variant(struct loader *loader, const cJSON *row);
const struct refusal *loader_refusal(struct loader *loader, const cJSON *node);
/* Index of the machine, or -1 after a finding. */
int loader_machine(struct loader *loader, const cJSON *node);
/* States and sets of states; what is unknown is a finding. */
state_set loader_states(struct loader *loader, const struct machine *machine, const cJSON *node);
/* NULL node gives NULL. */
const struct query *loader_query(struct loader *loader, const struct machine *own,
                                 const cJSON *node);

/* Sets up what the compiler needs; the roots are any until loader_roots. */
void loader_init(struct loader *loader, struct arena *arena, struct findings *findings,
                 const char *file);

void load_machines(struct loader *loader, const cJSON *document);
void load_refusals(struct loader *loader, const cJSON *document);
void load_rules(struct loader *loader, const cJSON *document);
void load_announcements(struct loader *loader,
                        const cJSON *document); /* invariants streams callbacks */
void load_stream_rules(struct loader *loader, const cJSON *item, struct stream_rule *stream);
void load_views(struct loader *loader, const cJSON *document); /* lists downloads times */
/* promises.c: `takes` of a machine; waits, deadlines, outcomes */
void load_takes(struct loader *loader, struct machine *machine, const cJSON *node);
void load_promises(struct loader *loader, const cJSON *document);
/* rows.c */
struct row load_row(struct loader *loader, const struct machine *machine, const cJSON *node);
void load_machine_rows(struct loader *loader, struct machine *machine, const cJSON *node);
