/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One doing: everything that happens at one instant in one world, caused by a request, an event or
 * a seed. It carries the names that expressions may read, the draws, and what is still to be done
 * when the instant ends (derived states to settle, outcomes to start, webhooks to send). Lives on
 * the stack of whoever holds the world's lock; its memory is an arena that goes with it.
 */
#pragma once

#include "core/expr/eval.h"
#include "mock/played.h"
#include "mock/world/world.h"

struct mock;
struct exchange;
struct playing;
struct rehearsal;

/* A name: a tree that is fixed, or a resource whose value is read when it is asked for. */
struct bound {
    const char *name;
    size_t len;         /* of the name */
    const cJSON *value; /* NULL = nothing, when there is no resource either */
    struct resource *resource;
    const cJSON *parsed; /* the resource's value at `version` */
    uint32_t version;
};

/*
 * Names of one place; inner ones hide outer ones. A lasting one (of an outcome) outlives the play:
 * it copies values and holds resources by itself.
 */
struct env {
    struct arena *arena;
    const struct env *outer;
    struct bound *items;
    size_t count, cap;
    uint64_t letters; /* bits of the names that are bound: most places need not be looked through */
    bool is_lasting;
    struct {
        struct resource **items;
        size_t count, cap;
    } held;
};

struct pending_call { /* a webhook to be sent when the instant is over */
    const struct webhook *webhook;
    struct resource *resource;
};

struct pending_start {
    struct resource *resource;
    const struct outcome *outcome; /* NULL: `choose` decides */
    const char *queue;             /* NULL = at once */
    struct env *env;               /* what the outcome may read besides its owner */
};

enum { KNOWN_TREES = 8 };

struct play {
    struct mock *mock;
    struct world *world;
    const struct played *played;
    struct arena *arena;
    struct eval eval;
    struct scope scope;
    struct env *env;           /* the innermost */
    struct exchange *exchange; /* NULL when no request causes it */
    struct playing *playing;   /* the outcome that acts; NULL */
    struct move_cause cause;   /* for the log of moves */
    struct {
        struct resource **items;
        size_t count, cap;
    } held, settle; /* kept alive till the end; whose derived state may have changed */
    struct {
        struct pending_call *items;
        size_t count, cap;
    } calls;
    struct {
        struct pending_start *items;
        size_t count, cap;
    } starts;
    struct {
        struct playing **items;
        size_t count, cap;
    } resumes; /* outcomes that an operation lets go on */
    struct known_tree {
        const struct resource *resource;
        uint32_t version;
        const cJSON *tree;
    } known[KNOWN_TREES]; /* what was written in this play need not be parsed again */
    unsigned known_next;
    unsigned depth;              /* of changes that cause changes */
    struct rehearsal *rehearsal; /* nothing of it will have been so; NULL */
    struct error err;            /* the first thing that could not be done (a full world); last */
};

enum { PLAY_DEPTH_MAX = 64 };

/* With the world's lock held, until play_end. `draw_key` for everything drawn in it. */
void play_begin(struct play *play, struct world *world, const struct played *played,
                struct arena *arena, uint64_t draw_key);
/* The lock was given away: what plays now may be another generation of the same provider. */
void play_renew(struct play *play);
/* Whether it is in one of the states that `set` has of `machine`, which may be of an earlier one.
 */
bool play_is_in(const struct play *play, const struct resource *resource,
                const struct machine *machine, state_set set);
/* Derived states, until nothing moves any more. */
void play_settle(struct play *play);
/* Settles, starts and resumes outcomes, hands webhooks over. The play may go on (a wait). */
void play_flush(struct play *play);
/* Flushes and drops what was held. The arena stays. */
void play_end(struct play *play);

/*
 * What is evaluated between these two is made in an arena of its own, which goes with the second:
 * only what was printed stays. Nothing is changed in the world meanwhile, nor is its lock given
 * away. For whoever evaluates again and again in one play, as streams do.
 */
struct play_aside {
    struct arena *arena;
    struct env *env;
    struct resource **held;
    size_t held_count, held_cap;
    const char *problem;
};

void play_aside(struct play *play, struct play_aside *aside);
void play_aside_end(struct play *play, struct play_aside *aside);

struct env *env_new(struct arena *arena, const struct env *outer);
void env_set(struct env *env, const char *name, const cJSON *value); /* hides what was there */
struct bound *env_find(const struct env *env, struct str name);      /* here or outside; or NULL */
void env_forget_parsed(struct env *env);             /* what it had parsed in a play's arena */
void env_drop(struct env *env, struct store *store); /* what a lasting one holds */
void play_bind(struct play *play, const char *name, const cJSON *value);
void play_bind_resource(struct play *play, struct env *env, const char *name,
                        struct resource *resource); /* holds it */
/* A place of its own, where the names of a resource of the kind are the tree; gives the one from
 * before, for play->env when it is over. */
struct env *play_bind_self(struct play *play, const struct kind *kind, const cJSON *tree);
void play_hold(struct play *play, struct resource *resource);

/* A resource was written from this tree (hidden members included), which changes no more. */
void play_know(struct play *play, const struct resource *resource, const cJSON *tree);
/* The resource's members, hidden ones included; at most parsed once a version. */
const cJSON *play_tree(struct play *play, struct resource *resource);
/* The same, remembered where the resource is bound: only while the play's own arena is in use. */
const cJSON *play_tree_kept(struct play *play, struct resource *resource);
/* What a name is just now. */
const cJSON *play_bound_value(struct play *play, struct bound *bound);
/* The resource that a tree names: for `subject`, `of`, `owner`; NULL when the value is none. */
struct resource *play_resource(struct play *play, const cJSON *value);
struct resource *play_resource_named(struct play *play, const char *name);
struct kind_play *play_kind(const struct play *play, const struct resource *resource);
const struct machine *play_machine(const struct play *play, const struct resource *resource);
/* The machine's resource of that id; of an owned kind one of them, whoever owns it. NULL = absent.
 */
struct resource *play_find(struct play *play, const struct machine *machine, const char *id);
/* The same, where kinds are owned only under this owner (NULL: as play_find). */
struct resource *play_find_under(struct play *play, const struct machine *machine,
                                 const char *owner, const char *id);
