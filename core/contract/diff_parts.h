/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that compare contracts share; private to core/contract. */
#pragma once

#include "core/contract/diff.h"
#include "core/contract/document.h"

enum { FIRST, SECOND, SIDES };

enum facing { SENT, GOT }; /* by the client */

struct diffing {
    struct arena *arena;
    struct differences *out;
    struct loaded sides[SIDES]; /* with an arena of ours, and findings that nobody reads */
    struct findings ignored;
    struct map *seen;      /* pairs of schemas that were compared, by direction */
    const char *operation; /* where we are */
    const char *part;
    enum facing facing;
    bool is_spelt; /* a parameter: null has no spelling there, so it does not count */
    unsigned depth;
};

/* `narrows`: the second allows less there than the first; else more. What breaks follows from
 * the direction. */
void diff_limit(struct diffing *diffing, const char *at, bool narrows, const char *code,
                const cJSON *const nodes[SIDES], const char *format, ...)
    __attribute__((format(printf, 6, 7)));
void diff_add(struct diffing *diffing, const char *at, bool is_breaking, const char *code,
              const cJSON *const nodes[SIDES], const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Two schemas, either of which may be NULL: anything goes. */
void diff_schemas(struct diffing *diffing, const struct schema *first, const struct schema *second);

/* ---- a schema read flat: $ref and allOf followed, null taken out of branches ---- */

struct property {
    const char *name;
    struct spot spot;
};

enum { FACETS = 13 };

struct view {
    const cJSON *node; /* for places */
    unsigned types;    /* enum schema_type */
    bool has_values;
    struct {
        VEC(const cJSON *);
    } values; /* of enum and const, without null */
    struct {
        VEC(struct property);
    } properties;
    struct {
        VEC(const char *);
    } required;
    struct spot items;      /* node NULL: anything */
    struct spot additional; /* likewise */
    bool is_closed;         /* additionalProperties: false */
    struct {
        VEC(struct property);
    } branches; /* of oneOf and anyOf, when there is a choice; named where they can be */
    const cJSON *facets[FACETS];
};

/* The rows that `facets` follow: +1 a larger number allows less, -1 more; 0 it is just different.
 */
struct facet {
    const char *name;
    int sign;
};
extern const struct facet diff_facets[FACETS];

void view_read(struct view *view, const struct loaded *loaded, struct spot spot);
const struct property *view_property(const struct view *view, const char *name);
bool view_requires(const struct view *view, const char *name);
/* "string or null" */
const char *view_types_text(struct arena *arena, unsigned types);
