/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call of the admin API: what its handlers share. The table of routes is in admin.c; a route
 * names the members of its body and its query parameters, so that anything else is refused with
 * what was probably meant before a handler sees it. All problems are collected and told together.
 */
#pragma once

#include "core/net/url.h"
#include "mock/exchange.h"
#include "mock/mock.h"

/* As `members`: the handler reads the text of the body itself. */
#define ADMIN_OWN_BODY "*"

enum { ADMIN_VALUES_MAX = 2, ADMIN_LIMIT = 100, ADMIN_LIMIT_MAX = 100000 };

struct admin_call;

struct admin_route {
    const char *method;
    const char *path; /* behind /__admin, with {names} */
    const char *summary;
    void (*run)(struct admin_call *call);
    const char *members; /* of a JSON body, blanks between; NULL: none is read */
    const char *queries; /* parameters, blanks between, 'name+' may come often; NULL: none */
    unsigned flags;
};

enum admin_route_flag {
    ADMIN_OPEN = 1,      /* needs neither a loopback Host nor the token: for health checks */
    ADMIN_OWN_WORDS = 2, /* its handler says what is wrong with members, unknown ones too */
};

extern const struct admin_route admin_routes[];
extern const size_t admin_route_count;

struct admin_call {
    struct exchange *exchange;
    struct mock *mock;
    struct world *world; /* of the session: default, by header or by path */
    struct arena *arena;
    const struct admin_route *route;
    const char *values[ADMIN_VALUES_MAX]; /* of {names} in the path, decoded */
    struct url_pairs query;
    const cJSON *body; /* an object; without a body an empty one */
    cJSON *problems;   /* texts */
};

/* ---- answers: each call gives exactly one ---- */

void admin_reply(struct admin_call *call, int status, const cJSON *body);
void admin_reply_text(struct admin_call *call, int status, const char *media_type,
                      const struct strbuf *text);
/* Accept names text/plain, and no JSON. */
bool admin_wants_text(const struct admin_call *call);
/* problem+json; `members` (may be NULL) are put beside title and status. */
void admin_refuse(struct admin_call *call, int status, const char *title, const cJSON *members);

/* An answer in the making that has its Date; never with the lock held. For those above. */
void admin_response_init(struct admin_call *call, struct http_response *response, int status);

/* ---- what was asked ---- */

/* Notes what is wrong with the request; the handler goes on and looks for more. */
void admin_check_members(struct admin_call *call); /* those that the route does not know */
void admin_problem(struct admin_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Answers 400 with all that was noted. False: nothing was. */
bool admin_refuse_problems(struct admin_call *call);

const char *admin_query(const struct admin_call *call, const char *name); /* or NULL */
bool admin_query_flag(struct admin_call *call, const char *name);         /* `?all=true` */
size_t admin_query_limit(struct admin_call *call);
/* Members of the body; a wrong type is a problem. NULL and false when they are not there. */
const char *admin_member_text(struct admin_call *call, const char *name);
bool admin_member_integer(struct admin_call *call, const char *name, int64_t least, int64_t *value);
bool admin_member_duration(struct admin_call *call, const char *name, nanos *value);

/* ", did you mean 'x'?" or what there is when nothing is near; "" when there is nothing at all. */
const char *admin_hint(struct admin_call *call, const char *given, const char *const *known,
                       size_t count);

/* ---- small things that answers are made of ---- */

void admin_set_instant(struct arena *arena, cJSON *object, const char *name, nanos instant);
void admin_set_duration(struct arena *arena, cJSON *object, const char *name, nanos duration);
void admin_set_integer(struct arena *arena, cJSON *object, const char *name, int64_t value);
void admin_set_bool(struct arena *arena, cJSON *object, const char *name, bool value);
/* Leaves it out when there is no text. */
void admin_set_text(struct arena *arena, cJSON *object, const char *name, const char *text);

/* Takes the lock with everything done that is due by now; world_unlock gives it back. */
void admin_look(struct admin_call *call);

/* A growing list of names, for hints. */
struct admin_names {
    VEC(const char *);
};
/* The names of all machines' states / of all operations of all providers. */
struct admin_names admin_operation_names(struct admin_call *call);
struct admin_names admin_state_names(struct admin_call *call);
struct admin_names admin_kind_names(struct admin_call *call);
/* False: a problem, which names the nearest. NULL is fine: none was named. */
bool admin_check_provider(struct admin_call *call, const char *provider);
/* Words with blanks between, without a '+' at their end. */
struct admin_names admin_words(struct admin_call *call, const char *text);
bool admin_has_name(const struct admin_names *names, const char *name);
