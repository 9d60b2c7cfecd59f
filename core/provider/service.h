/* SPDX-License-Identifier: Apache-2.0 */
/* service.yaml, compiled: how answers are made. */
#pragma once

#include "core/base/strbuf.h"
#include "core/expr/time_form.h"
#include "core/provider/kind.h"

/* What a path answers that fits an operation but for a slash at its end. */
enum slashes { SLASHES_ACCEPT, SLASHES_REDIRECT, SLASHES_REFUSE };

/* Where the contract's paths are found: all under a prefix, or those that begin with `replaces`. */
struct mount {
    const char *at;       /* "/api/v1", "" */
    const char *replaces; /* "/v1"; NULL = nothing, the prefix stands before the whole path */
};

enum unset_form { UNSET_OMIT, UNSET_NULL, UNSET_NULLABLE };

struct credential {
    const char *scheme; /* "bearer", "basic" in Authorization; NULL */
    const char *header; /* NULL */
    const char *query;  /* NULL */
    const char *cookie; /* NULL */
};

struct auth {
    const struct credential *accept;
    size_t accept_count;
    bool required;
    bool by_contract; /* whatever the operation's security asks for must be there */
    const struct refusal *error;
    const struct template *principal; /* $principal; NULL = null */
};

enum failure {
    FAILURE_INVALID,
    FAILURE_UNAUTHORIZED,
    FAILURE_NO_ROUTE,
    FAILURE_METHOD,
    FAILURE_TOO_LARGE,
    FAILURE_UNSUPPORTED_MEDIA,
    FAILURE_CRASH,
    FAILURE_BUSY,
    FAILURES
};

/* How the mock words one error of the catalogue. */
struct wording {
    const struct refusal *refusal;
    struct assignments members;  /* of $error, beside name and status */
    const struct template *body; /* instead of the file's; NULL */
    struct assignments headers;
    struct place place;
};

enum position { POSITION_TOKEN, POSITION_ID, POSITION_OFFSET, POSITION_NONE };

struct page {
    const char *name;
    enum position position;
    const struct template *limit, *after, *before, *descending; /* NULL = cannot be asked for */
    const struct refusal *bad; /* for a position that is none; NULL = as FAILURE_INVALID */
    bool bind_sort, bind_filters;
    int64_t default_limit, max_limit; /* 0 = none */
    const struct template *body;      /* NULL: the bare array */
    struct place place;
};

struct sort_key {
    const char *name;
    const char *at;    /* JSON Pointer */
    bool absent_first; /* where resources without the member go */
};

struct sort {
    const struct template *by, *order; /* texts; NULL: by birth, ascending */
    const struct sort_key *keys;
    size_t key_count;
    bool ties_descending;
};

struct filter_row {
    const struct criterion *when, *unless;
    const struct match *where;
};

struct filter {
    const char *parameter; /* name without `body.` */
    bool in_body;
    const struct filter_row *rows; /* first that fits; $given is the value */
    size_t row_count;
    struct place place;
};

struct list {
    const struct kind *kind;
    const struct match *where;    /* NULL = all */
    const struct template *owner; /* a resource that the items link to; NULL = any */
    int owner_link;               /* of the kind's machine; -1 when it is not known until then */
    const struct view *view;
    const struct page *page;
    struct sort sort;
    const struct filter *filters;
    size_t filter_count;
    const struct template *body; /* without a page; NULL: the bare array */
};

struct wait {
    const struct template *subject; /* `for` */
    int machine;                    /* of the subject; -1 when not known until then */
    state_set until;
    const struct template *within;
    const struct template *timeout_status, *timeout_body; /* NULL = as a success */
    const struct refusal *gone;                           /* NULL = as the machine's missing */
    struct steps left; /* about `for`, when the client goes away first */
};

struct stream_answer {
    const struct template *of;
    const char *of_text;
    int machine; /* -1 when not known until then */
    const struct stream_style *style;
    const struct stream_rule *rule; /* of the lifecycle: when it ends; NULL */
    const struct template *after;   /* number of the last event the client has; NULL */
    struct steps left;              /* about `of`, when the client goes away before the end */
};

struct bytes_answer {
    const struct template *content, *filename;
    bool is_base64; /* what `content` gives is base64 of the bytes */
};

enum answer_kind {
    ANSWER_DEFAULT,
    ANSWER_REPLY,
    ANSWER_LIST,
    ANSWER_BYTES,
    ANSWER_STREAM,
    ANSWER_WAIT
};

struct answer {
    enum answer_kind kind;
    const struct criterion *when, *unless; /* of a row of `answer` */
    const char *case_name;                 /* likewise */
    const struct template *status;         /* NULL: the deciding row's, or the first 2xx */
    struct assignments headers;
    const struct template *media_type;
    const struct template *reply; /* REPLY, and the body after a WAIT (NULL: the resource) */
    const struct view *view;      /* for the default answer */
    const struct list *list;
    struct bytes_answer bytes;
    struct stream_answer stream;
    struct wait wait;
    struct place place;
};

struct answers { /* the first whose tests hold */
    const struct answer *items;
    size_t count;
};

struct service_case {
    const char *name;
    struct steps steps;
    struct answers answers; /* count 0: the operation's */
    struct place place;
};

/* One key of `operations`, or several merged (an operation's own entry before its groups'). */
struct service_entry {
    struct steps steps;
    struct answers answers; /* count 0: the default */
    const struct service_case *cases;
    size_t case_count;
    struct place place; /* {0}: the operation has no entry */
};

struct frame {
    const char *of;           /* machine's or kind's name; NULL = any */
    int machine;              /* -1 = any */
    const char *const *names; /* of events; none = any */
    size_t name_count;
    const struct criterion *when, *unless;
    const struct template *id, *event, *data; /* NULL = no such field; data NULL: $event.data */
    bool is_marker; /* no event, but what says that the stream is over, as `last` */
    struct place place;
};

enum framing { FRAMING_SSE, FRAMING_NDJSON };

struct stream_style {
    const char *name;
    enum framing framing;
    const char *media_type; /* NULL = the framing's own */
    const struct frame *frames;
    size_t frame_count;
    bool numbers_frames;             /* $event.number and `after` count frames, not events */
    const struct frame *open, *last; /* NULL = none */
    nanos keepalive_every;           /* real time; 0 = none */
    const char *keepalive_text;      /* NULL: `keepalive` */
    const struct frame *keepalive;   /* NULL: the text */
    struct place place;
};

struct webhook {
    const char *name;
    const struct callback_rule *rule; /* of the lifecycle; NULL when only `call` sends it */
    const struct template *url, *body, *method;
    struct assignments headers;
    int64_t tries;
    nanos delay, max, timeout; /* between tries; of one try */
    double factor;
    const struct criterion *when, *unless;
    struct steps then; /* $delivery */
    struct place place;
};

struct blob {
    const char *name;
    const struct template *media_type, *text, *filename;
    struct place place;
};

struct service {
    const char *file;
    const struct mount *mounts;
    size_t mount_count;
    enum slashes slashes;
    bool examples_meant; /* operations that nothing plays are meant to answer examples */
    enum time_form time;
    enum unset_form unset;
    struct assignments headers;
    struct auth auth;
    const char *error_media_type;
    const struct refusal *failures[FAILURES]; /* NULL only after findings */
    const struct template *error_body;
    const struct wording *wordings; /* by index of the refusal: every refusal has one */
    const struct page *pages;
    size_t page_count;
    const struct stream_style *streams;
    size_t stream_count;
    const struct webhook *callbacks;
    size_t callback_count;
    const struct blob *blobs;
    size_t blob_count;
};

const struct blob *service_blob(const struct service *service, const char *name);
/* A mount with its {parameters} filled in, which may be anything. */
void service_fill_mount(const char *mount, struct strbuf *out);
