/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tapes: exchanges in a file of HAR 1.2 (the format that browsers, proxies and test tools write),
 * read from anybody's, written so that anybody can read it. Names of ours begin with an underscore,
 * as the format wants it: `_chunks`, `_error`, `_encoding`.
 */
#pragma once

#include "core/base/findings.h"
#include "core/base/instant.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/tree.h"
#include "core/net/http_header.h"

/* A piece of an answer as it came. */
struct har_chunk {
    nanos at;   /* since the head of the answer was there */
    size_t len; /* bytes of the body, in order */
};

struct har_headers {
    VEC(struct http_header);
};

/* One exchange. Everything lives in the tape's arena, or is the writer's. */
struct har_entry {
    nanos started;                  /* an instant; 0: the tape does not say */
    nanos waited, took;             /* until the first byte, until the end; 0: not told */
    const char *method, *url;       /* the URL whole, as sent */
    const char *version;            /* "HTTP/1.1"; NULL: not told */
    struct har_headers sent, given; /* without pseudo-headers of HTTP/2 */
    struct str request_body;        /* bytes; len 0 = none */
    int status;                     /* 0: no answer came */
    const char *reason;             /* "OK"; NULL */
    struct str body;                /* decoded: neither compressed nor chunked */
    bool has_body;                  /* false: there was one, and the tape left it out */
    struct {
        VEC(struct har_chunk);
    } chunks;           /* of a stream that dryrun recorded; may be none */
    const char *error;  /* why no answer came, or not all of it; NULL */
    struct place place; /* where the entry stands */
    size_t index;       /* in the file, from 0 */
};

struct har {
    const char *file;
    struct {
        VEC(struct har_entry);
    } entries; /* in the file's order */
};

/* NULL when it cannot be read as HAR: then there are error findings, all of them. */
struct har *har_read(struct arena *arena, const char *file, struct findings *findings);

/* The first header of that name (any case), or NULL. */
const char *har_header(const struct har_headers *headers, const char *name);

/*
 * Writing: begin, each entry, end. Bodies that are no UTF-8 become base64. What stands in an entry
 * is written: whoever calls has taken the secrets out.
 */
void har_begin(const char *program, const char *version, struct strbuf *out);
/* `is_first`: of the file. */
void har_add(const struct har_entry *entry, bool is_first, struct strbuf *out);
void har_end(struct strbuf *out);
