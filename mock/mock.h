/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mock: providers that are played, sessions, options, the HTTP server in front. One value of
 * it serves for the life of a command; everything in it is set up before the
 * first request, but for providers that nobody has asked for yet.
 */
#pragma once

#include "core/base/error.h"
#include "core/base/findings.h"
#include "core/net/http_server.h"
#include "mock/faults/tls.h"
#include "mock/played.h"
#include "mock/world/session.h"

#include <stdatomic.h>

enum validate_mode { VALIDATE_STRICT, VALIDATE_WARN, VALIDATE_OFF };
enum unknown_ids { UNKNOWN_IDS_404, UNKNOWN_IDS_EXAMPLE };

/* An OpenAPI document that is played alone. */
struct mock_document {
    const char *name, *file;
};

struct mock_options {
    const char *const *providers; /* names */
    size_t provider_count;
    const struct mock_document *documents;
    size_t document_count;
    const char *contracts_dir, *fixtures_dir;
    struct clock_settings clock;
    uint64_t seed;
    enum validate_mode validate;
    enum unknown_ids unknown_ids;
    const char *public_url;      /* what absolute URLs begin with; NULL: from Host */
    const char *admin_token;     /* NULL: none is asked for on loopback */
    const char *const *outcomes; /* PROVIDER.MACHINE=NAME */
    size_t outcome_count;
    const struct variant_choice *variants; /* NAME, for all; or PROVIDER.NAME */
    size_t variant_count;
    const char *const *callback_hosts; /* beyond loopback */
    size_t callback_host_count;
    const char *const *faults; /* plans of every session: files, or names of shipped ones */
    size_t fault_count;
    const char *const *tls_faults; /* a listener each (mock/faults/tls.h) */
    size_t tls_fault_count;
    const char *tls_prefix; /* what the names of their certificates' files begin with */
    bool keeps_tls_files;
    bool is_exposed;   /* listens beyond loopback */
    bool log_requests; /* a line each on standard error */
    /* Told of every request, of whatever session, by the thread that serves it; NULL: nobody */
    void (*on_request)(const struct journal_record *record, void *data);
    void *on_request_data;
    bool load_all;        /* before listening, also where a provider could wait */
    bool finds_providers; /* all that have documents are played: those that come later, too */
    bool watches;         /* documents that change are loaded again (mock/watch.h) */
    unsigned participants;
    struct session_rules sessions; /* how many, for how long, and whether they must be declared */
    size_t memory, session_bytes;  /* what sessions may hold together, and each; 0 = no limit */
    bool seeds_on_demand;     /* a session has a provider's seeds when a request first names it */
    struct http_options http; /* host, port, threads, tls; handle and data are set here */
};

struct fault_defaults;
struct keeper;
struct outbox;
struct watch;
struct restored;
struct scheduler;

struct mock {
    struct arena *arena;
    struct mock_options options;
    _Atomic(struct played *) *played; /* a stub stands where one was not loaded yet */
    atomic_size_t played_count;       /* grows when providers come later */
    bool is_lazy;                     /* loaded when they are first asked for (mock/loading.h) */
    struct loading *loading;
    struct budget budget;
    struct world_settings world_settings; /* of sessions that nobody declared otherwise */
    struct sessions *sessions;
    struct scheduler *scheduler;
    struct outbox *outbox;
    struct http_server *server;
    struct tls_listeners tls;      /* in trouble on purpose */
    struct watch *watch;           /* NULL: nobody looks after the documents */
    atomic_bool is_listening;      /* `server` is set: before, requests wait */
    const struct outcome **forced; /* by the command line */
    size_t *forced_at;             /* whose: its place in `played` */
    size_t forced_count;
    struct fault_defaults *faults; /* of every session that is made */
    struct keeper *keeper;         /* hears of every change; NULL: nothing is kept in a file */
    struct restored *restored; /* becomes the sessions when it listens, before the first request */
    nanos started;             /* real time */
};

/* Loads all providers. NULL: findings (or `err`) say why. */
struct mock *mock_new(const struct mock_options *options, struct findings *findings,
                      struct error *err);
int mock_listen(struct mock *mock, struct error *err);
void mock_free(struct mock *mock); /* stops the server first */

const struct played *mock_provider(const struct mock *mock, const char *name);
/* What absolute URLs of a provider begin with when no request says it. In the mock's arena. */
const char *mock_base(struct mock *mock, const struct played *played, const struct world *world);
/* What time it is for a request whose session is not known: that of the default session on a
 * virtual clock, else the machine's. Without any lock. */
nanos mock_now(struct mock *mock);
const struct outcome *mock_forced_outcome(const struct mock *mock, const struct played *played,
                                          const struct kind *kind);
/* "PROVIDER.MACHINE=NAME", or shorter where one provider alone has it. NULL and `err`. */
const struct outcome *mock_outcome_named(struct mock *mock, const char *text, struct error *err);
/* A world that is in no registry and has no seeds: to word a refusal when there is no session. */
struct world *mock_scratch_world(struct mock *mock, const char *name);
void mock_log(struct mock *mock, const struct journal_record *record);

/* The handler of every request; the admin API behind /__admin. */
void mock_handle(struct http_exchange *http, void *data); /* data: the mock */
