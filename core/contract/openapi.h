/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A contract's OpenAPI document (3.0, 3.1, 3.2; YAML or JSON) as operations. Everything is read,
 * checked, resolved and compiled once, at load (schemas later, if so asked); afterwards a contract
 * is immutable and may be used by many threads. It knows no provider, no lifecycle and no socket.
 * All of it lives as long as the arena it was loaded into.
 */
#pragma once

#include "core/base/findings.h"
#include "core/base/vec.h"
#include "core/data/tree.h"
#include "core/schema/schema.h"

#include <stdatomic.h>

enum parameter_in { IN_PATH, IN_QUERY, IN_HEADER, IN_COOKIE, IN_QUERYSTRING, PARAMETER_INS };
/* "path", "query", "header", "cookie", "querystring" */
extern const char *const parameter_in_names[PARAMETER_INS];

enum parameter_style { /* the tables of OpenAPI's Parameter Object */
                       STYLE_SIMPLE,
                       STYLE_LABEL,
                       STYLE_MATRIX,
                       STYLE_FORM,
                       STYLE_SPACE_DELIMITED,
                       STYLE_PIPE_DELIMITED,
                       STYLE_DEEP_OBJECT,
                       PARAMETER_STYLES
};

/* For text/event-stream, where an event's `data` is a text that holds JSON (3.2's contentSchema).
 */
struct event_schema {
    const struct schema *event; /* a branch of itemSchema, or itemSchema itself */
    const struct schema *data;  /* what its `data` must hold */
};

struct media_type {
    const char *name;            /* as written: "application/json", a range such as "text/..." */
    const struct schema *schema; /* NULL = anything */
    const struct schema *item_schema; /* 3.2: of each item of a stream */
    struct {
        VEC(struct event_schema);
    } events;
    const cJSON *node; /* the Media Type Object: example, examples, encoding */
};

struct media_types {
    VEC(struct media_type);
};

/* A parameter, or a header of a response (in: IN_HEADER, style simple). */
struct parameter {
    const char *name;
    enum parameter_in in;
    enum parameter_style style;
    bool required, explode, deprecated, allow_empty, allow_reserved;
    const struct schema *schema;      /* NULL when `content` describes it, or nothing does */
    const struct media_type *content; /* one media type, or NULL */
    const cJSON *initial;             /* `default` of the schema, or of what it refers to; NULL */
    atomic_uchar spreads; /* the decoder's own: whether members of it stand alone in a query */
    const cJSON *node;
};

struct parameters {
    VEC(struct parameter);
};

struct response {
    const char *status; /* "200", "4XX", "default" */
    int low, high;      /* the statuses it covers; 0, 0 = default */
    const char *description;
    struct parameters headers;
    struct media_types content; /* none = no body */
    const cJSON *node;
};

struct responses {
    VEC(struct response);
};

struct request_body {
    bool required;
    struct media_types content;
    const cJSON *node;
};

struct security_scheme {
    const char *name;
    const char *type;           /* apiKey http oauth2 openIdConnect mutualTLS */
    enum parameter_in in;       /* apiKey: IN_HEADER, IN_QUERY, IN_COOKIE */
    const char *parameter_name; /* apiKey */
    const char *scheme;         /* http: "bearer", "basic"; NULL otherwise */
    const cJSON *node;
};

struct security_need {
    const struct security_scheme *scheme;
    const cJSON *scopes; /* an array, maybe empty */
};

/* One of these suffices; all of its needs must be met. No needs at all: anonymous is fine. */
struct security_requirement {
    VEC(struct security_need);
};

struct contract;
struct operation;

struct callback {
    const char *name;       /* of the Callback Object; for webhooks: the webhook's */
    const char *expression; /* where it goes: "{$request.body#/webhook}"; NULL for a webhook */
    const struct operation *operation;
};

struct path_template; /* core/contract/template.h */

struct operation {
    const char *id;     /* operationId, or NULL */
    const char *key;    /* "POST /runs/{id}": unique in its contract, the name for everyone */
    const char *method; /* upper case */
    const char *path;   /* the template */
    const struct path_template *pieces; /* the same, read; NULL: it cannot be */
    const char *summary;
    bool deprecated;
    size_t index; /* in the contract's operations, or callbacks */
    struct {
        VEC(const char *);
    } tags;
    struct parameters parameters;    /* the path's are merged in */
    const struct request_body *body; /* NULL = none is described */
    struct responses responses;
    bool anonymous; /* nothing has to be proved: no requirement, or one is empty */
    struct {
        VEC(struct security_requirement);
    } security; /* the document's own where the operation has none */
    struct {
        VEC(struct callback);
    } callbacks;
    const struct contract *contract;
    const cJSON *node; /* the Operation Object; its place is for findings */
};

struct contract {
    const char *file;    /* as given */
    const char *version; /* "3.1.0", as written */
    int minor;           /* 0, 1, 2 */
    const char *title;
    const cJSON *root; /* overlays applied */
    struct {
        VEC(const char *);
    } servers; /* their URLs, templates as written */
    struct {
        VEC(struct operation);
    } operations; /* in the document's order */
    struct {
        VEC(struct callback);
    } webhooks;
    struct {
        VEC(struct security_scheme);
    } security_schemes;
    struct schema_set *schemas;  /* for the thread that loads */
    const struct map *names;     /* private: key or unambiguous id -> operation */
    const struct loaded *loaded; /* private */
};

/*
 * Loads the document, the files it refers to (relative to it) and applies the overlays in order to
 * the document. NULL when there are error findings; all are collected. A path of a file is taken
 * as it is, relative to the working directory.
 */
struct contract *contract_load(struct arena *arena, const char *path, const char *const *overlays,
                               size_t overlay_count, struct findings *findings);
/* What a document is loaded with, beside its own text. */
struct contract_options {
    const char *const *overlays; /* files, applied in order */
    size_t overlay_count;
    const struct schema_format *formats; /* known beside the built-in ones, asserted like them */
    size_t format_count;
    bool is_foreign;       /* not written for us: what can be read nevertheless is a warning */
    bool is_lazy;          /* schemas are compiled when they are first used */
    schema_set_tell *tell; /* lazy: hears what is wrong with them; NULL */
    void *tell_data;
};
struct contract *contract_load_with(struct arena *arena, const char *path,
                                    const struct contract_options *options,
                                    struct findings *findings);
/* The same from a tree that is at hand (tests); it must outlive the arena's use, and is changed by
 * overlays only. */
struct contract *contract_from_tree(struct arena *arena, const char *name, cJSON *document,
                                    const char *const *overlays, size_t overlay_count,
                                    struct findings *findings);

/*
 * By operationId or by "METHOD /path" (also with other names for the path's parameters). NULL and
 * `err`: ERROR_NOT_FOUND with the nearest name, ERROR_CONFLICT when several have this operationId.
 */
const struct operation *contract_find_operation(const struct contract *contract, const char *name,
                                                struct error *err);
/* By "METHOD /path" alone, whatever the path's parameters are called; NULL = none. */
const struct operation *contract_operation_like(const struct contract *contract, const char *key);
/* /components/schemas/NAME, compiled; NULL when there is none. */
const struct schema *contract_component_schema(const struct contract *contract, const char *name);
/* The names of all component schemas, in the document's order, ended by NULL. */
const char *const *contract_component_names(const struct contract *contract);
const struct security_scheme *contract_security_scheme(const struct contract *contract,
                                                       const char *name);
/* What stands at a keyword_location (URI # pointer) in one of the contract's files, or NULL. */
const cJSON *contract_node(const struct contract *contract, const char *location);
/* How many statuses, operations, ... : for printing what was loaded. */
size_t contract_component_count(const struct contract *contract);

/* Exact status, then the range (4XX), then default; NULL when the status is not documented. */
const struct response *operation_response(const struct operation *operation, int status);
/* The first documented 2xx, else the first 3xx, else 200: what answers when nothing says otherwise.
 */
int operation_success_status(const struct operation *operation);
const struct parameter *operation_parameter(const struct operation *operation, enum parameter_in in,
                                            const char *name);
/*
 * The entry for a Content-Type's value, parameters and case ignored: the exact one, then a range
 * (text + slash + star), then any (star slash star); a +json type also finds application/json when
 * nothing nearer is there. NULL = none.
 */
const struct media_type *media_types_find(const struct media_types *types, const char *value);
/* The schema of that entry, or NULL. */
const struct schema *response_schema(const struct response *response, const char *media_type);
/* The entry whose body is JSON, else the first; NULL when there is no content. */
const struct media_type *media_types_preferred(const struct media_types *types);
