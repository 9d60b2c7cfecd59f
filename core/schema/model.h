/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a set and a compiled schema are made of; private to core/schema. A node becomes one struct
 * schema, a keyword in it one struct rule. References are plain pointers after compiling, so a
 * compiled schema is a graph, with cycles where the documents have them.
 */
#pragma once

#include "core/base/map.h"
#include "core/base/vec.h"
#include "core/schema/schema.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    DIALECTS_2020 = SCHEMA_2020_12 | SCHEMA_OAS31,
    DIALECTS_4 = SCHEMA_DRAFT4 | SCHEMA_OAS30,
    DIALECTS_ALL = DIALECTS_2020 | DIALECTS_4,
};

enum vocabulary {
    VOCABULARY_CORE = 1,
    VOCABULARY_APPLICATOR = 2,
    VOCABULARY_UNEVALUATED = 4,
    VOCABULARY_VALIDATION = 8,
    VOCABULARY_METADATA = 16,
    VOCABULARY_FORMAT = 32,
    VOCABULARY_CONTENT = 64,
    VOCABULARY_OAS = 128,
    VOCABULARY_FORMAT_ASSERTION = 256, /* never by default */
    VOCABULARIES_USUAL = 255,
};

/* Where a keyword's value holds schemas; only there $id, $anchor and $ref have their meaning. */
enum children {
    CHILDREN_NONE,
    CHILDREN_ONE,
    CHILDREN_LIST,
    CHILDREN_MAP,
    CHILDREN_ONE_OR_LIST, /* draft 4's items */
    CHILDREN_MAYBE,       /* draft 4's additionalItems: a boolean is no schema */
    CHILDREN_MAP_MAYBE,   /* dependencies: a list of names is no schema */
};

struct compiler;
struct run;
struct marks;
struct rule;

struct keyword {
    const char *name;
    unsigned dialects;   /* enum schema_dialect */
    unsigned vocabulary; /* enum vocabulary */
    enum children children;
    bool late; /* looks at what the other keywords have evaluated */
    /* Checks the value and prepares `rule`; false: nothing to do when validating. NULL: an
     * annotation. */
    bool (*compile)(struct compiler *, struct schema *, struct rule *);
    bool (*validate)(struct run *, const struct rule *, const cJSON *instance, struct marks *marks);
};

/* What belongs together: one place where base URI, dialect and anchors change. */
struct resource {
    struct schema_set *set;
    const char *uri;      /* without fragment */
    const char *document; /* URI of the document it stands in */
    const cJSON *root;
    const char *pointer; /* of the root in its document */
    enum schema_dialect dialect;
    unsigned vocabularies;
    struct anchor *dynamics; /* its $dynamicAnchors */
    struct map *links;       /* reference -> struct target: what was resolved from here; NULL */
    bool in_use;             /* its dynamic anchors are compiled */
};

struct anchor {
    const char *name;
    const cJSON *node;
    const char *pointer;
    struct resource *resource;
    const struct schema *schema; /* dynamic anchors of a resource in use */
    bool dynamic;
    struct anchor *next; /* of the same resource */
};

/* A place in some document: what a reference leads to. */
struct target {
    const cJSON *node;
    struct resource *resource;
    const char *pointer;
    const struct anchor *anchor; /* when the fragment names one */
};

struct named_schema {
    const char *name;
    const struct schema *schema;
};

struct names {
    const char **items;
    size_t count;
};

struct rule {
    const struct keyword *keyword;
    const cJSON *value;
    union {
        const struct schema *schema;
        struct {
            VEC(const struct schema *);
        } list;
        struct {
            VEC(struct named_schema); /* sorted by name */
            struct {
                VEC(struct named_schema);
            } defaulted; /* those that may have a default, in the order of the text */
        } map;
        uint64_t number;
        const void *data; /* what the keyword's own file knows */
    } as;
};

struct schema {
    const cJSON *node;
    struct resource *resource;
    const char *pointer;
    const char *name;
    bool is_boolean, boolean;
    bool tracks; /* has unevaluatedItems or unevaluatedProperties */
    bool read_only, write_only;
    unsigned types; /* of its own `type`; SCHEMA_ANY_TYPE without */
    struct {
        VEC(struct rule);
    } rules;
    const struct schema *ref; /* of $ref (or $dynamicRef before the scope is known) */
    struct schema *queued;    /* next to fill, while compiling */
    bool is_queued;
    atomic_bool is_ready;  /* it and all that it leads to are filled */
    atomic_uint all_types; /* schema_types(), and KNOWN_TYPES once it was asked for */
};

/* Addresses of nodes to what was made of them. */
struct node_map {
    const cJSON **keys;
    void **values;
    size_t count, cap;
};

void *node_map_get(const struct node_map *map, const cJSON *node);
void node_map_put(struct arena *arena, struct node_map *map, const cJSON *node, void *value);

struct schema_set {
    struct arena *arena; /* its own: a lazy one still grows when it is asked */
    bool strict, lazy;
    pthread_mutex_t lock;  /* held while a schema is filled */
    schema_set_tell *tell; /* what is found wrong then; NULL */
    void *tell_data;
    struct map *resources;    /* URI -> struct resource */
    struct map *anchors;      /* URI#name -> struct anchor */
    struct map *formats;      /* name -> struct schema_format, those added */
    struct node_map roots;    /* node -> struct resource */
    size_t documents;         /* how many of them are whole documents */
    struct node_map compiled; /* node -> struct schema */
};

/* One call of schema_compile. */
struct compiler {
    struct schema_set *set;
    struct findings *findings;
    struct schema *queue; /* to be filled */
    struct schema *queue_end;
};

/* The way down to a node; its pointer is written out only where it is needed. */
struct trail {
    const struct trail *outer; /* NULL: the root of a document */
    const char *token;         /* NULL: an index */
    size_t index;
};
const char *trail_pointer(struct arena *arena, const struct trail *trail);

/* scan.c: finds $id, $anchor and the rest in a schema and what is below it. */
void scan_schema(struct schema_set *set, const cJSON *node, struct resource *resource,
                 const struct trail *trail, struct findings *findings);
struct resource *resource_add(struct schema_set *set, const char *uri, const struct resource *like,
                              struct findings *findings);
/* dialect.c */
bool dialect_select(struct schema_set *set, const char *uri, struct resource *resource,
                    const char **problem);
/* resolve.c */
struct resource *resource_find(struct schema_set *set, const char *uri); /* or NULL */
/* The same by a document's name as it was added, such as "../a/b.yaml". */
struct resource *resource_named(struct schema_set *set, const char *uri);
bool reference_resolve(struct schema_set *set, struct resource *from, const char *reference,
                       struct target *target, struct error *err);
bool pointer_resolve(struct schema_set *set, struct resource *resource, const char *pointer,
                     struct target *target);

/* compile.c: what a lazy set has only noted is filled now, once, by whoever needs it first. */
void schema_fill(struct schema *schema);
static inline void schema_ready(const struct schema *schema)
{
    if (!atomic_load_explicit(&((struct schema *)schema)->is_ready, memory_order_acquire))
        schema_fill((struct schema *)schema);
}

/* The schema of a node, to be filled before the compiling is over. */
const struct schema *compile_target(struct compiler *compiler, const struct target *target);
/* The schema at `node`, which stands under `parent` at parent's pointer + `tokens`. */
const struct schema *compile_child(struct compiler *compiler, const struct schema *parent,
                                   const cJSON *node, const char *tokens);
/* A finding at `node`; false, for returning. */
bool compile_fails(struct compiler *compiler, const cJSON *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *pointer_token(struct arena *arena, const char *token); /* "/" and the token, escaped */
