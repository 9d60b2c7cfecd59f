/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Schema, compiled once and asked often: draft 2020-12, OpenAPI 3.1's dialect of it, draft 4
 * and OpenAPI 3.0's dialect of that. A set holds documents under their URIs; compiling resolves
 * every reference (nothing is ever fetched: what is referred to must be in the set). A compiled
 * schema is immutable, lives as long as the set's arena and may be used by many threads; the set
 * itself belongs to the thread that compiles. A lazy set only notes where its schemas are; each is
 * compiled when it is first used, by whichever thread that is. What each keyword means here:
 * docs/SCHEMA.md.
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/findings.h"
#include "core/base/strbuf.h"
#include "core/data/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum schema_dialect {
    SCHEMA_2020_12 = 1,
    SCHEMA_OAS31 = 2,  /* 2020-12 with discriminator, xml, example, externalDocs as annotations */
    SCHEMA_DRAFT4 = 4, /* $ref's siblings are ignored */
    SCHEMA_OAS30 =
        8, /* draft 4 with nullable, readOnly, writeOnly; without id, null and type lists */
};

struct schema_set;
struct schema;

/* ---- a set of documents ---- */

/* Everything the set makes goes with the arena. The metaschemas of 2020-12 and draft 4 are in it.
 */
struct schema_set *schema_set_new(struct arena *arena);
/* Strict: a keyword that the dialect does not know is an error (x-... never is). Off at first. */
void schema_set_strict(struct schema_set *set, bool strict);
/* What is wrong with a schema that is compiled late; called with the set locked. */
typedef void schema_set_tell(void *data, const struct findings *findings);
/* From now on schemas are compiled when they are first used; `tell` may be NULL. */
void schema_set_lazy(struct schema_set *set, schema_set_tell *tell, void *data);
/*
 * Adds a document under an absolute URI or any other text without '#', such as a file's name
 * (references are resolved as RFC 3986 says, so "a/b.yaml" finds its neighbour "a/c.yaml"). The
 * document may be a schema or an OpenAPI document (known by its member "openapi", whose version
 * then selects the dialect); `$schema` selects a dialect by itself. The tree must outlive the set
 * and is not changed. 0, or -1 and findings (a URI twice, an unknown dialect).
 */
int schema_set_add(struct schema_set *set, const char *uri, const cJSON *document,
                   enum schema_dialect dialect, struct findings *findings);

/* A format that this set knows beside the built-in ones. `valid` sees values of its own type only.
 */
struct schema_format {
    const char *name;
    bool of_numbers; /* false: of strings */
    bool (*valid)(const cJSON *value);
    const char *(*example)(struct arena *arena,
                           uint64_t key); /* JSON string's text; NULL = none can be made */
};
void schema_set_format(struct schema_set *set,
                       const struct schema_format *format); /* before compiling */
const struct schema_format *schema_format_find(const struct schema_set *set, const char *name);

/* Whether a reference from the document `uri` leads to something; compiles nothing. 0, or -1. */
int schema_set_resolves(struct schema_set *set, const char *uri, const char *reference,
                        struct error *err);

/* ---- compiled schemas ---- */

/* `uri` with an optional fragment (a JSON Pointer or an anchor). NULL when there were error
 * findings. */
const struct schema *schema_compile(struct schema_set *set, const char *uri,
                                    struct findings *findings);
/* The same by the document's URI and a plain JSON Pointer into it ("/components/schemas/Run"). */
const struct schema *schema_compile_at(struct schema_set *set, const char *uri, const char *pointer,
                                       struct findings *findings);
/* The same where the node at that pointer is at hand. */
const struct schema *schema_compile_node(struct schema_set *set, const char *uri,
                                         const char *pointer, const cJSON *node,
                                         struct findings *findings);

enum schema_type {
    SCHEMA_NULL = 1,
    SCHEMA_BOOLEAN = 2,
    SCHEMA_INTEGER = 4, /* a number without fraction */
    SCHEMA_NUMBER = 8,  /* a number with one; a schema's "number" has both bits */
    SCHEMA_STRING = 16,
    SCHEMA_ARRAY = 32,
    SCHEMA_OBJECT = 64,
    SCHEMA_ANY_TYPE = 127,
};

const cJSON *schema_node(const struct schema *schema);    /* as it was written */
const char *schema_pointer(const struct schema *schema);  /* JSON Pointer in its document */
const char *schema_document(const struct schema *schema); /* the document's URI */
/* NAME for a schema that stands at /components/schemas/NAME, /$defs/NAME, /definitions/NAME; or
 * NULL. */
const char *schema_name(const struct schema *schema);
/* Whether a value of the first schema may be one of the second: the same component, through $ref,
 * or among its anyOf, oneOf and allOf. */
bool schema_may_be(const struct schema *schema, const struct schema *part);
/* What a chain of $refs ends at: the schema itself when it has no $ref. */
const struct schema *schema_target(const struct schema *schema);
unsigned schema_types(const struct schema *schema); /* enum schema_type, through $ref and allOf */
/* The schema of a member or of the items, through $ref and allOf (not into oneOf, anyOf); or NULL.
 */
const struct schema *schema_property(const struct schema *schema, const char *name);
const struct schema *schema_items(const struct schema *schema);
bool schema_requires(const struct schema *schema, const char *name); /* through $ref and allOf */

/* ---- validating ---- */

enum schema_direction { SCHEMA_BOTH_WAYS, SCHEMA_REQUEST, SCHEMA_RESPONSE };

struct schema_options {
    enum schema_direction
        direction; /* REQUEST: required readOnly members may be missing; RESPONSE: writeOnly */
    bool
        refuse_wrong_way; /* a readOnly member in a request, a writeOnly one in a response: error */
    bool ignore_formats;  /* `format` says nothing, as 2020-12 has it by default */
    size_t max_errors;    /* 0 = 100 */
    uint64_t max_steps;   /* schemas applied to values before giving up; 0 = 20 million */
};

struct schema_error {
    const char *instance;         /* JSON Pointer of the value, "" = the whole */
    const char *keyword;          /* "enum"; "" for the schema `false` */
    const char *keyword_location; /* document's URI # JSON Pointer of the keyword */
    struct place place;           /* where the keyword stands */
    struct place instance_place;  /* where the value stands, when it was read from a file */
    const char *text;             /* "expected one of 'A', 'B' but found 'C'" */
    struct schema_error *causes;  /* oneOf, anyOf: what the nearest branch had to say */
    struct schema_error *next;
};

struct schema_report {
    struct schema_error *first;
    size_t count; /* of the list, causes not counted */
    bool more;    /* there were more than max_errors */
};

/* Yes or no, at the first failure. `scratch` takes what sets and long paths need; no malloc
 * otherwise. */
bool schema_valid(const struct schema *schema, const cJSON *instance,
                  const struct schema_options *options, struct arena *scratch);
/* All that is wrong, in the arena. `options` may be NULL (both ways, formats asserted). */
bool schema_validate(const struct schema *schema, const cJSON *instance,
                     const struct schema_options *options, struct arena *arena,
                     struct schema_report *report);
/* A line each, causes indented: `/state: expected one of ... but found ... (runs.yaml:12:5)`. */
void schema_report_print(const struct schema_report *report, struct strbuf *out);
cJSON *schema_report_json(struct arena *arena, const struct schema_report *report);
/* Each error as a finding at the value's place (for our own documents). */
void schema_report_findings(const struct schema_report *report, struct findings *findings);

/* ---- what else a schema knows of a value ---- */

/*
 * Calls `found` for every value inside `instance` (itself included) to which a named schema (see
 * schema_name) applies and which satisfies it, through $ref, allOf and the oneOf/anyOf branches
 * that fit, outer values first. `lenient`: what fails outside of branches does not hide its parts
 * (a judge wants to see a run's state though another member is wrong).
 */
typedef void schema_found(void *data, const char *name, const struct schema *schema,
                          const cJSON *value, const char *pointer);
void schema_visit(const struct schema *schema, const cJSON *instance, bool lenient,
                  struct arena *scratch, schema_found *found, void *data); /* and its pointers */
/* The same, leniently, for every schema that applies; those without a name have NULL for one. */
void schema_visit_all(const struct schema *schema, const cJSON *instance, struct arena *scratch,
                      schema_found *found, void *data);

struct schema_visitor {
    schema_found *found;
    void *data;
};
/* schema_validate, then schema_visit (lenient): in one go where the value is valid. */
bool schema_validate_visit(const struct schema *schema, const cJSON *instance,
                           const struct schema_options *options, struct arena *arena,
                           struct schema_report *report, const struct schema_visitor *visitor);

/*
 * A copy of the instance, whose texts it shares, with the `default` of each missing member, through
 * properties, items, $ref, allOf; into oneOf and anyOf only where exactly one branch is valid.
 */
cJSON *schema_fill_defaults(const struct schema *schema, struct arena *arena,
                            const cJSON *instance);

enum schema_example_flags {
    SCHEMA_EXAMPLE_OPTIONAL = 1u << 0, /* optional members too */
    SCHEMA_EXAMPLE_REQUEST = 1u << 1,  /* without readOnly members */
    SCHEMA_EXAMPLE_RESPONSE = 1u << 2, /* without writeOnly members */
    SCHEMA_EXAMPLE_INVENTED = 1u << 3, /* `example`, `examples` and `default` are not looked at */
    SCHEMA_EXAMPLE_NEAREST = 1u << 4,  /* where nothing can satisfy the schema: what comes near */
};

/*
 * A value that validates; the same key gives the same value. `example`, `examples`, `default`,
 * `const` and `enum` come first, then what formats, patterns and bounds ask for. NULL and `err`
 * when none could be made. With SCHEMA_EXAMPLE_NEAREST there may be a value and `err`: what the
 * schema contradicts itself in.
 */
cJSON *schema_example(const struct schema *schema, struct arena *arena, uint64_t key,
                      unsigned flags, struct error *err);
