/* SPDX-License-Identifier: Apache-2.0 */
/*
 * multipart/form-data (RFC 7578, RFC 2046 section 5.1.1), fed in pieces of any size. Everything is
 * capped; line ends are CRLF, a bare LF is taken too. Transfer encodings are not decoded (RFC 7578
 * section 4.7: senders should not use them).
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/str.h"
#include "core/base/vec.h"

struct part {
    const char *name;
    const char *filename;   /* NULL = not a file */
    const char *media_type; /* NULL = text/plain */
    struct str bytes;       /* in the arena, terminated (not counted) */
};

struct parts {
    VEC(struct part);
};

struct multipart_limits { /* 0 = the default in brackets */
    size_t parts;         /* [256] */
    size_t head;          /* bytes of one part's header [16 KiB] */
    size_t bytes;         /* of all contents together [LIMIT_BODY] */
};

struct multipart;

/* The boundary of a Content-Type's value, in the arena; NULL and `err` when there is none, or a
 * wrong one. */
const char *multipart_boundary(struct arena *arena, const char *content_type, struct error *err);
/* Complete parts are pushed to `parts`. `limits` may be NULL. */
struct multipart *multipart_new(struct arena *arena, const char *boundary,
                                const struct multipart_limits *limits, struct parts *parts);
/* 0, or -1 and `err`; once failed it stays failed. */
int multipart_feed(struct multipart *multipart, const char *bytes, size_t len, struct error *err);
int multipart_end(struct multipart *multipart, struct error *err); /* -1: cut short */
